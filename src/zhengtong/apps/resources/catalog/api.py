"""The door of catalog."""
