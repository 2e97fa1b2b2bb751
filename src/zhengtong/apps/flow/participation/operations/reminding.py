"""Periods that end: warned of once a rung, passed from the office to the bureau when they are over, promises recalled."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.participation.models import Correction, Demand, FiredRung
from zhengtong.apps.flow.participation.operations import journal
from zhengtong.apps.flow.participation.operations.answering import begin
from zhengtong.apps.flow.participation.queries.running import period_of, round_of
from zhengtong.apps.flow.participation.rules import clocks
from zhengtong.apps.flow.participation.rules.vocabulary import RUNNING, CorrectionState, DemandState
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.engines.deadlines.alerts import Rung, escalate
from zhengtong.engines.deadlines.clock import Reading, read
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import say

_BROKEN = "promise-broken"


def remind(*, now: datetime) -> int:
    """Warn about everything that has reached a new rung; returns how many warnings were given."""
    told = 0
    for number in Demand.objects.filter(state__in=sorted(RUNNING)).values_list("number", flat=True):
        told += _demand(number, now)
    for number in Correction.objects.filter(state=CorrectionState.OPEN).values_list("number", flat=True):
        told += _correction(number, now)
    late = Demand.objects.filter(state=DemandState.PROMISED, promised_on__lt=local_date(now)).values_list("number", flat=True)
    return told + sum(_promise(number, now) for number in late)


@transaction.atomic
def _demand(number: str, now: datetime) -> int:
    # who answers at this moment wins
    rows = Demand.objects.select_for_update(of=("self",)).select_related("provider", "bureau")
    row = rows.filter(number=number, state__in=sorted(RUNNING)).first()
    if row is None:
        return 0
    reading = read(period_of(row), working_days.current(), now)
    if row.state == DemandState.PROVIDER and reading.late:
        _hand_up(row, now)
        return 1
    rung = _fire(row, reading, now)
    if rung is None:
        return 0
    text = _said(reading)
    journal.note(row, "warned", by=journal.WORKER, now=now, reason=text, detail={"due": reading.due.isoformat()})
    if row.state == DemandState.PROVIDER:
        journal.tell_office(row, text, now, head=rung.remaining <= 0)
    else:
        journal.tell_bureau(row, text, now, head=rung.remaining < 0)
    return 1


def _hand_up(row: Demand, now: datetime) -> None:
    """The office has let its time pass: the bureau holds it now, and the statistics know."""
    begin(row, DemandState.BUREAU, clocks.BUREAU, now)
    row.missed = True
    row.save()
    text = say("提供单位到期没有答复,转主管部门办理")
    journal.note(row, "handed-up", by=journal.WORKER, now=now, reason=text)
    journal.tell_bureau(row, text, now)
    journal.tell_office(row, text, now, head=True)


def _fire(row: Demand | Correction, reading: Reading, now: datetime) -> Rung | None:
    number, began = row.number, row.clock_began_at
    fired = set(FiredRung.objects.filter(number=number, began_at=began).values_list("rung", flat=True))
    step = escalate(reading, fired, round_name=round_of(row))
    FiredRung.objects.bulk_create([FiredRung(number=number, began_at=began, rung=rung, at=now) for rung in step.settled])
    return step.send


def _said(reading: Reading) -> str:
    if reading.late:
        return say("办理已超期 {count} 个工作日", count=reading.overdue)
    return say("办理期限为 {due}", due=reading.due)


@transaction.atomic
def _correction(number: str, now: datetime) -> int:
    rows = Correction.objects.select_for_update(of=("self",)).select_related("dataset__resource__office")
    row = rows.filter(number=number, state=CorrectionState.OPEN).first()
    if row is None:
        return 0
    reading = read(period_of(row), working_days.current(), now)
    rung = _fire(row, reading, now)
    if rung is None:
        return 0
    text = _said(reading)
    journal.note(row, "warned", by=journal.WORKER, now=now, reason=text, detail={"due": reading.due.isoformat()})
    journal.tell_office(row, text, now, head=rung.remaining < 0)
    if rung.remaining < 0:
        journal.tell_bureau(row, text, now)
    return 1


@transaction.atomic
def _promise(number: str, now: datetime) -> int:
    rows = Demand.objects.select_for_update(of=("self",)).select_related("provider", "bureau")
    row = rows.filter(number=number, state=DemandState.PROMISED).first()
    if row is None or row.promised_on is None or row.answered_at is None:
        return 0
    key = f"{_BROKEN}/{row.promised_on.isoformat()}"
    _one, made = FiredRung.objects.get_or_create(number=number, began_at=row.answered_at, rung=key, defaults={"at": now})
    if not made:
        return 0
    text = say("承诺 {date} 提供的数据还没有提供", date=row.promised_on)
    journal.note(row, "warned", by=journal.WORKER, now=now, reason=text, detail={"due": row.promised_on.isoformat()})
    journal.tell_office(row, text, now, head=True)
    journal.tell_bureau(row, text, now)
    return 1
