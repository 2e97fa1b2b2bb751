"""Writes of cases, one transaction each."""
