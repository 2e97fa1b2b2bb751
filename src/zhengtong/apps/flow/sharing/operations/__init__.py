"""Writes of sharing, each in one transaction with its timeline, its notices and its entry in the ledger."""
