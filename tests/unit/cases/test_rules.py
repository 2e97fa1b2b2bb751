"""Pure rules of cases: days that are kept, numbers, chains."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.affairs.cases.rules import chain, numbers
from zhengtong.apps.affairs.cases.rules.projection import SHARES, days_of, lamp_of
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.deadlines.clock import Clock, read
from zhengtong.engines.deadlines.published import published_calendar
from zhengtong.kernel.clock import CHINA, local_date
from zhengtong.kernel.errors import Invalid

CALENDAR = published_calendar()
BEGAN = datetime(2026, 1, 5, 10, tzinfo=CHINA)


@given(budget=st.integers(1, 60), kept_after=st.integers(0, 20), seen_after=st.integers(0, 90))
def test_the_lamp_of_kept_days_is_the_lamp_of_the_clock(budget: int, kept_after: int, seen_after: int) -> None:
    clock = Clock(BEGAN, budget)
    kept = days_of(clock, CALENDAR, BEGAN + timedelta(days=kept_after))
    seen = BEGAN + timedelta(days=max(kept_after, seen_after))
    assert lamp_of(kept, local_date(seen), resting=False) is SHARES.lamp(read(clock, CALENDAR, seen))


def test_a_number_is_of_region_office_day_and_count_and_fits_the_standard() -> None:
    before = numbers.prefix(numbers.USUAL, region="37", office="11370900MB54714509", day=date(2026, 6, 1))
    assert numbers.numbered(numbers.USUAL, before, 7) == "370000MB54714502026060100007"
    with pytest.raises(Invalid):
        numbers.numbered("{region}{sequence:050d}", "370000", 1)
    for pattern in ("{region}{sequence}{day}", "{nothing}{sequence}"):
        with pytest.raises(Invalid):
            numbers.check(pattern)


def test_a_chain_tells_a_changed_deed() -> None:
    first = chain.link(Digest.SHA256, chain.BEFORE_THE_FIRST, {"act": "a"})
    assert first != chain.link(Digest.SHA256, chain.BEFORE_THE_FIRST, {"act": "b"})
    assert chain.link(Digest.SHA256, first, {"act": "b"}) != chain.link(Digest.SHA256, chain.BEFORE_THE_FIRST, {"act": "b"})
