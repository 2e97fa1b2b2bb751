"""Review: let a finding pass with a reason, approve, publish, send back, withdraw."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.opendata.models import Build, Overruling
from zhengtong.apps.flow.opendata.operations import journal, queueing
from zhengtong.apps.flow.opendata.queries.openings import parties_of, passed_of
from zhengtong.apps.flow.opendata.rules import permissions
from zhengtong.apps.flow.opendata.rules.findings import Finding, require_passed
from zhengtong.apps.flow.opendata.rules.states import Act
from zhengtong.apps.flow.opendata.rules.vocabulary import BuildKind, BuildState, State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say


class ReasonMissing(Invalid):
    """请说明理由,别人才好办理。"""

    code = "opening-reason-missing"


class NotPassable(Conflict):
    """这个检测问题不能放行,只能改数据或改提议。"""

    code = "finding-not-passable"


def _reason(text: str, what: str) -> str:
    if not text.strip():
        raise ReasonMissing(what, field="reason")
    return text.strip()


@transaction.atomic
def overrule(*, actor: identity.Actor, number: int, gate: str, column: str, reason: str, now: datetime) -> None:
    """
    Let a finding of the last measurement pass; the reason is kept and shown to the public with the version.

    :raises NotAllowed: if the actor may not, or the finding is about people and the actor is not of the bureau.
    :raises NotPassable: for what nobody may let pass.
    :raises Invalid: if there is no such finding, or no reason.
    """
    row = journal.open_for(number, Act.OVERRULE, actor)
    finding = next((one for one in map(Finding.of, row.findings) if (one.gate, one.column) == (gate, column)), None)
    if finding is None:
        raise Invalid("没有这个检测问题", field="gate", remedy="刷新页面,看最近一次检测的结果")
    if not finding.passable:
        raise NotPassable
    if not permissions.may_overrule(actor, parties_of(row), about_people=finding.about_people):
        raise permissions.NotAllowed("涉及个人信息的检测问题只能由主管部门审核员放行")
    words = _reason(reason, say("放行必须说明理由,理由会公开"))
    Overruling.objects.create(
        dataset=row,
        revision=row.revision,
        gate=gate,
        column=column,
        count=finding.count,
        share=finding.share,
        reason=words,
        actor=actor.label,
        actor_name=actor.name,
        at=now,
    )
    journal.write(row, "overruled", by=actor, now=now, reason=words, detail={"gate": gate, "column": column, "count": finding.count})
    if row.state == State.OPEN:
        queueing.ask(row, BuildKind.PUBLISH, now=now)


@transaction.atomic
def approve(*, actor: identity.Actor, number: int, now: datetime) -> None:
    """
    The head's consent. Findings about quality must be settled by now; those about people wait for the bureau.

    :raises NotAllowed: unless the actor is the office's sharing head.
    :raises WrongState: if it does not wait for the head.
    :raises Blocked: while a finding that the head could let pass, or nobody, is open.
    """
    row = journal.open_for(number, Act.APPROVE, actor)
    mine = [one for one in map(Finding.of, row.findings) if not (one.passable and one.about_people)]
    require_passed(mine, passed_of(row))
    row.state = State.APPROVED
    journal.write(row, "approved", by=actor, now=now)
    journal.tell_about(row, identity.Role.BUREAU_APPROVER, parties_of(row).bureau, "请审核数据开放", now)


@transaction.atomic
def publish(*, actor: identity.Actor, number: int, now: datetime) -> None:
    """
    The bureau's consent; the worker reads the rows, measures them once more and makes the first version.

    :raises NotAllowed: unless the actor approves for the bureau of the region.
    :raises WrongState: if it does not wait for the bureau.
    :raises Blocked: while a finding is open.
    """
    row = journal.open_for(number, Act.PUBLISH, actor)
    require_passed([Finding.of(one) for one in row.findings], passed_of(row))
    row.state = State.RELEASED
    journal.write(row, "released", by=actor, now=now)
    queueing.ask(row, BuildKind.PUBLISH, now=now)


@transaction.atomic
def send_back(*, actor: identity.Actor, number: int, reason: str, now: datetime) -> None:
    """
    Return a proposal to its steward.

    :raises NotAllowed: unless the actor reviews it now.
    :raises WrongState: if it is not under review.
    :raises ReasonMissing: without a reason.
    """
    row = journal.open_for(number, Act.RETURN, actor)
    row.state, row.reason = State.RETURNED, _reason(reason, say("退回必须说明理由"))
    journal.write(row, "returned", by=actor, now=now, reason=row.reason)
    journal.tell_about(row, identity.Role.STEWARD, row.resource.office.code, "数据开放提议被退回", now)


@transaction.atomic
def withdraw(*, actor: identity.Actor, number: int, reason: str, now: datetime) -> None:
    """
    Stop offering a dataset, or end its proposal; pages and files are refused from the next request on. Versions are kept.

    :raises NotAllowed: unless the actor is the office's sharing head or approves for the bureau.
    :raises WrongState: if it was withdrawn already.
    :raises ReasonMissing: without a reason.
    """
    row = journal.open_for(number, Act.WITHDRAW, actor)
    row.state, row.reason = State.WITHDRAWN, _reason(reason, say("停止开放必须说明理由"))
    row.revision += 1  # whatever the worker is reading belongs to what was ended
    Build.objects.filter(dataset=row, state=BuildState.QUEUED).update(state=BuildState.FAILED, ended_at=now)
    journal.write(row, "withdrawn", by=actor, now=now, reason=row.reason)
    journal.tell_about(row, identity.Role.STEWARD, row.resource.office.code, "数据集已停止开放", now)
