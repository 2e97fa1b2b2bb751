"""Judged questions to the catalog: what should be found first, written down before anything was ranked."""
