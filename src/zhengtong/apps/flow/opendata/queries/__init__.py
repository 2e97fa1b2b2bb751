"""Reads of opening data."""
