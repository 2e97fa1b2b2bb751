"""
The catalog as files: the national form (one row per item, grouped head, merged cells), the same as CSV, and JSON.

What is written comes back unchanged through ``reading`` and ``taking``. Cells that a spreadsheet would run as formulas are kept as text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from zhengtong.apps.resources.catalog.rules.content import Content, ItemContent
from zhengtong.apps.resources.catalog.rules.vocabulary import (
    CYCLE_LABELS,
    DATA_TYPE_LABELS,
    FORMAT_LABELS,
    MODE_LABELS,
    PLATFORM_MODES,
    SENSITIVITY_LABELS,
    SHARING_LABELS,
    label,
)

_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Written:
    """An entry as it goes into a file."""

    code: str
    office: str
    office_name: str
    published_on: date | None
    content: Content


def _yes(value: bool | None) -> str:  # noqa: FBT001 - a value, not a switch
    return "" if value is None else "是" if value else "否"


def _modes(codes: Sequence[str]) -> str:
    return "、".join(label(MODE_LABELS, code) for code in codes)


def _mode_groups(codes: Sequence[str]) -> str:
    groups = ["共享平台方式" if code in PLATFORM_MODES else "其他方式" for code in codes]
    return "、".join(dict.fromkeys(groups))


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


#: (group, column, value) of an entry's own columns before and after its items, in the order of the national form
_BEFORE: tuple[tuple[str, str, Callable[[Written], Any]], ...] = (
    ("", "信息资源名称", lambda one: one.content.name),
    ("", "信息资源代码", lambda one: one.code),
    ("", "分类码", lambda one: one.content.class_code),
    ("信息资源提供方", "资源提供单位", lambda one: one.office_name),
    ("信息资源提供方", "内设机构", lambda one: one.content.section),
    ("", "资源提供方代码", lambda one: one.office),
    ("", "信息资源摘要", lambda one: one.content.summary),
    ("信息资源格式", "格式分类", lambda one: label(FORMAT_LABELS, one.content.format_class)),
    ("信息资源格式", "格式类型", lambda one: "、".join(one.content.format_types)),
)
_ITEM: tuple[tuple[str, str, Callable[[ItemContent], Any]], ...] = (
    ("信息项信息", "信息项名称", lambda item: item.name),
    ("信息项信息", "英文名", lambda item: item.key),
    ("信息项信息", "数据类型", lambda item: label(DATA_TYPE_LABELS, item.data_type)),
    ("信息项信息", "数据长度", lambda item: item.length),
    ("信息项信息", "小数位数", lambda item: item.precision),
    ("信息项信息", "是否主键", lambda item: _yes(item.is_key)),
    ("信息项信息", "是否可空", lambda item: _yes(item.nullable)),
    ("信息项信息", "可按值查询", lambda item: _yes(item.searchable)),
    ("信息项信息", "字典项", lambda item: item.dictionary),
    ("信息项信息", "敏感类别", lambda item: label(SENSITIVITY_LABELS, item.sensitivity) if item.sensitivity else ""),
    ("信息项信息", "项共享类型", lambda item: label(SHARING_LABELS, item.sharing_type)),
    ("信息项信息", "项共享条件", lambda item: item.sharing_condition),
    ("信息项信息", "项共享方式", lambda item: _modes(item.sharing_modes)),
    ("信息项信息", "项是否开放", lambda item: _yes(item.is_open)),
    ("信息项信息", "项开放条件", lambda item: item.open_condition),
    ("信息项信息", "项说明", lambda item: item.description),
)
_AFTER: tuple[tuple[str, str, Callable[[Written], Any]], ...] = (
    ("共享属性", "共享类型", lambda one: label(SHARING_LABELS, one.content.sharing_type)),
    ("共享属性", "共享条件", lambda one: one.content.sharing_condition),
    ("共享属性", "共享范围", lambda one: one.content.sharing_scope),
    ("共享属性", "使用用途", lambda one: one.content.sharing_purpose),
    ("共享方式", "方式分类", lambda one: _mode_groups(one.content.sharing_modes)),
    ("共享方式", "共享方式类型", lambda one: _modes(one.content.sharing_modes)),
    ("开放属性", "是否向社会开放", lambda one: _yes(one.content.is_open)),
    ("开放属性", "开放条件", lambda one: one.content.open_condition),
    ("", "更新周期", lambda one: label(CYCLE_LABELS, one.content.update_cycle)),
    ("", "更新周期说明", lambda one: one.content.update_cycle_text),
    ("", "发布日期", lambda one: _day(one.published_on)),
    ("", "数据更新日期", lambda one: _day(one.content.data_updated_on)),
    ("", "关联资源代码", lambda one: ",".join(one.content.related_codes)),
    ("扩展信息", "依据", lambda one: one.content.legal_basis),
    ("扩展信息", "数据分级", lambda one: one.content.data_level),
    ("扩展信息", "主题", lambda one: ",".join(one.content.themes)),
    ("扩展信息", "标签", lambda one: ",".join(one.content.tags)),
    ("扩展信息", "联系方式", lambda one: one.content.contact),
    ("扩展信息", "来源网址", lambda one: one.content.url),
)
_HEADS = [(group, name) for group, name, _get in (*_BEFORE, *_ITEM, *_AFTER)]


def _rows(entry: Written) -> list[list[Any]]:
    """The entry's rows: its own columns only in the first, one row per item."""
    before, after = [get(entry) for *_, get in _BEFORE], [get(entry) for *_, get in _AFTER]
    items = [[get(item) for *_, get in _ITEM] for item in entry.content.items] or [[None] * len(_ITEM)]
    return [[*before, *item, *after] for item in items]


def workbook(entries: Iterable[Written]) -> bytes:
    """The national form as an Excel file; cells that hold for all items of an entry are merged."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    sheet.title = "信息资源目录"
    _head(sheet)
    place = 3
    own = [*range(1, len(_BEFORE) + 1), *range(len(_BEFORE) + len(_ITEM) + 1, len(_HEADS) + 1)]
    top = Alignment(vertical="top", wrap_text=True)
    for entry in entries:
        rows = _rows(entry)
        for offset, row in enumerate(rows):
            for column, value in enumerate(row, start=1):
                if value in ("", None) or (offset and column in own):
                    continue
                cell = sheet.cell(place + offset, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula
                cell.alignment = top
        if len(rows) > 1:
            # not merge_cells, which compares each range with all before it
            sheet.merged_cells.ranges.update(
                CellRange(min_row=place, max_row=place + len(rows) - 1, min_col=column, max_col=column) for column in own
            )
        place += len(rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Worksheet) -> None:
    fill = PatternFill("solid", fgColor="E4EEFB")
    begin = 1
    for column, (group, name) in enumerate(_HEADS, start=1):
        sheet.cell(1, column, group or name)
        sheet.cell(2, column, name)
        if not group:
            sheet.merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)
        if column == 1 or group != _HEADS[column - 2][0]:
            begin = column
        if group and (column == len(_HEADS) or _HEADS[column][0] != group) and column > begin:
            sheet.merge_cells(start_row=1, end_row=1, start_column=begin, end_column=column)
        for row in (1, 2):
            sheet.cell(row, column).font = Font(bold=True)
            sheet.cell(row, column).fill = fill
        sheet.column_dimensions[get_column_letter(column)].width = 24 if "名称" in name or "摘要" in name else 14
    sheet.freeze_panes = "B3"


def harmless(value: Any) -> Any:
    """A CSV cell that no spreadsheet runs as a formula; reading takes the mark away again."""
    if isinstance(value, str) and value.startswith((*_RISKY, "'")):
        return f"'{value}"
    return value


def csv_parts(entries: Iterable[Written]) -> Iterator[bytes]:
    """One row per item under a single head, in UTF-8 with a mark so that Excel reads it; a piece for each entry."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([name for _group, name in _HEADS])
    yield out.getvalue().encode("utf-8-sig")
    for entry in entries:
        out.seek(0)
        out.truncate()
        writer.writerows([harmless(value) for value in row] for row in _rows(entry))
        yield out.getvalue().encode()


def json_parts(entries: Iterable[Written]) -> Iterator[bytes]:
    """An array of documents with codes instead of words; a piece for each entry."""
    before = b"[\n"
    for entry in entries:
        own = {"code": entry.code, "office": entry.office, "office_name": entry.office_name, "published_on": _day(entry.published_on)}
        yield before + json.dumps(entry.content.document() | own, ensure_ascii=False, indent=1).encode()
        before = b",\n"
    yield b"[]" if before == b"[\n" else b"\n]"


def workbook_parts(entries: Iterable[Written]) -> Iterator[bytes]:
    """:func:`workbook` as one piece: a spreadsheet is compressed as a whole."""
    yield workbook(entries)


#: file ending → how entries are written, piece by piece; all but the spreadsheet in memory for one entry
WRITERS: dict[str, Callable[[Iterable[Written]], Iterator[bytes]]] = {"xlsx": workbook_parts, "csv": csv_parts, "json": json_parts}


def table_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Any table as harmless CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
