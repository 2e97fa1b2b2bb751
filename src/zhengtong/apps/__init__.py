"""The business, storey by storey; a lower group never imports a higher one, and apps meet only at each other's ``api``."""
