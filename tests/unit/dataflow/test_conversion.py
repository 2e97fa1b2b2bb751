"""Vectorised conversion agrees with plain Python, value by value."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.dataflow import oracle
from zhengtong.engines.dataflow.conversion import converted
from zhengtong.engines.dataflow.errors import BadPlan
from zhengtong.engines.dataflow.items import Item, ItemType

_digits = st.text("0123456789", max_size=12)
_numbers = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["", "+", "-", " "]),
    _digits,
    st.sampled_from(["", ".", "."]),
    st.text("0123456789", max_size=5).map(lambda digits: digits),
    st.text("0", max_size=4),
    st.sampled_from(["", " ", "e3", "x", ","]),
)
_two = st.integers(0, 70).map(str)
_dates = st.builds(
    "{}{}{}{}{}{}".format,
    st.integers(0, 10050).map(lambda year: f"{year:04}"),
    st.sampled_from(["-", "/", "年", ".", ""]),
    st.one_of(_two, st.integers(0, 13).map("{:02}".format)),
    st.sampled_from(["-", "/", "月", ".", ""]),
    st.one_of(_two, st.integers(0, 32).map("{:02}".format)),
    st.sampled_from(["", "日", " 00:00:00", "T0:00", " 01:00"]),
)
_moments = st.builds(
    "{}{}{}{}".format,
    _dates,
    st.sampled_from([" ", "T", ""]),
    st.one_of(
        st.just(""),
        st.builds("{:02}:{:02}:{:02}".format, st.integers(0, 25), st.integers(0, 61), st.integers(0, 61)),
        st.just("9:05"),
        st.just("235959"),
    ),
    st.sampled_from(["", ".5", ".123456", "Z", "+08:00", "-0530", "+08", "+16:00", " +0861", ".1234567"]),
)
_plain_moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.isoformat(" "))
_texts = st.one_of(
    _numbers, _dates, _moments, _plain_moments, st.text(max_size=20), st.sampled_from(["是", "NO", "True", " 1 ", "٣", "NaN", "inf"])
)

ITEMS = (
    Item(key="v", length=5),
    Item(key="v", type=ItemType.INTEGER),
    Item(key="v", type=ItemType.INTEGER, width=2),
    Item(key="v", type=ItemType.DECIMAL, precision=12, scale=2),
    Item(key="v", type=ItemType.DECIMAL, precision=5),
    Item(key="v", type=ItemType.DECIMAL),
    Item(key="v", type=ItemType.DATE),
    Item(key="v", type=ItemType.DATETIME),
    Item(key="v", type=ItemType.BOOLEAN),
    Item(key="v", type=ItemType.DOUBLE),
)


def vectorised(item: Item, values: pl.Series) -> list[object]:
    return values.to_frame("v").with_columns(converted(item, pl.col("v"), values.dtype).alias("v")).get_column("v").to_list()


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.sql_type)
@given(values=st.lists(st.one_of(st.none(), _texts), min_size=1, max_size=20))
@example(values=["0001-01-01 08:05:42", "0001-01-01 08:05:43", "0001-01-01 00:00:00Z", "0001-01-01 00:00:00+00:01"])
@example(values=["9999-12-31 23:59:59", "9999-12-31 23:59:59-00:01", "0000-12-31 23:59:59-00:01", "00001231"])
@example(values=["1000000000000000000", "9" * 38, "9" * 39, "-" + "9" * 60, "0" * 60 + ".5", "." + "1" * 60])
@example(values=["\x1f1", "\ufeff是\u200b", "\u30002024-01-02\x85", "1\u200b2", "\xa01.5\u2060"])
def test_text_converts_as_plain_python_says(item: Item, values: list[str | None]) -> None:
    got = vectorised(item, pl.Series(values, dtype=pl.String))
    expected = [oracle.convert(item, value) for value in values]
    assert list(zip(values, got, strict=True)) == list(zip(values, expected, strict=True))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_a_naive_moment_is_beijing_time(moment: datetime) -> None:
    item = Item(key="v", type=ItemType.DATETIME)
    assert vectorised(item, pl.Series([moment])) == [oracle.convert(item, moment.isoformat(" "))]


def test_an_hour_that_summer_time_skipped_is_no_moment() -> None:
    assert vectorised(Item(key="v", type=ItemType.DATETIME), pl.Series(["1986-05-04 02:30:00", "1986-05-04 03:30:00"]))[0] is None


@pytest.mark.parametrize(
    ("item", "values", "expected"),
    [
        (Item(key="v", type=ItemType.INTEGER), pl.Series([1.0, 1.5, None, 2.0**60]), [1, None, None, None]),
        (Item(key="v", type=ItemType.INTEGER), pl.Series(["1.00", "1.50"]).cast(pl.Decimal(5, 2)), [1, None]),
        (Item(key="v", type=ItemType.INTEGER, width=2), pl.Series([40_000, -3]), [None, -3]),
        (
            Item(key="v", type=ItemType.DECIMAL, precision=4, scale=2),
            pl.Series(["1.255", "99.99", "100"]).cast(pl.Decimal(9, 3)),
            [None, Decimal("99.99"), None],
        ),
        (Item(key="v", type=ItemType.DECIMAL, precision=4, scale=1), pl.Series([1, 2000]), [Decimal("1.0"), None]),
        (Item(key="v", type=ItemType.DECIMAL, precision=4, scale=1), pl.Series([0.5, 0.25]), [Decimal("0.5"), None]),
        (Item(key="v", type=ItemType.DATE), pl.Series([datetime(2024, 1, 2), datetime(2024, 1, 2, 3)]), [date(2024, 1, 2), None]),
        (Item(key="v", type=ItemType.BOOLEAN), pl.Series([0, 1, 2]), [False, True, None]),
        (Item(key="v", type=ItemType.DOUBLE), pl.Series([float("nan"), 1.5]), [None, 1.5]),
        (Item(key="v"), pl.Series([datetime(2024, 1, 2, 3, 4, 5, 600_000)]), ["2024-01-02 03:04:05.600"]),
        (Item(key="v"), pl.Series([1.5, 2.0]), ["1.5", "2.0"]),
        (Item(key="v", type=ItemType.DATE), pl.Series([1, 2]), [None, None]),
        (Item(key="v", type=ItemType.INTEGER), pl.Series([date(2024, 1, 2)]), [None]),
    ],
)
def test_typed_values_convert_without_loss_or_not_at_all(item: Item, values: pl.Series, expected: list[object]) -> None:
    assert vectorised(item, values) == expected


@pytest.mark.parametrize(
    "parts",
    [
        {"key": ""},
        {"key": "a", "length": 0},
        {"key": "a", "width": 3},
        {"key": "a", "type": ItemType.DECIMAL, "precision": 40},
        {"key": "a", "type": ItemType.DECIMAL, "precision": 2, "scale": 3},
    ],
)
def test_an_item_that_contradicts_itself_is_refused(parts: dict[str, object]) -> None:
    with pytest.raises(BadPlan):
        Item(**parts)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.sql_type)
def test_an_item_reads_back(item: Item) -> None:
    assert Item.from_dict(item.to_dict()) == item


def test_an_unknown_part_of_an_item_is_refused() -> None:
    with pytest.raises(BadPlan):
        Item.from_dict({"key": "a", "colour": "red"})
