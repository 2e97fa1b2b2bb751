"""
Where an entry may go from where it stands.

::

    draft ──submit──► submitted ──approve──► approved ──publish──► published ──withdraw──► withdrawn
      ▲ ◄──recall / return──┘  ◄────────return──┘                    │                        │
      └────────────────────────────edit─────────────────────────────┴────────────────────────┘

Editing a published entry makes a working copy of it; readers keep seeing what was published.
"""

from __future__ import annotations

from enum import StrEnum

from zhengtong.apps.resources.catalog.rules.vocabulary import STATE_LABELS, State
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import say


class Act(StrEnum):
    """What is done to an entry."""

    EDIT = "edit"
    DISCARD = "discard"
    DELETE = "delete"
    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    PUBLISH = "publish"
    RETURN = "return"
    WITHDRAW = "withdraw"


ACT_LABELS = {
    Act.EDIT: "编辑",
    Act.DISCARD: "放弃修改",
    Act.DELETE: "删除草稿",
    Act.SUBMIT: "提交审核",
    Act.RECALL: "撤回提交",
    Act.APPROVE: "部门审核通过",
    Act.PUBLISH: "发布",
    Act.RETURN: "退回",
    Act.WITHDRAW: "下线",
}
_MOVES: dict[Act, dict[State, State]] = {
    Act.EDIT: {State.DRAFT: State.DRAFT, State.PUBLISHED: State.DRAFT, State.WITHDRAWN: State.DRAFT},
    Act.DISCARD: {State.DRAFT: State.PUBLISHED},
    Act.DELETE: {State.DRAFT: State.DRAFT},
    Act.SUBMIT: {State.DRAFT: State.SUBMITTED},
    Act.RECALL: {State.SUBMITTED: State.DRAFT},
    Act.APPROVE: {State.SUBMITTED: State.APPROVED},
    Act.PUBLISH: {State.APPROVED: State.PUBLISHED},
    Act.RETURN: {State.SUBMITTED: State.DRAFT, State.APPROVED: State.DRAFT},
    Act.WITHDRAW: {state: State.WITHDRAWN for state in State if state is not State.WITHDRAWN},
}


class WrongState(Conflict):
    """目录现在的状态不能这样办理。"""

    code = "catalog-wrong-state"


def possible(state: str, *, served: bool, version: int) -> frozenset[Act]:
    """The acts that an entry's state allows; ``served`` says whether readers see a version of it, ``version`` is the last one."""
    acts = {act for act, moves in _MOVES.items() if state in moves}
    if not served:
        acts.discard(Act.WITHDRAW)
    acts.discard(Act.DELETE if version else Act.DISCARD)
    return frozenset(acts)


def after(act: Act, state: str, *, served: bool, version: int) -> State:
    """
    The state that an act leads to.

    :raises WrongState: if the act cannot begin here.
    """
    if act not in possible(state, served=served, version=version):
        raise WrongState(
            say("该目录{state},不能{act}", state=say(STATE_LABELS[State(state)]), act=say(ACT_LABELS[act])),
            remedy="刷新页面,看清现在的状态",
        )
    if act is Act.DISCARD and not served:
        return State.WITHDRAWN
    return _MOVES[act][State(state)]
