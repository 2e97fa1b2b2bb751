"""What we hold: the catalog of information resources."""
