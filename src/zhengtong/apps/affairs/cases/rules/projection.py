"""
What of a period is kept beside it, so that a list is one indexed question: days, never a state.

A list asks "is the day past?", so nothing has to be changed at midnight. The days are worked out with each act and anew when the
calendar changes; the truth stays the ledger of the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from zhengtong.engines.deadlines.alerts import DEFAULT_RUNGS, Lamp, Watch
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, Reading, State, last_day, read
from zhengtong.engines.workflow.timing import Shares
from zhengtong.kernel.clock import CHINA, local_date

SHARES = Shares()


@dataclass(frozen=True)
class Days:
    """The last day of a period, and from which days its lamp is yellow, is red, a warning or silence may be due; None while it rests."""

    due: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    look_on: date | None = None


NO_DAYS = Days()


def days_of(clock: Clock | None, calendar: WorkingCalendar, now: datetime, *, looked: bool = False) -> Days:
    """
    The days of a period as it looks at ``now``; none for one that has stopped or rests.

    :param looked: what is due today has been seen to; the next look is later.
    """
    if clock is None or clock.stop:
        return NO_DAYS
    reading = read(clock, calendar, now)
    if reading.state is State.PAUSED:
        return NO_DAYS
    today = local_date(now)

    def used_up(share: int) -> date:
        wanted = -(-share * reading.total // 100)
        return today if reading.used >= wanted else last_day(calendar, clock.unit, today, wanted - reading.used)

    return Days(reading.due, used_up(SHARES.yellow), used_up(SHARES.red), _next_look(reading, clock, calendar, today, looked=looked))


def _next_look(reading: Reading, clock: Clock, calendar: WorkingCalendar, today: date, *, looked: bool) -> date | None:
    """The next day on which a rung is reached or the last day has passed."""
    wanted = [rung.remaining for rung in DEFAULT_RUNGS if rung.remaining < reading.remaining + (not looked)]
    found = [reading.due + timedelta(days=1)] if today <= reading.due else []
    if wanted:
        ahead = reading.remaining - max(wanted)
        found.append(last_day(calendar, clock.unit, today, ahead) if ahead else today)
    return min(found, default=None)


def lamp_of(days: Days, today: date, *, resting: bool) -> Lamp:
    """The lamp that kept days mean on a day; the same that :class:`Shares` reads from the clock."""
    if resting or days.due is None:
        return Lamp.GREY if resting else Lamp.GREEN
    if today > days.due or (days.red_on is not None and today >= days.red_on):
        return Lamp.RED
    return Lamp.YELLOW if days.yellow_on is not None and today >= days.yellow_on else Lamp.GREEN


def watch_of(days: Days, calendar: WorkingCalendar, today: date, *, resting: bool) -> Watch | None:
    """A period as a list shows it, from its kept days alone; None if it has none. What of it was used is not known."""
    if days.due is None:
        return None
    late = today > days.due
    remaining = -calendar.between(days.due, today) if late else calendar.between(today, days.due)
    reading = Reading(
        state=State.OVERDUE if late else State.RUNNING,
        due=days.due,
        due_at=datetime.combine(days.due + timedelta(days=1), time(), CHINA),
        projected=False,
        total=0,
        used=0,
        remaining=remaining,
        late=late,
        provisional_years=calendar.provisional_years(min(today, days.due), max(today, days.due)),
    )
    return Watch(reading, lamp_of(days, today, resting=resting))
