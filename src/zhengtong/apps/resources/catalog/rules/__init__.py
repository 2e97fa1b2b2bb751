"""Pure rules of the catalog: code lists, states, completeness, normalisation of foreign records."""
