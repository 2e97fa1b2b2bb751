"""The ledger 存证账本: what every process writes before it acts, and how anyone checks it."""
