"""Pure decisions about ratings and figures."""
