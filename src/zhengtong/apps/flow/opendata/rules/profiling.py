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


def profile(sheet: Sheet) -> list[dict[str, Any]]:
    """
    One plain dictionary a column: ``key``, ``name``, ``filled`` (rows), ``share`` (hundredths, one decimal), ``distinct``, then ``least``
    and ``greatest`` for numbers, dates and moments with their ``bars`` as ``distribution`` documents, or ``top`` (value, rows) for
    everything else.
    """
    schema = sheet.frame.collect_schema()
    return [_column(sheet, column, schema[column.key]) for column in sheet.columns]


def _column(sheet: Sheet, column: Column, kind: pl.DataType) -> dict[str, Any]:
    value = pl.col(column.key)
    filled, distinct = sheet.frame.select(value.is_not_null().sum(), b=value.drop_nulls().n_unique()).collect().row(0)
    facts: dict[str, Any] = {
        "key": column.key,
        "name": column.name,
        "filled": int(filled),
        "share": round(100 * int(filled) / sheet.rows, 1) if sheet.rows else 0.0,
        "distinct": int(distinct),
    }
    if kind.is_numeric() or kind.is_temporal():
        least, greatest = sheet.frame.select(value.min(), b=value.max()).collect().row(0)
        return facts | {"least": _shown(least), "greatest": _shown(greatest), "bars": distribution.bars(sheet.frame, column.key, kind)}
    if not 0 < int(distinct) <= _FEW or int(distinct) == int(filled):
        return facts | {"top": []}
    counted = sheet.frame.select(value.drop_nulls()).group_by(column.key).len().collect()
    top = counted.sort(["len", column.key], descending=[True, False]).head(_MOST_FREQUENT)
    return facts | {"top": [[_shown(one), int(rows)] for one, rows in top.iter_rows()]}


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
