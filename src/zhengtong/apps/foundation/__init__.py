"""Who we are: ledger and duties, regions and offices, accounts and calling systems."""
