"""One shape for everything that is wrong with an entry or a record: the field, what it said, the rule, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import Kept, in_turn, kept, say


@dataclass(frozen=True)
class Finding:
    """A rule that was not met. ``rule`` and ``remedy`` are sentences for people, ``kind`` is for machines."""

    kind: str
    field: str
    rule: str
    remedy: str
    value: str = ""

    def as_kept(self) -> dict[str, Kept]:
        """The finding as it is kept: its sentences can still be said in any language."""
        return {"kind": self.kind, "field": self.field, "value": self.value, "rule": kept(self.rule), "remedy": kept(self.remedy)}


class Incomplete(Invalid):
    """目录还缺法定要素,已一次列出。"""

    code = "catalog-incomplete"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        super().__init__(
            say("还有 {count} 处不完整:{gaps}", count=len(self.findings), gaps=in_turn(one.rule for one in self.findings)),
            field=first.field,
            remedy=first.remedy,
        )
