"""What a gate found wrong with the rows: the rule, where, how often, masked examples, the remedy; and what a person let pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import kept, told

GATE_LABELS = {
    "empty": "没有数据",
    "duplicate-rows": "重复行",
    "markup": "网页内容冒充数据",
    "round-number": "疑似在整数处截断",
    "stale": "超过更新周期",
    "mixed-dates": "日期写法不一",
    "identity-number": "公民身份号码",
    "mobile-phone": "手机号码",
    "bank-card": "银行卡号",
    "email": "电子邮箱",
    "detailed-address": "详细住址",
    "personal-name": "个人姓名",
    "inconsistent-masking": "脱敏不一致",
    "k-anonymity": "可重新识别的小组",
    "l-diversity": "组内敏感值单一",
    "small-cells": "过小的计数",
    "place-outside": "经纬度超出范围",
    "region-unknown": "区划代码不在区划表中",
    "near-duplicate": "与已开放的数据集近乎相同",
    "fragmented": "数据集碎片化",
    "renamed-file": "文件名与内容不符",
    "refused-delivery": "最近投放的文件被拒收",
}
#: gates about people: only the bureau lets them pass
ABOUT_PEOPLE = frozenset(
    {
        *("identity-number", "mobile-phone", "bank-card", "email", "detailed-address", "personal-name"),
        *("inconsistent-masking", "k-anonymity", "l-diversity", "small-cells"),
    }
)
#: nobody lets these pass: no dataset leaves with an identity number in it, and none without rows
NEVER_PASSED = frozenset({"identity-number", "empty"})
#: by how much the share of concerned rows may grow before what was let pass is looked at again
_GROWTH = 1.1


class Blocked(Invalid):
    """还有检测问题没有处理,不能继续。"""

    code = "opening-blocked"


@dataclass(frozen=True)
class Finding:
    """A rule that the rows break. ``column`` is an item key, empty for the whole; ``rows`` is how many rows there were."""

    gate: str
    column: str
    count: int
    rows: int
    sentence: str
    remedy: str
    examples: tuple[str, ...] = ()

    @property
    def about_people(self) -> bool:
        """Whether only the bureau may let it pass."""
        return self.gate in ABOUT_PEOPLE

    @property
    def passable(self) -> bool:
        """Whether anybody may let it pass."""
        return self.gate not in NEVER_PASSED

    @property
    def share(self) -> float:
        """The part of the rows that it concerns."""
        return self.count / self.rows if self.rows else 1.0

    def document(self) -> dict[str, Any]:
        """The finding as a table keeps it, in no language."""
        plain = {"gate": self.gate, "column": self.column, "count": self.count, "rows": self.rows, "examples": list(self.examples)}
        return plain | {"sentence": kept(self.sentence), "remedy": kept(self.remedy)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Finding:
        """What :meth:`document` wrote."""
        facts = {name: document[name] for name in ("gate", "column", "count", "rows")}
        return cls(**facts, sentence=told(document["sentence"]), remedy=told(document["remedy"]), examples=tuple(document["examples"]))


@dataclass(frozen=True)
class Passed:
    """A finding that somebody let pass, with the reason and the share of rows it then concerned."""

    gate: str
    column: str
    share: float
    reason: str
    actor_name: str

    def covers(self, finding: Finding) -> bool:
        """Whether it still holds: the same rule at the same column, and hardly more rows than were seen then."""
        return (finding.gate, finding.column) == (self.gate, self.column) and finding.share <= self.share * _GROWTH


def blocking(findings: list[Finding], passed: list[Passed]) -> list[Finding]:
    """The findings that hold the data back."""
    return [one for one in findings if not (one.passable and any(two.covers(one) for two in passed))]


def require_passed(findings: list[Finding], passed: list[Passed]) -> None:
    """
    Refuse while a finding holds the data back.

    :raises Blocked: naming the first.
    """
    held = blocking(findings, passed)
    if held:
        raise Blocked(held[0].sentence, remedy=held[0].remedy)
