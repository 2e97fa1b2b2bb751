"""
Objections: made to an entry about oneself, answered by the office that read, taken to the bureau once.

Threat model. Somebody objects to what concerns another: the entry is looked up under the digest of the signed-in person. An official who
read answers about themselves: the office's steward or head answers, and the bureau is above them. Every step stands in the ledger under
the person.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from zhengtong.apps.affairs.citizens.models import Objection
from zhengtong.apps.affairs.citizens.queries import PersonView
from zhengtong.apps.affairs.citizens.queries.objections import ObjectionUnknown, clock_of
from zhengtong.apps.affairs.citizens.rules import objections as rules
from zhengtong.apps.affairs.citizens.rules.objections import Ground, Standing
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.deadlines.clock import due_date
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say

_SHORTEST, _LONGEST = 4, 1000


def _worded(text: str, field: str) -> str:
    text = text.strip()
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise Invalid(say("请写 {least} 至 {most} 个字", least=_SHORTEST, most=_LONGEST), field=field, remedy="说清楚是哪里不对、为什么")
    return text


@transaction.atomic
def make_objection(*, person: PersonView, entry: str, ground: Ground, text: str, now: datetime) -> int:
    """
    Object to an entry of the ledger about oneself; returns the objection's id.

    :raises ObjectionUnknown: if there is no such entry about the person. :raises Invalid: without words, or if nobody else did it.
    :raises Conflict: if the entry was objected to, or too many wait.
    """
    text = _worded(text, "text")
    found = security.entries(security.EntryFilter(subject=person.digest, id=entry), limit=1) if person.digest and entry else []
    if not found:
        raise ObjectionUnknown
    row = found[0]
    office = row.office or row.provider
    if row.actor == person.label or office not in organisations.offices_by_code([office]):
        raise Invalid("这条记录没有可以答复的单位", field="entry", remedy="对本人或平台自动所做的,请联系平台客服")
    if Objection.objects.filter(person_id=person.id, state__in=rules.WAITING).count() >= rules.MOST_OPEN:
        raise Conflict(say("同时最多有 {most} 项异议等待答复", most=rules.MOST_OPEN), remedy="等待答复后再提")
    made = Objection(
        person_id=person.id,
        entry=row.id,
        entry_at=row.at,
        event=row.event,
        office=office,
        resource=row.resource,
        purpose=row.purpose,
        case=row.case,
        ground=ground,
        text=text,
        made_at=now,
        clock_began_at=now,
        days=rules.DAYS[ground],
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as exc:
        raise Conflict("对这条记录已经提过异议", remedy="在“我的异议”里看答复") from exc
    _record("citizens:objection:made", made, person.label, now)
    for role in rules.ANSWERERS:
        notices.tell(role, office, say("有人对本单位的一次数据查询提出异议"), address=_desk(made), now=now)
    return made.pk


@transaction.atomic
def answer_objection(*, actor: identity.Actor, number: int, granted: bool, text: str, now: datetime) -> None:
    """
    The office's answer, or after an escalation the bureau's; the person is told.

    :param granted: whether the person is right.
    :raises ObjectionUnknown: if the actor has nothing to do with it. :raises NotYours: if another answers now.
    :raises Conflict: if it has been answered.
    """
    row = Objection.objects.select_for_update(of=("self",)).select_related("person__account").filter(pk=number).first()
    if row is None or not rules.may_see(actor, row.office, escalated=row.escalated_at is not None):
        raise ObjectionUnknown
    if row.state not in rules.WAITING:
        raise Conflict("这项异议已经答复", remedy="刷新页面,看答复")
    if not rules.may_answer(actor, row.office, Standing(row.state)):
        raise identity.NotYours("现在由数据主管部门答复")
    text = _worded(text, "text")
    if row.state == Standing.ESCALATED:
        row.state, row.ruling, row.settled_at, row.granted = Standing.SETTLED, text, now, granted
        event = "citizens:objection:settled"
    else:
        row.in_time = local_date(now) <= due_date(clock_of(row), working_days.current(), now)
        row.state, row.answer, row.answered_at, row.granted = Standing.ANSWERED, text, now, granted
        event = "citizens:objection:answered"
    row.save()
    _record(event, row, actor.label, now, office=actor.office)
    address = reverse("citizens:objection", args=[row.pk])
    notices.tell_account(row.person.account_id, say("{office}答复了您的异议", office=actor.office_name), address=address, now=now)


@transaction.atomic
def escalate_objection(*, person: PersonView, number: int, text: str, now: datetime) -> None:
    """
    Take an objection to the bureau: once, after the office's answer or when its time is over.

    :raises ObjectionUnknown: unless it is the person's. :raises Conflict: before that, or a second time.
    """
    row = Objection.objects.select_for_update().filter(pk=number, person_id=person.id).first()
    if row is None:
        raise ObjectionUnknown
    late = row.state == Standing.OPEN and local_date(now) > due_date(clock_of(row), working_days.current(), now)
    if row.escalated_at is not None or not (late or row.state == Standing.ANSWERED):
        raise Conflict("现在不能提交数据主管部门", remedy="单位答复或逾期以后可以提交一次")
    row.appeal, row.escalated_at, row.state = _worded(text, "text"), now, Standing.ESCALATED
    row.clock_began_at, row.days = now, rules.BUREAU_DAYS
    row.save()
    _record("citizens:objection:escalated", row, person.label, now)


def _desk(row: Objection) -> str:
    return reverse("citizens:desk-objection", args=[row.pk])


def _record(event: str, row: Objection, label: str, now: datetime, *, office: str = "") -> None:
    detail = {"objection": row.pk, "entry": row.entry, "ground": row.ground}
    security.record(event, at=now, actor=label, office=office, provider=row.office, subjects=(row.person.number_digest,), detail=detail)
