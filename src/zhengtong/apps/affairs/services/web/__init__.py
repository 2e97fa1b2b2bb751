"""Pages of service items."""
