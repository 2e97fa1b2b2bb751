"""
Where the opening of a dataset may go from where it stands.

::

    propose ─► measuring ─(gates)─► measured ─approve─► approved ─publish─► released ─(files)─► open
                  ▲                    │                   │                    │                 │
                  └────propose──── returned ◄──return──────┘◄──(gates fail)─────┘                 │
                  └────propose──── withdrawn ◄────────────────withdraw────────────────────────────┘
"""

from __future__ import annotations

from enum import StrEnum

from zhengtong.apps.flow.opendata.rules.vocabulary import STATE_LABELS, State
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import say


class Act(StrEnum):
    """What a person does to the opening of a dataset."""

    PROPOSE = "propose"
    OVERRULE = "overrule"
    APPROVE = "approve"
    PUBLISH = "publish"
    RETURN = "return"
    WITHDRAW = "withdraw"
    REWORD = "reword"


ACT_LABELS = {
    Act.PROPOSE: "提议开放",
    Act.OVERRULE: "放行检测问题",
    Act.APPROVE: "审核通过",
    Act.PUBLISH: "同意发布",
    Act.RETURN: "退回",
    Act.WITHDRAW: "停止开放",
    Act.REWORD: "修改说明",
}
_BEGINS: dict[Act, frozenset[State]] = {
    Act.PROPOSE: frozenset({State.RETURNED, State.WITHDRAWN}),
    Act.OVERRULE: frozenset({State.MEASURED, State.APPROVED, State.OPEN}),
    Act.APPROVE: frozenset({State.MEASURED}),
    Act.PUBLISH: frozenset({State.APPROVED}),
    Act.RETURN: frozenset({State.MEASURED, State.APPROVED}),
    Act.WITHDRAW: frozenset(set(State) - {State.WITHDRAWN}),
    Act.REWORD: frozenset({State.OPEN}),
}


class WrongState(Conflict):
    """现在的状态不能这样办理。"""

    code = "opening-wrong-state"


def possible(state: str) -> frozenset[Act]:
    """The acts that a state allows."""
    return frozenset(act for act, begins in _BEGINS.items() if state in begins)


def check(state: str, act: Act) -> None:
    """
    Refuse an act that cannot begin here.

    :raises WrongState: naming the state.
    """
    if act not in possible(state):
        raise WrongState(
            say("该数据集{state},不能{act}", state=say(STATE_LABELS[State(state)]), act=say(ACT_LABELS[act])),
            remedy="刷新页面,看清现在的状态",
        )
