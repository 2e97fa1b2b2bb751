"""Charts: what an address may ask for, what is suggested, and figures that add up."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.flow.opendata.rules import charting, distribution, plotting
from zhengtong.apps.flow.opendata.rules.charting import Aggregate, Chart, ChartInvalid, Kind

COLUMNS: list[dict[str, Any]] = [
    {"key": "code", "name": "代码", "data_type": "C", "is_key": True},
    {"key": "kind", "name": "类型", "data_type": "C", "is_key": False},
    {"key": "people", "name": "人口", "data_type": "I", "is_key": False},
    {"key": "area", "name": "面积", "data_type": "N", "is_key": False},
]


def test_an_address_says_a_chart_and_a_chart_its_address() -> None:
    chart = charting.read({"kind": "line", "x": "kind", "do": "sum", "y": "people", "by": "code", "where": "kind", "is": "县"}, COLUMNS)
    assert chart == Chart(Kind.LINE, "kind", Aggregate.SUM, "people", "code", "kind", "县")
    assert chart.query() == "kind=line&x=kind&do=sum&y=people&by=code&where=kind&is=%E5%8E%BF"


@pytest.mark.parametrize(
    ("given_parts", "field"),
    [
        ({"kind": "cloud", "x": "kind"}, "kind"),
        ({"x": "nothing"}, "x"),
        ({"kind": "bar"}, "x"),
        ({"x": "kind", "do": "sum"}, "y"),
        ({"x": "kind", "do": "avg", "y": "code"}, "y"),
        ({"kind": "scatter", "x": "people", "y": "kind"}, "y"),
        ({"x": "kind", "where": "'; drop"}, "where"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_its_part(given_parts: dict[str, str], field: str) -> None:
    with pytest.raises(ChartInvalid) as refused:
        charting.read(given_parts, COLUMNS)
    assert refused.value.field == field
    assert refused.value.remedy


def test_parts_that_mean_nothing_fall_away() -> None:
    chart = charting.read({"x": "kind", "y": "people", "by": "kind", "where": "code", "is": ""}, COLUMNS)
    assert chart == Chart(Kind.BAR, "kind")


def test_a_suggestion_tells_something() -> None:
    profile = [
        {"key": "code", "distinct": 10},
        {"key": "kind", "distinct": 3},
        {"key": "people", "distinct": 9},
        {"key": "area", "distinct": 1},
    ]
    assert charting.suggested(COLUMNS, profile) == Chart(Kind.BAR, "kind")
    profile[1]["distinct"] = 1
    assert charting.suggested(COLUMNS, profile) == Chart(Kind.BAR, "people")
    assert charting.suggested(COLUMNS[:1], profile) is None


def test_others_are_put_together_so_that_sums_stay_whole() -> None:
    frame = pl.LazyFrame({"kind": [f"k{one}" for one in range(40)], "people": list(range(40))})
    found = plotting.plot(frame, Chart(Kind.PIE, "kind", Aggregate.SUM, "people"))
    assert len(found.places) == plotting.MOST_SLICES + 1
    assert found.places[-1] == "其他"
    assert sum(one or 0 for one in found.series[0].values) == sum(range(40))
    assert found.notes == ("另有 32 个值合并为“其他”",)


def test_averages_of_others_are_left_out() -> None:
    frame = pl.LazyFrame({"kind": [f"k{one}" for one in range(40)], "people": list(range(40))})
    found = plotting.plot(frame, Chart(Kind.BAR, "kind", Aggregate.AVERAGE, "people"))
    assert len(found.places) == plotting.MOST_PLACES
    assert found.notes == ("另有 10 个值没有画出",)


def test_days_are_shown_in_a_rhythm_that_fits_and_unreadable_ones_are_named() -> None:
    texts = pl.LazyFrame({"day": [*["2001-02-03", "2020-02-03"] * 10, "2020.1.1", None]})
    assert plotting.plot(texts, Chart(Kind.LINE, "day")).places == ("2001", "2020", "(空)")
    days = pl.LazyFrame({"day": [date(2026, 1, 1), date(2026, 1, 3)]})
    assert plotting.plot(days, Chart(Kind.LINE, "day")).places == ("2026-01-01", "2026-01-03")


def test_rows_are_kept_apart_and_chosen() -> None:
    frame = pl.LazyFrame({"kind": ["a", "a", "b"], "by": ["x", "y", "x"], "n": [1.5, 2.0, float("nan")]})
    found = plotting.plot(frame, Chart(Kind.BAR, "kind", by="by"))
    assert found.places == ("a", "b")
    assert {one.name: one.values for one in found.series} == {"x": (1, 1), "y": (1, None)}
    assert plotting.plot(frame, Chart(Kind.BAR, "kind", where="by", value="y")).rows == 1
    assert plotting.plot(frame, Chart(Kind.BAR, "n")).rows == 3
    assert plotting.plot(frame, Chart(Kind.BAR, "kind", where="by", value="z")).places == ()


def test_a_scatter_of_many_rows_says_which_it_shows() -> None:
    frame = pl.LazyFrame({"x": list(range(5000)), "y": list(range(5000))})
    found = plotting.plot(frame, Chart(Kind.SCATTER, "x", y="y"))
    assert sum(len(points) for _name, points in found.points) <= plotting.MOST_POINTS
    assert found.notes == ("每 3 行画一点",)


@given(st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=60))
def test_every_row_is_counted_once(values: list[int | None]) -> None:
    frame = pl.LazyFrame({"n": values}, schema={"n": pl.Int64})
    found = plotting.plot(frame, Chart(Kind.BAR, "n"))
    assert sum(one or 0 for series in found.series for one in series.values) == len(values)
    bars = distribution.bars(frame, "n", pl.Int64())
    assert sum(rows for _least, _greatest, rows in bars) in {0, sum(one is not None for one in values)}


@given(st.lists(st.text(max_size=4), max_size=60))
def test_any_text_is_a_place(values: list[str]) -> None:
    found = plotting.plot(pl.LazyFrame({"t": values}, schema={"t": pl.String}), Chart(Kind.BAR, "t"))
    assert sum(one or 0 for series in found.series for one in series.values) == len(values)


def test_bars_of_days_name_days() -> None:
    frame = pl.LazyFrame({"day": [date(2026, 1, 1), date(2026, 1, 13)]})
    bars = distribution.bars(frame, "day", pl.Date())
    assert (bars[0], bars[-1]) == (["2026-01-01", "2026-01-02", 1], ["2026-01-12", "2026-01-13", 1])
    assert distribution.bars(pl.LazyFrame({"t": ["a"]}), "t", pl.String()) == []
