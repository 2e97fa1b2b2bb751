"""Writes of ratings, tickets and figures."""
