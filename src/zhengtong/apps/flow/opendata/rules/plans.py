"""
The yearly opening plan 开放计划 of an office: its course, who may act, and how a line of it turned out.

::

    draft ─submit─► submitted ─approve─► approved ─publish─► published
      ▲                 └──────────────────┴──return──────────────┘
"""

from __future__ import annotations

import calendar
from datetime import date
from enum import StrEnum

from zhengtong.apps.flow.opendata.rules.permissions import NotAllowed, Parties
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import say

FIRST_YEAR, LAST_YEAR = 2020, 2099


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"


class PlanAct(StrEnum):
    """What is done to a plan."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    PUBLISH = "publish"
    RETURN = "return"


PLAN_LABELS = {
    PlanState.DRAFT: "编制中",
    PlanState.SUBMITTED: "待单位审核",
    PlanState.APPROVED: "待主管部门发布",
    PlanState.PUBLISHED: "已发布",
}
PLAN_ACT_LABELS = {
    PlanAct.EDIT: "修改计划",
    PlanAct.SUBMIT: "提交审核",
    PlanAct.APPROVE: "审核通过",
    PlanAct.PUBLISH: "发布计划",
    PlanAct.RETURN: "退回修改",
}
PLAN_EVENT_LABELS = {
    "begun": "开始编制",
    "submitted": "提交审核",
    "approved": "单位审核通过",
    "published": "发布计划",
    "returned": "退回修改",
    "overdue": "逾期提醒",
}
OUTCOME_LABELS = {"in-time": "按时开放", "late": "逾期后开放", "pending": "未到期", "overdue": "逾期未开放"}
_POSSIBLE = {
    PlanState.DRAFT: frozenset({PlanAct.EDIT, PlanAct.SUBMIT}),
    PlanState.SUBMITTED: frozenset({PlanAct.APPROVE, PlanAct.RETURN}),
    PlanState.APPROVED: frozenset({PlanAct.PUBLISH, PlanAct.RETURN}),
    PlanState.PUBLISHED: frozenset({PlanAct.RETURN}),
}


class PlanMoved(Conflict):
    """计划现在的状态不能这样办理。"""

    code = "plan-wrong-state"


def possible(state: str) -> frozenset[PlanAct]:
    """The acts that a state allows."""
    return _POSSIBLE[PlanState(state)]


def may(actor: Actor, act: PlanAct, parties: Parties, state: str) -> bool:
    """Whether somebody may: the steward writes, the head approves, the bureau publishes; whoever decides next may return."""
    match act:
        case PlanAct.EDIT | PlanAct.SUBMIT:
            return actor.has(Role.STEWARD, parties.office)
        case PlanAct.APPROVE:
            return actor.has(Role.SHARING_HEAD, parties.office)
        case PlanAct.RETURN if state == PlanState.SUBMITTED:
            return actor.has(Role.SHARING_HEAD, parties.office)
        case _:
            return actor.has(Role.BUREAU_APPROVER, parties.bureau)


def require(actor: Actor, act: PlanAct, parties: Parties, state: str) -> None:
    """
    Refuse what is not the actor's, or has no place now.

    :raises NotAllowed: if the actor may not.
    :raises PlanMoved: if the plan stands elsewhere.
    """
    if not may(actor, act, parties, state):
        raise NotAllowed(say("您不能{act}", act=say(PLAN_ACT_LABELS[act])))
    if act not in possible(state):
        raise PlanMoved(say("计划“{state}”,不能{act}", state=say(PLAN_LABELS[PlanState(state)]), act=say(PLAN_ACT_LABELS[act])))


def last_day(year: int, quarter: int) -> date:
    """The day by which a line of a quarter must be open."""
    month = quarter * 3
    return date(year, month, calendar.monthrange(year, month)[1])


def outcome(year: int, quarter: int, opened_on: date | None, today: date) -> str:
    """How a line turned out: in-time, late, pending or overdue."""
    due = last_day(year, quarter)
    if opened_on is not None:
        return "in-time" if opened_on <= due else "late"
    return "pending" if today <= due else "overdue"
