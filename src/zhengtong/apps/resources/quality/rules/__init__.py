"""Decisions about quality, without a framework."""
