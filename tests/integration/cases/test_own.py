"""My cases: seen and acted on by their applicant and whoever acts for them, as far as the right goes, and by nobody else."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories import people, world
from factories.cases import COMPANY, Hall
from factories.people import Gateway, gateway
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.cases.models import SuppliedFile
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import ActingRight
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Invalid

__all__ = ["gateway"]
pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 lease"
MISSING = ("房屋租赁合同", "平面图签章")


@pytest.fixture
def hall(db: None) -> Hall:
    return Hall("promised")


def holder(who: citizens.PersonView) -> Actor:
    return Actor(who.account_id, who.label.removeprefix("account:"), who.party.masked_name, "", "")


def asked(hall: Hall, who: citizens.PersonView) -> tuple[str, int, Actor]:
    """A case in which a step asks for two things; its number, the visit, who asked."""
    number = hall.opened(applicant=who.party)
    branch = hall.view(number).open[0]
    official = hall.at_office(branch.office).holding(branch.post)
    cases.ask_supplement(actor=official, number=number, visit=branch.number, missing=MISSING, act_id=uuid.uuid4().hex, now=hall.now)
    return number, branch.number, official


def give(who: citizens.PersonView, number: str, visit: int, *given: cases.Given, act: str = "s1") -> cases.Done:
    owner = cases.Owner(who.digest)
    return cases.supply(by=holder(who), owner=owner, number=number, visit=visit, given=given, act_id=act, now=world.NOW)


def test_a_person_sees_where_their_case_stands_and_nobody_elses(hall: Hall, gateway: Gateway) -> None:
    who, other = people.person(gateway, "张小明"), people.person(gateway, "李四")
    number = hall.opened(applicant=who.party)
    client, stranger = people.signed_in(who), people.signed_in(other)
    assert number in client.get("/me/cases/").content.decode()
    page = client.get(f"/me/cases/{number}/").content.decode()
    assert "现在由谁办" in page
    assert hall.lead.office.name in page
    for official in (hall.lead.clerk, hall.lead.handler, hall.lead.approver):
        assert official.username not in page
        assert official.name not in page
    assert number not in stranger.get("/me/cases/").content.decode()
    assert stranger.get(f"/me/cases/{number}/").status_code == 404
    assert stranger.post(f"/me/cases/{number}/give-up/", {"reason": "不办了", "token": "x"}).status_code == 404
    assert stranger.post(f"/me/cases/{number}/supply/1/", {"token": "x"}).status_code == 404
    assert Client().get("/me/cases/").status_code == 302
    assert world.signed_in(hall.lead.clerk).get("/me/cases/").status_code == 403


def test_declared_names_see_no_cases(hall: Hall, gateway: Gateway) -> None:
    gateway.silent = True
    who = citizens.register(stated=people.stated(people.number()), address="10.0.0.9", now=world.NOW)
    number = hall.opened(applicant=who.party)
    assert people.signed_in(who).get(f"/me/cases/{number}/").status_code == 403


def test_what_is_asked_for_is_answered_on_the_page_and_time_runs_again(hall: Hall, gateway: Gateway) -> None:
    who = people.person(gateway, "张小明")
    number, visit, official = asked(hall, who)
    client = people.signed_in(who)
    page = client.get(f"/me/cases/{number}/").content.decode()
    assert all(one in page for one in MISSING)
    assert "等您补正材料" in client.get("/me/cases/").content.decode()
    address = f"/me/cases/{number}/supply/{visit}/"
    lease = SimpleUploadedFile("../租赁.pdf", PDF)
    assert client.post(address, {"token": "t", "file-0": lease}).status_code == 422  # the second is not answered
    virus = SimpleUploadedFile("租赁.pdf", b"MZ programme")
    assert client.post(address, {"token": "t", "file-0": virus, "text-1": "已盖章"}).status_code == 422
    assert not SuppliedFile.objects.exists()
    assert client.post(address, {"token": "t", "file-0": SimpleUploadedFile("../租赁.pdf", PDF), "text-1": "已盖章"}).status_code == 302
    view = hall.view(number)
    assert all(not one.waiting for one in view.open)
    assert {one.name: one.there for one, _label in cases.papers(view, official).materials}["房屋租赁合同"]
    assert any("补正" in one.text for one in notices.notices(official))
    kept = SuppliedFile.objects.get()
    assert (kept.name, kept.media_type) == ("租赁.pdf", "application/pdf")
    # who works on it opens the file, and the applicant sees that they did; others do not
    reader = world.signed_in(official)
    assert reader.get(f"/work/cases/one/{number}/files/{kept.public}/").content == PDF
    wrong = world.signed_in(world.official(cases.Post.HANDLER.role))
    assert wrong.get(f"/work/cases/one/{number}/files/{kept.public}/").status_code == 404
    assert client.get(f"/work/cases/one/{number}/files/{kept.public}/").status_code == 403
    security.unfold()
    assert "cases:file:read" in [one.event for one in citizens.readings(who)]


def test_an_answer_twice_is_one_and_nothing_is_answered_that_was_not_asked(hall: Hall, gateway: Gateway) -> None:
    who, other = people.person(gateway, "张小明"), people.person(gateway, "李四")
    number, visit, _official = asked(hall, who)
    both = (cases.Given(text="已补"), cases.Given(text="已补"))
    with pytest.raises(cases.CaseUnknown):
        give(other, number, visit, *both)
    with pytest.raises(Invalid) as refused:
        give(who, number, visit, cases.Given(text="已补"))
    assert refused.value.field == "given-1"
    assert not give(who, number, visit, *both).repeated
    assert give(who, number, visit, *both).repeated
    with pytest.raises(cases.StepOver):
        give(who, number, visit, *both, act="s2")


def test_an_applicant_gives_up_with_a_reason(hall: Hall, gateway: Gateway) -> None:
    who = people.person(gateway, "张小明")
    number = hall.opened(applicant=who.party)
    client = people.signed_in(who)
    assert client.post(f"/me/cases/{number}/give-up/", {"reason": " ", "token": "a"}).status_code == 422
    assert client.post(f"/me/cases/{number}/give-up/", {"reason": "不开店了", "token": "a"}).status_code == 302
    assert client.post(f"/me/cases/{number}/give-up/", {"reason": "不开店了", "token": "a"}).status_code == 302
    assert hall.view(number).result == "withdrawn"
    assert client.post(f"/me/cases/{number}/give-up/", {"reason": "再撤", "token": "b"}).status_code == 409
    assert "不开店了" in client.get(f"/me/cases/{number}/").content.decode()


def test_reasons_of_a_branch_stay_with_the_offices_until_the_decision(hall: Hall, gateway: Gateway) -> None:
    who = people.person(gateway, "张小明")
    number = hall.opened(applicant=who.party)
    branch = hall.view(number).open[0]
    official = hall.at_office(branch.office).holding(branch.post)
    cases.consult(
        actor=official,
        number=number,
        visit=branch.number,
        office=world.office("消防局").code,
        question="是否符合消防要求",
        act_id="c",
        now=hall.now,
    )
    view = cases.party_case(cases.Owner(who.digest), number, now=hall.now)
    assert [one.label for one in view.course] == ["收件"]
    assert "是否符合消防要求" not in people.signed_in(who).get(f"/me/cases/{number}/").content.decode()


def test_a_letter_is_its_applicants(hall: Hall, gateway: Gateway) -> None:
    who, other = people.person(gateway, "张小明"), people.person(gateway, "李四")
    number, _visit, _official = asked(hall, who)
    letter = cases.party_case(cases.Owner(who.digest), number, now=hall.now).letters[0][0].number
    assert people.signed_in(who).get(f"/me/cases/{number}/letters/{letter}.pdf").content.startswith(b"%PDF")
    assert people.signed_in(other).get(f"/me/cases/{number}/letters/{letter}.pdf").status_code == 404
    assert people.signed_in(who).get(f"/me/cases/{number}/letters/none.pdf").status_code == 404


@pytest.mark.parametrize(("scope", "items", "status"), [("all", (), 200), ("items", ("000120002000",), 200), ("items", ("37",), 404)])
def test_who_acts_for_a_company_sees_its_cases_as_far_as_the_right_goes(
    hall: Hall, gateway: Gateway, scope: str, items: tuple[str, ...], status: int
) -> None:
    chief, clerk = people.person(gateway, "王建国"), people.person(gateway, "赵六")
    gateway.has_company(COMPANY.code, COMPANY.name, chief)
    right_id = citizens.bind_company(person=chief, code=COMPANY.code, name=COMPANY.name, address="10.0.0.9", now=world.NOW)
    term = citizens.Term(since=world.TODAY, until=world.TODAY, scope=citizens.Scope(scope), items=items)
    whom = {"name": clerk.party.name, "number": clerk.party.code, "address": "10.0.0.9", "now": world.NOW}
    lent = citizens.give_delegate(person=chief, right_id=right_id, term=term, **whom)
    citizens.accept_right(person=clerk, right_id=lent, accept=True, now=world.NOW)
    ActingRight.objects.filter(pk=lent).update(since=date(2026, 1, 1), until=date(2099, 1, 1))
    number = hall.opened(applicant=COMPANY)
    client = people.signed_in(clerk)
    assert number not in client.get("/me/cases/").content.decode()
    client.post("/me/acting/", {"right": lent})
    assert (number in client.get("/me/cases/").content.decode()) is (status == 200)
    assert client.get(f"/me/cases/{number}/").status_code == status
    ActingRight.objects.filter(pk=lent).update(scope="licences", items=[])
    assert client.get("/me/cases/").status_code == 403


def test_a_list_is_one_question_of_an_index_and_pages_by_key(hall: Hall, gateway: Gateway) -> None:
    who = people.person(gateway, "张小明")
    numbers = [hall.opened(applicant=who.party) for _time in range(3)]
    owner = cases.Owner(who.digest)
    with CaptureQueriesContext(connection) as asked_for:
        first = cases.of_party(owner, limit=2)
    assert len(asked_for) == 1
    assert [one.number for one in first] == numbers[:0:-1]
    assert [one.number for one in cases.of_party(owner, after=str(first[-1].id), limit=2)] == numbers[:1]
    assert cases.of_party(cases.Owner("")) == []
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain " + asked_for[0]["sql"])
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "case_applicant" in plan
