"""
Objections to what was done with data about oneself: what may be said, in how many working days it is answered, and where it stands.

Periods by kind are the house's own: no national text sets one for a reply about a read of shared data (个人信息保护法 50 asks for an easy
way to complain and reasons for a refusal). Threat model. An office answers its own case in its favour: the person takes it to the bureau,
once. Somebody floods an office: one objection to an entry, so many open at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from zhengtong.engines.deadlines.alerts import LampRule
from zhengtong.kernel.actors import Actor, Role


class Ground(StrEnum):
    """What somebody finds wrong."""

    NOT_MINE = "not-mine"
    PURPOSE = "purpose"
    TOO_MUCH = "too-much"
    WRONG_DATA = "wrong-data"


GROUND_LABELS: Mapping[str, str] = {
    Ground.NOT_MINE: "我没有办理这件事",
    Ground.PURPOSE: "看不出为什么需要",
    Ground.TOO_MUCH: "查的比需要的多",
    Ground.WRONG_DATA: "数据不对",
}
#: ground → working days for the answer: what may be an abuse is answered first
DAYS: Mapping[str, int] = {Ground.NOT_MINE: 5, Ground.PURPOSE: 10, Ground.TOO_MUCH: 10, Ground.WRONG_DATA: 15}
#: working days of the bureau after an escalation
BUREAU_DAYS = 15
#: open at once, of one person
MOST_OPEN = 20
LAMPS = LampRule(yellow=2, red=0)


class Standing(StrEnum):
    """Where an objection stands."""

    OPEN = "open"
    ANSWERED = "answered"
    ESCALATED = "escalated"
    SETTLED = "settled"


STANDING_LABELS: Mapping[str, str] = {
    Standing.OPEN: "等待单位答复",
    Standing.ANSWERED: "单位已答复",
    Standing.ESCALATED: "等待数据主管部门答复",
    Standing.SETTLED: "数据主管部门已答复",
}
STANDING_TONES: Mapping[str, str] = {
    Standing.OPEN: "waiting",
    Standing.ANSWERED: "done",
    Standing.ESCALATED: "waiting",
    Standing.SETTLED: "done",
}
#: those that wait for somebody to answer
WAITING = (Standing.OPEN, Standing.ESCALATED)
#: who answers for an office
ANSWERERS = (Role.STEWARD, Role.SHARING_HEAD)


def may_answer(actor: Actor, office: str, standing: Standing) -> bool:
    """Whether the actor answers an objection that waits: the office's people at first, the bureau after an escalation."""
    if standing is Standing.ESCALATED:
        return actor.holds(Role.BUREAU_APPROVER)
    return standing is Standing.OPEN and any(actor.has(role, office) for role in ANSWERERS)


def may_see(actor: Actor, office: str, *, escalated: bool) -> bool:
    """Whether the actor sees an objection at all: who answers for the office, and the bureau once it was escalated."""
    return any(actor.has(role, office) for role in ANSWERERS) or (escalated and actor.holds(Role.BUREAU_APPROVER))
