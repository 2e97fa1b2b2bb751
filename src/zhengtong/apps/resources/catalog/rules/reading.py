"""Files of records: what a file is by its content, and the records in it, each with its place."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import charset_normalizer
import python_calamine

from zhengtong.apps.resources.catalog.rules import national_form
from zhengtong.apps.resources.catalog.rules.mapping import target_of
from zhengtong.engines.dataflow.connectors.files.weighing import require_openable
from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: The largest file that is taken.
MOST_BYTES = 50 * 2**20
#: The most that a workbook, which is an archive, may unpack to.
MOST_UNPACKED = 500 * 2**20
_HEAD_ROWS = 12
#: Key under which cells stand that have no column, and a value that is no record at all.
EXTRA = "__extra__"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class FileRefused(Invalid):
    """文件不能作为目录读取。"""

    code = "import-file-refused"


@dataclass(frozen=True)
class Record:
    """A record as the file has it; ``position`` is its row or its number in the array, from 1."""

    position: int
    values: dict[str, Any]


def kind_of(data: bytes) -> str:
    """
    What a file is by its content: ``workbook``, ``json`` or ``csv``.

    :raises FileRefused: if it is empty, too large, or none of them.
    """
    if not data.strip():
        raise FileRefused("文件是空的", field="file")
    if len(data) > MOST_BYTES:
        raise FileRefused(say("文件超过 {most} MB", most=MOST_BYTES // 2**20), field="file", remedy="分成几个文件")
    if data.startswith((_ZIP, _OLE)):
        _require_reasonable(data)
        return "workbook"
    head = data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith((b"[", b"{")):
        return "json"
    binary = b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if binary or head[:5].lower() in {b"<?xml", b"<html", b"<!doc", b"%pdf-"}:
        raise FileRefused("这不是 Excel、CSV 或 JSON 文件", field="file", remedy="另存为 xlsx、csv 或 json 后再导入")
    return "csv"


def _require_reasonable(data: bytes) -> None:
    """Refuse an archive that unpacks to more than any catalog holds, before anything unpacks it."""
    if not data.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as exc:
        raise FileRefused("Excel 文件已损坏,或不是 xls、xlsx、ods", field="file") from exc
    if unpacked > MOST_UNPACKED:
        raise FileRefused(say("文件解开后超过 {most} MB", most=MOST_UNPACKED // 2**20), field="file", remedy="分成几个文件")


def read(data: bytes) -> list[Record]:
    """
    All records of a file.

    :raises FileRefused: with the reason, if it cannot be read or has no records.
    """
    kind = kind_of(data)
    records = {"workbook": _workbook, "json": _json, "csv": _csv}[kind](data)
    if not records:
        raise FileRefused("文件里没有记录", field="file")
    return records


def field_names(records: Sequence[Record]) -> list[str]:
    """The field names in the order in which they first appear."""
    return list(dict.fromkeys(name for record in records for name in record.values if name != EXTRA))


# ------------------------------------------------------------------ JSON
def _json(data: bytes) -> list[Record]:
    try:
        whole = json.loads(decoded(data))
    except (ValueError, RecursionError) as exc:
        raise FileRefused("不是完整的 JSON", field="file") from exc
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if isinstance(value, list)]
        whole = lists[0] if len(lists) == 1 and not isinstance(whole.get("title"), str) else [whole]
    if not isinstance(whole, list):
        raise FileRefused("JSON 里应当是记录的数组", field="file")
    return [Record(number, one if isinstance(one, dict) else {EXTRA: one}) for number, one in enumerate(whole, start=1)]


# ------------------------------------------------------------------ text
def decoded(data: bytes) -> str:
    """
    Text in UTF-8, UTF-16 with a mark, GB18030, or what its letters look most like.

    :raises FileRefused: if it is no text.
    """
    marked = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
    encodings = [name for mark, name in marked.items() if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = charset_normalizer.from_bytes(data).best()
    if best is None:
        raise FileRefused("认不出文件的编码", field="file", remedy="另存为 UTF-8")
    return str(best)


def _csv(data: bytes) -> list[Record]:
    text = decoded(data)
    delimiter = _delimiter(text[:20_000])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, places = list[list[Any]](), list[int]()
    try:
        for row in reader:
            rows.append([_unquoted(cell) for cell in row])
            places.append(reader.line_num)
    except csv.Error as exc:
        raise FileRefused(say("第 {line} 行读不出来:{exc}", line=reader.line_num, exc=exc), field="file") from exc
    head = national_form.head_row(rows)
    if head is not None:
        return [Record(places[number - 1], record) for number, record in national_form.entries(rows, [], head)]
    return _table(rows, places)


def _delimiter(sample: str) -> str:
    """What stands between the cells of the row that names a title; else what a statistic of the signs says."""
    for one in ",;\t|":
        head = list(csv.reader(io.StringIO(sample, newline=""), delimiter=one))[:_HEAD_ROWS]
        if any(len(row) > 1 and any(target_of(cell) == "title" for cell in row) for row in head):
            return one
    try:
        return csv.Sniffer().sniff(sample, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def _unquoted(cell: str) -> str:
    """Cells that our own export made harmless (``'=…``) become what they were."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r'" else cell


# ------------------------------------------------------------------ workbooks
def _workbook(data: bytes) -> list[Record]:
    try:
        require_openable(data)
        book = python_calamine.load_workbook(io.BytesIO(data))
        found = list[Record]()
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            rows = [[_value(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            if any(cell for row in rows for cell in row):
                found += _sheet(rows, [(*one[0], *one[1]) for one in sheet.merged_cell_ranges or ()], first=not found)
    except UnreadableFile as exc:
        raise FileRefused(exc.sentence, field="file", remedy=exc.remedy) from exc
    except python_calamine.PasswordError as exc:
        raise FileRefused("文件有密码", field="file", remedy="去掉密码后再导入") from exc
    except (python_calamine.CalamineError, ValueError, OSError) as exc:
        raise FileRefused("Excel 文件已损坏,或不是 xls、xlsx、ods", field="file") from exc
    return found


def _value(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell.strip() if isinstance(cell, str) else cell


def _sheet(rows: national_form.Cells, merged: list[national_form.Range], *, first: bool) -> list[Record]:
    head = national_form.head_row(rows)
    if head is not None:
        return [Record(number, record) for number, record in national_form.entries(rows, merged, head)]
    if not first and not _looks_like_a_head(rows):
        return []  # notes and code lists beside the table
    return _table(rows, list(range(1, len(rows) + 1)))


def _looks_like_a_head(rows: Sequence[Sequence[Any]]) -> bool:
    return any(target_of(str(cell)) == "title" for row in rows[:_HEAD_ROWS] for cell in row if cell)


# ------------------------------------------------------------------ plain tables
def _table(rows: list[list[Any]], places: list[int]) -> list[Record]:
    head = next(
        (number for number, row in enumerate(rows[:_HEAD_ROWS]) if any(target_of(str(cell)) == "title" for cell in row if cell)),
        next((number for number, row in enumerate(rows) if any(_filled(cell) for cell in row)), None),
    )
    if head is None:
        return []
    names = list(_column_names(rows[head]))
    found = []
    for row, place in zip(rows[head + 1 :], places[head + 1 :], strict=True):
        if not any(_filled(cell) for cell in row):
            continue
        values: dict[str, Any] = dict(zip(names, [*row, *[None] * (len(names) - len(row))], strict=False))
        extra = [cell for cell in row[len(names) :] if _filled(cell)]
        found.append(Record(place, values | ({EXTRA: extra} if extra else {})))
    return found


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _column_names(row: list[Any]) -> Iterator[str]:
    seen = dict[str, int]()
    width = max((place for place, cell in enumerate(row, start=1) if _filled(cell)), default=0)
    for place, cell in enumerate(row[:width], start=1):
        name = str(cell).strip() if _filled(cell) else f"第{place}列"  # data: the name of a column without one
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}_{seen[name]}"
