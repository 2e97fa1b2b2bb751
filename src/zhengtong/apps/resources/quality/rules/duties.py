"""A file of duties 职责清单 as a bureau hands it in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from zhengtong.apps.resources.quality.rules.standards import MOST_BYTES, MOST_ROWS, RefusedRow, decoded
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

DUTY_COLUMNS = {"office": "单位代码", "number": "序号", "name": "职责", "legal_basis": "依据"}
_LONGEST = {"office": 18, "number": 20, "name": 300, "legal_basis": 500}


class DutyInvalid(Invalid):
    """职责清单不合要求。"""

    code = "duty-invalid"


@dataclass(frozen=True)
class DutyRow:
    """A good row: the office's credit code, the duty's number there, its words and its legal basis."""

    line: int
    office: str
    number: str
    name: str
    legal_basis: str


def read_duties(data: bytes) -> Iterator[DutyRow | RefusedRow]:
    """
    The rows of a file, the bad ones with the rule.

    :raises StandardInvalid: if its encoding is not known.
    :raises DutyInvalid: if it is too large or lacks a column.
    """
    if len(data) > MOST_BYTES:
        raise DutyInvalid("文件超过 4 MB", field="file", remedy="分成几个文件")
    rows = csv.DictReader(io.StringIO(decoded(data)))
    heads = "、".join(DUTY_COLUMNS.values())
    for head in DUTY_COLUMNS.values():
        if head not in (rows.fieldnames or ()):
            raise DutyInvalid(say("表头缺“{head}”", head=head), field="file", remedy=say("表头写:{heads}", heads=heads))
    seen = set[tuple[str, str]]()
    for line, row in enumerate(rows, start=2):
        if line > MOST_ROWS + 1:
            raise DutyInvalid(say("超过 {most} 行", most=MOST_ROWS), field="file", remedy="分成几个文件")
        said = {name: (row.get(head) or "").strip().removeprefix("'").replace("\x00", "") for name, head in DUTY_COLUMNS.items()}
        shown = "、".join(part for part in (said["office"], said["number"], said["name"][:40]) if part)
        if not shown:
            continue
        missing = next((name for name, value in said.items() if not value), "")
        long = next((name for name, value in said.items() if len(value) > _LONGEST[name]), "")
        key = (said["office"], said["number"])
        if missing:
            yield RefusedRow(line, shown, say("缺{head}", head=say(DUTY_COLUMNS[missing])), "补齐后重新导入")
        elif long:
            yield RefusedRow(line, shown, say("{head}超过 {most} 字", head=say(DUTY_COLUMNS[long]), most=_LONGEST[long]), "缩短后重新导入")
        elif key in seen:
            yield RefusedRow(line, shown, "同一单位的序号重复", "每个序号只写一行")
        else:
            seen.add(key)
            yield DutyRow(line, **said)
