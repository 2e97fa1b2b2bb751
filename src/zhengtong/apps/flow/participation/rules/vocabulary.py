"""The words of participation: what people hand in, where it stands, and what is done about it."""

from __future__ import annotations

from enum import StrEnum


class Subject(StrEnum):
    """What somebody handed in; the value begins its receipt number."""

    DEMAND = "XQ"
    CORRECTION = "JC"
    COMMENT = "PL"
    REUSE = "YY"


SUBJECT_LABELS = {
    Subject.DEMAND: "数据需求",
    Subject.CORRECTION: "数据纠错",
    Subject.COMMENT: "评论",
    Subject.REUSE: "应用案例",
}


class Way(StrEnum):
    """In which way the data is wanted."""

    OPEN = "open"
    SHARING = "sharing"


WAY_LABELS = {Way.OPEN: "向社会开放", Way.SHARING: "政务共享"}


class Asker(StrEnum):
    """Who asks."""

    PERSON = "person"
    COMPANY = "company"
    OFFICE = "office"


ASKER_LABELS = {Asker.PERSON: "个人", Asker.COMPANY: "企业或其他组织", Asker.OFFICE: "政务部门"}


class DemandState(StrEnum):
    """Where a demand stands."""

    PENDING = "pending"
    PROVIDER = "provider"
    BUREAU = "bureau"
    PROMISED = "promised"
    SATISFIED = "satisfied"
    REFUSED = "refused"
    MERGED = "merged"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


DEMAND_LABELS = {
    DemandState.PENDING: "待审核",
    DemandState.PROVIDER: "提供单位办理",
    DemandState.BUREAU: "主管部门办理",
    DemandState.PROMISED: "承诺提供",
    DemandState.SATISFIED: "已满足",
    DemandState.REFUSED: "不能提供",
    DemandState.MERGED: "已并入",
    DemandState.REJECTED: "未予公开",
    DemandState.WITHDRAWN: "已撤回",
}
#: waits for an answer, on a clock
RUNNING = frozenset({DemandState.PENDING, DemandState.PROVIDER, DemandState.BUREAU})
#: what the board shows
PUBLIC = frozenset(set(DemandState) - {DemandState.PENDING, DemandState.REJECTED, DemandState.WITHDRAWN})
#: answered by whoever had to
ANSWERED = frozenset({DemandState.PROMISED, DemandState.SATISFIED, DemandState.REFUSED, DemandState.MERGED})


class Lengthening(StrEnum):
    """Where the one extension of an office's period stands; the empty one: nobody has asked."""

    NONE = ""
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class VoiceState(StrEnum):
    """Where a comment or a reuse stands: nothing is public before somebody has read it."""

    PENDING = "pending"
    SHOWN = "shown"
    REJECTED = "rejected"


VOICE_LABELS = {VoiceState.PENDING: "待审核", VoiceState.SHOWN: "已公开", VoiceState.REJECTED: "未予公开"}


class CorrectionState(StrEnum):
    """Where a correction stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


CORRECTION_LABELS = {CorrectionState.OPEN: "提供单位核实", CorrectionState.ACCEPTED: "已采纳", CorrectionState.REFUSED: "未采纳"}


class ReuseKind(StrEnum):
    """What was made of data."""

    APP = "app"
    ARTICLE = "article"
    PAPER = "paper"
    CHART = "chart"
    OTHER = "other"


REUSE_LABELS = {
    ReuseKind.APP: "应用",
    ReuseKind.ARTICLE: "文章",
    ReuseKind.PAPER: "论文",
    ReuseKind.CHART: "可视化",
    ReuseKind.OTHER: "其他",
}

#: lines of every trail
EVENT_LABELS = {
    "filed": "提交",
    "admitted": "审核通过",
    "rejected": "不予公开",
    "assigned": "转办",
    "handed-up": "转主管部门",
    "handed-back": "退回主管部门",
    "satisfied": "已满足",
    "promised": "承诺提供",
    "refused": "不能提供",
    "merged": "并入",
    "reopened": "重新办理",
    "taken": "需求人确认已满足",
    "withdrawn": "撤回",
    "warned": "期限提醒",
    "rescheduled": "期限变动",
    "extension-asked": "申请延期",
    "extended": "同意延期",
    "extension-refused": "不同意延期",
    "shown": "公开",
    "accepted": "采纳",
    "declined": "不予采纳",
    "contact-read": "查看联系方式",
}
TONES = {
    "pending": "waiting",
    "provider": "active",
    "bureau": "active",
    "open": "active",
    "promised": "waiting",
    "satisfied": "done",
    "accepted": "done",
    "shown": "done",
    "refused": "refused",
    "rejected": "refused",
}
