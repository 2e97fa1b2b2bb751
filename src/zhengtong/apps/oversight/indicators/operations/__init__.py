"""Writes of indicators."""
