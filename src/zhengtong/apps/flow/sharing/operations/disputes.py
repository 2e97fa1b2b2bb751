"""Objections: first between the two offices, then before the bureau (条例 Art. 28)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.sharing.operations.journal import open_for, tell_about, write
from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.flow.sharing.rules.states import ApplicationAct, ApplicationState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say

Role = identity.Role


@transaction.atomic
def dispute(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """
    Object to how an application was answered; the provider is told to negotiate and the bureau to decide.

    :raises Conflict: while an earlier objection waits for the bureau.
    """
    opened = open_for(number, ApplicationAct.DISPUTE, actor)
    if opened.row.disputed:
        raise Conflict("已有异议等待主管部门处理")
    opened.row.disputed = True
    write(opened, EventKind.DISPUTED, now=now, reason=_reasoned(reason))
    tell_about(opened.row, Role.BUREAU_APPROVER, opened.row.bureau.code, "对共享申请有异议,请协调", now)
    tell_about(opened.row, Role.SHARING_HEAD, opened.row.provider.code, "需求方提出异议,请协商", now)


@transaction.atomic
def answer_dispute(*, actor: identity.Actor, number: str, upheld: bool, reason: str, now: datetime) -> None:
    """
    The bureau decides about an objection. If it upholds one against a refusal, the provider answers again and a new period begins.

    :raises Conflict: if no objection waits.
    :raises Invalid: without a reason.
    """
    opened = open_for(number, ApplicationAct.ANSWER_DISPUTE, actor)
    if not opened.row.disputed:
        raise Conflict("没有等待处理的异议")
    text = _reasoned(reason)
    opened.row.disputed = False
    decided = say("支持异议:{reason}", reason=text) if upheld else say("不支持异议:{reason}", reason=text)
    write(opened, EventKind.DISPUTE_ANSWERED, now=now, reason=decided, detail={"upheld": upheld})
    if upheld and opened.row.state == ApplicationState.REFUSED:
        opened.row.answer = {}
        write(opened, EventKind.REOPENED, now=now, state=ApplicationState.ANSWERING, reason=text)
        tell_about(opened.row, Role.STEWARD, opened.row.provider.code, "主管部门支持异议,请重新答复", now)
    told = (
        (Role.STEWARD, opened.row.consumer.code),
        (Role.SHARING_HEAD, opened.row.consumer.code),
        (Role.SHARING_HEAD, opened.row.provider.code),
    )
    for role, office in told:
        tell_about(opened.row, role, office, "主管部门已处理异议", now)


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise Invalid("请说明理由", field="reason", remedy="写明理由后再提交")
    return reason.strip()
