"""Pure rules of regions."""

from __future__ import annotations

#: Digits of a region code → its level: province, city, county, town, village.
LEVEL_OF_LENGTH = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}
_LENGTHS = (2, 4, 6, 9, 12)


def parent_code(code: str) -> str:
    """The code one level up; empty for a province."""
    shorter = [length for length in _LENGTHS if length < len(code)]
    return code[: shorter[-1]] if shorter else ""
