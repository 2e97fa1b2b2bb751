"""
What revisions add up to.

A revision is never changed. It says something about days of one year, or it undoes an earlier one; what counts is the sum of those that
nothing undoes. A revision that settles its year (the yearly notice 国务院办公厅关于某年部分节假日安排的通知) replaces whatever was known of
that year, the published table included; any other names single days, such as a city's order to close offices for a typhoon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.published import calendar_with

_DECEMBER = 12


class Mark(StrEnum):
    """What a revision says of a day."""

    OFF = "off"
    WORK = "work"
    #: nothing any more: the day is again what the published table, or its weekday, makes it
    CLEAR = "clear"


@dataclass(frozen=True)
class Ruling:
    """What one line says of one day. ``occasion`` is the holiday, also on a make-up day; empty for :attr:`Mark.CLEAR`."""

    date: date
    mark: Mark
    occasion: str


@dataclass(frozen=True)
class Step:
    """A revision as the sum reads it."""

    number: int
    year: int
    notice: str
    settles: bool
    days: tuple[Ruling, ...]
    #: the number of the revision that it undoes; 0 for none
    undoes: int = 0


@dataclass(frozen=True)
class Held:
    """A day that the administered table decides, and the revision that says so."""

    year: int
    mark: Mark
    occasion: str
    notice: str
    revision: int


@dataclass(frozen=True)
class Table:
    """The administered table: the notice of each year that it settles, and the days that it decides."""

    settled: Mapping[int, str]
    days: Mapping[date, Held]

    def calendar(self) -> WorkingCalendar:
        """The published years with this table over them."""
        return calendar_with(self._arrangements())

    def _arrangements(self) -> Iterable[Mapping[str, object]]:
        for year in sorted({*self.settled, *(held.year for held in self.days.values())}):
            main = self.settled.get(year, "")
            notices = dict.fromkeys([*([main] if main else []), *(held.notice for held in self.days.values() if held.year == year)])
            for notice in notices:
                yield {
                    "year": year,
                    "notice": notice,
                    "settles": notice == main,
                    "days_off": self._of(year, notice, Mark.OFF),
                    "make_up_days": self._of(year, notice, Mark.WORK),
                }

    def _of(self, year: int, notice: str, mark: Mark) -> dict[str, str]:
        return {
            day.isoformat(): held.occasion
            for day, held in sorted(self.days.items())
            if (held.year, held.notice, held.mark) == (year, notice, mark)
        }


def belongs(day: date, year: int) -> bool:
    """Whether a notice for ``year`` may speak of ``day``: the year itself, and December before it (元旦)."""
    return day.year == year or (day.year == year - 1 and day.month == _DECEMBER)


def undone(steps: Iterable[Step]) -> set[int]:
    """The numbers of the revisions that another one undoes, unless that one is undone itself."""
    found = set[int]()
    for step in sorted(steps, key=lambda one: -one.number):
        if step.undoes and step.number not in found:
            found.add(step.undoes)
    return found


def in_force(steps: Iterable[Step]) -> list[Step]:
    """The revisions that rule days and that nothing undoes, in order."""
    known = sorted(steps, key=lambda one: one.number)
    gone = undone(known)
    return [step for step in known if not step.undoes and step.number not in gone]


def table_of(steps: Iterable[Step]) -> Table:
    """The sum of all revisions."""
    settled: dict[int, str] = {}
    days: dict[date, Held] = {}
    for step in in_force(steps):
        if step.settles:
            settled[step.year] = step.notice
            days = {day: held for day, held in days.items() if held.year != step.year}
        for ruling in step.days:
            if ruling.mark is Mark.CLEAR:
                days.pop(ruling.date, None)
            else:
                days[ruling.date] = Held(step.year, ruling.mark, ruling.occasion, step.notice, step.number)
    return Table(settled, days)
