"""Quality of the catalog, standard items, and one source for each item 一数一源."""
