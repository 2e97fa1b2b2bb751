"""Writes of opening data."""
