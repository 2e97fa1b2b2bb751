"""A year as twelve grids of weeks."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date

from zhengtong.apps.foundation.calendar import api
from zhengtong.engines.deadlines.calendar import Day, Kind, WorkingCalendar

_WEEKS = months.Calendar()


@dataclass(frozen=True)
class Cell:
    """A day in a grid. ``mark`` is off, work or empty: a day that is what its weekday makes it carries none."""

    day: Day
    mark: str
    ours: bool
    today: bool


@dataclass(frozen=True)
class Month:
    """A month: its first day, and its weeks from Monday to Sunday; None where a week reaches beyond it."""

    first: date
    weeks: list[list[Cell | None]]


def marked(day: Day) -> str:
    """off, work or empty."""
    if day.kind in {Kind.HOLIDAY, Kind.SWAPPED}:
        return api.Mark.OFF.value
    return api.Mark.WORK.value if day.kind is Kind.MAKE_UP else ""


def months_of(year: int, calendar: WorkingCalendar, table: api.Table, today: date) -> list[Month]:
    """The twelve months of a year."""

    def cell(day: date) -> Cell:
        known = calendar.day(day)
        return Cell(known, marked(known), day in table.days, day == today)

    return [
        Month(
            date(year, number, 1),
            [[cell(day) if day.month == number else None for day in week] for week in _WEEKS.monthdatescalendar(year, number)],
        )
        for number in range(1, 13)
    ]
