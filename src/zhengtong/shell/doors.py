"""An entry of a navigation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """An entry of the main navigation. ``count`` is what waits behind it."""

    address: str
    label: str
    current: bool
    count: int = 0
