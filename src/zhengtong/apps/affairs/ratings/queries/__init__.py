"""Reads of ratings, tickets and figures."""
