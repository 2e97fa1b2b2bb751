"""
Conditional opening 有条件开放: what a proposal must say when not everybody may have the rows.

The provinces' rules on opening public data know 无条件开放, 有条件开放 and 不予开放. For the second the conditions are
public and the same for everybody, so that a refusal can be measured against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

AUDIENCE_LABELS = {"company": "企业和其他组织", "person": "个人", "both": "企业、其他组织和个人"}
#: days of a term: at least a week, at most five years
SHORTEST, LONGEST = 7, 5 * 366
#: days between two reports of use
_REPORT_LEAST, _REPORT_MOST = 30, 366
_WORDS = 2000


@dataclass(frozen=True)
class Conditions:
    """Who may apply, for what, under which demands on safety, for how many days at most, and how often to report (days)."""

    audience: str
    purposes: str
    safety: str
    longest: int
    report_every: int = 180

    def document(self) -> dict[str, Any]:
        """The conditions as the table keeps them."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Conditions | None:
        """What :meth:`document` made; None for a dataset open to all."""
        return cls(**document) if document else None


def check(conditions: Conditions | None) -> None:
    """
    See that conditions can be kept and compared.

    :raises Invalid: naming the field.
    """
    if conditions is None:
        return
    if conditions.audience not in AUDIENCE_LABELS:
        raise Invalid("请选择谁可以申请", field="audience")
    for name, text in (("purposes", conditions.purposes), ("safety", conditions.safety)):
        if not text.strip():
            raise Invalid("有条件开放必须写明这一项,申请人和审核人都以此为准", field=name)
        if len(text) > _WORDS:
            raise Invalid(say("最多 {most} 字", most=_WORDS), field=name)
    if not SHORTEST <= conditions.longest <= LONGEST:
        raise Invalid(say("最长期限为 {least} 至 {most} 日", least=SHORTEST, most=LONGEST), field="longest")
    if not _REPORT_LEAST <= conditions.report_every <= _REPORT_MOST:
        raise Invalid(say("报告间隔为 {least} 至 {most} 日", least=_REPORT_LEAST, most=_REPORT_MOST), field="report_every")
