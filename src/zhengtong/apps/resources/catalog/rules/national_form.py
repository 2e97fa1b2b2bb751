"""
The national fill-in form (发改高技〔2017〕1272号, Excel): a head of two rows with groups, merged cells, one row per item.

City copies rename, add and leave out columns, so the head is recognised by its words, not by its places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from zhengtong.apps.resources.catalog.rules.mapping import item_field, plain_name, target_of

Cells = list[list[Any]]
#: (first row, first column, last row, last column), counted from 0
Range = tuple[int, int, int, int]
ITEMS = "信息项信息"
_HEAD_ROWS = 12
_ITEM_NAME = {plain_name(name) for name in ("信息项名称", "数据项名称", "信息项", "字段中文名")}
#: Columns that may differ between the items of one entry, by our name for the entry's own field.
_BY_ITEM = {
    "sharing_type": "共享类型",
    "sharing_condition": "共享条件",
    "sharing_modes": "共享方式",
    "is_open": "是否向社会开放",
    "open_condition": "开放条件",
}


def spread(rows: Cells, merged: Sequence[Range]) -> Cells:
    """The rows with every merged cell's value in all the cells it covers."""
    full = [list(row) for row in rows]
    for top, left, bottom, right in merged:
        if top >= len(full) or left >= len(full[top]):
            continue
        value = full[top][left]
        for row in full[top : bottom + 1]:
            row[left : right + 1] = [value] * len(row[left : right + 1])
    return full


def head_row(rows: Cells) -> int | None:
    """The index of the row that names the columns' groups, or of the only head row; None when this is no such form."""
    for number, row in enumerate(rows[:_HEAD_ROWS]):
        names = {plain_name(str(cell)) for cell in row if cell not in (None, "")}
        has_title = any(target_of(name) == "title" for name in names)
        below = {plain_name(str(cell)) for cell in (rows[number + 1] if number + 1 < len(rows) else [])}
        if has_title and (names | below) & _ITEM_NAME:
            return number
    return None


def columns(rows: Cells, head: int) -> tuple[list[tuple[str, str]], int]:
    """(group, name) of every column, and the index of the first row below the head."""
    first = [_cell(cell) for cell in rows[head]]
    below = [_cell(cell) for cell in rows[head + 1]] if head + 1 < len(rows) else []
    below += [""] * (len(first) - len(below))
    if not _is_second_head(first, below):
        return [("", name) for name in first], head + 1
    groups, last = [], ""
    for name, leaf in zip(first, below, strict=False):
        last = name or (last if leaf else "")
        groups.append(last)
    return [("" if not leaf or leaf == group else group, leaf or group) for group, leaf in zip(groups, below, strict=False)], head + 2


def _is_second_head(first: list[str], below: list[str]) -> bool:
    """A second head row stands where it names item columns, or repeats what merged cells of the first named."""
    if any(plain_name(name) in _ITEM_NAME for name in first):
        return sum(1 for one, other in zip(first, below, strict=False) if one and one == other) > 1
    return True


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def entries(rows: Cells, merged: Sequence[Range], head: int) -> list[tuple[int, dict[str, Any]]]:
    """
    (row number in the sheet, record) of each entry: its columns as ``group/name`` and its items as a list under ``信息项信息``.

    Rows belong together while their resource columns are merged, blank, or repeat the row above and both name an item.
    """
    names, start = columns(spread(rows[: head + 2], [one for one in merged if one[0] <= head + 1]) + rows[head + 2 :], head)
    full = spread(rows, merged)
    inside = [_is_item_column(group, name) for group, name in names]
    labels = [name if item or not group else f"{group}/{name}" for (group, name), item in zip(names, inside, strict=True)]
    found = list[tuple[int, list[list[Any]]]]()
    for number, row in enumerate(full[start:], start=start):
        cells = [row[place] if place < len(row) else None for place in range(len(labels))]
        if not any(_cell(cell) for cell in cells):
            continue
        if found and _continues(found[-1][1][-1], cells, inside, labels):
            found[-1][1].append(cells)
        else:
            found.append((number + 1, [cells]))
    return [(number, _record(block, labels, inside)) for number, block in found]


def _is_item_column(group: str, name: str) -> bool:
    if group:
        return plain_name(group) in {plain_name(ITEMS), "信息项", "数据项信息", "数据项"} and bool(item_field(name))
    return plain_name(name) in _ITEM_NAME or bool(item_field(name) and not target_of(name))


def _continues(above: list[Any], row: list[Any], inside: list[bool], labels: list[str]) -> bool:
    has_item = any(_cell(cell) for cell, item in zip(row, inside, strict=True) if item)
    if not has_item:
        return False
    own = [(_cell(cell), _cell(old), label) for cell, old, label, item in zip(row, above, labels, inside, strict=True) if not item]
    keyed = [
        (cell, old) for cell, old, label in own if target_of(label.rpartition("/")[2]) not in _BY_ITEM and target_of(label) not in _BY_ITEM
    ]
    if not any(cell for cell, _old in keyed):
        return True
    had_item = any(_cell(cell) for cell, item in zip(above, inside, strict=True) if item)
    return had_item and all(cell in {"", old} for cell, old in keyed)


def _record(block: list[list[Any]], labels: list[str], inside: list[bool]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    items = [{label: row[place] for place, label in enumerate(labels) if inside[place] and label} for row in block]
    for place, label in enumerate(labels):
        if inside[place] or not label:
            continue
        said = [row[place] for row in block if _cell(row[place])]
        target = target_of(label) or target_of(label.rpartition("/")[2])
        if target in _BY_ITEM and len({_cell(value) for value in said}) > 1:
            record[label] = Counter(said).most_common(1)[0][0]
            for item, row in zip(items, block, strict=True):
                item.setdefault(_BY_ITEM[target], row[place])
        else:
            record[label] = said[0] if said else None
    record[ITEMS] = [item for item in items if any(_cell(value) for value in item.values())]
    return record
