"""
Requests for rows of a conditional dataset: their course, who may act, their clock, and what they must say.

::

    file ─► received ─propose─► proposed ─conclude─► agreed ─accept─► granted
              │   ▲                │  └────────────► refused
       ask supplement/supplement   └─reconsider─► received        withdraw (applicant) ends it anywhere before

Threat model. An official of another office decides, or a steward alone; so the steward proposes and the head concludes.
Somebody without the private link acts for the applicant: everything of theirs asks for the link's secret, of which only
the digest is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhengtong.apps.flow.opendata.rules.conditions import SHORTEST, Conditions
from zhengtong.apps.flow.opendata.rules.permissions import NotAllowed, Parties
from zhengtong.engines.deadlines.clock import Clock
from zhengtong.engines.deadlines.statute import LIMITS
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.codes import credit_code
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    SUPPLEMENT = "supplement"
    PROPOSED = "proposed"
    AGREED = "agreed"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


REQUEST_LABELS = {
    RequestState.RECEIVED: "待答复",
    RequestState.SUPPLEMENT: "等待补充材料",
    RequestState.PROPOSED: "待负责人审定",
    RequestState.AGREED: "待签订协议",
    RequestState.GRANTED: "已授权",
    RequestState.REFUSED: "不同意",
    RequestState.WITHDRAWN: "已撤回",
}
#: who holds a request in each state
HOLDER_LABELS = {
    RequestState.RECEIVED: "提供单位数据专员",
    RequestState.SUPPLEMENT: "申请人",
    RequestState.PROPOSED: "提供单位共享工作机构负责人",
    RequestState.AGREED: "申请人",
}
KIND_LABELS = {"company": "企业或其他组织", "person": "个人"}
REQUEST_EVENT_LABELS = {
    "filed": "提交申请",
    "supplement-asked": "一次告知补充材料",
    "supplemented": "补充材料",
    "proposed": "拟定答复",
    "reconsidered": "退回重拟答复",
    "agreed": "同意开放",
    "refused": "不同意开放",
    "withdrawn": "撤回申请",
    "granted": "签订协议并授权",
    "warned": "期限提醒",
    "rescheduled": "期限变动",
    "suspended": "暂停授权",
    "resumed": "恢复授权",
    "ended": "终止授权",
    "key-made": "发放密钥",
    "key-revoked": "注销密钥",
    "reported": "报送使用情况",
}


class RequestAct(StrEnum):
    """What an official does to a request, or to the grant that came of it."""

    ASK_SUPPLEMENT = "ask-supplement"
    PROPOSE = "propose"
    RECONSIDER = "reconsider"
    CONCLUDE = "conclude"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


REQUEST_ACT_LABELS = {
    RequestAct.ASK_SUPPLEMENT: "要求补充材料",
    RequestAct.PROPOSE: "拟定答复",
    RequestAct.RECONSIDER: "退回重拟答复",
    RequestAct.CONCLUDE: "审定答复",
    RequestAct.SUSPEND: "暂停授权",
    RequestAct.RESUME: "恢复授权",
    RequestAct.END: "终止授权",
}
_IN_STATE = {
    RequestState.RECEIVED: frozenset({RequestAct.ASK_SUPPLEMENT, RequestAct.PROPOSE}),
    RequestState.PROPOSED: frozenset({RequestAct.RECONSIDER, RequestAct.CONCLUDE}),
}
#: grant's state → acts on it
_ON_GRANT = {"active": frozenset({RequestAct.SUSPEND, RequestAct.END}), "suspended": frozenset({RequestAct.RESUME, RequestAct.END})}
_OF_STEWARD = frozenset({RequestAct.ASK_SUPPLEMENT, RequestAct.PROPOSE})
_OF_BUREAU_TOO = frozenset({RequestAct.SUSPEND, RequestAct.RESUME, RequestAct.END})


class RequestMoved(Conflict):
    """申请现在的状态不能这样办理。"""

    code = "request-wrong-state"


def possible(state: str, grant: str = "") -> frozenset[RequestAct]:
    """The acts that the states of a request and of its grant allow."""
    return _IN_STATE.get(RequestState(state), frozenset()) | _ON_GRANT.get(grant, frozenset())


def may(actor: Actor, act: RequestAct, parties: Parties) -> bool:
    """Whether somebody may do an act: the steward prepares, the head decides, the bureau may stop misuse too."""
    if act in _OF_STEWARD:
        return actor.has(Role.STEWARD, parties.office)
    if actor.has(Role.SHARING_HEAD, parties.office):
        return True
    return act in _OF_BUREAU_TOO and actor.has(Role.BUREAU_APPROVER, parties.bureau)


def require(actor: Actor, act: RequestAct, parties: Parties, *, state: str, grant: str = "") -> None:
    """
    Refuse an act that is not the actor's, or has no place now.

    :raises NotAllowed: if the actor may not.
    :raises RequestMoved: if the request or its grant stands elsewhere.
    """
    if not may(actor, act, parties):
        raise NotAllowed(say("您不能{act}", act=say(REQUEST_ACT_LABELS[act])))
    if act not in possible(state, grant):
        raise RequestMoved(
            say("申请“{state}”,不能{act}", state=say(REQUEST_LABELS[RequestState(state)]), act=say(REQUEST_ACT_LABELS[act])),
            remedy="刷新页面,看清现在的状态",
        )


@dataclass(frozen=True)
class Filing:
    """What an applicant fills in."""

    kind: str
    name: str
    credit_code: str
    contact_name: str
    contact: str
    purpose: str
    scenario: str
    safety: str
    items: tuple[str, ...]
    days: int
    promised: bool


def check(filing: Filing, terms: Conditions, offered: Collection[str]) -> None:
    """
    See that a request is complete and within the published terms.

    :raises Invalid: naming the field; of a wrong credit code, the rule it breaks.
    """
    words = {name: getattr(filing, name) for name in ("name", "contact_name", "contact", "purpose", "scenario", "safety")}
    for name, text in words.items():
        if not text.strip():
            raise Invalid("这一项必须填写", field=name)
    if filing.kind not in KIND_LABELS:
        raise Invalid("请选择申请人是单位还是个人", field="kind")
    if terms.audience not in {"both", filing.kind}:
        raise Invalid("按开放条件,您不在可以申请的范围内", field="kind", remedy="请看数据集页面上谁可以申请")
    if filing.kind == "company":
        credit_code.parse(filing.credit_code)
    elif filing.credit_code:
        raise Invalid("个人申请不填统一社会信用代码", field="credit_code")
    check_scope(filing.items, filing.days, terms, offered)
    if not filing.promised:
        raise Invalid("请阅读并承诺遵守安全要求", field="promised")


def check_scope(items: Collection[str], days: int, terms: Conditions, offered: Collection[str]) -> None:
    """
    See that items and days lie within the terms.

    :raises Invalid: naming the field.
    """
    if not items or not set(items) <= set(offered):
        raise Invalid("至少选择一个信息项,只能选择列出的", field="items")
    if not SHORTEST <= days <= terms.longest:
        raise Invalid(say("使用期限为 {least} 至 {most} 日", least=SHORTEST, most=terms.longest), field="days")


@dataclass(frozen=True)
class Happened:
    """An event as the clock sees it."""

    kind: str
    at: datetime


def answer_clock(events: Iterable[Happened]) -> Clock | None:
    """The clock of the provider's answer, five working days; it rests while a supplement is awaited."""
    clock: Clock | None = None
    for event in events:
        if event.kind == "filed":
            clock = LIMITS["D16"].clock(event.at)
        elif clock is None or clock.stop:
            continue
        elif event.kind == "supplement-asked":
            clock = clock.paused(at=event.at, reason=say("等待申请人补充材料"))
        elif event.kind == "supplemented":
            clock = clock.resumed(at=event.at, reason=say("申请人已补充"))
        elif event.kind in {"agreed", "refused", "withdrawn"}:
            clock = clock.stopped(at=event.at, outcome=REQUEST_EVENT_LABELS[event.kind])
    return clock
