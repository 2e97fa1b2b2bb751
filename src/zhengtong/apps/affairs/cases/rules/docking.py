"""What a docked system is, may fetch and is told, and when it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from zhengtong.kernel.actors import Actor, Role

#: seconds that a signature is good for, either way
WINDOW = 300
MOST_ATTEMPTS = 10
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)


class DeliveryState(StrEnum):
    """How a handing over stands."""

    WAITING = "waiting"
    SENT = "sent"
    #: given up after many tries; somebody has to look
    DEAD = "dead"
    #: the step was over before it could be handed over
    OVER = "over"


DELIVERY_STATE_LABELS: Mapping[str, str] = {
    DeliveryState.WAITING: "等待发送",
    DeliveryState.SENT: "已送达",
    DeliveryState.DEAD: "多次失败,已停发",
    DeliveryState.OVER: "环节已结束,不再发送",
}


class Lacking(StrEnum):
    """How both sides' lists differ."""

    THERE = "there"
    HERE = "here"


LACKING_LABELS: Mapping[str, str] = {
    Lacking.THERE: "本平台在办,对方没有",
    Lacking.HERE: "对方在办,本平台没有或已办完",
}
FIELD_LABELS: Mapping[str, str] = {
    "applicant": "申请人姓名或名称、证件号码",
    "agent": "代理人",
    "contact": "联系方式",
    "answers": "申请表内容",
}


@dataclass(frozen=True)
class SystemActor(Actor):
    """A department's system: it does what the posts of its office do, and no account stands behind it."""

    @property
    def label(self) -> str:
        """How the ledger names it."""
        return f"system:{self.username}"


def system_actor(system: str, name: str, office: str, office_name: str) -> SystemActor:
    """A system of an office as one who acts."""
    posts = frozenset((role, office) for role in (Role.CLERK, Role.HANDLER, Role.APPROVER))
    return SystemActor(0, system, name, office, office_name, posts)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, an hour at most."""
    return min(_FIRST_PAUSE * (1 << min(attempts, 12)), _LONGEST_PAUSE)
