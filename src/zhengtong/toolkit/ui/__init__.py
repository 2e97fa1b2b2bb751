"""Templates, components and tokens that every page is made of."""
