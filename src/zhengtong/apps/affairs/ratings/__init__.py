"""Ratings 好差评: what people say of their cases, what offices make of it, and the public figures that come of both."""
