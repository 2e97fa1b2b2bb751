"""When the working-day calendar changes, due dates follow by themselves; those who hold them are told, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.sharing.models import ApplicationEvent, FiredRung
from zhengtong.apps.flow.sharing.operations.journal import tell_about
from zhengtong.apps.flow.sharing.queries.running import Move, OpenClock, moves
from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.foundation.identity.api import Role
from zhengtong.engines.deadlines.alerts import unreached
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import read
from zhengtong.kernel.sentences import kept, say


@transaction.atomic
def reschedule(*, before: WorkingCalendar, after: WorkingCalendar, cause: str, now: datetime) -> int:
    """
    Tell of every due date that ``after`` puts on another day than ``before``; returns how many.

    The timeline of each application gets a line, its provider's steward and the applicant's a notice. A warning that was given for a day
    that now lies further ahead is forgotten, so that it is given again in time.

    :param cause: the notice or order that changed the calendar, in words.
    """
    told = 0
    for move in moves(before, after, now=now):
        _tell(move, cause, now)
        _forget_warnings(move.open, after, now)
        told += 1
    return told


def _tell(move: Move, cause: str, now: datetime) -> None:
    row = move.open.row
    text = say(
        "工作日历调整({cause}),{duty}期限由 {before} 改为 {after}", cause=cause, duty=say(move.duty), before=move.before, after=move.after
    )
    ApplicationEvent.objects.create(
        application=row, kind=EventKind.WARNED, at=now, actor="process:worker", actor_name="平台", office_name="", reason=kept(text)
    )
    for office in (row.provider.code, row.consumer.code):
        tell_about(row, Role.STEWARD, office, text, now)


def _forget_warnings(one: OpenClock, calendar: WorkingCalendar, now: datetime) -> None:
    ahead = unreached(read(one.clock, calendar, now), round_name=one.round_name)
    FiredRung.objects.filter(application=one.row, clock=one.name, rung__in=ahead).delete()
