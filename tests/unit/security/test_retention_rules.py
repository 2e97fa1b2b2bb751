"""Which months may end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.foundation.security import rules
from zhengtong.toolkit.tables import plain_cell

MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31), timezones=st.just(UTC))


@given(MOMENTS, st.integers(min_value=36, max_value=120), st.integers(min_value=6, max_value=120))
def test_what_ends_is_older_than_what_must_be_kept(now: datetime, use: int, acts: int) -> None:
    keep = max(use, acts)
    months = [rules.months_before(rules.month_of(now), back) for back in range(keep + 24)]
    gone = rules.to_expire(months, kept=rules.Retention(use, acts), now=now)
    assert gone == sorted(gone)
    assert len(gone) == 23
    for month in gone:
        kept_for = (now.year - int(month[:4])) * 12 + now.month - int(month[4:])
        assert kept_for > keep
        assert rules.end_of(month) <= now


@given(MOMENTS)
def test_counting_months_back_and_forth_comes_home(now: datetime) -> None:
    month = rules.month_of(now)
    for count in (1, 11, 12, 37):
        assert rules.months_before(rules.months_before(month, count), -count) == month
    assert rules.month_of(rules.end_of(month)) == rules.months_before(month, -1)


@pytest.mark.parametrize(("use", "acts", "field"), [(35, 36, "USE"), (0, 36, "USE"), (36, 5, "ACTS")])
def test_nothing_is_kept_for_less_than_the_law_asks(use: int, acts: int, field: str) -> None:
    with pytest.raises(rules.TooShort) as refused:
        rules.Retention(use, acts)
    assert refused.value.field == f"ZHENGTONG_KEEP_{field}_MONTHS"
    assert refused.value.remedy


@given(st.text())
def test_no_cell_is_a_formula(text: str) -> None:
    assert not plain_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain_cell(text).removeprefix("'") == text.removeprefix("'") or plain_cell(text) == text


def test_numbers_stay_numbers() -> None:
    assert plain_cell(-5) == "-5"
