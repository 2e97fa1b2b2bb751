"""The interface for docked systems."""
