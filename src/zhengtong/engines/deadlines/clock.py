"""
A statutory period: a budget of days and a ledger of what happened to it.

How days are counted. The day of the start does not count; the period begins the next day (民法典 201). It ends at 24:00 of its last day; a
period in calendar days that would end on a day off ends on the next working day (民法典 203). A pause keeps its first day and loses its
last: the day of the pause counts, because the office had the matter on it, and the day of the resumption does not, like any day of a start.
So pausing and resuming on one day costs nothing, and pauses add up. A pause on the last day keeps that day: the office may still answer on
the day of the resumption, or on the next working day if that is a day off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.kernel.clock import CHINA, local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import Sentence, say


class OutOfOrder(Conflict):
    """期限现在的状态不能这样办理。"""

    code = "clock-out-of-order"


class ExtensionRefused(Invalid):
    """期限不能这样延长。"""

    code = "extension-refused"


class Unit(StrEnum):
    """What a budget counts."""

    WORKING_DAYS = "working-days"
    CALENDAR_DAYS = "calendar-days"

    @property
    def label(self) -> str:
        """The unit as decisions write it."""
        return "个工作日" if self is Unit.WORKING_DAYS else "日"

    def of(self, days: int) -> Sentence:
        """So many of the unit: ``10 个工作日``."""
        return say("{count} 个工作日", count=days) if self is Unit.WORKING_DAYS else say("{count} 日", count=days)


@dataclass(frozen=True)
class Pause:
    """Time stops counting: a supplement was asked for, or a procedure runs whose time the law leaves out."""

    at: datetime
    reason: str
    #: the article that allows it, if any
    basis: str = ""


@dataclass(frozen=True)
class Resume:
    """Time counts again from the next day."""

    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Extension:
    """More days, in the unit of the period."""

    at: datetime
    days: int
    approver: str
    reason: str


@dataclass(frozen=True)
class Stop:
    """The act that the period was for was done."""

    at: datetime
    outcome: str


Event = Pause | Resume | Extension | Stop


class State(StrEnum):
    """Where a period stands at a moment."""

    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    #: stopped in time
    MET = "met"
    #: stopped too late
    MISSED = "missed"


@dataclass(frozen=True)
class Clock:
    """
    A period as a value. The methods return a new one; the events are the ledger to store.

    :raises OutOfOrder: if the events cannot have happened in this order.
    :raises ExtensionRefused: if the extensions together exceed ``extension_limit``, or one lacks its approver.
    :raises ValueError: for a budget below one day or a moment without a time zone.
    """

    started: datetime
    budget: int
    unit: Unit = Unit.WORKING_DAYS
    events: tuple[Event, ...] = ()
    #: days that all extensions together may add; None where the law sets no limit
    extension_limit: int | None = None
    #: what started it, in words
    trigger: str = ""

    def __post_init__(self) -> None:
        if self.budget < 1:
            raise ValueError("a period has at least one day")
        if self.started.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        if self.events:
            self._check_events()

    def _check_events(self) -> None:
        latest, paused, stopped = self.started, False, False
        for event in self.events:
            if event.at.tzinfo is None:
                raise ValueError("a moment needs a time zone")
            if event.at < latest:
                raise OutOfOrder("事件早于前一事件", field="at", remedy="按发生的先后登记")
            if stopped:
                raise OutOfOrder("期限已经终止", remedy="另起新的期限")
            paused = _paused_after(event, paused=paused)
            stopped = isinstance(event, Stop)
            latest = event.at
        self._check_extensions()

    def _check_extensions(self) -> None:
        total = sum(event.days for event in self.events if isinstance(event, Extension))
        if self.extension_limit is not None and total > self.extension_limit:
            raise ExtensionRefused(
                say(
                    "累计延长 {total},超过上限 {most}",
                    total=self.unit.of(total),
                    most=self.unit.of(self.extension_limit),
                ),
                field="days",
                remedy="缩短延长的天数",
            )

    # ------------------------------------------------------------------ what can happen
    def paused(self, *, at: datetime, reason: str, basis: str = "") -> Clock:
        """The period after a pause at ``at``."""
        return replace(self, events=(*self.events, Pause(at, reason, basis)))

    def resumed(self, *, at: datetime, reason: str = "") -> Clock:
        """The period after its resumption at ``at``."""
        return replace(self, events=(*self.events, Resume(at, reason)))

    def extended(self, calendar: WorkingCalendar, *, at: datetime, days: int, approver: str, reason: str) -> Clock:
        """
        The period after an extension by ``days`` of its unit.

        :raises ExtensionRefused: also if the period has already run out at ``at``: an extension does not heal a delay.
        """
        if read(self, calendar, at).late:
            raise ExtensionRefused("期限已经届满,不能再延长", field="at", remedy="按逾期办理,并说明原因")
        return replace(self, events=(*self.events, Extension(at, days, approver, reason)))

    def stopped(self, *, at: datetime, outcome: str) -> Clock:
        """The period after the act was done at ``at``."""
        return replace(self, events=(*self.events, Stop(at, outcome)))

    # ------------------------------------------------------------------ what it is at a moment
    def as_of(self, now: datetime) -> Clock:
        """The period with what had happened by ``now``."""
        if not self.events or self.events[-1].at <= now:
            return self
        return replace(self, events=tuple(event for event in self.events if event.at <= now))

    @property
    def total(self) -> int:
        """The budget with its extensions, in days of its unit."""
        return self.budget + sum(event.days for event in self.events if isinstance(event, Extension))

    def stretches(self) -> Iterator[Stretch]:
        """The stretches in which time runs, in order; the last has no end while it runs, and there is none after an open pause."""
        start: date | None = local_date(self.started)
        for event in self.events:
            match event:
                case Pause() | Stop() if start is not None:
                    yield Stretch(start, local_date(event.at))
                    start = None
                case Resume():
                    start = local_date(event.at)
        if start is not None:
            yield Stretch(start, None)

    @property
    def waiting(self) -> bool:
        """Whether the last pause was never resumed, even if the period was stopped meanwhile."""
        turns = [event for event in self.events if isinstance(event, Pause | Resume)]
        return bool(turns) and isinstance(turns[-1], Pause)

    @property
    def stop(self) -> Stop | None:
        """The event that ended it, if any."""
        return self.events[-1] if self.events and isinstance(self.events[-1], Stop) else None


@dataclass(frozen=True)
class Stretch:
    """Days in which time runs: later than ``after``, not later than ``through`` (None: open)."""

    after: date
    through: date | None


@dataclass(frozen=True)
class Reading:
    """A period at a moment. Day counts are in the period's unit."""

    state: State
    #: the last day; while paused, the day it would be if time ran again from today
    due: date
    #: the end of that day, 24:00 in China
    due_at: datetime
    #: whether ``due`` stands only if a pause ends today
    projected: bool
    #: the budget with its extensions
    total: int
    used: int
    #: days left after today; 0 on the last day, negative when late
    remaining: int
    #: whether the last day has passed (before the stop, if it was stopped)
    late: bool
    #: years on the way to ``due`` whose holidays are not published
    provisional_years: tuple[int, ...]

    @property
    def provisional(self) -> bool:
        """Whether the due date may move when a year's holidays are published."""
        return bool(self.provisional_years)

    @property
    def overdue(self) -> int:
        """Days since the last day that counted against the office; 0 on a day off right after it."""
        return -min(self.remaining, 0)


def count(calendar: WorkingCalendar, unit: Unit, after: date, through: date) -> int:
    """Days of ``unit`` later than ``after`` and not later than ``through``."""
    return calendar.between(after, through) if unit is Unit.WORKING_DAYS else (through - after).days


def last_day(calendar: WorkingCalendar, unit: Unit, after: date, days: int) -> date:
    """The day on which ``days`` more days are used up; with none left, the first working day from ``after`` on."""
    if unit is Unit.CALENDAR_DAYS:
        return calendar.on_or_after(after + timedelta(days=days))
    return calendar.add(after, days) if days else calendar.on_or_after(after)


def read(clock: Clock, calendar: WorkingCalendar, now: datetime) -> Reading:
    """
    The state of a period at ``now``; events after ``now`` have not happened.

    :param now: aware; its date in China decides.
    :raises OutsideCalendar: if a day on the way lies outside the calendar's years.
    """
    clock = clock.as_of(now)
    unit, total, today = clock.unit, clock.total, local_date(now)
    end = local_date(clock.stop.at) if clock.stop else today
    left, used, due = total, 0, None
    running = False
    stretches = tuple(clock.stretches())
    for stretch in stretches:
        running = stretch.through is None
        through = stretch.through or max(end, stretch.after)
        used += count(calendar, unit, stretch.after, through)
        if due is None:
            candidate = last_day(calendar, unit, stretch.after, left)
            if running or candidate < through or (clock.stop and not clock.waiting and stretch is stretches[-1]):
                due = candidate
            else:
                left -= min(left, count(calendar, unit, stretch.after, through))
    projected = due is None and not clock.stop
    if due is None:
        due = last_day(calendar, unit, end, left)
    ran_until = end if running or not stretches else (stretches[-1].through or end)
    late = ran_until > due
    remaining = -_overdue(calendar, unit, stretches, due, end) if late else max(total - used, 0)
    return Reading(
        state=_state(clock, late=late, running=running),
        due=due,
        due_at=datetime.combine(due + timedelta(days=1), time(), CHINA),
        projected=projected,
        total=total,
        used=used,
        remaining=remaining,
        late=late,
        provisional_years=calendar.provisional_years(local_date(clock.started), due),
    )


def due_date(clock: Clock, calendar: WorkingCalendar, now: datetime) -> date:
    """The last day of a period as it looks at ``now``."""
    return read(clock, calendar, now).due


def _paused_after(event: Event, *, paused: bool) -> bool:
    match event:
        case Pause(reason=reason):
            if paused:
                raise OutOfOrder("期限已经暂停", remedy="先恢复,再暂停")
            if not reason.strip():
                raise OutOfOrder("暂停须写明原因", field="reason")
            return True
        case Resume():
            if not paused:
                raise OutOfOrder("期限没有暂停,不能恢复")
            return False
        case Extension(days=days, approver=approver, reason=reason):
            if days < 1 or not approver.strip() or not reason.strip():
                raise ExtensionRefused("延长至少一日,并须写明批准人和理由", field="days")
    return paused


def _state(clock: Clock, *, late: bool, running: bool) -> State:
    if clock.stop:
        return State.MISSED if late else State.MET
    if not running:
        return State.PAUSED
    return State.OVERDUE if late else State.RUNNING


def _overdue(calendar: WorkingCalendar, unit: Unit, stretches: tuple[Stretch, ...], due: date, end: date) -> int:
    return sum(
        count(calendar, unit, max(stretch.after, due), through)
        for stretch in stretches
        if (through := stretch.through or end) > max(stretch.after, due)
    )
