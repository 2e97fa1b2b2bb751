"""When the working-day calendar changes, due dates follow by themselves; who holds them and who waits for them is told, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.flow.participation.models import Demand, FiredRung
from zhengtong.apps.flow.participation.operations import journal
from zhengtong.apps.flow.participation.queries.keys import secret_of
from zhengtong.apps.flow.participation.queries.running import Move, moves, period_of, round_of
from zhengtong.apps.flow.participation.rules.vocabulary import DemandState
from zhengtong.engines.deadlines.alerts import unreached
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import read
from zhengtong.kernel.sentences import say


@transaction.atomic
def reschedule(*, before: WorkingCalendar, after: WorkingCalendar, cause: str, now: datetime) -> int:
    """
    Tell of every due date of a demand or a correction that ``after`` puts on another day than ``before``; returns how many.

    The trail, which its author reads too, gets a line, and the office or the bureau that holds it a notice. A warning that was given for a
    day that now lies further ahead is forgotten, so that it is given again in time.

    :param cause: the notice or order that changed the calendar, in words.
    """
    told = 0
    for move in moves(before, after, now=now):
        _tell(move, cause, now)
        row = move.row
        ahead = unreached(read(period_of(row), after, now), round_name=round_of(row))
        FiredRung.objects.filter(number=row.number, began_at=row.clock_began_at, rung__in=ahead).delete()
        told += 1
    return told


def _tell(move: Move, cause: str, now: datetime) -> None:
    row = move.row
    text = say("工作日历调整({cause}),办理期限由 {before} 改为 {after}", cause=cause, before=move.before, after=move.after)
    journal.line(row, "rescheduled", by=journal.WORKER, now=now, reason=text)
    if isinstance(row, Demand) and row.state != DemandState.PROVIDER:
        journal.tell_bureau(row, text, now)
    else:
        journal.tell_office(row, text, now)
    journal.tell_filer(row, text, now, address=reverse("participation:receipt", args=[row.number, secret_of(row.once)]))
