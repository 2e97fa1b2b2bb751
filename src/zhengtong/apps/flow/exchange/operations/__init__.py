"""Writes of exchange."""
