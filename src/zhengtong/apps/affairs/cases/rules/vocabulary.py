"""
The words of cases and the codes by which they are reported.

Sources: GB/T 39046-2020 Annex A; the state codes of the provincial unified desks (02 收件 … 13 退件); the result codes 0–6 of the
supervision interface, where every result but 0 needs a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from zhengtong.kernel.actors import Role


class Post(StrEnum):
    """Who of an office does a step; the roles of the same name."""

    CLERK = "clerk"
    HANDLER = "handler"
    APPROVER = "approver"

    @property
    def role(self) -> Role:
        """The role that holds such steps."""
        return Role(self.value)


POST_LABELS: Mapping[str, str] = {Post.CLERK: "窗口人员", Post.HANDLER: "承办人员", Post.APPROVER: "审批人员"}
#: everybody who works on cases
STAFF = (Role.CLERK, Role.HANDLER, Role.APPROVER)


class TemplateState(StrEnum):
    """A version of a process: being drawn, the one that new cases begin on, or one that older cases still run on."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


TEMPLATE_LABELS: Mapping[str, str] = {
    TemplateState.DRAFT: "草稿",
    TemplateState.PUBLISHED: "现行",
    TemplateState.RETIRED: "已替换",
}
TEMPLATE_TONES: Mapping[str, str] = {TemplateState.DRAFT: "waiting", TemplateState.PUBLISHED: "done", TemplateState.RETIRED: ""}


class State(StrEnum):
    """Where a case stands; derived from the engine's state with every act."""

    RECEIVED = "received"
    SUPPLEMENT = "supplement"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    NOT_ACCEPTED = "not-accepted"
    DONE = "done"
    RETURNED = "returned"


STATE_LABELS: Mapping[str, str] = {
    State.RECEIVED: "已收件",
    State.SUPPLEMENT: "补齐补正",
    State.HANDLING: "在办",
    State.SUSPENDED: "挂起",
    State.NOT_ACCEPTED: "不予受理",
    State.DONE: "办结",
    State.RETURNED: "退件",
}
STATE_TONES: Mapping[str, str] = {
    State.RECEIVED: "active",
    State.SUPPLEMENT: "waiting",
    State.HANDLING: "active",
    State.SUSPENDED: "waiting",
    State.NOT_ACCEPTED: "refused",
    State.DONE: "done",
    State.RETURNED: "",
}
#: the same to the applicant
PLAIN_LABELS: Mapping[str, str] = {
    State.RECEIVED: "已经收到,正在看材料是否齐全",
    State.SUPPLEMENT: "等您补正材料",
    State.HANDLING: "部门正在办理",
    State.SUSPENDED: "正在进行不计入期限的程序",
    State.NOT_ACCEPTED: "没有受理",
    State.DONE: "已经办完",
    State.RETURNED: "已经终止",
}
#: as provincial desks report it
STATE_CODES: Mapping[str, str] = {
    State.RECEIVED: "02",
    State.SUPPLEMENT: "06",
    State.NOT_ACCEPTED: "07",
    State.DONE: "10",
    State.SUSPENDED: "11",
    State.HANDLING: "12",
    State.RETURNED: "13",
}


class Result(StrEnum):
    """How a case ended; what the ends of a process may be called, and what people of an office may end one as."""

    GRANTED = "granted"
    REFUSED = "refused"
    VOID = "void"
    MISTAKEN = "mistaken"
    PASSED_ON = "passed-on"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


RESULT_LABELS: Mapping[str, str] = {
    Result.GRANTED: "准予",
    Result.REFUSED: "不予许可",
    Result.VOID: "作废",
    Result.MISTAKEN: "录入错误",
    Result.PASSED_ON: "转报",
    Result.WITHDRAWN: "退件(申请人放弃或补正超期)",
    Result.REJECTED: "不予受理",
}
#: set B of the supervision interface
RESULT_CODES: Mapping[str, int] = {
    Result.GRANTED: 0,
    Result.REFUSED: 1,
    Result.VOID: 2,
    Result.MISTAKEN: 3,
    Result.PASSED_ON: 4,
    Result.WITHDRAWN: 5,
    Result.REJECTED: 6,
}
#: in the outbox: something that its applicant is told of or that figures count has happened to the case; body number, what
CHANGED = "cases:changed"


class Milestone(StrEnum):
    """What happened, in :data:`CHANGED`."""

    RECEIVED = "received"
    MISSING = "missing"
    ACCEPTED = "accepted"
    ENDED = "ended"
    DELIVERED = "delivered"


#: how a case may be ended before its process has ended
ENDINGS = (Result.WITHDRAWN, Result.VOID, Result.MISTAKEN)

#: 申报来源
SOURCE_LABELS: Mapping[str, str] = {
    "0": "部门系统窗口",
    "1": "电脑端网上",
    "2": "移动端网上",
    "3": "上级交办",
    "4": "下级报送",
    "5": "同级转办",
    "8": "线下一窗",
    "9": "线上一窗",
}
#: sources for which somebody came to a window
VISITS_TO_FILE = frozenset({"0", "8"})
#: where a material came from; 10, 20, 99 as in the national lists of items, the rest as the materials ledger needs them
MATERIAL_LABELS: Mapping[str, str] = {
    "10": "申请人自备",
    "20": "政府部门核发",
    "shared": "数据共享,免提交",
    "licence": "电子证照,免提交",
    "earlier": "以前办件,免提交",
    "promise": "告知承诺",
    "99": "其他",
}
#: sources of materials that the applicant was not asked for
SPARED = frozenset({"shared", "licence", "earlier", "promise"})
#: outcomes of steps in words; a process may have others, which are shown as they are
OUTCOME_LABELS: Mapping[str, str] = {
    "agree": "同意",
    "refuse": "不同意",
    "accepted": "受理",
    "rejected": "不予受理",
    "issued": "已制证发证",
    "registered": "已登簿",
    "reviewed": "审核完毕",
    "done": "办理完毕",
    "reassess": "退回重新评估",
    "assigned": "已分派",
}
#: outcomes that somebody has to give reasons for (行政许可法 38)
NEED_REASON = frozenset({"refuse", "rejected", "reassess", "return"})


class Delivery(StrEnum):
    """How a result reached its applicant."""

    WINDOW = "window"
    POST = "post"
    ONLINE = "online"
    CABINET = "cabinet"


DELIVERY_LABELS: Mapping[str, str] = {
    Delivery.WINDOW: "窗口领取",
    Delivery.POST: "邮寄",
    Delivery.ONLINE: "网上送达",
    Delivery.CABINET: "取件柜",
}
#: working days in which a granted result is to be delivered (行政许可法 44)
DELIVERY_DAYS = 10

#: what a deed is called; acts of the engine have their own words
DEED_LABELS: Mapping[str, str] = {
    "open": "收件",
    "begin": "签收",
    "complete": "办理完毕",
    "ask-supplement": "一次性告知补正",
    "end-supplement": "结束补正",
    "begin-special": "启动特别程序",
    "end-special": "结束特别程序",
    "extend": "延长时限",
    "consult": "发起会商",
    "answer": "答复会商",
    "reassign": "转办",
    "let-pass": "逾期,按规定处理",
    "remind": "催办",
    "withdraw": "提前终止",
    "deliver": "送达",
    "archive": "归档",
    "rescheduled": "工作日历调整,期限变动",
}


class LetterKind(StrEnum):
    """A letter to the applicant."""

    MISSING = "missing"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    GRANTED = "granted"
    REFUSED = "refused"
    DELIVERED = "delivered"


LETTER_LABELS: Mapping[str, str] = {
    LetterKind.MISSING: "补正通知书",
    LetterKind.ACCEPTED: "受理通知书",
    LetterKind.REJECTED: "不予受理决定书",
    LetterKind.GRANTED: "准予决定书",
    LetterKind.REFUSED: "不予许可决定书",
    LetterKind.DELIVERED: "送达回证",
}

#: deeds that an applicant sees: what was done to the case, not how the offices talked it over or who was asked
SHOWN_DEEDS = frozenset(
    {"open", "complete", "ask-supplement", "end-supplement", "begin-special", "end-special", "extend", "let-pass", "withdraw", "deliver"}
)
#: of these the reasons are the applicant's to know at once; of all others when the case has ended
OPEN_REASONS = frozenset({"ask-supplement", "begin-special", "end-special", "extend", "withdraw", "deliver"})
#: outcomes that are told before the case has ended (行政许可法 32)
OPEN_OUTCOMES = frozenset({"accepted", "rejected"})
