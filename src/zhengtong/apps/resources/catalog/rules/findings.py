"""One shape for everything that is wrong with an entry or a record: the field, what it said, the rule, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhengtong.kernel.errors import Invalid


@dataclass(frozen=True)
class Finding:
    """A rule that was not met. ``rule`` and ``remedy`` are sentences for people, ``kind`` is for machines."""

    kind: str
    field: str
    rule: str
    remedy: str
    value: str = ""

    def as_dict(self) -> dict[str, str]:
        """The finding as it is kept and exported."""
        return {"kind": self.kind, "field": self.field, "value": self.value, "rule": self.rule, "remedy": self.remedy}


class Incomplete(Invalid):
    """目录还缺法定要素,已一次列出。"""

    code = "catalog-incomplete"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        super().__init__(
            f"还有 {len(self.findings)} 处不完整:" + ";".join(one.rule for one in self.findings), field=first.field, remedy=first.remedy
        )
