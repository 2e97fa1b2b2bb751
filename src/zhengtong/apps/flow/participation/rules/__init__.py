"""Pure decisions of participation."""
