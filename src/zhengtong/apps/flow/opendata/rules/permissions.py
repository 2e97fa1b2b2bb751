"""
Who may do what to the opening of a dataset. Every interface and operation asks here and nowhere else.

Threat model. Somebody opens another office's data, opens what their head or the bureau has not seen, or waves personal data through alone.
An office's steward proposes, its sharing head approves, an approver of the region's bureau publishes. A finding about quality may be
overruled by either of the two who review; one about people only by the bureau; an identity number by nobody. The steward may change the
words of an open dataset, of which the head is told, but neither its items nor its licence. Not defended: a head and an
approver who agree to open what they should not.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.apps.flow.opendata.rules.states import ACT_LABELS, Act
from zhengtong.apps.flow.opendata.rules.vocabulary import State
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Refused
from zhengtong.kernel.sentences import say


class NotAllowed(Refused):
    """您的角色不能这样办理数据开放。"""

    code = "opening-not-allowed"


@dataclass(frozen=True)
class Parties:
    """Whose data it is, and the bureau of its region; both by credit code."""

    office: str
    bureau: str


_NEEDED_LABELS = {
    Act.PROPOSE: "本单位数据专员",
    Act.OVERRULE: "当前环节的审核人",
    Act.APPROVE: "本单位共享工作机构负责人",
    Act.PUBLISH: "主管部门审核员",
    Act.RETURN: "当前环节的审核人",
    Act.WITHDRAW: "本单位共享工作机构负责人或主管部门审核员",
    Act.REWORD: "本单位数据专员",
}


def may(actor: Actor, act: Act, parties: Parties, *, state: str = "") -> bool:
    """Whether somebody may do an act in the state the opening is in."""
    head = actor.has(Role.SHARING_HEAD, parties.office)
    approver = actor.has(Role.BUREAU_APPROVER, parties.bureau)
    match act:
        case Act.PROPOSE | Act.REWORD:
            return actor.has(Role.STEWARD, parties.office)
        case Act.APPROVE:
            return head
        case Act.PUBLISH:
            return approver
        case Act.RETURN:
            return approver if state == State.APPROVED else head
        case _:
            return head or approver


def require(actor: Actor, act: Act, parties: Parties, *, state: str = "") -> None:
    """
    Refuse unless :func:`may`.

    :raises NotAllowed: naming the role that is needed.
    """
    if not may(actor, act, parties, state=state):
        raise NotAllowed(say("您不能{act}:需要{role}角色", act=say(ACT_LABELS[act]), role=say(_NEEDED_LABELS[act])))


def may_overrule(actor: Actor, parties: Parties, *, about_people: bool) -> bool:
    """Whether somebody may let a finding pass that can be let pass at all."""
    return actor.has(Role.BUREAU_APPROVER, parties.bureau) or (not about_people and actor.has(Role.SHARING_HEAD, parties.office))


def may_see(actor: Actor, parties: Parties) -> bool:
    """Whether somebody sees findings and timeline: people of the office and of the bureau."""
    of_office = actor.has(Role.STEWARD, parties.office) or actor.has(Role.SHARING_HEAD, parties.office)
    return of_office or actor.has(Role.BUREAU_APPROVER, parties.bureau)


def bureau_of(actor: Actor) -> str:
    """
    The bureau for which somebody writes the portal's news, by credit code.

    :raises NotAllowed: if they approve for none.
    """
    offices = sorted(actor.offices(Role.BUREAU_APPROVER))
    if not offices:
        raise NotAllowed("公告由主管部门审核员发布")
    return offices[0]
