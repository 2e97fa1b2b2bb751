"""
Reporting entries to the platform above and taking its answers in.

The codes are those of the national service platform: returned numbers (``up_cata_id``) and the status of what was reported
(国家政务服务平台数据直达接口规范 v0.55).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zhengtong.apps.resources.catalog.rules.findings import Finding
from zhengtong.apps.resources.catalog.rules.mapping import plain_name
from zhengtong.kernel.sentences import say


class UpStatus(StrEnum):
    """What the platform above says of an entry."""

    NONE = "0"
    PENDING = "1"
    RETURNED = "2"
    RETURNED_NATIONAL = "3"
    REVOKED = "4"
    PASSED = "5"
    REJECTED = "8"


UP_STATUS_LABELS = {
    UpStatus.NONE: "未上报",
    UpStatus.PENDING: "上报待审",
    UpStatus.RETURNED: "管理员驳回",
    UpStatus.RETURNED_NATIONAL: "国家驳回",
    UpStatus.REVOKED: "已撤销",
    UpStatus.PASSED: "通过",
    UpStatus.REJECTED: "驳回",
}
_ANSWERS = frozenset(UpStatus) - {UpStatus.NONE}


class UpAct(StrEnum):
    """What a line of a batch asks the platform above to do."""

    REPORT = "report"
    REVOKE = "revoke"


_NAMES = {
    "code": "信息资源代码 资源代码 目录代码 code cata_code catacode",
    "number": "up_cata_id upcataid 上级目录编号 目录编号 上级编号",
    "status": "状态 审核状态 status",
    "reason": "审核意见 意见 驳回原因 原因 reason message",
}
_KNOWN = {plain_name(name): own for own, names in _NAMES.items() for name in names.split()}
_LABELS = {label: status for status, label in UP_STATUS_LABELS.items()}
_NUMBER = re.compile(r"^[\w.:/\-]{1,80}$", re.ASCII)


@dataclass(frozen=True)
class Reply:
    """The answer to one entry."""

    code: str
    status: UpStatus
    number: str
    reason: str


def reply(values: Mapping[str, Any]) -> Reply | list[Finding]:
    """One row of a receipt, or what is wrong with it."""
    says = dict.fromkeys(_NAMES, "")
    for name, value in values.items():
        own = _KNOWN.get(plain_name(str(name)), "")
        if own and not says[own]:
            says[own] = str(value if value is not None else "").strip()
    found = []
    status = _LABELS.get(says["status"]) or next((one for one in UpStatus if one == says["status"].partition(".")[0]), None)
    if not says["code"]:
        found.append(Finding("code-missing", "code", "没有信息资源代码", "补上上报文件里的信息资源代码"))
    if status not in _ANSWERS:
        found.append(
            Finding("status-unknown", "status", "认不出的状态", say("写 {known} 之一", known="、".join(sorted(_ANSWERS))), says["status"])
        )
    if says["number"] and _NUMBER.match(says["number"]) is None:
        found.append(Finding("number-form", "up_cata_id", "编号只含字母、数字和 . : / - _,至多 80 位", "核对编号", says["number"][:100]))
    if status == UpStatus.PASSED and not says["number"]:
        found.append(Finding("number-missing", "up_cata_id", "通过的没有上级目录编号(up_cata_id)", "补上编号"))
    if found or status is None:
        return found
    return Reply(says["code"], status, says["number"], says["reason"][:2000])
