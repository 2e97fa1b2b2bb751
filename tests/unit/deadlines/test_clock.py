"""Periods: agreement with an oracle on every day, pauses, extensions, lateness, explanations, lamps and escalation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.engines.deadlines.alerts import DEFAULT_RUNGS, Lamp, LampRule, escalate
from zhengtong.engines.deadlines.clock import Clock, ExtensionRefused, OutOfOrder, State, Stop, Unit, due_date, read
from zhengtong.engines.deadlines.explanation import explain
from zhengtong.engines.deadlines.published import published_calendar
from zhengtong.engines.deadlines.statute import LIMITS, SPECIAL_PROCEDURES, USAGE_RECORDS
from zhengtong.kernel.clock import CHINA

CALENDAR = published_calendar()
BUDGETS = (1, 2, 3, 5, 10, 15, 20, 45)


def at(day: date | str, hour: int = 10) -> datetime:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)


def test_every_start_from_2015_to_2026_agrees_with_the_oracle() -> None:
    first, last = date(2015, 1, 1), date(2026, 12, 31)
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    working = [day for day in every if chinese_calendar.is_workday(day)]
    checked = 0
    rank = 0  # of the first working day after the start
    for start in every:
        while rank < len(working) and working[rank] <= start:
            rank += 1
        for budget in BUDGETS:
            if rank + budget - 1 < len(working):
                reading = read(Clock(at(start), budget), CALENDAR, at(start))
                assert reading.due == working[rank + budget - 1]
                assert not reading.provisional
                checked += 1
    assert checked > 34_500


def test_five_working_days_over_the_spring_festival_of_2026() -> None:
    reading = read(Clock(at("2026-02-12"), 5), CALENDAR, at("2026-02-12", 23))
    assert reading.due == date(2026, 2, 26)
    assert reading.due_at == datetime(2026, 2, 27, tzinfo=CHINA)


def test_the_date_in_china_decides() -> None:
    late_in_utc = datetime(2026, 3, 2, 17, tzinfo=UTC)  # 3 March 01:00 in China
    assert due_date(Clock(late_in_utc, 1), CALENDAR, late_in_utc) == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("now", "state", "used", "remaining", "late"),
    [
        ("2026-03-02", State.RUNNING, 0, 3, False),
        ("2026-03-04", State.RUNNING, 2, 1, False),
        ("2026-03-05", State.RUNNING, 3, 0, False),
        ("2026-03-06", State.OVERDUE, 4, -1, True),
        ("2026-03-08", State.OVERDUE, 4, -1, True),
        ("2026-03-10", State.OVERDUE, 6, -3, True),
    ],
)
def test_a_period_as_time_goes_by(now: str, state: State, used: int, remaining: int, late: bool) -> None:  # noqa: FBT001 - a case
    reading = read(Clock(at("2026-03-02"), 3), CALENDAR, at(now))
    assert reading.due == date(2026, 3, 5)
    assert (reading.state, reading.used, reading.remaining, reading.late) == (state, used, remaining, late)
    assert reading.overdue == max(-remaining, 0)


def test_the_weekend_after_the_last_day_is_late_by_no_working_day() -> None:
    reading = read(Clock(at("2026-03-02"), 4), CALENDAR, at("2026-03-07"))
    assert (reading.state, reading.late, reading.remaining, reading.overdue) == (State.OVERDUE, True, 0, 0)


# ---------------------------------------------------------------------- pauses
def test_a_pause_keeps_its_first_day_and_loses_its_last() -> None:
    clock = Clock(at("2026-03-02"), 5).paused(at=at("2026-03-04"), reason="等待补正").resumed(at=at("2026-03-09"))
    assert due_date(clock, CALENDAR, at("2026-03-09")) == date(2026, 3, 12)


def test_a_pause_of_hours_costs_nothing() -> None:
    clock = Clock(at("2026-03-02"), 5)
    short = clock.paused(at=at("2026-03-04", 9), reason="等待补正").resumed(at=at("2026-03-04", 15))
    assert due_date(short, CALENDAR, at("2026-03-05")) == due_date(clock, CALENDAR, at("2026-03-05"))


def test_an_open_pause_projects_from_today() -> None:
    clock = Clock(at("2026-03-02"), 5).paused(at=at("2026-03-04"), reason="等待补正")
    reading = read(clock, CALENDAR, at("2026-03-20"))
    assert (reading.state, reading.projected, reading.used, reading.remaining, reading.late) == (State.PAUSED, True, 2, 3, False)
    assert reading.due == date(2026, 3, 25)


def test_a_pause_on_the_last_day_keeps_that_day() -> None:
    clock = Clock(at("2026-03-02"), 3).paused(at=at("2026-03-05"), reason="听证").resumed(at=at("2026-03-14"))
    reading = read(clock, CALENDAR, at("2026-03-16"))
    assert (reading.due, reading.late) == (date(2026, 3, 16), False)  # the 14th is a Saturday
    assert read(clock, CALENDAR, at("2026-03-17")).overdue == 1


def test_a_pause_after_the_last_day_does_not_heal() -> None:
    clock = Clock(at("2026-03-02"), 3).paused(at=at("2026-03-09"), reason="听证")
    reading = read(clock, CALENDAR, at("2026-03-20"))
    assert (reading.state, reading.late, reading.due, reading.overdue) == (State.PAUSED, True, date(2026, 3, 5), 2)
    assert read(clock.resumed(at=at("2026-03-20")), CALENDAR, at("2026-03-23")).overdue == 3


# ---------------------------------------------------------------------- extensions, stops, order
def test_what_has_not_happened_yet_is_not_seen() -> None:
    clock = Clock(at("2026-03-02"), 5)
    longer = clock.extended(CALENDAR, at=at("2026-03-05"), days=10, approver="主管部门", reason="需要跨层级核对")
    assert due_date(longer, CALENDAR, at("2026-03-04")) == date(2026, 3, 9)
    assert due_date(longer, CALENDAR, at("2026-03-05")) == date(2026, 3, 23)


def test_an_extension_comes_before_the_end_and_within_the_limit() -> None:
    clock = LIMITS["D3"].clock(at("2026-03-02"))
    with pytest.raises(ExtensionRefused, match="届满"):
        clock.extended(CALENDAR, at=at("2026-03-04"), days=1, approver="主管部门", reason="理由")
    with pytest.raises(ExtensionRefused, match="上限"):
        clock.extended(CALENDAR, at=at("2026-03-03"), days=11, approver="主管部门", reason="理由")
    with pytest.raises(ExtensionRefused, match="批准人"):
        clock.extended(CALENDAR, at=at("2026-03-03"), days=1, approver=" ", reason="理由")
    assert clock.extended(CALENDAR, at=at("2026-03-03"), days=10, approver="主管部门", reason="理由").total == 11


@pytest.mark.parametrize(("day", "state", "late"), [("2026-03-05", State.MET, False), ("2026-03-06", State.MISSED, True)])
def test_a_stop_settles_it(day: str, state: State, late: bool) -> None:  # noqa: FBT001 - a case
    clock = Clock(at("2026-03-02"), 3).stopped(at=at(day), outcome="答复同意")
    for now in (day, "2026-06-01"):
        reading = read(clock, CALENDAR, at(now))
        assert (reading.state, reading.late, reading.due) == (state, late, date(2026, 3, 5))


def test_a_stop_during_a_pause_is_in_time() -> None:
    clock = Clock(at("2026-03-02"), 3).paused(at=at("2026-03-03"), reason="等待补正").stopped(at=at("2026-03-30"), outcome="申请人撤回")
    reading = read(clock, CALENDAR, at("2026-04-10"))
    assert (reading.state, reading.projected, reading.due) == (State.MET, False, date(2026, 4, 1))
    assert "终止后" in {row.reason for row in explain(clock, CALENDAR, at("2026-04-10")).rows}


def test_events_keep_their_order() -> None:
    clock = Clock(at("2026-03-02"), 5)
    with pytest.raises(OutOfOrder):
        clock.resumed(at=at("2026-03-03"))
    with pytest.raises(OutOfOrder):
        clock.paused(at=at("2026-03-03"), reason=" ")
    with pytest.raises(OutOfOrder):
        clock.paused(at=at("2026-03-01"), reason="早于开始")
    with pytest.raises(OutOfOrder):
        clock.paused(at=at("2026-03-03"), reason="一").paused(at=at("2026-03-04"), reason="二")
    with pytest.raises(OutOfOrder):
        clock.stopped(at=at("2026-03-03"), outcome="完").stopped(at=at("2026-03-04"), outcome="又完")


def test_moments_are_aware_and_budgets_positive() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock(datetime(2026, 3, 2), 5)
    with pytest.raises(ValueError, match="time zone"):
        Clock(at("2026-03-02"), 5, events=(Stop(datetime(2026, 3, 3), "完"),))
    with pytest.raises(ValueError, match="at least one"):
        Clock(at("2026-03-02"), 0)


# ---------------------------------------------------------------------- calendar days
def test_calendar_days_end_on_a_working_day() -> None:
    reading = read(Clock(at("2026-09-21"), 10, Unit.CALENDAR_DAYS), CALENDAR, at("2026-10-03"))
    assert (reading.due, reading.late, reading.remaining) == (date(2026, 10, 8), False, 0)
    assert read(Clock(at("2026-09-21"), 10, Unit.CALENDAR_DAYS), CALENDAR, at("2026-10-09")).overdue == 1


def test_a_pause_on_the_way_to_a_deferred_end_is_not_late() -> None:
    clock = Clock(at("2026-09-21"), 10, Unit.CALENDAR_DAYS).paused(at=at("2026-10-04"), reason="鉴定").resumed(at=at("2026-10-20"))
    reading = read(clock, CALENDAR, at("2026-10-20"))
    assert (reading.due, reading.late) == (date(2026, 10, 20), False)


# ---------------------------------------------------------------------- properties
starts = st.dates(date(2010, 1, 1), date(2026, 6, 30))
#: early enough that every day a test looks at lies in a published year
published_starts = st.dates(date(2010, 1, 1), date(2026, 5, 31))
units = st.sampled_from(list(Unit))


@given(starts, st.integers(1, 60), st.integers(1, 60), units)
def test_a_larger_budget_never_ends_earlier(start: date, one: int, other: int, unit: Unit) -> None:
    small, large = sorted((one, other))
    assert due_date(Clock(at(start), small, unit), CALENDAR, at(start)) <= due_date(Clock(at(start), large, unit), CALENDAR, at(start))


@given(starts, st.integers(1, 30), st.integers(1, 30))
def test_an_extension_adds_exactly_its_working_days(start: date, budget: int, more: int) -> None:
    clock = Clock(at(start), budget)
    longer = clock.extended(CALENDAR, at=at(start, 11), days=more, approver="负责人", reason="案情复杂")
    before, after = due_date(clock, CALENDAR, at(start, 12)), due_date(longer, CALENDAR, at(start, 12))
    assert CALENDAR.between(before, after) == more


@given(starts, st.integers(1, 40), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=5))
def test_pauses_move_the_end_by_the_working_days_they_cover(start: date, budget: int, gaps: list[tuple[int, int]]) -> None:
    clock, day, excluded = Clock(at(start), budget), start, 0
    resumed = start
    for run, rest in gaps:
        paused_on = day + timedelta(days=run)
        if paused_on > CALENDAR.add(start, budget + excluded):
            break
        resumed = day = paused_on + timedelta(days=rest)
        clock = clock.paused(at=at(paused_on, 11), reason="等待补正").resumed(at=at(resumed, 11))
        excluded += CALENDAR.between(paused_on, resumed)
    expected = CALENDAR.add(start, budget + excluded)
    if expected < resumed:
        expected = CALENDAR.on_or_after(resumed)
    assert due_date(clock, CALENDAR, at(day, 12)) == expected


def walk(start: date, budget: int, unit: Unit, pauses: list[tuple[date, date]], today: date) -> tuple[int, date | None]:
    """An oracle that knows nothing of segments: day by day, (days used by ``today``, the day on which the budget was used up)."""
    used, full, day = 0, None, start
    while day < today:
        day += timedelta(days=1)
        paused = any(first < day <= last for first, last in pauses)
        if not paused and (unit is Unit.CALENDAR_DAYS or chinese_calendar.is_workday(day)):
            used += 1
            if used == budget:
                full = day
    return used, full


@given(
    published_starts, st.integers(1, 25), units, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4), st.integers(0, 120)
)
def test_a_reading_agrees_with_a_walk_over_the_days(start: date, budget: int, unit: Unit, gaps: list[tuple[int, int]], later: int) -> None:
    clock, pauses, day = Clock(at(start), budget, unit), [], start
    for run, rest in gaps:
        pauses.append((day + timedelta(days=run), day + timedelta(days=run + rest)))
        day = pauses[-1][1]
        clock = clock.paused(at=at(pauses[-1][0], 11), reason="等待补正").resumed(at=at(day, 11))
    today = day + timedelta(days=later)
    used, full = walk(start, budget, unit, pauses, today)
    reading = read(clock, CALENDAR, at(today, 12))
    assert reading.used == used
    assert reading.late == (reading.due < today)
    assert CALENDAR.is_working(reading.due)
    if full is None:
        assert not reading.late
    elif not any(first <= reading.due and full <= last for first, last in pauses):
        assert reading.due == CALENDAR.on_or_after(full)


@given(starts, st.integers(1, 30), st.integers(0, 60), st.integers(0, 30))
def test_a_reading_adds_up(start: date, budget: int, later: int, pause: int) -> None:
    clock = Clock(at(start), budget).paused(at=at(start + timedelta(days=pause)), reason="等待补正")
    reading = read(clock, CALENDAR, at(start + timedelta(days=later)))
    assert reading.late == (reading.state is State.OVERDUE) or reading.state is State.PAUSED
    assert reading.remaining == reading.total - reading.used
    assert not reading.late or reading.remaining <= 0


@given(starts, st.integers(1, 30), units, st.integers(0, 20), st.integers(0, 20))
def test_an_explanation_counts_what_the_reading_counts(start: date, budget: int, unit: Unit, pause: int, rest: int) -> None:
    clock = Clock(at(start), budget, unit)
    paused_on = start + timedelta(days=pause)
    if paused_on < due_date(clock, CALENDAR, at(start)):
        clock = clock.paused(at=at(paused_on), reason="等待补正").resumed(at=at(paused_on + timedelta(days=rest), 11))
    now = at(start + timedelta(days=60))
    table = explain(clock, CALENDAR, now)
    assert table.rows[0].date == start
    assert not table.rows[0].counted
    assert table.rows[-1].date == table.reading.due
    assert table.rows[-1].running_count == budget
    assert sum(row.counted for row in table.rows) == budget
    assert all(row.reason for row in table.rows)


# ---------------------------------------------------------------------- explanations
def test_the_table_says_why() -> None:
    clock = (
        Clock(at("2026-02-12"), 3, trigger="收到申请")
        .paused(at=at("2026-02-13"), reason="等待补正", basis="第二十一条")
        .resumed(at=at("2026-02-25"), reason="材料补齐")
        .extended(CALENDAR, at=at("2026-02-26"), days=1, approver="市数据局", reason="需要核对")
    )
    table = explain(clock, CALENDAR, at("2026-02-27"))
    told = {row.date.isoformat(): (row.counted, row.running_count, row.reason, row.note) for row in table.rows}
    assert told["2026-02-12"] == (False, 0, "起算日,不计入", "收到申请")
    assert told["2026-02-13"] == (True, 1, "工作日", "当日暂停:等待补正(第二十一条)")
    assert told["2026-02-14"] == (False, 1, "暂停:等待补正", "")
    assert told["2026-02-25"] == (False, 1, "暂停:等待补正", "当日恢复,次日起计:材料补齐")
    assert told["2026-02-26"] == (True, 2, "工作日", "延长 1 个工作日,市数据局批准:需要核对")
    assert told["2026-02-28"] == (True, 4, "周末补班", "期满日,至二十四时止")
    assert table.rows[-1].weekday == "星期六"
    assert table.rows[-1].notice == "国办发明电〔2025〕7号"
    assert table.sentence == "自 2026-02-12 的次日起计 3 个工作日,延长 1 个工作日,至 2026-02-28 二十四时届满。"


def test_an_open_pause_and_a_stop_are_told() -> None:
    clock = Clock(at("2026-03-02"), 3).paused(at=at("2026-03-03"), reason="听证")
    table = explain(clock, CALENDAR, at("2026-03-10"))
    assert table.sentence.startswith("自 2026-03-02 的次日起计 3 个工作日,若今日恢复")
    assert table.rows[-1].note == "期满日(若今日恢复)"
    assert [row.reason for row in table.rows if row.date == date(2026, 3, 9)] == ["暂停:听证"]
    stopped = explain(Clock(at("2026-03-02"), 3).stopped(at=at("2026-03-03"), outcome="答复同意"), CALENDAR, at("2026-03-20"))
    assert [row.note for row in stopped.rows] == ["期限开始", "办结:答复同意", "", "期满日,至二十四时止"]
    assert stopped.rows[-1].reason == "终止后"


def test_calendar_days_tell_of_the_deferral() -> None:
    table = explain(Clock(at("2026-09-21"), 10, Unit.CALENDAR_DAYS), CALENDAR, at("2026-09-22"))
    assert table.rows[10].reason == "国庆节"
    assert table.rows[11].reason == "国庆节,期满顺延"
    assert table.rows[-1].reason == "顺延后的期满日"


def test_a_provisional_end_says_so() -> None:
    table = explain(Clock(at("2026-12-28"), 10), CALENDAR, at("2026-12-28"))
    assert table.reading.provisional
    assert table.reading.provisional_years == (2027,)
    assert "2027 年放假安排尚未公布" in table.sentence
    assert [row.provisional for row in table.rows][:5] == [False, False, False, False, True]


# ---------------------------------------------------------------------- lamps and escalation
@pytest.mark.parametrize(
    ("now", "lamp", "strict"),
    [
        ("2026-03-02", Lamp.GREEN, Lamp.GREEN),
        ("2026-03-05", Lamp.YELLOW, Lamp.YELLOW),
        ("2026-03-09", Lamp.YELLOW, Lamp.RED),
        ("2026-03-10", Lamp.RED, Lamp.RED),
    ],
)
def test_lamps(now: str, lamp: Lamp, strict: Lamp) -> None:
    reading = read(Clock(at("2026-03-02"), 5), CALENDAR, at(now))
    assert LampRule().lamp(reading) is lamp
    assert LampRule(yellow=2, red=0).lamp(reading) is strict


def test_lamps_of_what_waits_or_is_done() -> None:
    clock = Clock(at("2026-03-02"), 1)
    paused = clock.paused(at=at("2026-03-02", 11), reason="听证")
    assert LampRule().lamp(read(paused, CALENDAR, at("2026-04-01"))) is Lamp.GREY
    assert LampRule().lamp(read(clock.stopped(at=at("2026-03-03"), outcome="完"), CALENDAR, at("2026-04-01"))) is Lamp.GREEN
    assert LampRule().lamp(read(clock.stopped(at=at("2026-03-04"), outcome="完"), CALENDAR, at("2026-04-01"))) is Lamp.RED


def test_each_rung_once() -> None:
    clock, fired, told = Clock(at("2026-03-02"), 3), [], []
    for number in range(20):
        step = escalate(read(clock, CALENDAR, at(date(2026, 3, 2) + timedelta(days=number))), fired)
        fired += step.settled
        if step.send:
            told.append((number, step.send.name))
    assert told == [(2, "due-in-1"), (3, "due-today"), (4, "overdue-1"), (8, "overdue-3")]
    assert fired == [rung.name for rung in DEFAULT_RUNGS]


def test_after_a_standstill_only_the_worst_is_told() -> None:
    step = escalate(read(Clock(at("2026-03-02"), 3), CALENDAR, at("2026-03-20")), ["due-in-1"])
    assert step.send == DEFAULT_RUNGS[-1]
    assert step.settled == ("due-today", "overdue-1", "overdue-3")


def test_nobody_is_warned_of_what_is_paused_or_done_and_an_extension_warns_again() -> None:
    clock = Clock(at("2026-03-02"), 3)
    assert escalate(read(clock.paused(at=at("2026-03-03"), reason="听证"), CALENDAR, at("2026-03-20")), []).send is None
    assert escalate(read(clock.stopped(at=at("2026-03-20"), outcome="完"), CALENDAR, at("2026-03-20")), []).settled == ()
    step = escalate(read(clock, CALENDAR, at("2026-03-05")), ["due-in-1", "due-today"], round_name="1")
    assert step.settled == ("due-in-1/1", "due-today/1")


# ---------------------------------------------------------------------- the law
def test_the_statute_is_complete() -> None:
    assert {"D1", "D2", "D3", "D4", "D5", "D6", "D9", "D10", "D11", "D12", "D14"} <= set(LIMITS)
    assert [(LIMITS[code].days, LIMITS[code].extension) for code in ("D1", "D2", "D3", "D4", "D5", "D6")] == [
        (10, 5), (2, 0), (1, 10), (10, 10), (20, 0), (10, 0),
    ]  # fmt: skip
    assert LIMITS["D4"].basis == "《政务数据共享条例》第二十一条"
    assert all(bool(limit.extension) == bool(limit.extension_condition) for limit in LIMITS.values())
    assert "听证" in SPECIAL_PROCEDURES.procedures


def test_records_are_kept_for_three_years() -> None:
    assert USAGE_RECORDS.keep_until(date(2025, 8, 1)) == date(2028, 8, 1)
    assert USAGE_RECORDS.keep_until(date(2024, 2, 29)) == date(2027, 2, 28)
