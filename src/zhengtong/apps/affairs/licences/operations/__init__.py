"""Writes, one transaction each."""
