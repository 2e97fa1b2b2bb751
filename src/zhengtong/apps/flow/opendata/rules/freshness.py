"""Late or on time: how old data may be by its update cycle (发改高技〔2017〕1272号: 更新周期), with a day of grace."""

from __future__ import annotations

from datetime import date, timedelta

#: update cycle → days between two updates; cycles without a length (不定期, 自定义) are looked at once a year
_DAYS = {"1": 1, "2": 1, "3": 7, "4": 31, "5": 92, "6": 366, "7": 184}
_REVIEW = 366
_GRACE = 1


def due(cycle: str, updated_on: date) -> date:
    """The day by which the data must have been updated again."""
    return updated_on + timedelta(days=_DAYS.get(cycle, _REVIEW) + _GRACE)


def days_late(cycle: str, updated_on: date, today: date) -> int:
    """Days past :func:`due`; zero or less while it is on time."""
    return (today - due(cycle, updated_on)).days
