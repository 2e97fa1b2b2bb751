"""
Who may do what to an item, and what comes of it.

Threat model. Somebody puts words into the public guide that the bureau has not seen, changes another office's item, or reads what is
still a draft elsewhere. An office's stewards write and hand in; the approvers of its region's bureau publish, return, suspend, resume
and cancel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhengtong.apps.affairs.services.rules.vocabulary import OPEN_STATES, State, VersionState
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Conflict, Refused
from zhengtong.kernel.sentences import say


class ItemNotAllowed(Refused):
    """您的角色不能这样办理这个事项。"""

    code = "service-item-not-allowed"


class ItemState(Conflict):
    """事项现在的状态不能这样办理。"""

    code = "service-item-state"


class Act(StrEnum):
    """What can be done to an item."""

    EDIT = "edit"
    DISCARD = "discard"
    SUBMIT = "submit"
    RECALL = "recall"
    PUBLISH = "publish"
    RETURN = "return"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"


ACT_LABELS: Mapping[str, str] = {
    Act.EDIT: "编辑",
    Act.DISCARD: "放弃修改",
    Act.SUBMIT: "提交审核",
    Act.RECALL: "撤回",
    Act.PUBLISH: "发布",
    Act.RETURN: "退回",
    Act.SUSPEND: "挂起",
    Act.RESUME: "恢复使用",
    Act.CANCEL: "取消事项",
}
#: acts that say why
REASONED = (Act.RETURN, Act.SUSPEND, Act.CANCEL)
_STEWARDS = (Act.EDIT, Act.DISCARD, Act.SUBMIT, Act.RECALL)


@dataclass(frozen=True)
class Standing:
    """Where an item stands: its state, the state of the version that is worked on (None without one), its office and bureau."""

    state: int
    working: str | None
    office: str
    bureau: str


def may_see(actor: Actor, standing: Standing) -> bool:
    """Whether somebody may read what is not published."""
    return actor.has(Role.STEWARD, standing.office) or actor.has(Role.BUREAU_APPROVER, standing.bureau)


_AT_HAND = frozenset({VersionState.DRAFT, VersionState.RETURNED})
_HANDED_IN = frozenset({VersionState.SUBMITTED})
#: act on a version → where that version stands; no act on a version is possible once the item is cancelled
_VERSIONS: Mapping[Act, frozenset[VersionState]] = {
    Act.DISCARD: _AT_HAND,
    Act.SUBMIT: _AT_HAND,
    Act.RECALL: _HANDED_IN,
    Act.PUBLISH: _HANDED_IN,
    Act.RETURN: _HANDED_IN,
}
#: act on an item → where the item stands
_ITEMS: Mapping[Act, frozenset[State]] = {
    Act.SUSPEND: frozenset({State.IN_USE}),
    Act.RESUME: frozenset({State.SUSPENDED}),
    Act.CANCEL: frozenset({State.IN_USE, State.SUSPENDED}),
}


def possible(act: Act, standing: Standing) -> bool:
    """Whether an act fits where the item stands."""
    if act is Act.EDIT:
        return standing.state != State.CANCELLED and standing.working != VersionState.SUBMITTED
    if act in _VERSIONS:
        return standing.state != State.CANCELLED and standing.working in _VERSIONS[act]
    return standing.state in _ITEMS[act] and (act is not Act.CANCEL or standing.working not in OPEN_STATES)


def may(actor: Actor, act: Act, standing: Standing) -> bool:
    """Whether the act is somebody's."""
    if act in _STEWARDS:
        return actor.has(Role.STEWARD, standing.office)
    return actor.has(Role.BUREAU_APPROVER, standing.bureau)


def acts_of(actor: Actor, standing: Standing) -> tuple[Act, ...]:
    """What somebody may do to an item now."""
    return tuple(act for act in Act if may(actor, act, standing) and possible(act, standing))


def require(actor: Actor, act: Act, standing: Standing) -> None:
    """
    Refuse unless the act is the actor's and fits.

    :raises ItemNotAllowed: naming the role that is needed.
    :raises ItemState: if the item does not stand where the act begins.
    """
    if not may(actor, act, standing):
        needed = say("本单位数据专员") if act in _STEWARDS else say("主管部门审核员")
        raise ItemNotAllowed(say("“{act}”由{needed}办理", act=say(ACT_LABELS[act]), needed=needed), remedy="请有这个角色的同事办理")
    if not possible(act, standing):
        raise ItemState(say("现在不能{act}", act=say(ACT_LABELS[act])), remedy="刷新页面,看清现在的状态")
