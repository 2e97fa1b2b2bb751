"""What a visitor wants to know of a column before downloading: how full, how many values, from where to where, which most often."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from zhengtong.apps.flow.opendata.rules import distribution
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.kernel.clock import CHINA

_MOST_FREQUENT = 5
#: a column with more values than this has no most frequent ones worth naming
_FEW = 10_000
_LONGEST = 60
#: counting different values exactly holds them all in memory; for so many that is a few hundred MiB
_COUNTED_EXACTLY = 2_000_000
#: the low bits of a hash follow the order of numbers
_LOW_BITS = 1 << 24


def profile(sheet: Sheet) -> list[dict[str, Any]]:
    """
    One plain dictionary a column: ``key``, ``name``, ``filled`` (rows), ``share`` (hundredths, one decimal), ``distinct``, then ``least``
    and ``greatest`` for numbers, dates and moments with their ``bars`` as ``distribution`` documents, or ``top`` (value, rows) for
    everything else. More than two million different values are estimated, within about one
    hundredth, and ``about`` says so: counting them exactly would hold them all in memory.
    """
    schema = sheet.frame.collect_schema()
    return [_column(sheet, column, schema[column.key]) for column in sheet.columns]


def _column(sheet: Sheet, column: Column, kind: pl.DataType) -> dict[str, Any]:
    value = pl.col(column.key)
    filled, distinct, about = _counted(sheet, value)
    facts: dict[str, Any] = {
        "key": column.key,
        "name": column.name,
        "filled": filled,
        "share": round(100 * filled / sheet.rows, 1) if sheet.rows else 0.0,
        "distinct": distinct,
    }
    if about:
        facts["about"] = True
    if kind.is_numeric() or kind.is_temporal():
        least, greatest = sheet.frame.select(value.min(), b=value.max()).collect().row(0)
        return facts | {"least": _shown(least), "greatest": _shown(greatest), "bars": distribution.bars(sheet.frame, column.key, kind)}
    if not 0 < distinct <= _FEW or distinct == filled:
        return facts | {"top": []}
    counted = sheet.frame.select(value.drop_nulls()).group_by(column.key).len().collect()
    top = counted.sort(["len", column.key], descending=[True, False]).head(_MOST_FREQUENT)
    return facts | {"top": [[_shown(one), int(rows)] for one, rows in top.iter_rows()]}


def _counted(sheet: Sheet, value: pl.Expr) -> tuple[int, int, bool]:
    """Rows with a value, different values, and whether the latter are estimated: from those whose hash falls into one part of many."""
    filled = value.is_not_null().sum()
    if sheet.rows > _COUNTED_EXACTLY:
        parts = -(-sheet.rows // (_COUNTED_EXACTLY // 2))
        sample = value.filter(value.is_not_null() & (value.hash() // _LOW_BITS % parts == 0))
        rows, found = sheet.frame.select(filled, b=sample.n_unique()).collect(engine="streaming").row(0)
        if found * parts > _COUNTED_EXACTLY:
            return int(rows), min(int(found) * parts, int(rows)), True
    rows, distinct = sheet.frame.select(filled, b=value.drop_nulls().n_unique()).collect(engine="streaming").row(0)
    return int(rows), int(distinct), False


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)[:_LONGEST]


def preview(sheet: Sheet, rows: int = 20) -> list[list[str]]:
    """The first rows as texts."""
    return [[_shown(value) for value in row] for row in sheet.frame.head(rows).collect().iter_rows()]
