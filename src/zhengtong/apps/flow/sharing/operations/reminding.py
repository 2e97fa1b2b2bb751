"""Overdue is marked and escalated once per rung, whatever the worker does or however long it stood still."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.sharing.models import Application, ApplicationEvent, FiredRung
from zhengtong.apps.flow.sharing.operations.grants import end_lapsed
from zhengtong.apps.flow.sharing.operations.journal import tell_about
from zhengtong.apps.flow.sharing.queries.running import open_clocks
from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.alerts import Rung, escalate
from zhengtong.engines.deadlines.clock import Clock, Reading, read
from zhengtong.kernel.sentences import kept, say

Role = identity.Role


def remind(*, now: datetime) -> int:
    """End what has lapsed and warn about every clock that has reached a new rung; returns how many warnings were given."""
    end_lapsed(now=now)
    return sum(_warn(one.row, one.name, one.clock, now, round_name=one.round_name) for one in open_clocks())


def _warn(row: Application, name: str, clock: Clock, now: datetime, *, round_name: str) -> int:
    reading = read(clock, working_days.current(), now)
    fired = {one.rung for one in row.fired_rungs.all() if one.clock == name}
    step = escalate(reading, fired, round_name=round_name)
    if not step.settled:
        return 0
    with transaction.atomic():
        made = FiredRung.objects.bulk_create(
            [FiredRung(application=row, clock=name, rung=rung, at=now) for rung in step.settled], ignore_conflicts=True
        )
        if step.send is None or not made:
            return 0
        _tell(row, name, step.send, reading, now)
    return 1


def _tell(row: Application, name: str, rung: Rung, reading: Reading, now: datetime) -> None:
    if name == "answer":
        late, due = say("答复已超期 {count} 个工作日", count=reading.overdue), say("答复期限为 {due}", due=reading.due)
    else:
        late, due = say("实际共享已超期 {count} 个工作日", count=reading.overdue), say("实际共享期限为 {due}", due=reading.due)
    text = late if reading.late else due
    ApplicationEvent.objects.create(
        application=row, kind=EventKind.WARNED, at=now, actor="process:worker", actor_name="平台", office_name="", reason=kept(text)
    )
    tell_about(row, Role.STEWARD, row.provider.code, text, now)
    if rung.remaining < 0:
        tell_about(row, Role.SHARING_HEAD, row.provider.code, text, now)
    if rung.remaining <= -3:  # noqa: PLR2004 - the last rung of escalation
        tell_about(row, Role.BUREAU_APPROVER, row.bureau.code, text, now)
