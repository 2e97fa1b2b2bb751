"""Pure decisions about service items."""
