"""
Where a demand may go from where it stands, and who may move it.

::

    file ─► pending ─admit─► provider ─(time over | hand back)─► bureau ─assign─► provider
                              │   ask extension, once; the bureau consents or does not
               │                └────── satisfy · promise · refuse · merge ──────┘
             reject                         promise ─► satisfy            reopen ─► bureau

Threat model. Somebody publishes another person's data or abuse through a demand (nothing of a stranger is public before the bureau has read
it); an office answers what is not its own, or says no without its head (only the head or the bureau refuses); an office lets demands lie
(when its time is over the demand goes to the bureau by itself). A stranger with the private link acts as the asker and as nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zhengtong.apps.flow.participation.rules.vocabulary import DEMAND_LABELS, DemandState, Lengthening
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Conflict, NotFound, Refused
from zhengtong.kernel.sentences import say


class DemandUnknown(NotFound):
    """没有这项需求,或还没有公开。"""

    code = "demand-unknown"


class NotAllowed(Refused):
    """您的角色不能这样办理。"""

    code = "participation-not-allowed"


class WrongState(Conflict):
    """现在的状态不能这样办理。"""

    code = "demand-wrong-state"


class Act(StrEnum):
    """What an official does about a demand."""

    ADMIT = "admit"
    REJECT = "reject"
    ASSIGN = "assign"
    HAND_BACK = "hand-back"
    SATISFY = "satisfy"
    PROMISE = "promise"
    REFUSE = "refuse"
    MERGE = "merge"
    REOPEN = "reopen"
    ASK_EXTENSION = "ask-extension"
    EXTEND = "extend"
    DENY_EXTENSION = "deny-extension"


ACT_LABELS = {
    Act.ADMIT: "审核通过",
    Act.REJECT: "不予公开",
    Act.ASSIGN: "转办",
    Act.HAND_BACK: "退回主管部门",
    Act.SATISFY: "答复已满足",
    Act.PROMISE: "承诺提供",
    Act.REFUSE: "答复不能提供",
    Act.MERGE: "并入另一需求",
    Act.REOPEN: "重新办理",
    Act.ASK_EXTENSION: "申请延期",
    Act.EXTEND: "同意延期",
    Act.DENY_EXTENSION: "不同意延期",
}
_HANDLED = frozenset({DemandState.PROVIDER, DemandState.BUREAU})
_BEGINS: dict[Act, frozenset[DemandState]] = {
    Act.ADMIT: frozenset({DemandState.PENDING}),
    Act.REJECT: frozenset({DemandState.PENDING, *_HANDLED}),
    Act.ASSIGN: frozenset({DemandState.PENDING, *_HANDLED}),
    Act.HAND_BACK: frozenset({DemandState.PROVIDER}),
    Act.SATISFY: frozenset({*_HANDLED, DemandState.PROMISED}),
    Act.PROMISE: frozenset({*_HANDLED, DemandState.PROMISED}),
    Act.REFUSE: frozenset({*_HANDLED, DemandState.PROMISED}),
    Act.MERGE: _HANDLED,
    Act.REOPEN: frozenset({DemandState.REJECTED, DemandState.REFUSED, DemandState.MERGED, DemandState.SATISFIED}),
    Act.ASK_EXTENSION: frozenset({DemandState.PROVIDER}),
    Act.EXTEND: frozenset({DemandState.PROVIDER}),
    Act.DENY_EXTENSION: frozenset({DemandState.PROVIDER}),
}
_BUREAU_ALONE = frozenset({Act.ADMIT, Act.REJECT, Act.ASSIGN, Act.MERGE, Act.REOPEN, Act.EXTEND, Act.DENY_EXTENSION})
_OFFICE_ALONE = frozenset({Act.HAND_BACK, Act.ASK_EXTENSION})
#: where the extension has to stand for an act
_LENGTHENING = {Act.ASK_EXTENSION: Lengthening.NONE, Act.EXTEND: Lengthening.ASKED, Act.DENY_EXTENSION: Lengthening.ASKED}


@dataclass(frozen=True)
class Parties:
    """Who is to provide (empty: nobody yet) and which bureau looks after it; by credit code."""

    office: str
    bureau: str


def of_bureau(actor: Actor, parties: Parties) -> bool:
    """Whether somebody approves for the bureau."""
    return actor.has(Role.BUREAU_APPROVER, parties.bureau)


def of_office(actor: Actor, parties: Parties) -> bool:
    """Whether somebody answers for the office."""
    return actor.has(Role.STEWARD, parties.office) or actor.has(Role.SHARING_HEAD, parties.office)


def may_see(actor: Actor, parties: Parties) -> bool:
    """Whether somebody sees a demand at the desk."""
    return of_bureau(actor, parties) or of_office(actor, parties)


def may(actor: Actor, act: Act, parties: Parties, state: str, lengthening: str = Lengthening.NONE) -> bool:
    """Whether somebody may do an act now; ``lengthening`` is where the extension of the office's period stands."""
    if state not in _BEGINS[act] or _LENGTHENING.get(act, lengthening) != lengthening:
        return False
    if of_bureau(actor, parties):
        return act not in _OFFICE_ALONE or of_office(actor, parties)
    if act in _BUREAU_ALONE or state == DemandState.BUREAU:
        return False
    return actor.has(Role.SHARING_HEAD, parties.office) if act is Act.REFUSE else of_office(actor, parties)


def require(actor: Actor, act: Act, parties: Parties, state: str, lengthening: str = Lengthening.NONE) -> None:
    """
    Refuse unless :func:`may`.

    :raises DemandUnknown: if the actor has no part in it.
    :raises WrongState: if the act has no place in the state.
    :raises NotAllowed: if it is somebody else's.
    """
    if not may_see(actor, parties):
        raise DemandUnknown
    if state not in _BEGINS[act]:
        raise WrongState(
            say("这项需求{state},不能{act}", state=say(DEMAND_LABELS[DemandState(state)]), act=say(ACT_LABELS[act])),
            remedy="刷新页面,看清现在的状态",
        )
    if _LENGTHENING.get(act, lengthening) != lengthening:
        sentence = "延期只能申请一次,已经申请过" if act is Act.ASK_EXTENSION else "没有等待决定的延期申请"
        raise WrongState(sentence, remedy="刷新页面,看清现在的状态")
    if not may(actor, act, parties, state, lengthening):
        raise NotAllowed(say("您不能{act}", act=say(ACT_LABELS[act])), remedy="由主管部门审核员或本单位共享工作机构负责人办理")
