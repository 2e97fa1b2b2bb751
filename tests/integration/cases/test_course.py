"""A case from its receipt to the archive, and every way off the straight one."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from factories import world
from factories.cases import COMPANY, NOW, PERSON, Hall, Staff, later, text_of
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.cases.models import Case, Deed, FiredRung, Letter, Visit
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.deadlines.alerts import Lamp
from zhengtong.engines.workflow.refusals import InvalidAct, NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return Hall()


def act() -> str:
    return uuid.uuid4().hex


def test_a_promised_case_from_receipt_to_archive(hall: Hall) -> None:
    number = hall.opened()
    assert hall.view(number).state == cases.State.RECEIVED
    hall.do(number, "accept", "agree")
    view = hall.view(number)
    assert view.state == cases.State.HANDLING
    assert view.accepted_at == NOW
    hall.do(number, "review", "reviewed", at=later(1))
    hall.do(number, "decide", "agree", at=later(1))
    assert hall.do(number, "issue", "issued", at=later(2)).result == "granted"
    view = hall.view(number)
    assert (view.state, view.result_code, str(view.deliver_by)) == (cases.State.DONE, 0, "2026-06-29")
    with pytest.raises(cases.NotFinished):
        cases.archive(actor=hall.lead.clerk, number=number, act_id=act(), now=later(3))
    cases.deliver(actor=hall.lead.clerk, number=number, way="window", act_id="d", now=later(3))
    cases.deliver(actor=hall.lead.clerk, number=number, way="window", act_id="d", now=later(3))
    cases.archive(actor=hall.lead.handler, number=number, act_id=act(), now=later(3))
    assert [one.kind for one in Letter.objects.order_by("pk")] == ["accepted", "granted", "delivered"]
    assert [one.label for one in cases.timeline(hall.view(number))][-1] == "收件"
    assert cases.verify(number) == 7


def test_one_notice_of_everything_missing_stops_the_step_and_comes_once(hall: Hall) -> None:
    number, clerk = hall.opened(), hall.lead.clerk
    cases.ask_supplement(actor=clerk, number=number, visit=1, missing=["平面图", "身份证明"], act_id=act(), now=NOW)
    view = hall.view(number)
    assert (view.state, view.state_code) == (cases.State.SUPPLEMENT, "06")
    assert Visit.objects.get().due is None
    assert Letter.objects.get().lines == ["平面图", "身份证明"]
    cases.follow(now=later(40))
    assert hall.view(number).state == cases.State.SUPPLEMENT, "silence means nothing while the applicant has to act"
    cases.end_supplement(actor=clerk, number=number, visit=1, act_id=act(), now=later(40))
    with pytest.raises(NotAllowed):
        cases.ask_supplement(actor=clerk, number=number, visit=1, missing=["别的"], act_id=act(), now=later(40))


def test_nobody_answers_in_five_days_and_the_case_counts_as_accepted(hall: Hall) -> None:
    number = hall.opened()
    cases.follow(now=later(7))
    assert hall.view(number).state == cases.State.RECEIVED
    for _ in range(2):
        cases.follow(now=later(8))
    view = hall.view(number, at=later(8))
    assert view.state == cases.State.HANDLING
    assert view.case.clock is not None
    assert view.case.clock.started == NOW
    assert Deed.objects.filter(kind="let-pass").count() == 1


def test_a_refusal_needs_reasons_and_carries_its_code(hall: Hall) -> None:
    number = hall.opened()
    with pytest.raises(cases.ReasonMissing):
        cases.complete(actor=hall.lead.clerk, number=number, visit=1, outcome="refuse", act_id=act(), now=NOW)
    hall.do(number, "accept", "refuse", reason="不属于本单位职权")
    view = hall.view(number)
    assert (view.state, view.result_code, view.reason) == (cases.State.NOT_ACCEPTED, 6, "收件与受理:不属于本单位职权")
    assert Letter.objects.get().kind == "rejected"
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.update(reason="")


def test_an_act_sent_twice_is_done_once_and_another_under_its_id_is_refused(hall: Hall) -> None:
    number = hall.opened()
    assert not hall.do(number, "accept", "agree", act_id="one").repeated
    again = cases.complete(actor=hall.lead.clerk, number=number, visit=1, outcome="agree", act_id="one", now=NOW)
    assert again.repeated
    with pytest.raises(cases.StepOver):
        cases.complete(actor=hall.lead.clerk, number=number, visit=1, outcome="refuse", reason="理由", act_id="two", now=NOW)
    assert Deed.objects.filter(kind="complete").count() == 1


def test_a_filing_makes_one_case_and_bad_ones_name_their_field(hall: Hall) -> None:
    assert hall.opened(key="filing-1") == hall.opened(key="filing-1")
    assert Case.objects.count() == 1
    for field, changes in {
        "item_name": {"item_name": " "},
        "source": {"source": "7"},
        "agent_basis": {"agent": PERSON},
        "materials": {"materials": [cases.MaterialGiven("甲"), cases.MaterialGiven("甲")]},
    }.items():
        with pytest.raises(cases.FilingRefused) as refused:
            hall.opened(**changes)
        assert refused.value.field == field
        assert refused.value.remedy
    with pytest.raises(identity.NotYours):
        hall.opened(by=hall.lead.handler)


def test_numbers_are_of_region_office_day_and_count(hall: Hall) -> None:
    first, second = hall.opened(), hall.opened()
    assert first == f"370000{hall.lead.office.code[8:17]}2026061000001"
    assert second == f"{first[:-1]}2"
    assert hall.opened(at=later(1)).endswith("2026061100001")


def test_who_may_do_what(hall: Hall) -> None:
    number, stranger = hall.opened(), Staff.of()
    for actor in (hall.lead.handler, hall.lead.approver):
        with pytest.raises(identity.NotYours):
            cases.complete(actor=actor, number=number, visit=1, outcome="agree", act_id=act(), now=NOW)
    for actor in (stranger.clerk, world.official(identity.Role.STEWARD, at=hall.lead.office)):
        with pytest.raises(cases.CaseUnknown):
            cases.complete(actor=actor, number=number, visit=1, outcome="agree", act_id=act(), now=NOW)
        with pytest.raises(cases.CaseHidden):
            cases.case(number, actor=actor, now=NOW)
    other = world.official(identity.Role.CLERK, at=hall.lead.office)
    cases.begin(actor=other, number=number, visit=1, act_id=act(), now=NOW)
    with pytest.raises(identity.NotYours):
        cases.complete(actor=hall.lead.clerk, number=number, visit=1, outcome="agree", act_id=act(), now=NOW)
    with pytest.raises(identity.NotYours):
        cases.reassign(
            actor=hall.lead.clerk, number=number, visit=1, account=hall.lead.clerk.username, reason="休假", act_id=act(), now=NOW
        )
    cases.reassign(actor=hall.lead.approver, number=number, visit=1, account=hall.lead.clerk.username, reason="休假", act_id=act(), now=NOW)
    assert notices.unread(hall.lead.clerk) == 1
    with pytest.raises(cases.HolderUnfit):
        cases.reassign(
            actor=hall.lead.clerk, number=number, visit=1, account=hall.lead.handler.username, reason="误", act_id=act(), now=NOW
        )
    assert hall.do(number, "accept", "agree").result == ""
    assert cases.case(number, actor=world.auditor(hall.lead.office), now=NOW).number == number


def test_a_delegate_acts_for_who_is_away(hall: Hall) -> None:
    number, deputy = hall.opened(), world.official(identity.Role.STEWARD, at=hall.lead.office)
    identity.delegate(actor=hall.lead.clerk, taker=deputy.username, since=world.TODAY, until=world.TODAY, now=NOW)
    cases.complete(actor=identity.actor(deputy.account_id, on=world.TODAY), number=number, visit=1, outcome="agree", act_id=act(), now=NOW)
    assert Deed.objects.get(kind="complete").actor == deputy.label


def test_personal_data_is_read_by_who_holds_the_step_and_every_reading_is_on_record(hall: Hall) -> None:
    number = hall.opened(agent=PERSON, agent_basis="委托书")
    view = hall.view(number)
    assert (view.applicant, view.agent) == ("张**", "张**")
    row = Case.objects.get()
    assert PERSON.code not in f"{row.applicant_sealed}{row.head}{Deed.objects.get().document}"
    found = cases.read_application(actor=hall.lead.clerk, number=number, purpose="核对身份", now=NOW)
    assert (found.applicant, found.contact, found.answers["地址"]) == (PERSON, "13800001234", "泉城路1号")
    with pytest.raises(cases.PurposeMissing):
        cases.read_application(actor=hall.lead.clerk, number=number, purpose=" ", now=NOW)
    with pytest.raises(identity.NotYours):
        cases.read_application(actor=hall.lead.approver, number=number, purpose="看看", now=NOW)
    with pytest.raises(cases.CaseUnknown):
        cases.read_application(actor=Staff.of().clerk, number=number, purpose="看看", now=NOW)
    security.unfold()
    entries = security.entries(security.EntryFilter(event="cases:application:read"))
    assert sorted(one.outcome for one in entries) == ["case-unknown", "ok", "role-missing"]
    assert all(one.subjects == [security.subject_digest("person", PERSON.code)] for one in entries)
    assert all(one.case == number for one in entries)


def test_a_special_procedure_rests_the_clock_and_more_time_is_the_approvers(hall: Hall) -> None:
    number = hall.opened()
    hall.do(number, "accept", "agree")
    handler = hall.lead.handler
    with pytest.raises(InvalidAct):
        cases.begin_special(actor=handler, number=number, visit=2, procedure="拍卖", act_id=act(), now=NOW)
    cases.begin_special(actor=handler, number=number, visit=2, procedure="听证", act_id=act(), now=NOW)
    assert hall.view(number).state == cases.State.SUSPENDED
    cases.end_special(actor=handler, number=number, visit=2, act_id=act(), now=later(30))
    view = hall.view(number, at=later(30))
    assert view.clock is not None
    assert str(view.clock.reading.due) == "2026-08-07"
    with pytest.raises(identity.NotYours):
        cases.extend(actor=handler, number=number, visit=2, days=5, reason="复杂", act_id=act(), now=later(30))
    cases.extend(actor=hall.lead.approver, number=number, visit=2, days=5, reason="复杂", act_id=act(), now=later(30))
    cases.extend(actor=hall.lead.approver, number=number, visit=None, days=10, reason="复杂", act_id=act(), now=later(30))
    assert str(Case.objects.get().due) == "2026-08-21"
    explanation = cases.why(hall.view(number, at=later(30)), 2, now=later(30))
    assert explanation is not None
    assert any("听证" in str(row.reason) for row in explanation.rows)


def test_another_office_is_asked_and_may_see_the_case(hall: Hall) -> None:
    number, other, stranger = hall.opened(), Staff.of("消防局"), Staff.of()
    hall.do(number, "accept", "agree")
    facts = {"number": number, "visit": 2, "now": NOW}
    cases.consult(actor=hall.lead.handler, office=other.office.code, question="通道够宽吗", act_id=act(), **facts)
    assert notices.unread(other.handler) == 1
    assert [row.number for row in cases.work(other.handler, cases.Desk.CONSULTED, now=NOW)] == [number]
    with pytest.raises(identity.NotYours):
        cases.answer(actor=other.clerk, text="够", act_id=act(), **facts)
    with pytest.raises(cases.CaseUnknown):
        cases.answer(actor=stranger.handler, text="够", act_id=act(), **facts)
    cases.answer(actor=other.handler, text="够宽", act_id="a", **facts)
    assert cases.answer(actor=other.handler, text="够宽", act_id="a", **facts).repeated
    assert not cases.work(other.handler, cases.Desk.CONSULTED, now=NOW)
    assert cases.papers(cases.case(number, actor=other.clerk, now=NOW), other.clerk).consultations[0].answer == "够宽"


def test_given_up_at_the_window_void_by_the_approver(hall: Hall) -> None:
    one, two = hall.opened(), hall.opened()
    cases.withdraw(actor=hall.lead.clerk, number=one, reason="不办了", act_id=act(), now=NOW)
    assert (hall.view(one).state, hall.view(one).result_code) == (cases.State.RETURNED, 5)
    facts = {"number": two, "reason": "录错了", "ending": cases.Result.MISTAKEN, "now": NOW}
    with pytest.raises(identity.NotYours):
        cases.withdraw(actor=hall.lead.clerk, act_id=act(), **facts)
    cases.withdraw(actor=hall.lead.approver, act_id=act(), **facts)
    assert hall.view(two).result_code == 3


def test_reminders_once_a_rung_however_often_the_worker_turns(hall: Hall) -> None:
    number = hall.opened()
    hall.do(number, "accept", "agree")
    for day in range(30):
        for _ in range(2):
            cases.follow(now=later(day))
    rungs = [(one.visit, one.rung) for one in FiredRung.objects.order_by("pk")]
    assert len(rungs) == len(set(rungs))
    assert {rung for visit, rung in rungs if visit == 2} == {"due-in-1", "due-today", "overdue-1", "overdue-3"}
    assert notices.unread(hall.lead.handler) >= 4
    assert notices.unread(hall.lead.approver) >= 2
    assert cases.verify(number) == hall.view(number).height


def test_a_calendar_that_changes_moves_due_days_and_says_why(hall: Hall) -> None:
    number = hall.opened(at=world.NOW)
    hall.do(number, "accept", "agree")
    before = Case.objects.get().due
    system = world.official(duty=identity.Duty.SYSTEM)
    revision = working_days.revise(
        actor=system, year=2026, notice="市政府通知", settles=False, lines="2026-06-12 休 云州节", reason="节日", based_on=0, now=NOW
    )
    old, new = working_days.around(revision)
    facts = {"before": old, "after": new, "cause": "市政府通知", "revision": revision, "now": NOW}
    assert cases.reschedule(**facts) == 2
    assert cases.reschedule(**facts) == 0
    after = Case.objects.get().due
    assert before is not None
    assert after is not None
    assert (after - before).days in {1, 3}
    assert "市政府通知" in str(cases.timeline(hall.view(number))[0].reason)
    assert cases.verify(number) == 3


def test_deeds_and_published_processes_never_change(hall: Hall) -> None:
    number = hall.opened()
    for sql in (
        "update cases_deed set actor_name = '别人'",
        "delete from cases_deed",
        "update cases_processtemplate set name = '别的'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    with connection.cursor() as cursor:
        cursor.execute(
            "set session_replication_role = replica; update cases_deed set actor_name = '别人'; set session_replication_role = origin"
        )
    with pytest.raises(ValueError, match="does not fit"):
        cases.verify(number)


def test_chains_are_anchored_in_the_ledger_once(hall: Hall) -> None:
    number = hall.opened()
    assert cases.anchor(now=NOW) == 1
    assert cases.anchor(now=NOW) == 0
    hall.do(number, "accept", "agree")
    assert cases.anchor(now=NOW) == 1
    security.unfold()
    entry = security.entries(security.EntryFilter(event="cases:deeds:anchored"))[0]
    assert entry.detail["heads"] == {number: [2, Case.objects.get().hash]}


def test_lists_show_what_waits_for_whom(hall: Hall) -> None:
    one, two = hall.opened(), hall.opened(applicant=COMPANY, item_name="烟草专卖许可")
    desk = cases.Desk
    assert [row.number for row in cases.work(hall.lead.clerk, desk.TODO, now=NOW)] == [one, two]
    assert not cases.work(hall.lead.handler, desk.TODO, now=NOW)
    assert [row.number for row in cases.work(hall.lead.handler, desk.OFFICE, now=NOW, wanted=cases.Wanted(item="烟草"))] == [two]
    first = cases.work(hall.lead.clerk, desk.TODO, now=NOW, limit=1)
    assert [row.number for row in cases.work(hall.lead.clerk, desk.TODO, now=NOW, after=first[0].key)] == [two]
    cases.begin(actor=hall.lead.clerk, number=one, visit=1, act_id=act(), now=NOW)
    other = world.official(identity.Role.CLERK, at=hall.lead.office)
    assert [row.number for row in cases.work(other, desk.TODO, now=NOW)] == [two]
    assert [(row.lamp, row.remaining) for row in cases.work(hall.lead.clerk, desk.SOON, now=later(5))] == [
        (Lamp.YELLOW, 2),
        (Lamp.YELLOW, 2),
    ]
    assert [row.lamp for row in cases.work(hall.lead.clerk, desk.OVERDUE, now=later(9))] == [Lamp.RED, Lamp.RED]
    hall.do(one, "accept", "agree")
    assert [row.outcome for row in cases.work(hall.lead.clerk, desk.DONE, now=NOW)] == ["agree"]
    assert cases.counts(hall.lead.clerk, now=NOW)["todo"] == 1
    assert not cases.work(Staff.of().clerk, desk.OFFICE, now=NOW)


def test_search_by_number_item_and_whole_code_alone(hall: Hall) -> None:
    one, two = hall.opened(), hall.opened(applicant=COMPANY, item_name="烟草专卖许可")
    find = lambda text, actor=None: [row.number for row in cases.search(actor or hall.lead.handler, text, now=NOW)]  # noqa: E731
    assert find(one) == [one]
    assert find(PERSON.code) == [one]
    assert find(COMPANY.code) == [two]
    assert find("烟草") == [two]
    assert not find(PERSON.name)
    assert not find(PERSON.code, Staff.of().clerk)
    assert cases.search(hall.lead.handler, one, now=NOW)[0].applicant == "张**"


def test_notes_stay_in_the_office_opinions_go_with_the_file() -> None:
    hall = Hall("company_startup")
    number = hall.opened(applicant=COMPANY)
    hall.do(number, "accept", "accepted")
    police = hall.staff["公安局"]
    visit = hall.branch(number, "police").number
    cases.take_note(actor=police.handler, number=number, text="以前来过", now=NOW)
    cases.give_opinion(actor=police.handler, number=number, visit=visit, outcome="agree", text="符合", now=NOW)
    with pytest.raises(identity.NotYours):
        cases.give_opinion(actor=hall.lead.handler, number=number, visit=visit, outcome="agree", text="符合", now=NOW)
    mine, theirs = (cases.papers(cases.case(number, actor=one, now=NOW), one) for one in (police.approver, hall.lead.handler))
    assert [one.text for one in mine.notes] == ["以前来过"]
    assert not theirs.notes
    assert theirs.opinions[0].text == "符合"
    with pytest.raises(cases.CaseUnknown):
        cases.take_note(actor=Staff.of().clerk, number=number, text="看看", now=NOW)
    cases.put_material(actor=police.handler, number=number, name="印章样式", source="10", reference="", now=NOW)
    assert len(theirs.materials) + 1 == len(cases.papers(hall.view(number), police.handler).materials)


def test_a_new_version_leaves_running_cases_on_theirs(hall: Hall) -> None:
    old = hall.opened()
    changed = text_of("promised").replace('days="8"', 'days="6"')
    hall.publish("promised", changed)
    new = hall.opened()
    assert (hall.view(old).process_version, hall.view(new).process_version) == (1, 2)
    hall.do(old, "accept", "agree")
    hall.do(new, "accept", "agree")
    assert str(hall.branch(old, "review").budget) != str(hall.branch(new, "review").budget)
    change = cases.differences("promised", 2)
    assert [one.place for one in change] == ["review"]
    with pytest.raises(identity.NotYours):
        cases.take_process(actor=hall.lead.approver, file=changed, now=NOW)
    with pytest.raises(cases.ProcessUnknown):
        cases.publish_process(actor=hall.bureau, code="promised", now=NOW)
    cases.take_process(actor=hall.bureau, file=text_of("promised").replace("granted", "shiny"), now=NOW)
    with pytest.raises(cases.TemplateIncomplete) as refused:
        cases.publish_process(actor=hall.bureau, code="promised", now=NOW)
    assert "shiny" in str(refused.value)
