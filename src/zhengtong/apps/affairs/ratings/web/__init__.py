"""Addresses and pages of ratings."""
