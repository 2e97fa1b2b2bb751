"""
Working days of the People's Republic of China.

A year is *settled* when the State Council's yearly notice for it is known; its days off and make-up days are facts. Any other year is
*provisional*: weekends and the holidays that 《全国年节及纪念日放假办法》 fixes to a solar date are known, the lunar ones, 清明 and all
swapped days are not, and nothing is guessed. Every answer that touches a provisional year says so.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

FIRST_YEAR = 2000
LAST_YEAR = 2099
_SATURDAY = 5
_DECEMBER = 12

#: dates that the decree fixes, by the year from which its version holds (1999, 2007 and 2024 revisions): (month, day, name)
_FIXED_HOLIDAYS: Mapping[int, tuple[tuple[int, int, str], ...]] = {
    2000: (
        *((1, 1, "元旦"), (5, 1, "劳动节"), (5, 2, "劳动节"), (5, 3, "劳动节")),
        *((10, 1, "国庆节"), (10, 2, "国庆节"), (10, 3, "国庆节")),
    ),
    2008: ((1, 1, "元旦"), (5, 1, "劳动节"), (10, 1, "国庆节"), (10, 2, "国庆节"), (10, 3, "国庆节")),
    2025: (
        *((1, 1, "元旦"), (5, 1, "劳动节"), (5, 2, "劳动节")),
        *((10, 1, "国庆节"), (10, 2, "国庆节"), (10, 3, "国庆节")),
    ),
}
_DECREE = "全国年节及纪念日放假办法"


class OutsideCalendar(Invalid):
    """日期超出了工作日历的年份。"""

    code = "outside-calendar"


class InvalidArrangement(Invalid):
    """放假安排自相矛盾。"""

    code = "invalid-arrangement"


class Kind(StrEnum):
    """Why a day counts or does not."""

    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    #: a weekday off in exchange for a make-up day, 调休
    SWAPPED = "swapped"
    #: a day, nearly always of a weekend, on which offices work, 补班
    MAKE_UP = "make-up"


@dataclass(frozen=True)
class Day:
    """One day and what decides about it."""

    date: date
    kind: Kind
    #: the holiday it belongs to; empty for ordinary days
    occasion: str
    #: the notice or decree that says so; empty for ordinary days
    notice: str
    #: whether the year's notice is not known yet
    provisional: bool

    @property
    def working(self) -> bool:
        """Whether offices work and periods in working days run."""
        return self.kind in (Kind.WORKING, Kind.MAKE_UP)

    @property
    def reason(self) -> str:
        """The reason in the words of the notices: ``工作日``, ``周末``, ``国庆节``, ``国庆节调休``, ``周末补班``."""
        match self.kind:
            case Kind.WORKING:
                return "工作日"
            case Kind.WEEKEND:
                return "周末"
            case Kind.HOLIDAY:
                return self.occasion
            case Kind.SWAPPED:
                return say("{occasion}调休", occasion=say(self.occasion))
            case Kind.MAKE_UP:
                return "周末补班" if self.date.weekday() >= _SATURDAY else "调整上班"


@dataclass(frozen=True)
class Arrangement:
    """
    What one notice says about a year.

    ``settles`` tells a yearly notice, which replaces whatever was known of its year, from an amendment, which changes only the dates it
    names (as 国办发明电〔2019〕3号 did for that year's 劳动节). Dates may reach into December of the year before.

    :raises InvalidArrangement: if a date is both off and working, lies elsewhere, or a name is missing.
    """

    year: int
    notice: str
    #: date → name of the holiday
    days_off: Mapping[date, str]
    #: date → name of the holiday that it makes up for
    make_up_days: Mapping[date, str]
    #: those days off that are weekdays swapped against a make-up day
    swapped: frozenset[date] = field(default=frozenset())
    settles: bool = True

    def __post_init__(self) -> None:
        if not self.notice.strip():
            raise InvalidArrangement("请写明放假通知的名称或文号", field="notice")
        for day, name in (*self.days_off.items(), *self.make_up_days.items()):
            if not (day.year == self.year or (day.year == self.year - 1 and day.month == _DECEMBER)):
                raise InvalidArrangement(
                    say("{day} 不在 {year} 年(或上年十二月)内", day=day, year=self.year), field="days_off", remedy="核对年份"
                )
            if not name.strip():
                raise InvalidArrangement(say("{day} 没有写明节日名称", day=day), field="days_off", remedy="填写节日名称")
        if both := sorted(self.days_off.keys() & self.make_up_days.keys()):
            raise InvalidArrangement(say("{day} 既放假又补班", day=both[0]), field="make_up_days", remedy="只保留一项")
        if stray := sorted(self.swapped - self.days_off.keys()):
            raise InvalidArrangement(say("{day} 是调休日,却不在放假日中", day=stray[0]), field="swapped", remedy="补入放假日")

    @classmethod
    def from_plain(cls, table: Mapping[str, object]) -> Arrangement:
        """
        Read the table that an administrator maintains.

        ``{"year": 2027, "notice": "…", "days_off": {"2027-01-01": "元旦"}, "make_up_days": {…}, "settles": true}``; ``make_up_days`` and
        ``settles`` may be left out.

        :raises InvalidArrangement: naming the part that cannot be read, or as the constructor.
        """
        year, notice, settles = table.get("year"), table.get("notice"), table.get("settles", True)
        if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
            raise InvalidArrangement("年份应为整数", field="year", remedy=say("填写 {first} 至 {last}", first=FIRST_YEAR, last=LAST_YEAR))
        if not isinstance(notice, str) or not isinstance(settles, bool):
            raise InvalidArrangement("放假通知应为文字,是否全年安排应为是或否", field="notice")
        return cls(year, notice, _dates(table, "days_off"), _dates(table, "make_up_days"), settles=settles)


def _dates(table: Mapping[str, object], part: str) -> dict[date, str]:
    rows = table.get(part, {})
    if not isinstance(rows, Mapping):
        raise InvalidArrangement("应为“日期:节日名称”的对照表", field=part)
    found: dict[date, str] = {}
    for text, name in rows.items():
        try:
            found[date.fromisoformat(str(text))] = str(name)
        except ValueError as exc:
            raise InvalidArrangement(say("{text} 不是日期", text=text), field=part, remedy="写成 2027-01-01 的样子") from exc
    return found


@dataclass(frozen=True)
class _Named:
    kind: Kind
    occasion: str
    notice: str
    year: int


class WorkingCalendar:
    """
    The working days from 2000 to 2099 under a sequence of arrangements; later ones win. Immutable; every question is answered from arrays.

    Building takes some 30 ms, so build once per change of the table and keep it.
    """

    def __init__(self, arrangements: Iterable[Arrangement]) -> None:
        named: dict[date, _Named] = {}
        settled: set[int] = set()
        for arrangement in arrangements:
            if arrangement.settles:
                settled.add(arrangement.year)
                named = {day: entry for day, entry in named.items() if entry.year != arrangement.year}
            named.update(_entries(arrangement))
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if year not in settled:
                for day, entry in _fixed(year).items():
                    named.setdefault(day, entry)
        self._named = named
        self._settled = frozenset(settled)
        self._base = date(FIRST_YEAR, 1, 1).toordinal()
        self._last = date(LAST_YEAR, 12, 31).toordinal()
        #: working days up to and including a day, and provisional days likewise, by distance from the base
        self._counts, self._provisional = array("l"), array("l")
        self._working = array("l")
        self._fill()

    def _fill(self) -> None:
        provisional = 0
        works = {day.toordinal(): entry.kind is Kind.MAKE_UP for day, entry in self._named.items()}
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            step = year not in self._settled
            for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
                if works.get(ordinal, (ordinal - 1) % 7 < _SATURDAY):
                    self._working.append(ordinal)
                self._counts.append(len(self._working))
                provisional += step
                self._provisional.append(provisional)

    @property
    def settled_years(self) -> frozenset[int]:
        """The years whose notice is known."""
        return self._settled

    def day(self, day: date) -> Day:
        """
        What decides about ``day``.

        :raises OutsideCalendar: outside 2000 to 2099.
        """
        self._index(day)
        provisional = day.year not in self._settled
        if entry := self._named.get(day):
            return Day(day, entry.kind, entry.occasion, entry.notice, provisional)
        return Day(day, Kind.WEEKEND if day.weekday() >= _SATURDAY else Kind.WORKING, "", "", provisional)

    def days(self, first: date, last: date) -> Iterator[Day]:
        """Every day from ``first`` to ``last``, both included."""
        return (self.day(date.fromordinal(ordinal)) for ordinal in range(first.toordinal(), last.toordinal() + 1))

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        return self.on_or_after(day) == day

    def add(self, start: date, working_days: int) -> date:
        """
        The n-th working day after ``start``, which itself does not count (民法典 201).

        :param working_days: at least 1.
        :raises OutsideCalendar: if the answer lies after 2099.
        :raises ValueError: for less than one day.
        """
        if working_days < 1:
            raise ValueError("a period has at least one working day")
        return self._nth(self._counts[self._index(start)] + working_days - 1)

    def between(self, after: date, through: date) -> int:
        """Working days later than ``after`` and not later than ``through``; negative when ``through`` is earlier."""
        return self._counts[self._index(through)] - self._counts[self._index(after)]

    def on_or_after(self, day: date) -> date:
        """``day`` if it is a working day, else the next one (民法典 203: a period that ends on a day off ends the day after)."""
        index = self._index(day)
        return self._nth(self._counts[index - 1] if index else 0)

    def provisional(self, after: date, through: date) -> bool:
        """Whether a day later than ``after`` and not later than ``through`` lies in a year without a notice."""
        return self._provisional[self._index(through)] > self._provisional[self._index(after)]

    def provisional_years(self, after: date, through: date) -> tuple[int, ...]:
        """The years between two dates whose notice is not known, in order."""
        first_touched = after.year + (after == date(after.year, 12, 31))
        return tuple(year for year in range(first_touched, through.year + 1) if year not in self._settled)

    def _nth(self, rank: int) -> date:
        if rank >= len(self._working):
            raise OutsideCalendar(say("期限超出日历所及的 {last} 年", last=LAST_YEAR), field="date")
        return date.fromordinal(self._working[rank])

    def _index(self, day: date) -> int:
        ordinal = day.toordinal()
        if not self._base <= ordinal <= self._last:
            raise OutsideCalendar(
                say("{day} 不在日历所及的 {first} 至 {last} 年内", day=day, first=FIRST_YEAR, last=LAST_YEAR),
                field="date",
            )
        return ordinal - self._base


def _entries(arrangement: Arrangement) -> Iterator[tuple[date, _Named]]:
    for day, name in arrangement.days_off.items():
        kind = Kind.SWAPPED if day in arrangement.swapped else Kind.HOLIDAY
        yield day, _Named(kind, name, arrangement.notice, arrangement.year)
    for day, name in arrangement.make_up_days.items():
        yield day, _Named(Kind.MAKE_UP, name, arrangement.notice, arrangement.year)


def fixed_holidays(year: int) -> dict[date, str]:
    """The days off that 《全国年节及纪念日放假办法》, as in force in ``year``, fixes to a solar date, with their names."""
    version = max(since for since in _FIXED_HOLIDAYS if since <= year)
    return {date(year, month, day): name for month, day, name in _FIXED_HOLIDAYS[version]}


def _fixed(year: int) -> dict[date, _Named]:
    return {day: _Named(Kind.HOLIDAY, name, _DECREE, year) for day, name in fixed_holidays(year).items()}
