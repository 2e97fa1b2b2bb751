"""Algorithms that could be published alone. No Django, no business words."""
