"""Why a period ends when it does: day by day, which counted, which did not, and what decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, Extension, Pause, Reading, Resume, Stop, Stretch, Unit, read
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import in_turn, listed, say

#: what the calendar says of days, for translations: kinds of days and the holidays of the notices
DAY_LABELS = (
    *("工作日", "周末", "周末补班", "调整上班"),
    *("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节", "抗战胜利70周年纪念日"),
)
WEEKDAY_LABELS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


@dataclass(frozen=True)
class DayRow:
    """One day of the table."""

    date: date
    counted: bool
    #: days counted up to and including this one
    running_count: int
    #: ``工作日``, ``周末``, ``国庆节``, ``起算日,不计入``, ``暂停:等待补正`` …
    reason: str
    #: what happened on this day: a pause, an extension, the end; empty on most days
    note: str
    #: the notice that decided about the day; empty for ordinary days
    notice: str
    provisional: bool

    @property
    def weekday(self) -> str:
        """The Chinese name of the weekday."""
        return WEEKDAY_LABELS[self.date.weekday()]


@dataclass(frozen=True)
class Explanation:
    """The table with its conclusion."""

    reading: Reading
    rows: tuple[DayRow, ...]
    #: one sentence a clerk can read to a citizen
    sentence: str


def explain(clock: Clock, calendar: WorkingCalendar, now: datetime) -> Explanation:
    """
    The table from the day of the start to the last day, as it looks at ``now``.

    A pause that is still open is shown as ending today, as the projected due date assumes.

    :raises OutsideCalendar: as :func:`~zhengtong.engines.deadlines.clock.read`.
    """
    clock = clock.as_of(now)
    reading = read(clock, calendar, now)
    stretches = tuple(clock.stretches())
    today = local_date(now)
    if reading.projected:
        stretches = (*stretches, Stretch(today, None))
    rows = tuple(_rows(clock, calendar, reading, stretches, today))
    return Explanation(reading, rows, _sentence(clock, reading))


def _rows(clock: Clock, calendar: WorkingCalendar, reading: Reading, stretches: tuple[Stretch, ...], today: date) -> Iterator[DayRow]:
    counted_days = 0
    started = local_date(clock.started)
    notes = _notes(clock, reading)
    pauses = _pauses(clock, today)
    for day in calendar.days(started, max(reading.due, started)):
        running = any(stretch.after < day.date and (stretch.through is None or day.date <= stretch.through) for stretch in stretches)
        full = counted_days >= reading.total
        counts = running and not full and (day.working or clock.unit is Unit.CALENDAR_DAYS)
        counted_days += counts
        if counts:
            reason = day.reason
        elif day.date == started:
            reason = say("起算日,不计入")
        elif not running:
            reason = next((text for after, through, text in pauses if after < day.date <= through), say("终止后"))
        elif clock.unit is Unit.CALENDAR_DAYS:
            put_off = say("{reason},期满顺延", reason=say(day.reason))
            reason = put_off if not day.working else say("顺延后的期满日")
        else:
            reason = day.reason
        note = notes.get(day.date, ())
        yield DayRow(day.date, counts, counted_days, reason, in_turn(note), day.notice, day.provisional)


def _pauses(clock: Clock, today: date) -> list[tuple[date, date, str]]:
    """Every pause as (day of the pause, day of the resumption, what to say of a day in it)."""
    pauses: list[tuple[date, date, str]] = []
    opened: Pause | None = None
    for event in clock.events:
        match event:
            case Pause():
                opened = event
            case Resume() | Stop() if opened:
                pauses.append((local_date(opened.at), local_date(event.at), say("暂停:{reason}", reason=say(opened.reason))))
                opened = None
    if opened:
        pauses.append((local_date(opened.at), today, say("暂停:{reason}", reason=say(opened.reason))))
    return pauses


def _notes(clock: Clock, reading: Reading) -> dict[date, tuple[str, ...]]:
    notes: dict[date, tuple[str, ...]] = {}

    def add(day: date, text: str) -> None:
        notes[day] = (*notes.get(day, ()), text)

    add(local_date(clock.started), say(clock.trigger or "期限开始"))
    for event in clock.events:
        match event:
            case Pause():
                plain = say("当日暂停:{reason}", reason=say(event.reason))
                add(local_date(event.at), say("{sentence}({basis})", sentence=plain, basis=event.basis) if event.basis else plain)
            case Resume():
                why = say("当日恢复,次日起计:{reason}", reason=say(event.reason))
                add(local_date(event.at), why if event.reason else say("当日恢复,次日起计"))
            case Extension():
                add(
                    local_date(event.at),
                    say(
                        "延长 {days},{approver}批准:{reason}",
                        days=clock.unit.of(event.days),
                        approver=event.approver,
                        reason=event.reason,
                    ),
                )
            case Stop():
                add(local_date(event.at), say("办结:{outcome}", outcome=say(event.outcome)))
    add(reading.due, say("期满日(若今日恢复)") if reading.projected else say("期满日,至二十四时止"))
    return notes


def _sentence(clock: Clock, reading: Reading) -> str:
    started = local_date(clock.started)
    extra = reading.total - clock.budget
    sentence = say("自 {started} 的次日起计 {budget}", started=started, budget=clock.unit.of(clock.budget))
    if extra:
        sentence = say("{sentence},延长 {extra}", sentence=sentence, extra=clock.unit.of(extra))
    if reading.projected:
        sentence = say("{sentence},若今日恢复,至 {due} 二十四时届满。", sentence=sentence, due=reading.due)
    else:
        sentence = say("{sentence},至 {due} 二十四时届满。", sentence=sentence, due=reading.due)
    if reading.provisional:
        sentence = say(
            "{sentence}{years} 年放假安排尚未公布,暂按周末和法定固定日期的节日推算,公布后可能变动。",
            sentence=sentence,
            years=listed(reading.provisional_years),
        )
    return sentence
