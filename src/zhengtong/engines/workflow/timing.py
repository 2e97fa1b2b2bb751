"""
Time over a case: who holds it and until when, which branch decides the end, what is to be warned of, what silence has come true.

Nothing is stored: every answer is read from the ledgers of the clocks, a calendar and the moment of asking. What lies ahead is planned by
the budgets: every step takes what it may take, of several ways the longest, rework not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhengtong.engines.deadlines.alerts import DEFAULT_RUNGS, Lamp, Rung, escalate
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, Extension, Reading, State, last_day, read
from zhengtong.engines.workflow.case import Case, Status, Visit, Waiting
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.running import allowed
from zhengtong.engines.workflow.table import Kind
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import in_turn, listed, say

MOST_DAYS_NAMED = 6


@dataclass(frozen=True, slots=True)
class Shares:
    """From which share of its budget, in percent, a lamp is yellow or red; a late step is always red, a resting one grey."""

    yellow: int = 60
    red: int = 90

    def lamp(self, reading: Reading) -> Lamp:
        """The lamp of a reading."""
        if reading.late or reading.state is State.MISSED:
            return Lamp.RED
        if reading.state is State.MET:
            return Lamp.GREEN
        if reading.state is State.PAUSED:
            return Lamp.GREY
        used = 100 * reading.used
        if used >= self.red * reading.total:
            return Lamp.RED
        return Lamp.YELLOW if used >= self.yellow * reading.total else Lamp.GREEN


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a case now, with which step, since when and until when."""

    number: int
    step: str
    name: str
    role: str
    person: str
    since: datetime
    #: the step's own reading; the whole's if it has no budget of its own; None if neither has
    reading: Reading | None
    lamp: Lamp
    #: what it waits for; while a supplement is asked for, the applicant holds it
    waiting: Waiting | None
    waits_for: tuple[str, ...]
    #: the roles that were asked for an opinion and have not answered
    consulted: tuple[str, ...]

    @property
    def applicant(self) -> bool:
        """Whether it is the applicant who has to act."""
        return self.waiting is Waiting.SUPPLEMENT


def holders(process: Process, case: Case, calendar: WorkingCalendar, now: datetime, *, shares: Shares | None = None) -> tuple[Holder, ...]:
    """Everybody who holds the case at ``now``, in the order in which their steps began; nobody once it has ended."""
    return tuple(_holder(process, case, visit, calendar, now, shares or Shares()) for visit in case.open if case.status is Status.OPEN)


def _holder(process: Process, case: Case, visit: Visit, calendar: WorkingCalendar, now: datetime, shares: Shares) -> Holder:
    clock = visit.clock or case.clock
    reading = read(clock, calendar, now) if clock else None
    return Holder(
        number=visit.number,
        step=visit.step,
        name=process.by_key[visit.step].name,
        role=visit.role,
        person=visit.person,
        since=visit.began,
        reading=reading,
        lamp=shares.lamp(reading) if reading else Lamp.GREEN,
        waiting=visit.waiting,
        waits_for=visit.waits_for,
        consulted=tuple(one.role for one in visit.consultations if not one.answer),
    )


@dataclass(frozen=True, slots=True)
class Branch:
    """What lies ahead of an open step: when it is done at the latest, when the case could then end, and by which steps."""

    number: int
    step: str
    done: date
    end: date
    #: working days by which this branch may be later without making the case later; 0 on the critical path
    slack: int
    ahead: tuple[str, ...]

    @property
    def critical(self) -> bool:
        """Whether it decides when the case ends."""
        return self.slack == 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a case will end if every step takes what it may take, beside the last day of its own budget."""

    end: date
    #: the last day of the whole; None if its time has not begun or it has no budget
    due: date | None
    branches: tuple[Branch, ...]
    #: years on the way whose holidays are not published: the dates may move
    provisional_years: tuple[int, ...]

    @property
    def critical(self) -> tuple[Branch, ...]:
        """The branches that decide the end."""
        return tuple(branch for branch in self.branches if branch.critical)

    @property
    def fits(self) -> bool:
        """Whether the budgets ahead fit into the budget of the whole."""
        return self.due is None or self.end <= self.due


def critical_path(process: Process, case: Case, calendar: WorkingCalendar, now: datetime) -> Outlook | None:
    """
    Which open branch decides the end of the case, and how much time the others have to spare; None once it has ended.

    Slack is counted in working days between the ends to which two branches lead, exact for budgets in working days. A branch that a join
    may end early is planned as if it were not.
    """
    if case.status is not Status.OPEN:
        return None
    today = local_date(now)
    ways: list[tuple[Visit, date, date, tuple[str, ...]]] = []
    for visit in case.open:
        done = max(read(visit.clock, calendar, now).due, today) if visit.clock else calendar.on_or_after(today)
        end, ahead = _ahead(process, calendar, visit.step, done)
        ways.append((visit, done, end, ahead))
    last = max(end for _, _, end, _ in ways)
    return Outlook(
        end=last,
        due=read(case.clock, calendar, now).due if case.clock else None,
        branches=tuple(Branch(visit.number, visit.step, done, end, calendar.between(end, last), ahead) for visit, done, end, ahead in ways),
        provisional_years=calendar.provisional_years(today, max(last, today)),
    )


def _ahead(process: Process, calendar: WorkingCalendar, step: str, done: date) -> tuple[date, tuple[str, ...]]:
    """The day of the end, and the tasks on the longest way from a step that is done on a day."""
    reached: dict[str, tuple[date, tuple[str, ...]]] = {step: (done, ())}
    ends: list[tuple[date, tuple[str, ...]]] = []
    for key in process.order[process.order.index(step) :]:
        if key != step:
            before = [
                reached[flow.source]
                for flow in process.incoming[key]
                if flow.source in reached and (flow.source, key) not in process.rework
            ]
            if not before:
                continue
            day, ahead = max(before, key=lambda one: one[0])
            if duty := process.by_key[key].duty:
                day, ahead = (last_day(calendar, duty.unit, day, duty.days) if duty.days is not None else day), (*ahead, key)
            reached[key] = (day, ahead)
        if process.by_key[key].kind is Kind.END:
            ends.append(reached[key])
    return max(ends, key=lambda one: one[0])


# ---------------------------------------------------------------------- what is due now
def silent(process: Process, case: Case, calendar: WorkingCalendar, now: datetime) -> tuple[Visit, ...]:
    """The open visits whose silence has come true at ``now``; each wants a ``LetPass``."""
    if case.status is not Status.OPEN:
        return ()
    return tuple(
        visit
        for visit in case.open
        if visit.clock and "let-pass" in allowed(process, visit) and read(visit.clock, calendar, now).state is State.OVERDUE
    )


@dataclass(frozen=True, slots=True)
class Reminder:
    """A warning to give now, about a visit or (None) the whole. ``settled`` goes into a ``Remind``, so that it is given once."""

    number: int | None
    send: Rung
    settled: tuple[str, ...]
    reading: Reading


def reminders(case: Case, calendar: WorkingCalendar, now: datetime, *, rungs: Sequence[Rung] = DEFAULT_RUNGS) -> tuple[Reminder, ...]:
    """The warnings that are due at ``now`` and were not given: the most severe rung of each period, once in each round of extensions."""
    periods: list[tuple[int | None, Clock | None, tuple[str, ...]]] = [(None, case.clock, case.rungs)]
    periods += [(visit.number, visit.clock, visit.rungs) for visit in case.open]
    found = []
    for number, clock, fired in periods:
        if clock is None or case.status is not Status.OPEN:
            continue
        reading = read(clock, calendar, now)
        extensions = sum(isinstance(event, Extension) for event in clock.events)
        escalation = escalate(reading, fired, rungs=rungs, round_name=str(extensions) if extensions else "")
        if escalation.send:
            found.append(Reminder(number, escalation.send, escalation.settled, reading))
    return tuple(found)


# ---------------------------------------------------------------------- a calendar that changed
@dataclass(frozen=True, slots=True)
class DueMoved:
    """A last day that a change of the calendar moved, of a visit or (None) of the whole, and why."""

    number: int | None
    before: date
    after: date
    reason: str


def due_moved(case: Case, old: WorkingCalendar, new: WorkingCalendar, now: datetime) -> tuple[DueMoved, ...]:
    """What a changed calendar does to the running periods of a case, to be journaled and told."""
    periods: list[tuple[int | None, Clock | None]] = [(None, case.clock), *((visit.number, visit.clock) for visit in case.open)]
    found = []
    for number, clock in periods:
        if clock is None or clock.stop:
            continue
        before, after = read(clock, old, now).due, read(clock, new, now).due
        if before != after:
            reason = in_turn(_differences(old, new, local_date(clock.started), max(before, after)))
            found.append(DueMoved(number, before, after, reason))
    return tuple(found)


def _differences(old: WorkingCalendar, new: WorkingCalendar, first: date, last: date) -> Iterator[str]:
    changed = [(was, now) for was, now in zip(old.days(first, last), new.days(first, last), strict=True) if was.working != now.working]
    notices = dict.fromkeys(now.notice or was.notice for was, now in changed)
    for notice in notices:
        days = [now for was, now in changed if (now.notice or was.notice) == notice]
        named = listed(say("{day} {reason}", day=day.date, reason=say(day.reason)) for day in days[:MOST_DAYS_NAMED])
        if len(days) > MOST_DAYS_NAMED:
            yield say("{notice}:{named} 等 {count} 天", notice=notice, named=named, count=len(days))
        else:
            yield say("{notice}:{named}", notice=notice, named=named)
