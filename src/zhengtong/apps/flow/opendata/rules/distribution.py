"""How the values of a column are spread, as a dozen bars for the page of the dataset."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from zhengtong.kernel.clock import CHINA

BARS = 12


def bars(frame: pl.LazyFrame, key: str, kind: pl.DataType) -> list[list[Any]]:
    """
    Rows in each of up to twelve ranges of equal width, as ``[from, to, rows]``, of numbers, days and moments; nothing for other kinds or
    a single value.
    """
    if not (kind.is_numeric() or kind == pl.Date() or isinstance(kind, pl.Datetime)):
        return []
    value = pl.col(key).cast(pl.Float64) if kind.is_numeric() else pl.col(key).cast(pl.Int64).cast(pl.Float64)
    value = pl.when(value.is_finite()).then(value)
    least, greatest = frame.select(value.min(), b=value.max()).collect().row(0)
    if least is None or least == greatest:
        return []
    width = (greatest - least) / BARS
    place = ((value - least) / width).floor().clip(0, BARS - 1).cast(pl.Int64)
    counted = frame.filter(value.is_not_null()).group_by(place.alias("place")).agg(pl.len().alias("rows")).collect()
    rows = dict(counted.iter_rows())
    edge = [_edge(least + one * width, kind) for one in range(BARS + 1)]
    return [[edge[one], edge[one + 1], int(rows.get(one, 0))] for one in range(BARS)]


def _edge(place: float, kind: pl.DataType) -> str:
    if kind.is_numeric():
        return str(int(place)) if place == int(place) else f"{place:.6g}"
    if isinstance(kind, pl.Datetime):
        moment = datetime.fromtimestamp(place / {"ms": 1e3, "us": 1e6, "ns": 1e9}[kind.time_unit], CHINA)
        return moment.strftime("%Y-%m-%d %H:%M")
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(place)).isoformat()
