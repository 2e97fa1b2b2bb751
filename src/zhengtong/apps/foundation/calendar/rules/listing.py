"""
A list of days as an administrator pastes it: one ``2027-01-01 休 元旦`` a line, 休 off, 班 a make-up day, 撤 nothing any more;
``off``, ``work`` and ``clear`` say the same.

Every line is judged and every fault named with its line; a list with one fault changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhengtong.apps.foundation.calendar.rules.table import Held, Mark, Ruling, belongs
from zhengtong.engines.deadlines.calendar import Kind, WorkingCalendar, fixed_holidays

MOST_LINES = 400
LONGEST_NAME = 40
_SATURDAY = 5
_SHOWN = 40
MARK_LABELS: Mapping[Mark, str] = {Mark.OFF: "休", Mark.WORK: "班", Mark.CLEAR: "撤"}
#: the words, and what English pages call them
_MARKS = {word: mark for mark in Mark for word in (MARK_LABELS[mark], mark.value)}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_GAP = re.compile(r"[\s,、,]+")
#: festivals by the moon or the sun's term: a yearly notice names each; the decree fixes no solar date for them
_FESTIVALS = ("春节", "清明", "端午", "中秋")


class Fault(StrEnum):
    """A rule that a line, or the list as a whole, breaks."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    DATE = "date"
    MARK = "mark"
    NAME = "name"
    YEAR = "year"
    TWICE = "twice"
    ALREADY_WORKING = "already-working"
    NOT_HELD = "not-held"
    LACKS_FIXED = "lacks-fixed"
    LACKS_FESTIVAL = "lacks-festival"


@dataclass(frozen=True)
class LineFault:
    """Where a rule is broken: ``line`` counts from 1 and is 0 for the list as a whole; ``value`` is what stands there or is missing."""

    line: int
    fault: Fault
    value: str = ""


def read_list(text: str) -> tuple[list[tuple[int, Ruling]], list[LineFault]]:
    """The lines that can be read, numbered, and what is wrong with the others; blank lines are passed over."""
    read, faults = list[tuple[int, Ruling]](), list[LineFault]()
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        return [], [LineFault(0, Fault.TOO_LONG, str(len(lines)))]
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = _read(number, line.strip())
        if isinstance(found, LineFault):
            faults.append(found)
        else:
            read.append((number, found))
    if not read and not faults:
        faults.append(LineFault(0, Fault.EMPTY))
    return read, faults


def _read(number: int, line: str) -> Ruling | LineFault:
    when, word, name = [*_GAP.split(line, maxsplit=2), "", ""][:3]
    day = _date(when)
    if day is None:
        return LineFault(number, Fault.DATE, when[:_SHOWN])
    mark = _MARKS.get(word)
    if mark is None:
        return LineFault(number, Fault.MARK, word[:_SHOWN])
    if mark is Mark.CLEAR:
        return Ruling(day, mark, "")
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return LineFault(number, Fault.NAME, name[:_SHOWN])
    return Ruling(day, mark, name)


def _date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def check(
    lines: list[tuple[int, Ruling]], *, year: int, settles: bool, calendar: WorkingCalendar, held: Mapping[date, Held]
) -> list[LineFault]:
    """What a readable list still breaks, given the calendar before it and the days that the administered table decides."""
    return [*_line_faults(lines, year, settles, calendar, held), *(_gaps(lines, year) if settles else ())]


def _line_faults(
    lines: list[tuple[int, Ruling]],
    year: int,
    settles: bool,  # noqa: FBT001 - private, one caller
    calendar: WorkingCalendar,
    held: Mapping[date, Held],
) -> Iterator[LineFault]:
    seen = set[date]()
    for number, ruling in lines:
        day, text = ruling.date, ruling.date.isoformat()
        if not belongs(day, year):
            yield LineFault(number, Fault.YEAR, text)
        elif day in seen:
            yield LineFault(number, Fault.TWICE, text)
        elif ruling.mark is Mark.CLEAR and (settles or day not in held or held[day].year != year):
            yield LineFault(number, Fault.NOT_HELD, text)
        elif ruling.mark is Mark.WORK and _works_anyway(day, settles, calendar):
            yield LineFault(number, Fault.ALREADY_WORKING, text)
        seen.add(day)


def _works_anyway(day: date, settles: bool, calendar: WorkingCalendar) -> bool:  # noqa: FBT001 - private, one caller
    """Whether offices work on a day without being told to: a make-up day there is a slip of the pen."""
    if settles:
        return day.weekday() < _SATURDAY and day not in fixed_holidays(day.year)
    return calendar.day(day).kind is Kind.WORKING


def _gaps(lines: list[tuple[int, Ruling]], year: int) -> Iterator[LineFault]:
    """A yearly notice is whole: with half of it a year would count as settled and be wrong."""
    off = {ruling.date: ruling.occasion for _number, ruling in lines if ruling.mark is Mark.OFF}
    for day, name in fixed_holidays(year).items():
        if day not in off:
            yield LineFault(0, Fault.LACKS_FIXED, f"{day.isoformat()} {name}")
    for name in _FESTIVALS:
        if not any(name in occasion for occasion in off.values()):
            yield LineFault(0, Fault.LACKS_FESTIVAL, name)
