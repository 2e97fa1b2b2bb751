"""Decisions of opening data: pure."""
