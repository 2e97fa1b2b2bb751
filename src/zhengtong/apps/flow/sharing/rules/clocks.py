"""
The clocks of an application: derived from its events whenever somebody asks, never stored.

条例 Art. 21: answer within 1 (unconditional) or 10 (conditional) working days, at most 10 more with the bureau's consent and notice to the
applicant. Art. 22: deliver within 20 working days of the agreement. A supplement rests the clock until the applicant has answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhengtong.engines.deadlines.clock import Clock, Extension, Pause, Resume, Stop
from zhengtong.engines.deadlines.statute import LIMITS
from zhengtong.kernel.sentences import say


class EventKind(StrEnum):
    """What happened to an application, a grant or its delivery."""

    CREATED = "created"
    EDITED = "edited"
    SUBMITTED = "submitted"
    SENT_BACK = "sent-back"
    SIGNED = "signed"
    SUPPLEMENT_ASKED = "supplement-asked"
    SUPPLEMENTED = "supplemented"
    PROPOSED = "proposed"
    RECONSIDERED = "reconsidered"
    EXTENSION_ASKED = "extension-asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension-refused"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DELIVERED = "delivered"
    WARNED = "warned"
    DISPUTED = "disputed"
    DISPUTE_ANSWERED = "dispute-answered"
    REOPENED = "reopened"
    SUSPENDED = "suspended"
    RECTIFIED = "rectified"
    RESUMED = "resumed"
    TERMINATED = "terminated"
    DESTRUCTION_CONFIRMED = "destruction-confirmed"
    DESTRUCTION_ACCEPTED = "destruction-accepted"


EVENT_LABELS = {
    EventKind.CREATED: "建立申请",
    EventKind.EDITED: "修改申请",
    EventKind.SUBMITTED: "提交本单位负责人",
    EventKind.SENT_BACK: "退回修改",
    EventKind.SIGNED: "签批并送达提供方",
    EventKind.SUPPLEMENT_ASKED: "一次告知补充材料",
    EventKind.SUPPLEMENTED: "补充材料",
    EventKind.PROPOSED: "拟定答复",
    EventKind.RECONSIDERED: "退回重拟答复",
    EventKind.EXTENSION_ASKED: "申请延期答复",
    EventKind.EXTENDED: "同意延期",
    EventKind.EXTENSION_REFUSED: "不同意延期",
    EventKind.GRANTED: "同意共享并授权",
    EventKind.REFUSED: "不予共享",
    EventKind.WITHDRAWN: "撤回申请",
    EventKind.DELIVERED: "数据已实际共享",
    EventKind.WARNED: "期限提醒",
    EventKind.DISPUTED: "提出异议",
    EventKind.DISPUTE_ANSWERED: "处理异议",
    EventKind.REOPENED: "重新答复",
    EventKind.SUSPENDED: "暂停授权",
    EventKind.RECTIFIED: "报送整改",
    EventKind.RESUMED: "恢复授权",
    EventKind.TERMINATED: "终止授权",
    EventKind.DESTRUCTION_CONFIRMED: "确认退还或销毁",
    EventKind.DESTRUCTION_ACCEPTED: "核验退还或销毁",
}


@dataclass(frozen=True)
class Happened:
    """An event as the clocks see it; ``days`` is the length of an extension."""

    kind: EventKind
    at: datetime
    who: str = ""
    reason: str = ""
    days: int = 0


def answer_clock(events: Iterable[Happened], *, unconditional: bool) -> Clock | None:
    """
    The clock of the provider's answer (D3 or D4); None before the application has been delivered.

    When the bureau has an answered application answered again, a new period begins.
    """
    limit = LIMITS["D3" if unconditional else "D4"]
    clock: Clock | None = None
    for event in events:
        if event.kind in {EventKind.SIGNED, EventKind.REOPENED}:
            clock = limit.clock(event.at)
        elif clock is None or clock.stop:
            continue
        else:
            clock = _after(clock, event)
    return clock


def _after(clock: Clock, event: Happened) -> Clock:
    added: Pause | Resume | Extension | Stop
    match event.kind:
        case EventKind.SUPPLEMENT_ASKED:
            added = Pause(event.at, say("等待需求方补充材料"), "《政务数据共享条例》第二十一条")
        case EventKind.SUPPLEMENTED:
            added = Resume(event.at, say("需求方已补充"))
        case EventKind.EXTENDED:
            added = Extension(event.at, event.days, event.who, event.reason)
        case EventKind.GRANTED | EventKind.REFUSED | EventKind.WITHDRAWN:
            added = Stop(event.at, EVENT_LABELS[event.kind])
        case _:
            return clock
    return Clock(clock.started, clock.budget, clock.unit, (*clock.events, added), clock.extension_limit, clock.trigger)


def warning_round(events: Iterable[Happened]) -> str:
    """What tells rounds of warnings apart: a period that was extended or begun again warns anew. Empty for the first."""
    kinds = [event.kind for event in events]
    begun, extended = kinds.count(EventKind.REOPENED), kinds.count(EventKind.EXTENDED)
    return f"{begun}.{extended}" if begun or extended else ""


def delivery_clock(events: Iterable[Happened]) -> Clock | None:
    """The clock of delivery (D5); None until sharing was agreed."""
    clock: Clock | None = None
    for event in events:
        if event.kind is EventKind.GRANTED:
            clock = LIMITS["D5"].clock(event.at)
        elif clock and not clock.stop and event.kind in {EventKind.DELIVERED, EventKind.TERMINATED}:
            clock = clock.stopped(at=event.at, outcome=EVENT_LABELS[event.kind])
    return clock
