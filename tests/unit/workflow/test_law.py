"""Three processes as the law and their cities set them, with dates counted by hand."""

from __future__ import annotations

from datetime import date

from unit.workflow.making import at, template
from unit.workflow.test_running import Desk
from zhengtong.engines.deadlines.clock import State, read
from zhengtong.engines.deadlines.published import calendar_with, published_calendar
from zhengtong.engines.deadlines.statute import LIMITS
from zhengtong.engines.workflow.acts import AskSupplement, BeginSpecial, EndSpecial, EndSupplement, Extend, LetPass
from zhengtong.engines.workflow.case import Status
from zhengtong.engines.workflow.timing import critical_path, due_moved, holders, silent

CALENDAR = published_calendar()
#: 2027 as somebody might publish it: 4 January off, a Sunday in February worked for it
PUBLISHED = calendar_with(
    [
        {
            "year": 2027,
            "notice": "国办发明电〔2026〕9号",
            "days_off": dict.fromkeys(("2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04"), "元旦"),
            "make_up_days": {"2027-02-07": "元旦"},
        }
    ]
)


def filed(name: str, day: str) -> Desk:
    return Desk(template(name), at(day))


# ---------------------------------------------------------------------- 企业开办: 3 working days, four departments side by side
def test_a_company_is_opened_in_three_working_days_over_the_spring_festival() -> None:
    desk = filed("company_startup", "2026-02-12")
    desk.say("accept", "accepted")
    assert {one.role for one in holders(desk.process, desk.case, CALENDAR, desk.when)} == {
        "市场监管局",
        "公安局",
        "税务局",
        "人力资源社会保障局",
    }
    outlook = critical_path(desk.process, desk.case, CALENDAR, desk.when)
    assert outlook is not None
    assert {branch.done for branch in outlook.branches} == {date(2026, 2, 14)}  # a Saturday on which offices work
    assert outlook.end == outlook.due == date(2026, 2, 24)  # the holidays of 15 to 23 February do not count
    for step in ("tax", "market", "police"):
        desk.say(step)
    desk.when = at("2026-02-14")
    desk.say("social")
    desk.when = at("2026-02-24", 23)
    desk.say("issue", "issued")
    assert desk.case.result == "granted"
    assert desk.case.clock is not None
    assert read(desk.case.clock, CALENDAR, desk.when).state is State.MET


def test_one_department_that_refuses_ends_the_rest_at_once() -> None:
    desk = filed("company_startup", "2026-03-02")
    desk.say("accept", "accepted")
    desk.say("police")
    desk.say("market", "refuse")
    assert desk.case.status is Status.DONE
    assert desk.case.result == "refused"
    assert [visit.status for visit in desk.case.visits.values()].count(Status.ENDED) == 2


# ---------------------------------------------------------------------- 不动产登记: 5 working days, housing, land and taxes linked
def test_real_estate_is_registered_in_five_working_days() -> None:
    desk = filed("property_registration", "2026-02-12")
    desk.say("accept", "accepted")
    outlook = critical_path(desk.process, desk.case, CALENDAR, desk.when)
    assert outlook is not None
    assert outlook.due == outlook.end == date(2026, 2, 26)  # as two independent calendars count it
    assert {branch.step: branch.slack for branch in outlook.branches} == {"housing": 1, "survey": 0, "tax": 1}


def test_the_public_notice_of_a_registration_is_not_counted() -> None:
    desk = filed("property_registration", "2026-02-12")
    desk.say("accept", "accepted")
    desk.when = at("2026-02-13")
    desk.do(BeginSpecial, "survey", procedure="公告")
    desk.when = at("2026-03-06")
    desk.do(EndSpecial, "survey")
    assert desk.case.clock is not None
    assert read(desk.case.clock, CALENDAR, desk.when).due == date(2026, 3, 12)  # one day used, four from 9 March


# ---------------------------------------------------------------------- 工程建设许可: 45 working days, joint assessment
def test_a_permit_filed_in_november_crosses_into_an_unpublished_year() -> None:
    assert LIMITS["D11"].days == template("construction_permit").days
    desk = filed("construction_permit", "2026-11-02")
    desk.when = at("2026-11-09")
    desk.say("accept")
    outlook = critical_path(desk.process, desk.case, CALENDAR, desk.when)
    assert outlook is not None
    assert outlook.end == date(2026, 12, 23)
    assert outlook.provisional_years == ()  # what is planned ends this year
    assert {branch.step: branch.slack for branch in outlook.branches} == {
        "environment": 0,
        "fire": 5,
        "water": 5,
        "heritage": 10,
        "traffic": 10,
        "civil_defence": 10,
    }
    assert outlook.critical[0].ahead == ("decide", "issue")
    assert desk.case.clock is not None
    reading = read(desk.case.clock, CALENDAR, desk.when)
    assert reading.due == date(2027, 1, 12)
    assert reading.provisional_years == (2027,)


def test_a_calendar_published_meanwhile_moves_the_due_date_and_says_why() -> None:
    desk = filed("construction_permit", "2026-11-02")
    desk.when = at("2026-11-09")
    desk.say("accept")
    (moved,) = due_moved(desk.case, CALENDAR, PUBLISHED, desk.when)
    assert (moved.number, moved.before, moved.after) == (None, date(2027, 1, 12), date(2027, 1, 13))
    assert moved.reason == "国办发明电〔2026〕9号:2027-01-04 元旦"
    assert desk.case.clock is not None
    assert not read(desk.case.clock, PUBLISHED, desk.when).provisional
    assert due_moved(desk.case, PUBLISHED, PUBLISHED, desk.when) == ()


def test_a_window_that_says_nothing_has_accepted_on_the_day_of_receipt() -> None:
    desk = filed("construction_permit", "2026-11-02")
    desk.when = at("2026-11-09", 23)
    assert silent(desk.process, desk.case, CALENDAR, desk.when) == ()
    desk.when = at("2026-11-10", 1)
    (visit,) = silent(desk.process, desk.case, CALENDAR, desk.when)
    desk.do(LetPass, number=visit.number, by="系统")
    assert desk.case.clock is not None
    assert desk.case.clock.started == at("2026-11-02")  # 行政许可法 32
    assert read(desk.case.clock, CALENDAR, desk.when).due == date(2027, 1, 5)
    assert len(desk.open) == 6


def test_silence_after_a_supplement_accepts_from_the_day_it_came() -> None:
    desk = filed("construction_permit", "2026-11-02")
    desk.when = at("2026-11-04")
    desk.do(AskSupplement, "accept", missing=("土地权属证明",))
    desk.when = at("2026-11-16")
    desk.do(EndSupplement, "accept")
    desk.when = at("2026-11-19", 23)  # two days were used, three more end on the 19th
    assert silent(desk.process, desk.case, CALENDAR, desk.when) == ()
    desk.when = at("2026-11-20")
    desk.do(LetPass, "accept", by="系统")
    assert desk.case.clock is not None
    assert desk.case.clock.started == at("2026-11-16")


def test_expert_review_extension_and_silence_of_a_joint_assessment() -> None:
    desk = filed("construction_permit", "2026-11-09")
    desk.say("accept")
    desk.when = at("2026-11-16")
    desk.do(BeginSpecial, "environment", procedure="专家评审")
    desk.when = at("2026-11-24")
    passed = silent(desk.process, desk.case, CALENDAR, desk.when)
    assert {visit.step for visit in passed} == {"heritage", "traffic", "civil_defence"}  # ten working days ended on the 23rd
    for visit in passed:
        desk.do(LetPass, number=visit.number, by="系统")
    desk.when = at("2026-11-30")
    desk.do(EndSpecial, "environment")
    readings = {one.step: one.reading for one in holders(desk.process, desk.case, CALENDAR, desk.when)}
    assert readings["environment"] is not None
    assert readings["environment"].due == date(2026, 12, 21)  # 7 December and ten days that were not counted
    assert desk.case.clock is not None
    assert read(desk.case.clock, CALENDAR, desk.when).due == date(2027, 1, 26)
    desk.do(Extend, days=LIMITS["D11"].extension, approver="市长", reason="技术复杂")
    assert desk.case.clock.total == 60


def test_a_named_department_decides_and_an_assessment_can_be_held_again() -> None:
    desk = filed("construction_permit", "2026-03-02")
    desk.say("accept")
    for step in ("water", "traffic", "heritage", "civil_defence", "environment"):
        desk.say(step, "refuse" if step == "water" else "agree")  # its opinion is on record and decides nothing
    desk.say("fire")
    assert desk.open == ["decide"]
    desk.say("decide", "reassess")
    assert len(desk.open) == 6
    desk.say("fire", "refuse")
    assert desk.case.result == "refused"
    assert desk.open == []
