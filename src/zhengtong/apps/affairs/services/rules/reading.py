"""Files of items: a workbook with a sheet for each table, or one table as CSV; every row with its number in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import charset_normalizer
import python_calamine

from zhengtong.engines.dataflow.connectors.files.weighing import require_openable
from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: the largest file that is taken, and the most rows of all sheets
MOST_BYTES, MOST_ROWS = 30 * 2**20, 100_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class ItemFileRefused(Invalid):
    """文件不能作为事项读取。"""

    code = "service-file-refused"


@dataclass(frozen=True)
class Row:
    """A row: its sheet (empty for CSV), its number in the file, and its cells as text by the name of the column."""

    sheet: str
    number: int
    cells: dict[str, str]


def read(data: bytes) -> list[Row]:
    """
    Every row that is not empty. The name of a column is the first word of its head, so that ``task_name 事项名称`` is ``task_name``.

    :raises ItemFileRefused: with the reason.
    """
    if not data.strip():
        raise ItemFileRefused("文件是空的", field="file")
    if len(data) > MOST_BYTES:
        raise ItemFileRefused(say("文件超过 {most} MB", most=MOST_BYTES // 2**20), field="file", remedy="分成几个文件")
    sheets = _workbook(data) if data.startswith((_ZIP, _OLE)) else {"": _csv(data)}
    found = [row for name, rows in sheets.items() for row in _rows(name, rows)]
    if not found:
        raise ItemFileRefused("文件里没有事项", field="file", remedy="第一行写列名,以下每行一个事项")
    if len(found) > MOST_ROWS:
        raise ItemFileRefused(say("文件超过 {most} 行", most=MOST_ROWS), field="file", remedy="分成几个文件")
    return found


def _rows(sheet: str, rows: Sequence[Sequence[Any]]) -> list[Row]:
    head = next((place for place, row in enumerate(rows) if any(_text(cell) for cell in row)), None)
    if head is None:
        return []
    names = [_text(cell).split(maxsplit=1)[0] if _text(cell) else "" for cell in rows[head]]
    found = []
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        cells = {name: _text(cell) for name, cell in zip(names, row, strict=False) if name}
        if any(cells.values()):
            found.append(Row(sheet, number, cells))
    return found


def _workbook(data: bytes) -> dict[str, list[list[Any]]]:
    try:
        require_openable(data)
        book = python_calamine.load_workbook(io.BytesIO(data))
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except UnreadableFile as exc:
        raise ItemFileRefused(exc.sentence, field="file", remedy=exc.remedy) from exc
    except python_calamine.PasswordError as exc:
        raise ItemFileRefused("文件有密码", field="file", remedy="去掉密码后再导入") from exc
    except (python_calamine.CalamineError, ValueError, OSError) as exc:
        raise ItemFileRefused("Excel 文件已损坏,或不是 xls、xlsx、ods", field="file") from exc


def _csv(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    if "\x00" in text:
        raise ItemFileRefused("这不是 Excel 或 CSV 文件", field="file", remedy="另存为 xlsx 或 csv 后再导入")
    try:
        return [[_harmless(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as exc:
        raise ItemFileRefused(say("CSV 读不出来:{exc}", exc=exc), field="file", remedy="另存为 xlsx 后再导入") from exc


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = charset_normalizer.from_bytes(data).best()
    if best is None:
        raise ItemFileRefused("认不出文件的编码", field="file", remedy="另存为 UTF-8")
    return str(best)


def _harmless(cell: str) -> str:
    """Cells that an export made harmless (``'=…``) become what they were."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r\n'" else cell


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return (cell.date() if isinstance(cell, datetime) else cell).isoformat()
    if isinstance(cell, str):
        return _harmless(cell).strip()
    return "" if cell is None else str(cell)
