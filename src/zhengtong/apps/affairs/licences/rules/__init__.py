"""Pure decisions about licences."""
