"""Pure decisions of filing: the state of a field, what a source answered, what spares a material."""
