"""The door of exchange."""
