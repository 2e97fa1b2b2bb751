"""What the rated may see, and when."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.affairs.ratings.rules import showing
from zhengtong.apps.affairs.ratings.rules.vocabulary import CROWD, Grade

TODAY = date(2026, 11, 20)


def test_four_of_this_month_wait_and_five_do_not() -> None:
    days = [date(2026, 11, day) for day in (2, 3, 9, 10)]
    assert showing.released(days, TODAY) == 0
    assert showing.released([*days, date(2026, 11, 20)], TODAY) == CROWD


def test_what_is_of_an_earlier_month_is_shown_and_the_rest_waits() -> None:
    assert showing.released([date(2026, 10, 31), date(2026, 11, 1)], TODAY) == 1


@given(st.lists(st.integers(0, 60), max_size=12))
def test_nothing_of_this_month_is_ever_shown_but_in_a_crowd(ages: list[int]) -> None:
    days = sorted(TODAY - timedelta(days=age) for age in ages)
    shown = days[: showing.released(days, TODAY)]
    assert len(shown) >= CROWD or all(showing.month_of(day) < showing.month_of(TODAY) for day in shown)


def test_numbers_are_masked_and_short_ones_are_not() -> None:
    said = showing.masked("我是138-0000 1234,证号11010519491231002X,等了3小时,来了12次")
    assert "1234" not in said
    assert "002X" not in said
    assert "3小时" in said
    assert "12次" in said


def test_stars_are_the_reverse_of_the_code() -> None:
    assert [one.stars for one in Grade] == [5, 4, 3, 2, 1]
