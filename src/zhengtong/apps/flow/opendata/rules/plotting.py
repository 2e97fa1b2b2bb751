"""
The figures of a chart, worked out of the rows.

What is left out is said: places behind the first thirty go together as others, so that sums stay whole; averages of others would mean
nothing and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from zhengtong.apps.flow.opendata.rules.charting import Aggregate, Chart, Kind
from zhengtong.kernel.sentences import Sentence, say

MOST_PLACES, MOST_SLICES, MOST_SERIES, MOST_POINTS = 30, 8, 6, 2000
_BINS = 12
_DISTINCT_NUMBERS = 30
#: days that are still shown one by one, and months one by one
_DAYS, _MONTHS = 62, 60 * 31
_SAMPLE = 200
#: a text column is one of days when so many of its values are
_MOSTLY = 0.9
_DAY = r"^\d{4}-\d{2}-\d{2}"
_ZONE = "Asia/Shanghai"
#: places along an axis with an order of its own: twenty years of months
_MOST_IN_ORDER = 240
#: what no value holds: between the rank of a range and its name, and in the place of all that were put together
_RANK = "\x1f"
_OTHERS = "\x1f\x1e"
OTHERS = say("其他")
NONE = say("(空)")


@dataclass(frozen=True)
class Series:
    """A row of figures, one for each place; ``None`` where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Plot:
    """A chart's figures. A scatter has ``points`` (x, y) for each series and no places."""

    places: tuple[str, ...]
    series: tuple[Series, ...]
    points: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    #: rows that were counted
    rows: int
    notes: tuple[Sentence, ...]


def plot(frame: pl.LazyFrame, chart: Chart) -> Plot:
    """The figures of a chart from the rows of a version. Reads the columns that it needs and no others."""
    schema = frame.collect_schema()
    if chart.where:
        frame = frame.filter(_text(chart.where, schema[chart.where]) == chart.value)
    if chart.kind is Kind.SCATTER:
        return _scattered(frame, chart, schema)
    rows = int(frame.select(pl.len()).collect().item())
    place, ordered = _place(frame, chart.x, schema[chart.x])
    by = _text(chart.by, schema[chart.by]) if chart.by else pl.lit("")
    match chart.aggregate:
        case Aggregate.COUNT:
            figure = pl.len().cast(pl.Float64)
        case Aggregate.SUM:
            figure = pl.col(chart.y).cast(pl.Float64).sum()
        case _:
            figure = pl.col(chart.y).cast(pl.Float64).mean()
    found = frame.group_by(place.alias("~place"), by.alias("~by")).agg(figure.alias("~figure"), pl.len().alias("~rows")).collect()
    return _laid_out(found, chart, rows, ordered=ordered)


def _text(key: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(key)
    if isinstance(kind, pl.Datetime):
        value = value.dt.convert_time_zone(_ZONE).dt.to_string("%Y-%m-%d %H:%M") if kind.time_zone else value.dt.to_string("%Y-%m-%d %H:%M")
    return value.cast(pl.String).fill_null("")


def _place(frame: pl.LazyFrame, key: str, kind: pl.DataType) -> tuple[pl.Expr, bool]:
    """The place of a row along the axis as text that sorts as it is read, and whether the axis has an order of its own."""
    value = pl.col(key)
    if kind == pl.String():
        sample = frame.select(value.drop_nulls().head(_SAMPLE)).collect()[key]
        if sample.is_empty() or sample.str.contains(_DAY).sum() < _MOSTLY * sample.len():
            return value.fill_null(""), False
        value = value.str.slice(0, 10).str.to_date(strict=False)
    elif isinstance(kind, pl.Datetime):
        value = (value.dt.convert_time_zone(_ZONE) if kind.time_zone else value).dt.date()
    elif kind.is_numeric():
        return _number_place(frame, value), True
    elif kind != pl.Date():
        return value.cast(pl.String).fill_null(""), False
    least, greatest = frame.select(value.min(), b=value.max()).collect().row(0)
    return value.dt.to_string(_rhythm(least, greatest)).fill_null(""), True


def _rhythm(least: date | None, greatest: date | None) -> str:
    span = (greatest - least).days if least and greatest else 0
    return "%Y-%m-%d" if span <= _DAYS else "%Y-%m" if span <= _MONTHS else "%Y"


def _number_place(frame: pl.LazyFrame, value: pl.Expr) -> pl.Expr:
    """Few numbers each for itself, many in ranges of equal width; zero-padded by rank so that they sort."""
    number = value.cast(pl.Float64)
    number = pl.when(number.is_finite()).then(number)
    distinct, least, greatest = frame.select(number.n_unique(), b=number.min(), c=number.max()).collect().row(0)
    if least is None:
        return pl.lit("")
    if distinct <= _DISTINCT_NUMBERS:
        values = sorted(frame.select(number.drop_nulls().unique()).collect().to_series())
        named = {one: f"{rank:03}{_RANK}{_short(one)}" for rank, one in enumerate(values)}
        each: pl.Expr = number.replace_strict(named, default="", return_dtype=pl.String)
        return each
    width = (greatest - least) / _BINS
    bin_of = ((number - least) / width).floor().clip(0, _BINS - 1).cast(pl.Int64)
    named_bins = {one: f"{one:03}{_RANK}{_short(least + one * width)} – {_short(least + (one + 1) * width)}" for one in range(_BINS)}
    named_place: pl.Expr = bin_of.replace_strict(named_bins, default="", return_dtype=pl.String)
    return named_place


def _short(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{Decimal(repr(number)):.4g}" if abs(number) < 1000 else f"{number:.0f}"  # noqa: PLR2004


def _laid_out(found: pl.DataFrame, chart: Chart, rows: int, *, ordered: bool) -> Plot:
    averaged = chart.aggregate is Aggregate.AVERAGE
    weight = pl.col("~rows") if averaged else pl.col("~figure").abs()
    every = _heaviest(found, "~place", weight)
    most = _MOST_IN_ORDER if ordered else MOST_SLICES if chart.kind is Kind.PIE else MOST_PLACES
    places = [*sorted(one for one in every if one), *(one for one in every if not one)][-most:] if ordered else every[:most]
    whose = _heaviest(found, "~by", weight)[:MOST_SERIES]
    shown = found.select(_or_others("~place", places), _or_others("~by", whose), "~figure")
    if averaged or ordered:
        shown = shown.filter(pl.col("~place") != _OTHERS)
    shown = shown.filter(pl.col("~by") != _OTHERS) if averaged else shown.group_by("~place", "~by").agg(pl.col("~figure").sum())
    figures = {(place, by): figure for place, by, figure in shown.iter_rows()}
    names = [one for one in (*places, _OTHERS) if one != _OTHERS or any(place == _OTHERS for place, _by in figures)]
    heads = [one for one in (*whose, _OTHERS) if one != _OTHERS or any(by == _OTHERS for _place, by in figures)]
    series = [Series(_named(by) if chart.by else "", tuple(_rounded(figures.get((place, by))) for place in names)) for by in heads]
    return Plot(tuple(_named(one) for one in names), tuple(series), (), rows, _cut(len(every) - len(places), ordered or averaged))


def _or_others(column: str, kept: list[str]) -> pl.Expr:
    return pl.when(pl.col(column).is_in(kept)).then(pl.col(column)).otherwise(pl.lit(_OTHERS)).alias(column)


def _cut(left_out: int, dropped: bool) -> tuple[Sentence, ...]:  # noqa: FBT001 - what became of what was left out
    if not left_out:
        return ()
    if dropped:
        return (say("另有 {left_out} 个值没有画出", left_out=left_out),)
    return (say("另有 {left_out} 个值合并为“其他”", left_out=left_out),)


def _heaviest(found: pl.DataFrame, column: str, weight: pl.Expr) -> list[str]:
    ranked = found.group_by(column).agg(weight.sum().alias("~weight")).sort(["~weight", column], descending=[True, False])
    return [str(one) for one in ranked[column]]


def _named(place: str) -> str:
    return OTHERS if place == _OTHERS else place.rpartition(_RANK)[2] or NONE


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else int(figure) if figure == int(figure) else round(figure, 4)


def _scattered(frame: pl.LazyFrame, chart: Chart, schema: pl.Schema) -> Plot:
    by = _text(chart.by, schema[chart.by]) if chart.by else pl.lit("")
    wanted = frame.select(x=pl.col(chart.x).cast(pl.Float64), y=pl.col(chart.y).cast(pl.Float64), by=by).drop_nulls()
    rows = int(wanted.select(pl.len()).collect().item())
    step = max(1, -(-rows // MOST_POINTS))
    shown = wanted.gather_every(step).collect()
    notes = [say("每 {step} 行画一点", step=step)] if step > 1 else []
    kept = [str(one) for one in shown["by"].value_counts(sort=True)["by"].head(MOST_SERIES)] if shown.height else []
    grouped: dict[str, list[Any]] = {}
    for x, y, name in shown.iter_rows():
        grouped.setdefault(name if name in kept else _OTHERS, []).append((_rounded(x), _rounded(y)))
    points = tuple((_named(name) if chart.by else "", tuple(grouped[name])) for name in [*kept, _OTHERS] if name in grouped)
    return Plot((), (), points, rows, tuple(notes))
