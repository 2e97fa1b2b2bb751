"""
Items as tables under the national column names, one sheet a table; what is written is read back unchanged.

A row below an item names it by ``code``, the implementation or handling code. Several codes in one cell stand apart by ``,``, flags are
1 and 0, days ISO 8601.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from zhengtong.apps.affairs.services.rules import codes, elements
from zhengtong.apps.affairs.services.rules.content import ROWS, Content
from zhengtong.apps.affairs.services.rules.elements import Element, Kind
from zhengtong.apps.affairs.services.rules.reading import Row
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.sentences import Sentence, say

#: sheet → table of the content
SHEETS: Mapping[str, str] = {
    "material": "materials",
    "fee": "fees",
    "questions": "questions",
    "step": "steps",
    "result": "results",
    "punish": "punishments",
}
BASIC, EXTEND = "basic", "extend"
#: the elements of the sheet ``basic``; all others stand in ``extend``
_BASIC = (
    *("task_name", "local_catalog_code", "local_task_code", "by_law", "power_source", "dept_type", "entrust_name"),
    *("anticipate_day", "anticipate_type", "anticipate_explain", "promise_day", "promise_type", "promise_explain"),
    *("accept_condition", "handle_flow", "special_procedure", "is_fee", "fee_basis", "server_type", "project_type", "handle_type"),
    *("limit_scene_num", "link_addr", "mobile_terminal_url", "is_single_login", "app_is_single_login", "transact_addr", "transact_time"),
    *("link_way", "supervise_way", "plan_effective_date", "plan_cancel_date"),
)
_EXTEND = tuple(name for name in elements.ELEMENTS if name not in _BASIC)
#: what the code and the platform say, in front of and behind the elements of ``basic``
_IDENTITY = ("catalog_code", "task_code", "task_handle_item", "task_type", "use_level", "dept_code", "dept_name")
_STANDING = ("task_state", "task_version", "row_guid", "cd_operation", "cd_batch", "cd_time", "data_source")
_OWN_LABELS: Mapping[str, str] = {
    "catalog_code": "基本编码",
    "task_code": "实施编码",
    "task_handle_item": "业务办理项编码",
    "task_type": "事项类型",
    "use_level": "行使层级",
    "dept_code": "实施主体编码",
    "dept_name": "实施主体名称",
    "task_state": "事项状态",
    "task_version": "事项版本",
    "row_guid": "记录唯一标识",
    "cd_operation": "操作标识",
    "cd_batch": "批次",
    "cd_time": "操作时间",
    "data_source": "数据来源",
    "code": "事项编码",
}

#: what a cell that cannot be read should hold
_REMEDY_LABELS: Mapping[Kind, str] = {
    Kind.NUMBER: "写整数",
    Kind.FLAG: "写 1 或 0",
    Kind.DAY: "写成 2026-01-31",
    Kind.JSON: "写一个 JSON 对象",
}


@dataclass(frozen=True)
class Written:
    """An item as it goes into a file."""

    code: codes.ItemCode
    office_name: str
    content: Content
    state: int
    version: int
    guid: str
    at: datetime
    source: str


@dataclass(frozen=True)
class Bad:
    """A row that was not taken: where it stands, what it says, and why not."""

    sheet: str
    number: int
    record: dict[str, str]
    field: str
    rule: str
    sentence: Sentence
    remedy: Sentence


@dataclass(frozen=True)
class Given:
    """An item as a file gives it: its code, what it says, and the row it stands in."""

    code: codes.ItemCode
    content: Content
    row: Row
    #: what was put right on the way
    notes: tuple[Sentence, ...] = ()


@dataclass
class Taken:
    """What a file holds."""

    items: list[Given] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


def bad(row: Row, error: ZhengtongError, *, rule: str = "") -> Bad:
    """A row that an error keeps out."""
    named = rule or str(getattr(error, "rule", "") or error.code)
    return Bad(row.sheet, row.number, row.cells, error.field, named, error.sentence, error.remedy)


# ------------------------------------------------------------------ out
def heads() -> dict[str, list[str]]:
    """Every sheet with its columns."""
    sheets = {BASIC: [*_IDENTITY, *_BASIC, *_STANDING], EXTEND: ["code", *_EXTEND]}
    return sheets | {sheet: ["code", *(one.name for one in _columns(table)), *_order(table)] for sheet, table in SHEETS.items()}


def _order(table: str) -> tuple[str, ...]:
    return ("order_num",) if table == "materials" else ()


def _columns(table: str) -> tuple[Element, ...]:
    return (*elements.TABLES[table], *elements.KEPT_BY_PLATFORM.get(table, ()))


def title(column: str) -> str:
    """How a column is headed: its national name and what it is called."""
    label = _OWN_LABELS.get(column) or elements.ELEMENT_LABELS.get(column) or ("排序" if column == "order_num" else "")
    return f"{column} {label}" if label else column


def rows_of(item: Written) -> Iterator[tuple[str, list[Any]]]:
    """The rows of an item with their sheets."""
    code, said = item.code, item.content
    identity = [code.basic.text, code.task, code.text if code.handle else "", code.basic.type, code.level, code.office, item.office_name]
    standing = [
        item.state,
        item.version,
        item.guid,
        "I" if item.version <= 1 else "U",
        item.at.strftime("%Y%m%d"),
        item.at.isoformat(),
        item.source,
    ]
    yield BASIC, [*identity, *(_cell(elements.ELEMENTS[name], getattr(said, name)) for name in _BASIC), *standing]
    yield EXTEND, [code.text, *(_cell(elements.ELEMENTS[name], getattr(said, name)) for name in _EXTEND)]
    for sheet, table in SHEETS.items():
        for place, one in enumerate(getattr(said, table), start=1):
            cells = [_cell(column, getattr(one, column.name)) for column in _columns(table)]
            yield sheet, [code.text, *cells, *([place] if _order(table) else [])]


def _cell(column: Element, value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case tuple():
            return ("、" if column.kind is Kind.WORDS else ",").join(value)
        case date():
            return value.isoformat()
        case dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
        case _:
            return value


def new_rows(code: codes.ItemCode, content: Content) -> Iterator[tuple[str, list[Any]]]:
    """The rows of an item that is in no table so far, without what the platform says."""
    extra = len(_STANDING)
    for sheet, cells in rows_of(Written(code, "", content, 0, 0, "", datetime.min, "")):  # noqa: DTZ901 - left out below
        yield sheet, [*cells[:-extra], *[""] * extra] if sheet == BASIC else cells


# ------------------------------------------------------------------ in
def is_ours(rows: Iterable[Row]) -> bool:
    """Whether a file is in our column form."""
    return any("task_code" in row.cells and "catalog_code" in row.cells for row in rows)


def take(rows: Sequence[Row]) -> Taken:
    """The items of a file in our column form."""
    taken, by_code = Taken(), dict[str, list[Row]]()
    below: dict[str, dict[str, list[Any]]] = {}
    main = [row for row in rows if row.sheet in {BASIC, ""}]
    for row in rows:
        if row.sheet not in {BASIC, ""}:
            by_code.setdefault(row.cells.get("code", ""), []).append(row)
    known = {_code_text(row) for row in main}
    for code, found in by_code.items():
        for row in found:
            _below(row, code, code in known, below, taken)
    seen = set[str]()
    for row in main:
        _main(row, below, seen, taken)
    return taken


def _code_text(row: Row) -> str:
    return row.cells.get("task_handle_item") or row.cells.get("task_code", "")


def _refused(row: Row, name: str, rule: str, sentence: str, remedy: str) -> Bad:
    return Bad(row.sheet, row.number, row.cells, name, rule, say(sentence), say(remedy))


def _below(row: Row, code: str, known: bool, below: dict[str, dict[str, list[Any]]], taken: Taken) -> None:  # noqa: FBT001 - a fact
    if not known:
        taken.bad.append(_refused(row, "code", "no-item", "表 basic 里没有这个编码的事项", "核对编码,或在 basic 表里补上事项"))
        return
    if row.sheet not in {EXTEND, *SHEETS}:
        taken.bad.append(
            _refused(row, "sheet", "sheet", say("没有名为“{sheet}”的表", sheet=row.sheet), "表名写 basic、extend、material 等")
        )
        return
    table = SHEETS.get(row.sheet, EXTEND)
    columns = _columns(table) if table != EXTEND else tuple(elements.ELEMENTS[name] for name in _EXTEND)
    values = _values(row, columns, taken)
    if values is not None:
        below.setdefault(code, {}).setdefault(table, []).append(values if table == EXTEND else ROWS[table](**values))


def _main(row: Row, below: Mapping[str, Mapping[str, list[Any]]], seen: set[str], taken: Taken) -> None:
    text = _code_text(row)
    try:
        code = codes.parse(text, field="task_handle_item" if row.cells.get("task_handle_item") else "task_code")
    except ZhengtongError as exc:
        taken.bad.append(bad(row, exc))
        return
    for name, part in (("task_code", code.task), ("catalog_code", code.basic.text), ("use_level", code.level), ("dept_code", code.office)):
        if row.cells.get(name) and row.cells[name] != part:
            taken.bad.append(_refused(row, name, "code-parts", "与编码里的这一段不一致", "以编码为准改正这一列,或改正编码"))
            return
    if text in seen:
        taken.bad.append(_refused(row, "task_code", "unique", "同一个编码在文件里出现了两次", "保留一行,或另编业务办理项编码"))
        return
    seen.add(text)
    columns = [elements.ELEMENTS[name] for name in (_BASIC if row.sheet else elements.ELEMENTS)]
    values = _values(row, columns, taken)
    if values is None:
        return
    parts = below.get(text, {})
    for one in parts.get(EXTEND, []):
        values |= one
    tables: dict[str, Any] = {table: tuple(parts[table]) for table in ROWS if table in parts}
    taken.items.append(Given(code, Content(**values, **tables), row))


def _values(row: Row, columns: Iterable[Element], taken: Taken) -> dict[str, Any] | None:
    """The values of a row; None, with the reason kept, if one of them cannot be read."""
    values = {}
    for column in columns:
        text = row.cells.get(column.name)
        if text is None:
            continue
        try:
            values[column.name] = value_of(column, text)
        except ValueError:
            sentence = say("{label}读不出来", label=say(column.label))
            taken.bad.append(_refused(row, column.name, "type", sentence, _REMEDY_LABELS.get(column.kind, "核对这一列")))
            return None
    return values


def value_of(column: Element, text: str) -> Any:
    """
    What a cell says.

    :raises ValueError: if it cannot be read as what the element is.
    """
    read = _READERS.get(column.kind, str)
    return read(text.strip())


def _day(text: str) -> date | None:
    if len(text) == len("YYYYMMDD"):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return date.fromisoformat(text) if text else None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,,;;\s]+", text) if part)


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[、,,]", text) if part.strip())


def _whole(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.lstrip("-").isdecimal():
        raise ValueError
    return int(text)


def _flag(text: str) -> bool | None:
    known = {"": None, "1": True, "0": False, "是": True, "否": False}
    if text not in known:
        raise ValueError
    return known[text]


def _document(text: str) -> dict[str, Any]:
    document = json.loads(text) if text else {}
    if not isinstance(document, dict):
        raise ValueError  # noqa: TRY004 - whoever reads a cell knows one error
    return document


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.NUMBER: _whole,
    Kind.FLAG: _flag,
    Kind.DAY: _day,
    Kind.CHOICES: _codes,
    Kind.WORDS: _words,
    Kind.JSON: _document,
}
