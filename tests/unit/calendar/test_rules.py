"""Pure rules of the working-day calendar: the list that is pasted, and what revisions add up to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhengtong.apps.foundation.calendar import rules
from zhengtong.apps.foundation.calendar.rules import Fault, LineFault, Mark, Ruling, Step
from zhengtong.engines.deadlines.calendar import Kind, fixed_holidays
from zhengtong.engines.deadlines.published import published_calendar

CALENDAR = published_calendar()
EMPTY = rules.table_of(())
#: a whole yearly notice, as one could look
NOTICE_2027 = """
2027-01-01 休 元旦
2027-02-05 休 春节
2027-02-06 休 春节
2027-02-07 休 春节
2027-02-08 休 春节
2027-02-09 休 春节
2027-01-31 班 春节
2027-04-05 休 清明节
2027-05-01 休 劳动节
2027-05-02 休 劳动节
2027-06-09 休 端午节
2027-09-15 休 中秋节
2027-10-01 休 国庆节
2027-10-02 休 国庆节
2027-10-03 休 国庆节
"""


def judged(text: str, *, year: int = 2027, settles: bool = False, table: rules.Table = EMPTY) -> list[LineFault]:
    read, faults = rules.read_list(text)
    return faults + rules.check(
        read, year=year, settles=settles, calendar=CALENDAR if table is EMPTY else table.calendar(), held=table.days
    )


def step(number: int, text: str, *, year: int = 2027, settles: bool = False, undoes: int = 0, notice: str = "某号") -> Step:
    read, faults = rules.read_list(text) if text else ([], [])
    assert not faults
    return Step(number, year, notice, settles, tuple(ruling for _line, ruling in read), undoes)


# ------------------------------------------------------------------ the list
def test_a_list_is_read_line_by_line() -> None:
    read, faults = rules.read_list("2027-01-01 休 元旦\n\n  2027-1-3,班 元旦 \n2027-01-04\t撤\n2027-10-01 off 国庆节、中秋节")
    assert not faults
    assert [(line, one.date.isoformat(), one.mark, one.occasion) for line, one in read] == [
        (1, "2027-01-01", Mark.OFF, "元旦"),
        (3, "2027-01-03", Mark.WORK, "元旦"),
        (4, "2027-01-04", Mark.CLEAR, ""),
        (5, "2027-10-01", Mark.OFF, "国庆节、中秋节"),
    ]


def test_every_fault_is_named_with_its_line() -> None:
    text = "\n".join(
        [
            *("2027-02-30 休 春节", "元旦 休", "2027-01-01 假 元旦", "2027-01-01 休", "2027-01-01 休 元旦", "2027-01-01 班 元旦"),
            *("2028-01-01 休 元旦", "2027-03-03 班 春节", "2027-03-04 撤"),
        ]
    )
    assert judged(text) == [
        LineFault(1, Fault.DATE, "2027-02-30"),
        LineFault(2, Fault.DATE, "元旦"),
        LineFault(3, Fault.MARK, "假"),
        LineFault(4, Fault.NAME),
        LineFault(6, Fault.TWICE, "2027-01-01"),
        LineFault(7, Fault.YEAR, "2028-01-01"),
        LineFault(8, Fault.ALREADY_WORKING, "2027-03-03"),
        LineFault(9, Fault.NOT_HELD, "2027-03-04"),
    ]


@pytest.mark.parametrize(("text", "fault"), [("", Fault.EMPTY), (" \n\n", Fault.EMPTY), ("x\n" * 401, Fault.TOO_LONG)])
def test_a_list_says_something_and_not_too_much(text: str, fault: Fault) -> None:
    assert [one.fault for one in rules.read_list(text)[1]] == [fault]


def test_a_name_is_short_and_printable() -> None:
    for name in ("节" * 41, "春\u200b节"):
        assert [one.fault for one in rules.read_list(f"2027-02-05 休 {name}")[1]] == [Fault.NAME]


def test_a_yearly_notice_is_whole() -> None:
    assert judged(NOTICE_2027, settles=True) == []
    lacking = "\n".join(line for line in NOTICE_2027.splitlines() if "端午" not in line and "10-02" not in line)
    assert judged(lacking, settles=True) == [
        LineFault(0, Fault.LACKS_FIXED, "2027-10-02 国庆节"),
        LineFault(0, Fault.LACKS_FESTIVAL, "端午"),
    ]


def test_the_published_notices_would_pass_as_they_are() -> None:
    for year in range(2025, 2027):
        days = [day for day in CALENDAR.days(date(year, 1, 1), date(year, 12, 31)) if day.notice]
        text = "\n".join(f"{day.date} {'班' if day.kind is Kind.MAKE_UP else '休'} {day.occasion}" for day in days)
        if year == 2025:
            # 2025 joined two festivals, and the package names one of them
            text = text.replace("2025-10-06 休 国庆节", "2025-10-06 休 国庆节、中秋节")
        assert judged(text, year=year, settles=True) == []


def test_a_make_up_day_on_a_day_off_is_no_slip() -> None:
    assert judged("2027-05-03 班 劳动节\n2027-10-09 班 国庆节", settles=False)[0].fault is Fault.ALREADY_WORKING
    assert judged("2026-01-02 班 元旦", year=2026) == []


WORDS = st.sampled_from(["休", "班", "撤", "假", "", "休休"])
NAMES = st.text(alphabet="春节元旦x1 \t,\u200b、", max_size=50)
DAYS = st.one_of(st.dates(date(2025, 1, 1), date(2029, 1, 1)).map(date.isoformat), st.text(alphabet="0123456789-", max_size=12))
LINES = st.lists(st.one_of(st.builds("{} {} {}".format, DAYS, WORDS, NAMES), st.text(max_size=30)), max_size=20).map("\n".join)


@given(LINES)
def test_every_line_is_read_or_refused_and_nothing_else_happens(text: str) -> None:
    read, faults = rules.read_list(text)
    numbers = [line for line, _ruling in read] + [one.line for one in faults if one.line]
    lines = text.splitlines()
    assert sorted(numbers) == [number for number, line in enumerate(lines, start=1) if line.strip()]
    for _line, ruling in read:
        assert (ruling.mark is Mark.CLEAR) == (ruling.occasion == "")
    whole = judged(text)
    assert {(one.line, one.fault) for one in faults} <= {(one.line, one.fault) for one in whole}


@settings(max_examples=20)
@given(st.dictionaries(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.sampled_from([Mark.OFF, Mark.WORK]), min_size=1, max_size=12))
def test_what_was_written_is_what_the_calendar_says(wanted: dict[date, Mark]) -> None:
    table = rules.table_of([Step(1, 2027, "某号", settles=False, days=tuple(Ruling(day, mark, "事由") for day, mark in wanted.items()))])
    calendar = table.calendar()
    for day, mark in wanted.items():
        assert calendar.day(day).working is (mark is Mark.WORK)
        assert calendar.day(day).notice == "某号"
    other = next(day for day in (date(2027, 1, 1) + timedelta(days=n) for n in range(365)) if day not in wanted)
    assert calendar.day(other) == CALENDAR.day(other)


# ------------------------------------------------------------------ the sum of revisions
def test_no_revision_leaves_the_published_calendar() -> None:
    calendar = EMPTY.calendar()
    assert calendar.settled_years == CALENDAR.settled_years
    assert 2027 not in calendar.settled_years


def test_a_yearly_notice_settles_its_year_and_replaces_what_was_known() -> None:
    local = step(1, "2027-07-20 休 防汛停工", notice="城防令")
    table = rules.table_of([local, step(2, NOTICE_2027, settles=True, notice="国办某号")])
    assert 2027 in table.calendar().settled_years
    assert date(2027, 7, 20) not in table.days
    assert table.calendar().day(date(2027, 1, 31)).working
    again = rules.table_of([local, step(2, NOTICE_2027, settles=True), step(3, "2027-07-20 休 防汛停工", notice="城防令")])
    assert again.calendar().day(date(2027, 7, 20)).notice == "城防令"
    assert 2027 in again.calendar().settled_years


def test_a_local_order_changes_its_days_alone() -> None:
    table = rules.table_of([step(1, "2026-07-20 休 防汛停工", year=2026, notice="城防令")])
    calendar = table.calendar()
    assert [day.date for day in calendar.days(date(2026, 1, 1), date(2026, 12, 31)) if day != CALENDAR.day(day.date)] == [date(2026, 7, 20)]
    assert calendar.settled_years == CALENDAR.settled_years


def test_clearing_a_day_gives_it_back_to_the_published_table() -> None:
    table = rules.table_of([step(1, "2026-01-01 班 某事", year=2026), step(2, "2026-01-01 撤", year=2026)])
    assert table.calendar().day(date(2026, 1, 1)) == CALENDAR.day(date(2026, 1, 1))


def test_undoing_and_undoing_that() -> None:
    first, off = step(1, "2026-07-20 休 防汛停工", year=2026), step(2, "", undoes=1)
    assert not rules.table_of([first, off]).days
    assert rules.table_of([first, off, step(3, "", undoes=2)]).days
    assert not rules.table_of([first, off, step(3, "", undoes=2), step(4, "", undoes=3)]).days


@given(st.lists(st.integers(0, 8), max_size=8))
def test_undoing_settles_whatever_the_order(targets: list[int]) -> None:
    steps, taken = list[Step](), set[int]()
    for number, target in enumerate(targets, start=1):
        undoes = target if 0 < target < number and target not in taken else 0
        taken.add(undoes)
        steps.append(Step(number, 2027, "某号", settles=False, days=(), undoes=undoes))
    gone = rules.undone(steps)
    for one in steps:
        undoer = next((other for other in steps if other.undoes == one.number), None)
        assert (one.number in gone) == (undoer is not None and undoer.number not in gone)


def test_the_decree_fixes_six_days_of_2027_to_a_date() -> None:
    assert [day.isoformat()[5:] for day in sorted(fixed_holidays(2027))] == ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"]
