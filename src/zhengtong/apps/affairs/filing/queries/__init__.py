"""Reads of filing: drafts, what sources are connected, halls."""
