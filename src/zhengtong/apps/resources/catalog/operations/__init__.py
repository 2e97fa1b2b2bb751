"""Writes of the catalog; every one stands in the ledger and wakes the search index."""
