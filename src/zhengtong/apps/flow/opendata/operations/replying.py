"""The provider's answer to a request: a steward prepares it, the head decides, the clock warns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.opendata.models import AccessRequest, RequestEvent, RequestRung
from zhengtong.apps.flow.opendata.operations.requesting import journal, tell_about
from zhengtong.apps.flow.opendata.queries.openings import parties_of
from zhengtong.apps.flow.opendata.queries.requests import names_of, period_of, request_moves, seen
from zhengtong.apps.flow.opendata.rules import requests
from zhengtong.apps.flow.opendata.rules.conditions import Conditions
from zhengtong.apps.flow.opendata.rules.requests import RequestAct, RequestState
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.alerts import escalate, unreached
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import read
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import kept, say

Role = identity.Role
_OPEN = (RequestState.RECEIVED, RequestState.PROPOSED)
#: the last rung of escalation is told to the bureau too
_BUREAU_HEARS = -3


def _opened(number: str, act: RequestAct, actor: identity.Actor) -> AccessRequest:
    AccessRequest.objects.select_for_update().filter(number=number).first()
    row = seen(number, actor)
    requests.require(actor, act, parties_of(row.dataset), state=row.state)
    return row


def _reason(text: str, what: str) -> str:
    if not text.strip():
        raise Invalid(what, field="reason")
    return text.strip()


@transaction.atomic
def ask_supplement(*, actor: identity.Actor, number: str, missing: str, now: datetime) -> None:
    """
    Name all that is missing, once; the clock rests until the applicant has answered.

    :raises RequestUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor is a steward of the office.
    :raises RequestMoved: if it does not wait for an answer, or a supplement was asked for before.
    :raises Invalid: if nothing is named.
    """
    row = _opened(number, RequestAct.ASK_SUPPLEMENT, actor)
    if row.events.filter(kind="supplement-asked").exists():
        raise requests.RequestMoved("补充材料应一次告知,不能再次要求", remedy="按现有材料拟定答复")
    row.reason = _reason(missing, say("请一次列明全部需要补充的材料"))
    journal(row, "supplement-asked", by=actor, now=now, state=RequestState.SUPPLEMENT, reason=row.reason)


@transaction.atomic
def propose_answer(
    *, actor: identity.Actor, number: str, agree: bool, now: datetime, items: Sequence[str] = (), days: int = 0, reason: str = ""
) -> None:
    """
    Prepare the answer for the head: agree to items and days within what was asked for, or refuse with the reason.

    :raises RequestUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor is a steward of the office.
    :raises RequestMoved: if it does not wait for an answer.
    :raises Invalid: naming the field.
    """
    row = _opened(number, RequestAct.PROPOSE, actor)
    terms = Conditions.of(row.dataset.conditions)
    words = reason.strip()
    if agree:
        if terms is None:
            raise Invalid("数据集已改为无条件开放,不用授权", remedy="告知申请人直接下载,并拟定不同意")
        known = names_of(row.dataset)
        requests.check_scope(items, days, terms, [key for key in row.items if key in known])
        if days > row.days:
            raise Invalid(say("申请人只申请了 {days} 日", days=row.days), field="days")
        row.answer = {"agree": True, "items": [key for key in row.items if key in items], "days": days, "reason": words}
    else:
        row.answer = {"agree": False, "items": [], "days": 0, "reason": _reason(words, say("不同意开放必须说明理由"))}
    journal(row, "proposed", by=actor, now=now, state=RequestState.PROPOSED, reason=words)
    tell_about(row, Role.SHARING_HEAD, row.dataset.resource.office.code, "请审定有条件开放的答复", now)


@transaction.atomic
def reconsider(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """
    Send the prepared answer back to the steward.

    :raises RequestUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor is the office's sharing head.
    :raises RequestMoved: if no answer waits.
    :raises Invalid: without a reason.
    """
    row = _opened(number, RequestAct.RECONSIDER, actor)
    words = _reason(reason, say("退回必须说明理由"))
    row.answer = {}
    journal(row, "reconsidered", by=actor, now=now, state=RequestState.RECEIVED, reason=words)
    tell_about(row, Role.STEWARD, row.dataset.resource.office.code, "答复被退回重拟", now)


@transaction.atomic
def conclude(*, actor: identity.Actor, number: str, now: datetime) -> None:
    """
    Give the prepared answer: the applicant may accept the agreement, or reads why not.

    :raises RequestUnknown: if the actor has no part in it.
    :raises NotAllowed: unless the actor is the office's sharing head.
    :raises RequestMoved: if no answer waits.
    """
    row = _opened(number, RequestAct.CONCLUDE, actor)
    if row.answer["agree"]:
        journal(row, "agreed", by=actor, now=now, state=RequestState.AGREED, reason=row.answer["reason"])
    else:
        row.reason = row.answer["reason"]
        journal(row, "refused", by=actor, now=now, state=RequestState.REFUSED, reason=row.reason)


def remind_requests(*, now: datetime) -> int:
    """Warn of every answer that reached a new rung of its clock, once per rung; returns how many warnings were given."""
    rows = (
        AccessRequest.objects.filter(state__in=_OPEN).select_related("dataset__resource__office").prefetch_related("events", "fired_rungs")
    )
    return sum(_warned(row, now) for row in rows.order_by("pk"))


@transaction.atomic
def reschedule_requests(*, before: WorkingCalendar, after: WorkingCalendar, cause: str, now: datetime) -> int:
    """
    Tell of every answer that ``after`` makes due on another day than ``before``; returns how many.

    The timeline, which the applicant reads too, gets a line, and whoever prepares or decides the answer a notice. A warning that was given
    for a day that now lies further ahead is forgotten, so that it is given again in time.

    :param cause: the notice or order that changed the calendar, in words.
    """
    told = 0
    for move in request_moves(before, after, now=now):
        row, office = move.row, move.row.dataset.resource.office.code
        text = say("工作日历调整({cause}),答复期限由 {before} 改为 {after}", cause=cause, before=move.before, after=move.after)
        RequestEvent.objects.create(
            request=row, kind="rescheduled", at=now, actor="process:worker", actor_name=kept(say("平台")), reason=kept(text)
        )
        tell_about(row, Role.STEWARD, office, text, now)
        if row.state == RequestState.PROPOSED:
            tell_about(row, Role.SHARING_HEAD, office, text, now)
        RequestRung.objects.filter(request=row, rung__in=unreached(read(move.clock, after, now))).delete()
        told += 1
    return told


def _warned(row: AccessRequest, now: datetime) -> int:
    clock = period_of(row)
    if clock is None:
        return 0
    reading = read(clock, working_days.current(), now)
    step = escalate(reading, {one.rung for one in row.fired_rungs.all()})
    if not step.settled:
        return 0
    with transaction.atomic():
        fresh = [RequestRung(request=row, rung=rung, at=now) for rung in step.settled]
        if step.send is None or not RequestRung.objects.bulk_create(fresh, ignore_conflicts=True):
            return 0
        late = say("答复已超期 {count} 个工作日", count=reading.overdue)
        text = late if reading.late else say("答复期限为 {due}", due=reading.due)
        journal(row, "warned", by="process:worker", now=now, reason=text)
        office = row.dataset.resource.office.code
        tell_about(row, Role.STEWARD, office, text, now)
        if step.send.remaining < 0 or row.state == RequestState.PROPOSED:
            tell_about(row, Role.SHARING_HEAD, office, text, now)
        if step.send.remaining <= _BUREAU_HEARS:
            tell_about(row, Role.BUREAU_APPROVER, parties_of(row.dataset).bureau, text, now)
    return 1
