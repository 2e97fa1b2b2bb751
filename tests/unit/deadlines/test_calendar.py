"""Working days: against the package, against another package, and by property."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.engines.deadlines.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    Arrangement,
    InvalidArrangement,
    Kind,
    OutsideCalendar,
    WorkingCalendar,
)
from zhengtong.engines.deadlines.published import CORRECTIONS, calendar_with, published_arrangements, published_calendar

CALENDAR = published_calendar()
PUBLISHED = [date(2004, 1, 1) + timedelta(days=days) for days in range((date(2027, 1, 1) - date(2004, 1, 1)).days)]
CORRECTED = {day for arrangement in CORRECTIONS for day in arrangement.make_up_days}

days = st.dates(date(2001, 1, 1), date(2090, 12, 31))

#: every published day on which the two packages disagree, whether offices worked, and the notice that decides
DISPUTED = {
    date(2005, 12, 31): (True, "国办发明电〔2005〕35号"),  # 12月31日(星期六)上班; chinesecalendar misses it
    date(2019, 4, 28): (True, "国办发明电〔2019〕3号"),  # the notice that lengthened 劳动节; holidays knows only 〔2018〕15号
    date(2019, 5, 2): (False, "国办发明电〔2019〕3号"),
    date(2019, 5, 3): (False, "国办发明电〔2019〕3号"),
    date(2019, 5, 5): (True, "国办发明电〔2019〕3号"),
}


def test_every_published_day_agrees_with_the_package_but_for_named_corrections() -> None:
    assert {day for day in PUBLISHED if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)} == CORRECTED


def test_where_two_packages_disagree_the_notice_decides() -> None:
    other = holidays.country_holidays("CN", years=range(2004, 2027))
    assert {day for day in PUBLISHED if other.is_working_day(day) != chinese_calendar.is_workday(day)} == set(DISPUTED)
    for day, (working, notice) in DISPUTED.items():
        decided = CALENDAR.day(day)
        assert (decided.working, decided.notice) == (working, notice)


def test_every_published_day_agrees_with_the_published_table(shared_data: Path) -> None:
    with (shared_data / "calendar/cn_holidays_2004_2026.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {date.fromisoformat(row[0]): row[1] == "班" for row in list(csv.reader(file))[1:]}
    assert len(rows) == 771
    for day in PUBLISHED:
        if day not in CORRECTED:
            assert CALENDAR.is_working(day) == rows.get(day, day.weekday() < 5)


@pytest.mark.parametrize(
    ("day", "kind", "reason"),
    [
        (date(2026, 3, 2), Kind.WORKING, "工作日"),
        (date(2026, 3, 1), Kind.WEEKEND, "周末"),
        (date(2026, 10, 1), Kind.HOLIDAY, "国庆节"),
        (date(2026, 10, 7), Kind.SWAPPED, "国庆节调休"),
        (date(2026, 10, 10), Kind.MAKE_UP, "周末补班"),
        (date(2024, 4, 4), Kind.HOLIDAY, "清明节"),
        (date(2015, 9, 3), Kind.HOLIDAY, "抗战胜利70周年纪念日"),
        (date(2020, 1, 31), Kind.HOLIDAY, "春节"),
    ],
)
def test_every_day_has_a_reason(day: date, kind: Kind, reason: str) -> None:
    found = CALENDAR.day(day)
    assert (found.kind, found.reason, found.provisional) == (kind, reason, False)


def test_the_days_around_new_year_belong_to_the_new_years_notice() -> None:
    assert CALENDAR.day(date(2023, 12, 31)).notice == "国办发明电〔2023〕7号"
    assert CALENDAR.day(date(2018, 12, 29)).notice == "国办发明电〔2018〕15号"


def test_the_spring_festival_of_2026() -> None:
    assert CALENDAR.add(date(2026, 2, 12), 5) == date(2026, 2, 26)


# ---------------------------------------------------------------------- years without a notice
def test_an_unpublished_year_is_provisional_and_guesses_nothing() -> None:
    year = list(CALENDAR.days(date(2027, 1, 1), date(2027, 12, 31)))
    off = {day.date: day.reason for day in year if day.kind not in {Kind.WEEKEND, Kind.WORKING}}
    assert off == {
        date(2027, 1, 1): "元旦",
        **{date(2027, 5, day): "劳动节" for day in (1, 2)},
        **{date(2027, 10, day): "国庆节" for day in (1, 2, 3)},
    }
    assert all(day.provisional for day in year)
    assert CALENDAR.day(date(2027, 5, 1)).notice == "全国年节及纪念日放假办法"


@pytest.mark.parametrize(
    ("after", "through", "years"),
    [
        (date(2026, 12, 30), date(2026, 12, 31), ()),
        (date(2026, 12, 31), date(2027, 1, 1), (2027,)),
        (date(2003, 12, 31), date(2004, 1, 5), ()),
        (date(2003, 12, 30), date(2004, 1, 5), (2003,)),
        (date(2026, 6, 1), date(2028, 6, 1), (2027, 2028)),
    ],
)
def test_a_span_says_which_years_are_provisional(after: date, through: date, years: tuple[int, ...]) -> None:
    assert CALENDAR.provisional_years(after, through) == years
    assert CALENDAR.provisional(after, through) == bool(years)


def test_older_years_follow_the_decree_of_their_time() -> None:
    assert CALENDAR.day(date(2002, 5, 3)).reason == "劳动节"
    assert WorkingCalendar(()).day(date(2010, 5, 3)).reason == "工作日"
    assert WorkingCalendar(()).day(date(2024, 5, 2)).working
    assert not WorkingCalendar(()).day(date(2025, 5, 2)).working


def test_an_administrator_settles_a_year() -> None:
    table = {
        "year": 2027,
        "notice": "国办发明电〔2026〕某号",
        "days_off": {"2027-01-01": "元旦", "2027-02-05": "春节", "2027-02-08": "春节"},
        "make_up_days": {"2027-02-13": "春节", "2026-12-27": "元旦"},
    }
    calendar = calendar_with([table])
    assert calendar.day(date(2027, 2, 5)).reason == "春节"
    assert calendar.day(date(2027, 2, 13)).reason == "周末补班"
    assert calendar.is_working(date(2026, 12, 27))
    assert calendar.day(date(2026, 10, 1)).reason == "国庆节"
    assert calendar.settled_years == {*range(2004, 2028)}
    assert not calendar.provisional(date(2026, 12, 1), date(2027, 12, 31))
    assert calendar.day(date(2027, 5, 3)).reason == "工作日"  # what a settled year does not name is ordinary


def test_an_amendment_changes_only_what_it_names() -> None:
    table = {"year": 2026, "notice": "防汛停工通知", "days_off": {"2026-07-20": "防汛"}, "settles": False}
    calendar = calendar_with([table])
    assert not calendar.is_working(date(2026, 7, 20))
    assert calendar.day(date(2026, 10, 1)).reason == "国庆节"
    back = calendar_with([table, {"year": 2026, "notice": "复工通知", "make_up_days": {"2026-07-20": "防汛"}, "settles": False}])
    assert back.day(date(2026, 7, 20)).reason == "调整上班"
    replaced = calendar_with([table, {"year": 2026, "notice": "重排", "days_off": {"2026-01-01": "元旦"}}])
    assert replaced.is_working(date(2026, 7, 20))
    assert replaced.is_working(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"notice": "n", "days_off": {}}, "year"),
        ({"year": True, "notice": "n"}, "year"),
        ({"year": 1999, "notice": "n"}, "year"),
        ({"year": 2027}, "notice"),
        ({"year": 2027, "notice": " "}, "notice"),
        ({"year": 2027, "notice": "n", "settles": "yes"}, "notice"),
        ({"year": 2027, "notice": "n", "days_off": ["2027-01-01"]}, "days_off"),
        ({"year": 2027, "notice": "n", "days_off": {"1 Jan": "元旦"}}, "days_off"),
        ({"year": 2027, "notice": "n", "days_off": {"2028-01-01": "元旦"}}, "days_off"),
        ({"year": 2027, "notice": "n", "days_off": {"2026-11-30": "元旦"}}, "days_off"),
        ({"year": 2027, "notice": "n", "days_off": {"2027-01-01": ""}}, "days_off"),
        ({"year": 2027, "notice": "n", "days_off": {"2027-01-02": "a"}, "make_up_days": {"2027-01-02": "a"}}, "make_up_days"),
    ],
)
def test_a_table_that_cannot_be_read_names_the_part(table: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidArrangement) as refusal:
        Arrangement.from_plain(table)
    assert refusal.value.field == field


def test_a_swapped_day_must_be_off() -> None:
    with pytest.raises(InvalidArrangement) as refusal:
        Arrangement(2027, "n", {}, {}, swapped=frozenset({date(2027, 1, 1)}))
    assert refusal.value.field == "swapped"


# ---------------------------------------------------------------------- arithmetic
def test_outside_the_years_is_refused() -> None:
    for day in (date(FIRST_YEAR - 1, 12, 31), date(LAST_YEAR + 1, 1, 1)):
        with pytest.raises(OutsideCalendar):
            CALENDAR.day(day)
    with pytest.raises(OutsideCalendar):
        CALENDAR.add(date(LAST_YEAR, 12, 30), 20)
    assert CALENDAR.on_or_after(date(FIRST_YEAR, 1, 1)) == date(2000, 1, 3)
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add(date(2026, 1, 1), 0)


@given(days, st.integers(1, 300))
def test_adding_and_counting_agree(start: date, budget: int) -> None:
    end = CALENDAR.add(start, budget)
    assert CALENDAR.is_working(end)
    assert CALENDAR.between(start, end) == budget
    assert CALENDAR.between(end, start) == -budget


@given(days, st.integers(1, 100), st.integers(1, 100))
def test_adding_twice_is_adding_the_sum(start: date, one: int, other: int) -> None:
    assert CALENDAR.add(CALENDAR.add(start, one), other) == CALENDAR.add(start, one + other)


@given(days, days, st.integers(1, 60))
def test_a_later_start_never_ends_earlier(one: date, other: date, budget: int) -> None:
    first, second = sorted((one, other))
    assert CALENDAR.add(first, budget) <= CALENDAR.add(second, budget)


@given(days)
def test_the_next_working_day_skips_only_days_off(day: date) -> None:
    found = CALENDAR.on_or_after(day)
    assert CALENDAR.is_working(found)
    assert not any(other.working for other in CALENDAR.days(day, found - timedelta(days=1)))


def test_arrangements_cover_every_year_once() -> None:
    assert [arrangement.year for arrangement in published_arrangements() if arrangement.settles] == list(range(2004, 2027))
