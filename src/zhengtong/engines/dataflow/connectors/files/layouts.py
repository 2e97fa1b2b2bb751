"""Where the header is, what the columns are called, and what each row below it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from zhengtong.engines.dataflow.blanks import BLANKS
from zhengtong.engines.dataflow.connectors.files.config import FileKind, Layout
from zhengtong.engines.dataflow.connectors.files.rows import Row, Sheet
from zhengtong.kernel.sentences import listed, say

_LOOKED_AT = 200
_FILLED = 0.6
_NOTE = re.compile(r"^\s*[*※]?\s*(注|说明|备注|附注|数据来源|资料来源|来源|制表|填表|审核|单位负责人|note|source|nota)", re.IGNORECASE)


class Part(StrEnum):
    """What a row below the header is."""

    DATA = "data"
    BAD = "bad"
    BLANK = "blank"
    GROUP = "group"
    NOTE = "note"


@dataclass(frozen=True)
class Placed:
    """A row with its part; ``cells`` fit the columns for data, ``reason`` says what is wrong with a bad one."""

    line: int
    part: Part
    cells: list[str]
    group: str = ""
    reason: str = ""


def filled(row: Sequence[str]) -> int:
    """How many cells hold something."""
    return sum(1 for cell in row if cell.strip(BLANKS))


def width_of(row: Sequence[str]) -> int:
    """How many cells there are up to the last that holds something."""
    return max((place for place, cell in enumerate(row, start=1) if cell.strip(BLANKS)), default=0)


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """The first row that is about as full as most rows are wide; 0-based."""
    widths = Counter(width for row in rows[:_LOOKED_AT] if (width := width_of(row)) > 1)
    if not widths:
        return next((place for place, row in enumerate(rows) if filled(row)), 0)
    usual = widths.most_common(1)[0][0]
    enough = max(2, -int(-usual * _FILLED // 1))
    return next(place for place, row in enumerate(rows) if filled(row) >= enough or (width_of(row) >= usual and filled(row) > 1))


def header_lines(sheet: Sheet, first: int) -> int:
    """How many rows the header takes, by the cells merged in its first row."""
    bottom = first
    for (top, left), (below, right) in sheet.merged:
        if top == first and not (left == 0 and right >= len(sheet.rows[first]) - 1):
            bottom = max(bottom, below if below > top else first + 1)
    return min(bottom, len(sheet.rows) - 1) - first + 1


def column_names(
    rows: Sequence[Sequence[str]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (), first: int = 0
) -> list[str]:
    """
    Unique names out of one or more header rows; a heading over several columns goes before each of theirs, as in ``人口/男``.

    :param merged: merged cells of the sheet, ``first`` the number of the first header row in it.
    """
    width = max((width_of(row) for row in rows), default=0)
    grid = [[*(" ".join(cell.split()) for cell in row), *[""] * width][:width] for row in rows]
    for (top, left), (_, right) in merged:
        if first <= top < first + len(rows) - 1 and left < width:
            for column in range(left, min(right, width - 1) + 1):
                grid[top - first][column] = grid[top - first][left]
    names: list[str] = []
    for column in range(width):
        parts = [row[column] for row in grid if row[column]]
        name = "/".join(dict.fromkeys(parts)) or f"列{column + 1}"  # data: the name of a column without one
        unique, repeat = name, 2
        while unique in names:
            unique, repeat = f"{name}_{repeat}", repeat + 1
        names.append(unique)
    return names


def naming_warnings(rows: Sequence[Sequence[str]], names: Sequence[str]) -> list[str]:
    """What a person should know about the names: blanks that were filled, repeats that were numbered."""
    heads = [[" ".join(cell.split()) for cell in row] for row in rows]
    blank = [name for place, name in enumerate(names) if not any(place < len(row) and row[place] for row in heads)]
    warnings: list[str] = [say("第 {places} 列没有列名,已按列号命名", places=listed(name[1:] for name in blank))] if blank else []
    repeats = [cell for cell, count in Counter(cell for cell in heads[-1] if cell).items() if count > 1] if len(rows) == 1 else []
    if repeats:
        warnings.append(say("列名重复,已编号区分:{repeats}", repeats=listed(repeats)))
    return warnings


def has_groups(sheet: Sheet, first_data: int, width: int) -> bool:
    """Whether rows below the header are one cell merged across the table: headings of groups."""
    return any(
        top == below
        and top >= first_data
        and left == 0
        and right >= width - 1
        and filled(sheet.rows[top][:1])
        and top < len(sheet.rows) - 1
        for (top, left), (below, right) in sheet.merged
        if top < len(sheet.rows)
    )


def placed(rows: Iterator[Row], layout: Layout) -> Iterator[Placed]:
    """
    Say of every row below the header what it is, in one pass.

    A lone cell in a wide table is a group heading where the layout has groups; otherwise, at the end, a note if it reads like one; anywhere
    else a bad row. Nothing is dropped without a name.
    """
    width, group, waiting = len(layout.columns), "", list[Row]()
    for place, (line, cells) in enumerate(rows):
        if place < layout.header_row + layout.header_lines:
            continue
        count = filled(cells)
        if count == 0:
            yield Placed(line, Part.BLANK, cells)
        elif (
            count == 1 and width > 1 and filled(cells[:1]) and (len(cells) == 1 or layout.kind is FileKind.WORKBOOK or layout.group_column)
        ):
            if layout.group_column and not _NOTE.match(cells[0]):
                group = " ".join(cells[0].split())
                yield Placed(line, Part.GROUP, cells, group)
            else:
                waiting.append((line, cells))
        else:
            for early in waiting:
                yield _fitted(*early, layout, group)
            waiting.clear()
            yield _fitted(line, cells, layout, group)
    noted = False
    for line, cells in waiting:
        noted = noted or bool(_NOTE.match(cells[0]))
        yield Placed(line, Part.NOTE, cells) if noted else _fitted(line, cells, layout, group)


def _fitted(line: int, cells: list[str], layout: Layout, group: str) -> Placed:
    width = len(layout.columns)
    if len(cells) > width and not filled(cells[width:]):
        cells = cells[:width]
    if len(cells) != width and layout.kind is FileKind.DELIMITED:
        return Placed(
            line, Part.BAD, cells, group, say("第 {line} 行有 {count} 列,应为 {width} 列", line=line, count=len(cells), width=width)
        )
    if len(cells) > width:
        return Placed(line, Part.BAD, cells, group, say("第 {line} 行在表头之外还有内容", line=line))
    return Placed(line, Part.DATA, [*cells, *[""] * (width - len(cells))], group)
