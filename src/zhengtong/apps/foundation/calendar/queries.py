"""Reads of the working-day calendar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from zhengtong.apps.foundation.calendar import rules
from zhengtong.apps.foundation.calendar.models import Revision
from zhengtong.apps.foundation.calendar.rules import LineFault, Mark, Ruling, Step, Table
from zhengtong.engines.deadlines.calendar import FIRST_YEAR, LAST_YEAR, Day, WorkingCalendar
from zhengtong.engines.deadlines.published import published_calendar
from zhengtong.kernel.errors import Conflict, Invalid, NotFound
from zhengtong.kernel.sentences import say


class RevisionUnknown(NotFound):
    """没有这次修订。"""

    code = "calendar-revision-unknown"


class AlreadyUndone(Conflict):
    """这次修订已经被撤销,不在生效。"""

    code = "calendar-already-undone"


class YearOutside(NotFound):
    """年份超出工作日历的范围。"""

    code = "calendar-year-outside"


class NoticeMissing(Invalid):
    """请写明放假通知或地方命令的文号或标题。"""

    code = "calendar-notice-missing"


class DaysRefused(Invalid):
    """所列日期有误,什么都没有改。"""

    code = "calendar-days-refused"

    def __init__(self, faults: list[LineFault]) -> None:
        super().__init__(field="lines")
        #: everything that is wrong, line by line
        self.faults = faults


# ------------------------------------------------------------------ the calendar now
#: what a request or a turn of the worker has been answered, so that it asks once; None outside of one
_asked: ContextVar[list[WorkingCalendar] | None] = ContextVar("calendar_asked", default=None)


#: what names the calendar in force, as a statement of one column
LATEST = "select token from calendar_revision order by number desc limit 1"


def current() -> WorkingCalendar:
    """
    The calendar by which every period counts: the published years with the administered table over them.

    One small query, and within :func:`one_calendar` only the first time; the calendar itself is built once a revision and process.
    """
    asked = _asked.get()
    if asked:
        return asked[0]
    with connection.cursor() as cursor:  # asked with every act: composing it anew took longer than answering it
        cursor.execute(LATEST)
        row = cursor.fetchone()
    calendar = by_token(row[0] if row else None)
    if asked is not None:
        asked.append(calendar)
    return calendar


def by_token(token: UUID | None) -> WorkingCalendar:
    """The calendar of a revision, for who asks :data:`LATEST` together with something else; None: nothing was ever revised."""
    return _calendar_of(token) if token else published_calendar()


@contextmanager
def one_calendar() -> Iterator[None]:
    """One answer of :func:`current` for everything inside: a request, a turn of the worker."""
    outer = _asked.set([])
    try:
        yield
    finally:
        _asked.reset(outer)


def forget_answer() -> None:
    """Let :func:`current` ask again: the table has just changed."""
    asked = _asked.get()
    if asked:
        asked.clear()


@lru_cache(maxsize=4)
def _calendar_of(token: UUID) -> WorkingCalendar:
    return table(Revision.objects.get(token=token).number).calendar()


def around(number: int) -> tuple[WorkingCalendar, WorkingCalendar]:
    """
    The calendar before and after a revision.

    :raises RevisionUnknown: if there is none of this number.
    """
    tokens = dict(Revision.objects.filter(number__in=[number - 1, number]).values_list("number", "token"))
    if number not in tokens:
        raise RevisionUnknown(say("没有第 {number} 次修订", number=number))
    before = _calendar_of(tokens[number - 1]) if number - 1 in tokens else published_calendar()
    return before, _calendar_of(tokens[number])


# ------------------------------------------------------------------ the administered table
def _step(row: Revision) -> Step:
    days = tuple(Ruling(date.fromisoformat(day), Mark(mark), occasion) for day, mark, occasion in row.days)
    return Step(row.number, row.year, row.notice, row.settles, days, row.undoes_id or 0)


def table(until: int | None = None) -> Table:
    """The administered table, as of a revision or now."""
    rows = Revision.objects.order_by("number")
    return rules.table_of(_step(row) for row in (rows if until is None else rows.filter(number__lte=until)))


def last_number() -> int:
    """The number of the latest revision; 0 before the first."""
    return Revision.objects.order_by("-number").values_list("number", flat=True).first() or 0


@dataclass(frozen=True)
class RevisionView:
    """A revision with what became of it."""

    number: int
    year: int
    notice: str
    settles: bool
    days: tuple[Ruling, ...]
    #: the revision that it undoes; None for one that rules
    undoes: int | None
    reason: str
    made_at: datetime
    made_by_name: str
    in_force: bool
    #: the revision that undid it; 0 while nobody did. Each is undone once; undoing that one brings it back
    undone_by: int


def revisions() -> list[RevisionView]:
    """Every revision, newest first."""
    rows = list(Revision.objects.order_by("-number"))
    steps = {row.number: _step(row) for row in rows}
    gone = rules.undone(steps.values())
    undoers = {row.undoes_id: row.number for row in rows if row.undoes_id}
    return [
        RevisionView(
            row.number,
            row.year,
            row.notice,
            row.settles,
            steps[row.number].days,
            row.undoes_id,
            row.reason,
            row.made_at,
            row.made_by_name,
            row.number not in gone,
            undoers.get(row.number, 0),
        )
        for row in rows
    ]


def revision(number: int) -> RevisionView:
    """
    One revision.

    :raises RevisionUnknown: if there is none of this number.
    """
    found = next((one for one in revisions() if one.number == number), None)
    if found is None:
        raise RevisionUnknown(say("没有第 {number} 次修订", number=number))
    return found


# ------------------------------------------------------------------ what a change would do
@dataclass(frozen=True)
class Difference:
    """A day on which two calendars differ."""

    before: Day
    after: Day


def _says(day: Day) -> tuple[bool, str, str]:
    return day.working, day.reason, day.notice


def _differences(before: WorkingCalendar, after: WorkingCalendar, year: int) -> Iterator[Difference]:
    # what a notice for a year may speak of begins in December before it
    first, last = date(max(year - 1, FIRST_YEAR), 12, 1), date(year, 12, 31)
    for was, will in zip(before.days(first, last), after.days(first, last), strict=True):
        if _says(was) != _says(will):
            yield Difference(was, will)


def changed(before: WorkingCalendar, after: WorkingCalendar, year: int) -> list[Day]:
    """The days on which offices work under one calendar and not under the other, as the second has them."""
    return [one.after for one in _differences(before, after, year) if one.before.working is not one.after.working]


@dataclass(frozen=True)
class Proposal:
    """A change that holds to the rules, and the calendar before and after it. ``based_on`` is the revision it was thought out from."""

    based_on: int
    year: int
    notice: str
    settles: bool
    days: tuple[Ruling, ...]
    undoes: int | None
    before: WorkingCalendar
    after: WorkingCalendar

    @property
    def differences(self) -> list[Difference]:
        """The days that become something else, in order."""
        return list(_differences(self.before, self.after, self.year))

    @property
    def settled_before(self) -> bool:
        """Whether the year counted as arranged before."""
        return self.year in self.before.settled_years

    @property
    def settled_after(self) -> bool:
        """Whether it will."""
        return self.year in self.after.settled_years


def _steps() -> list[Step]:
    return [_step(row) for row in Revision.objects.order_by("number")]


def propose(*, year: int, notice: str, settles: bool, lines: str) -> Proposal:
    """
    Think a change out without making it.

    :param lines: one ``2027-01-01 休 元旦`` a line.
    :raises YearOutside: outside 2000 to 2099.
    :raises NoticeMissing: without the notice.
    :raises DaysRefused: with every line that breaks a rule.
    """
    require_year(year)
    if not notice.strip():
        raise NoticeMissing(field="notice")
    steps = _steps()
    before = rules.table_of(steps)
    calendar = before.calendar()
    read, faults = rules.read_list(lines)
    faults += rules.check(read, year=year, settles=settles, calendar=calendar, held=before.days)
    # a list of which a line cannot be read is surely incomplete: what it lacks is said once it can be read
    if faults:
        unread = any(one.line for one in faults)
        raise DaysRefused(sorted((one for one in faults if one.line or not unread), key=lambda one: one.line))
    number = steps[-1].number if steps else 0
    days = tuple(ruling for _line, ruling in read)
    step = Step(number + 1, year, notice.strip(), settles, days)
    return Proposal(number, year, step.notice, settles, days, None, calendar, rules.table_of([*steps, step]).calendar())


def propose_undoing(number: int) -> Proposal:
    """
    Think out what undoing a revision would do.

    :raises RevisionUnknown: if there is none of this number.
    :raises AlreadyUndone: if it is undone.
    """
    steps = _steps()
    wanted = next((step for step in steps if step.number == number), None)
    if wanted is None:
        raise RevisionUnknown(say("没有第 {number} 次修订", number=number))
    if any(step.undoes == number for step in steps):
        raise AlreadyUndone(say("第 {number} 次修订已经被撤销", number=number), remedy="刷新修订记录")
    last = steps[-1].number
    step = Step(last + 1, wanted.year, wanted.notice, settles=False, days=(), undoes=number)
    before, after = rules.table_of(steps).calendar(), rules.table_of([*steps, step]).calendar()
    return Proposal(last, wanted.year, wanted.notice, False, (), number, before, after)  # noqa: FBT003 - a field


def require_year(year: int) -> None:
    """
    Refuse a year that the calendar does not reach.

    :raises YearOutside: outside 2000 to 2099.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise YearOutside(say("工作日历只到 {first} 至 {last} 年", first=FIRST_YEAR, last=LAST_YEAR), field="year")


def year_notice(year: int) -> str:
    """The notice by which a year is settled; empty while it is provisional."""
    calendar = current()
    if year not in calendar.settled_years:
        return ""
    if ours := table().settled.get(year):
        return ours
    named = [day.notice for day in calendar.days(date(year, 1, 1), date(year, 12, 31)) if day.notice]
    # the yearly notice names most of the days; amendments name few
    return max(set(named), key=named.count, default="")
