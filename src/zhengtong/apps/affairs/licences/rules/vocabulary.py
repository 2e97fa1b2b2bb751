"""The words of licences: states and operations as 住建部 codes them, kinds of fields, metadata keys of GB/T 36903-2018."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """What a licence is worth (证照状态)."""

    VALID = "01"
    SUSPENDED = "02"
    WITHDRAWN = "03"
    CANCELLED = "04"
    EXPIRED = "05"
    MOVED = "06"
    REVOKED = "07"
    OTHER = "99"


STATE_LABELS: Mapping[State, str] = {
    State.VALID: "有效",
    State.SUSPENDED: "暂扣",
    State.WITHDRAWN: "撤销",
    State.CANCELLED: "注销",
    State.EXPIRED: "失效",
    State.MOVED: "办理转出",
    State.REVOKED: "吊销",
    State.OTHER: "其他",
}
#: how a state is coloured on pages
STATE_TONES: Mapping[State, str] = {State.VALID: "done", State.SUSPENDED: "waiting"}


class Operation(StrEnum):
    """What was done to a licence (证照操作)."""

    ISSUED = "01"
    PROLONGED = "02"
    SUSPENDED = "03"
    EXPIRED = "04"
    CANCELLED = "05"
    RESUMED = "06"
    OTHER = "07"
    MOVED_IN = "08"
    CHANGED = "09"
    MOVE_UNDONE = "10"


OPERATION_LABELS: Mapping[Operation, str] = {
    Operation.ISSUED: "新发",
    Operation.PROLONGED: "延续",
    Operation.SUSPENDED: "暂扣",
    Operation.EXPIRED: "过期失效",
    Operation.CANCELLED: "注销",
    Operation.RESUMED: "暂扣发还",
    Operation.OTHER: "其他",
    Operation.MOVED_IN: "转入",
    Operation.CHANGED: "变更",
    Operation.MOVE_UNDONE: "取消转出",
}


class Act(StrEnum):
    """What an official may do to an issued licence."""

    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    CANCEL = "cancel"
    ANNOTATE = "annotate"


ACT_LABELS: Mapping[Act, str] = {
    Act.SUSPEND: "暂扣",
    Act.RESUME: "暂扣发还",
    Act.WITHDRAW: "撤销",
    Act.REVOKE: "吊销",
    Act.CANCEL: "注销",
    Act.ANNOTATE: "加注",
}


class FieldKind(StrEnum):
    """Of what kind the value of a field is."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    IDENTITY = "identity"
    CREDIT_CODE = "credit_code"
    CHOICE = "choice"


KIND_LABELS: Mapping[FieldKind, str] = {
    FieldKind.TEXT: "文字",
    FieldKind.DATE: "日期",
    FieldKind.NUMBER: "数值",
    FieldKind.IDENTITY: "公民身份号码",
    FieldKind.CREDIT_CODE: "统一社会信用代码",
    FieldKind.CHOICE: "选项",
}


class TypeState(StrEnum):
    """Where a version of a type stands."""

    DRAFT = "draft"
    REVIEW = "review"
    RETURNED = "returned"
    PUBLISHED = "published"


TYPE_STATE_LABELS: Mapping[TypeState, str] = {
    TypeState.DRAFT: "草稿",
    TypeState.REVIEW: "待审核",
    TypeState.RETURNED: "已退回",
    TypeState.PUBLISHED: "已发布",
}


class JobState(StrEnum):
    """Where an issue in bulk stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


JOB_LABELS: Mapping[JobState, str] = {JobState.WAITING: "排队中", JobState.RUNNING: "正在制发", JobState.DONE: "已完成"}


class Verdict(StrEnum):
    """What checking a licence found."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    TAMPERED = "tampered"


VERDICT_LABELS: Mapping[Verdict, str] = {
    Verdict.VALID: "真实有效",
    Verdict.SUSPENDED: "已暂扣",
    Verdict.REVOKED: "已撤销、吊销或注销",
    Verdict.EXPIRED: "已失效",
    Verdict.UNKNOWN: "查无此证",
    Verdict.TAMPERED: "内容被改动过",
}
VERDICT_TONES: Mapping[Verdict, str] = {
    Verdict.VALID: "done",
    Verdict.SUSPENDED: "waiting",
    Verdict.REVOKED: "refused",
    Verdict.EXPIRED: "refused",
    Verdict.UNKNOWN: "refused",
    Verdict.TAMPERED: "refused",
}

#: the metadata of a licence: GB/T 36903 key → its Chinese name
METADATA: Mapping[str, str] = {
    "ZZMC": "证照名称",
    "ZZLXDM": "证照类型代码",
    "ZZBH": "证照编号",
    "ZZBS": "证照标识",
    "ZZBFJG": "颁发机构",
    "ZZBFJGDM": "颁发机构代码",
    "ZZBFRQ": "颁发日期",
    "CZZT": "持证主体",
    "CZZTDM": "持证主体代码",
    "CZZTDMLX": "持证主体代码类型",
    "CZZTDMLXDM": "持证主体代码类型代码",
    "ZZYXQQSRQ": "有效期起始日期",
    "ZZYXQJZRQ": "有效期截止日期",
}
CODE_TYPE_LABELS: Mapping[str, str] = {"111": "公民身份号码", "001": "统一社会信用代码"}
#: licence-specific fields carry this before their key
EXTENSION = "KZ_"

#: uses of a licence that its holder sees, by the ledger's event
USE_LABELS: Mapping[str, str] = {
    "licences:licence:read": "工作人员为办件调用",
    "licences:licence:shared": "其他部门的系统调用",
    "licences:licence:presented": "出示亮证码",
    "licences:licence:downloaded": "下载文件",
}
