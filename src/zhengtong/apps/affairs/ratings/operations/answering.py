"""What an office and the bureau do with a bad rating."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.ratings.models import Ticket
from zhengtong.apps.affairs.ratings.queries.figures import CHANGED
from zhengtong.apps.affairs.ratings.queries.tickets import TicketUnknown, clock_of, visible
from zhengtong.apps.affairs.ratings.rules import access
from zhengtong.apps.affairs.ratings.rules.vocabulary import LONGEST_TEXT, Appeal, Remedy, TicketState
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.engines.deadlines.clock import read
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.outbox import api as outbox


class TicketClosed(Conflict):
    """差评工单现在不能这样办理。"""

    code = "rating-ticket-closed"


@dataclass(frozen=True)
class Identity:
    """Who rated what, for the bureau's call-back; on the ledger before it is shown."""

    case: str
    item_name: str
    contact: str


def _held(actor: identity.Actor, key: str) -> Ticket:
    """:raises TicketUnknown: for whoever may not see it."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("rating__office")
    row = rows.filter(visible(actor), key=key).first()
    if row is None:
        raise TicketUnknown
    return row


def _text(text: str, field: str) -> str:
    wanted = text.strip()
    if not 1 <= len(wanted) <= LONGEST_TEXT:
        raise Invalid(say("应有 1 至 {count} 个字", count=LONGEST_TEXT), field=field, remedy="补充后再提交")
    return wanted


def _note(event: str, row: Ticket, actor: identity.Actor, now: datetime, **detail: Any) -> None:
    security.record(event, at=now, actor=actor.label, office=row.rating.office.code, detail={"ticket": row.key, **detail})


@transaction.atomic
def answer(*, actor: identity.Actor, key: str, remedy: str, text: str, now: datetime) -> None:
    """
    The office says what it made of a bad rating.

    :raises TicketUnknown, NotYours: without the ticket, or without being handler or approver of the office.
    :raises TicketClosed: if it was answered or withdrawn.
    """
    row = _held(actor, key)
    if not access.may_answer(actor, row.rating.office.code):
        raise identity.NotYours("差评由被评单位的承办人员或审批人员答复")
    if row.state != TicketState.OPEN:
        raise TicketClosed(remedy="刷新页面")
    if remedy not in set(Remedy):
        raise Invalid("请选择处理结果", field="remedy", remedy="已经整改、限期整改,或已经说明")
    row.remedy, row.answer, row.state = remedy, _text(text, "answer"), TicketState.ANSWERED
    row.answered_at, row.answered_by_name = now, actor.name
    row.in_time = not read(clock_of(row), working_days.current(), now).late
    row.save()
    _note("ratings:ticket:answered", row, actor, now, remedy=remedy, in_time=row.in_time)
    outbox.publish(CHANGED, {"case": row.rating.case_id}, at=now)


@transaction.atomic
def call_back(*, actor: identity.Actor, key: str, reached: bool, content: bool, note: str, now: datetime) -> None:
    """
    The bureau called the rater of a named rating.

    :raises TicketUnknown, NotYours: without the ticket, or without being of the bureau and not of the rated office.
    :raises TicketClosed: if the rater did not want to be called, or has been reached.
    """
    row = _held(actor, key)
    _oversee(actor, row)
    if not row.rating.contact_sealed or row.reached:
        raise TicketClosed("评价人没有留下电话,或已经回访", field="note", remedy="刷新页面")
    row.called_at, row.called_by_name, row.reached = now, actor.name, reached
    row.content, row.call_note = content if reached else None, _text(note, "note")
    row.save()
    _note("ratings:ticket:called-back", row, actor, now, reached=reached, content=row.content)


@transaction.atomic
def appeal(*, actor: identity.Actor, key: str, reason: str, now: datetime) -> None:
    """
    The office says that a rating is mistaken: not about it, or not about what it did.

    :raises TicketUnknown, NotYours: without the ticket, or without being approver of the office.
    :raises TicketClosed: if it appealed before.
    """
    row = _held(actor, key)
    if not access.may_appeal(actor, row.rating.office.code):
        raise identity.NotYours("申诉由被评单位的审批人员提出")
    if row.appeal or row.state == TicketState.WITHDRAWN:
        raise TicketClosed("已经申诉过,或评价人已改评", field="reason", remedy="刷新页面")
    row.appeal, row.appeal_reason, row.appealed_at, row.appealed_by = Appeal.ASKED, _text(reason, "reason"), now, actor.label
    row.save()
    _note("ratings:ticket:appealed", row, actor, now)


@transaction.atomic
def decide(*, actor: identity.Actor, key: str, uphold: bool, reason: str, now: datetime) -> None:
    """
    The bureau decides an appeal; a mistaken rating is counted nowhere any more.

    :raises TicketUnknown, NotYours: without the ticket, or without being of the bureau and not of the rated office.
    :raises TicketClosed: if there is no appeal to decide.
    """
    row = _held(actor, key)
    _oversee(actor, row)
    if row.appeal != Appeal.ASKED:
        raise TicketClosed("没有待复核的申诉", field="reason", remedy="刷新页面")
    row.appeal = Appeal.UPHELD if uphold else Appeal.REJECTED
    row.decision_reason, row.decided_at, row.decided_by = _text(reason, "reason"), now, actor.label
    row.save()
    if uphold:
        row.rating.void = True
        row.rating.save(update_fields=["void"])
    _note("ratings:ticket:decided", row, actor, now, upheld=uphold)
    text = say("差评申诉已复核:{result}", result=say("成立,不计入") if uphold else say("不成立"))
    notices.tell(identity.Role.APPROVER, row.rating.office.code, text, address=f"/work/ratings/one/{row.key}/", now=now)
    outbox.publish(CHANGED, {"case": row.rating.case_id}, at=now)


@transaction.atomic
def identify(*, actor: identity.Actor, key: str, purpose: str, now: datetime) -> Identity:
    """
    Whom to call about which case; the ledger has it before the bureau does.

    :raises TicketUnknown, NotYours: as :func:`call_back`.
    """
    row = _held(actor, key)
    _oversee(actor, row)
    purpose = _text(purpose, "purpose")
    sealed = row.rating.contact_sealed
    contact = unseal(node_keys().seal, sealed, f"rating:{row.rating.case_id}").decode() if sealed else ""
    # no office: its auditors read what is of their office
    security.record("ratings:rater:read", at=now, actor=actor.label, purpose=purpose, detail={"ticket": row.key})
    return Identity(cases.errand_by_id(row.rating.case_id).number, row.rating.item_name, contact)


def _oversee(actor: identity.Actor, row: Ticket) -> None:
    if not access.oversees(actor, row.rating.office.code):
        raise identity.NotYours("回访和复核由数据主管部门办理,被评单位的人员回避")
