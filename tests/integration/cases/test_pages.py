"""The pages: who gets them, what stands in them, what their forms do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factories import world
from factories.cases import COMPANY, PERSON, Hall, Staff, text_of
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.cases.models import Deed
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return Hall(now=clock.now())


def act_id(page: bytes) -> str:
    found = re.search(r'name="act_id" value="([^"]+)"', page.decode())
    assert found is not None
    return found[1]


def test_the_list_shows_masks_lamps_and_the_acts_of_all(hall: Hall) -> None:
    number = hall.opened()
    client = world.signed_in(hall.lead.clerk)
    page = client.get("/work/cases/").content.decode()
    assert number in page
    assert "张**" in page
    assert PERSON.name not in page
    assert "剩 5 个工作日" in page
    assert "办理:同意" in page
    assert "不同意" not in page
    narrow = client.get("/work/cases/?column=step").content.decode()
    assert "张**" not in narrow
    exported = b"".join(client.get("/work/cases/export.csv?column=applicant").streaming_content).decode()
    assert exported.count("\r\n") == 2
    assert "张**" in exported
    assert number in client.get(f"/work/cases/find/?q={PERSON.code}").content.decode()
    assert number not in world.signed_in(Staff.of().clerk).get(f"/work/cases/find/?q={PERSON.code}").content.decode()
    for desk in cases.Desk:
        assert client.get(f"/work/cases/?desk={desk}&sort=began&item=食品&state=handling&after=x|1").status_code == 200


def test_several_at_once_each_with_its_outcome(hall: Hall) -> None:
    first, second = hall.opened(), hall.opened()
    hall.do(second, "accept", "refuse")
    client = world.signed_in(hall.lead.clerk)
    form = {"chosen": [f"{first}|1", f"{second}|1", "x|y"], "act": "complete:agree", "token": "t"}
    page = client.post("/work/cases/several/", form).content.decode()
    assert "办理 1 件,没有办成 2 件" in page
    assert hall.view(first).state == cases.State.HANDLING
    assert "办理 1 件" in client.post("/work/cases/several/", form).content.decode(), "the same form again is the same act"
    assert client.post("/work/cases/several/", {"act": "begin"}).status_code == 422


def test_a_case_page_says_who_holds_it_and_offers_only_what_one_may(hall: Hall) -> None:
    number = hall.opened()
    clerk, approver = world.signed_in(hall.lead.clerk), world.signed_in(hall.lead.approver)
    page = clerk.get(f"/work/cases/one/{number}/").content.decode()
    assert "现在由谁办" in page
    assert f"/work/cases/one/{number}/do/1/complete/" in page
    assert "<svg" in page
    assert PERSON.name not in page
    assert "do/1/complete" not in approver.get(f"/work/cases/one/{number}/").content.decode()
    assert approver.get(f"/work/cases/one/{number}/do/1/complete/").status_code == 403
    assert approver.post(f"/work/cases/one/{number}/do/1/complete/", {"outcome": "agree", "act_id": "x"}).status_code == 403
    assert clerk.get(f"/work/cases/one/{number}/do/1/nothing/").status_code == 404
    for stranger in (Staff.of().clerk, world.official(world.identity.Role.STEWARD, at=hall.lead.office)):
        client = world.signed_in(stranger)
        for path in ("", "why/1/", "do/1/complete/", "letters/x.pdf"):
            assert client.get(f"/work/cases/one/{number}/{path}").status_code == 404
        assert client.post(f"/work/cases/one/{number}/application/", {"purpose": "看"}).status_code == 404


def test_a_form_refuses_beside_its_field_and_does_its_act_once(hall: Hall) -> None:
    number = hall.opened()
    client = world.signed_in(hall.lead.clerk)
    address = f"/work/cases/one/{number}/do/1/complete/"
    token = act_id(client.get(address).content)
    refused = client.post(address, {"outcome": "refuse", "act_id": token})
    assert refused.status_code == 422
    assert "写明事实与依据" in refused.content.decode()
    for _ in range(2):
        assert client.post(address, {"outcome": "agree", "act_id": token}).status_code == 302
    assert Deed.objects.filter(kind="complete").count() == 1
    letter = re.search(r"/work/cases/one/\S+?\.pdf", client.get(f"/work/cases/one/{number}/").content.decode())
    assert letter is not None
    pdf = client.get(letter[0])
    assert pdf.content.startswith(b"%PDF")
    assert pdf.content == client.get(letter[0]).content
    assert "起算日,不计入" in client.get(f"/work/cases/one/{number}/why/0/").content.decode()


def test_the_whole_application_is_shown_after_a_purpose(hall: Hall) -> None:
    number = hall.opened()
    client = world.signed_in(hall.lead.clerk)
    page = client.post(f"/work/cases/one/{number}/application/", {"purpose": "核对"})
    assert PERSON.code in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert client.post(f"/work/cases/one/{number}/application/", {"purpose": ""}).status_code == 422
    assert client.get(f"/work/cases/one/{number}/application/").status_code == 405


def test_every_act_has_a_page_that_works(hall: Hall) -> None:
    number, other = hall.opened(), Staff.of("消防局")
    hall.do(number, "accept", "agree")
    handler, approver = world.signed_in(hall.lead.handler), world.signed_in(hall.lead.approver)
    base = f"/work/cases/one/{number}/do"

    def do(client: object, path: str, **facts: object) -> None:
        page = client.get(f"{base}/{path}/")  # type: ignore[attr-defined]
        assert page.status_code == 200, path
        answer = client.post(f"{base}/{path}/", {**facts, "act_id": act_id(page.content)})  # type: ignore[attr-defined]
        assert answer.status_code == 302, answer.content.decode()[:3000]

    do(handler, "2/begin")
    do(handler, "2/opinion", outcome="reviewed", reason="符合")
    do(handler, "2/consult", office="消防局", question="可以吗")
    do(world.signed_in(other.handler), "2/answer", text="可以")
    do(handler, "2/begin-special", procedure="听证")
    do(handler, "2/end-special", reason="听证完毕")
    do(approver, "2/extend", days="3", reason="复杂")
    do(approver, "0/extend", days="5", reason="复杂")
    do(handler, "0/material", name="听证笔录", source="10")
    do(handler, "0/note", text="备忘")
    do(approver, "2/reassign", account="", office="", reason="出差")
    do(handler, "2/complete", outcome="reviewed")
    do(approver, "3/complete", outcome="agree")
    clerk = world.signed_in(hall.lead.clerk)
    do(clerk, "4/complete", outcome="issued")
    do(clerk, "0/deliver", way="post")
    do(clerk, "0/archive")
    two = hall.opened()
    base = f"/work/cases/one/{two}/do"
    do(clerk, "1/ask-supplement", missing="平面图\n身份证明")
    do(clerk, "1/end-supplement", reason="已收到")
    do(clerk, "0/withdraw", ending="withdrawn", reason="不办了")
    assert "不办了" in clerk.get(f"/work/cases/one/{two}/").content.decode()


def test_processes_are_seen_by_all_and_kept_by_the_bureau(hall: Hall) -> None:
    author, reader = world.signed_in(hall.bureau), world.signed_in(hall.lead.clerk)
    for client in (author, reader):
        assert "承诺件" in client.get("/work/cases/processes/").content.decode()
        assert client.get("/work/cases/processes/promised/1/").status_code == 200
    assert reader.get("/work/cases/processes/promised/1/process.bpmn").content.decode() == text_of("promised")
    assert reader.get("/work/cases/processes/import/").status_code == 403
    upload = SimpleUploadedFile("p.bpmn", text_of("promised").replace('days="8"', 'days="6"').encode())
    assert reader.post("/work/cases/processes/import/", {"file": upload}).status_code == 403
    upload.seek(0)
    assert author.post("/work/cases/processes/import/", {"file": upload}).status_code == 302
    assert "与上一版不同" in reader.get("/work/cases/processes/promised/2/").content.decode()
    assert author.get("/work/cases/processes/promised/assign/").status_code == 200
    assert reader.get("/work/cases/processes/promised/assign/").status_code == 403
    view = cases.draft("promised")
    form = {f"office-{lane}": "" for lane in cases.lanes(view.process)} | {f"post-{key}": post for key, post in view.posts.items()}
    assert author.post("/work/cases/processes/promised/assign/", {**form, "office-窗口": "没有这个局"}).status_code == 422
    assert author.post("/work/cases/processes/promised/assign/", form).status_code == 302
    assert reader.post("/work/cases/processes/promised/publish/").status_code == 403
    assert author.post("/work/cases/processes/promised/publish/").status_code == 302
    broken = SimpleUploadedFile("p.bpmn", b"<a/>")
    assert author.post("/work/cases/processes/import/", {"file": broken}).status_code == 422


def test_the_workbench_lists_what_waits(hall: Hall) -> None:
    number = hall.opened(applicant=COMPANY)
    assert number in world.signed_in(hall.lead.clerk).get("/work/").content.decode()
    assert number not in world.signed_in(hall.lead.approver).get("/work/").content.decode()


@pytest.mark.parametrize("desk", list(cases.Desk))
def test_a_page_of_a_list_is_one_question_however_many_lines_it_has(
    desk: cases.Desk, django_assert_num_queries: Callable[..., Any]
) -> None:
    hall = Hall()
    for _ in range(4):
        number = hall.opened()
        hall.do(number, "accept", "agree")
    with working_days.one_calendar():
        working_days.current()
        with django_assert_num_queries(1):
            cases.work(hall.lead.handler, desk, now=hall.now)


def test_an_act_is_two_statements(django_assert_num_queries: Callable[..., Any]) -> None:
    hall = Hall()
    number = hall.opened()
    holder, visit = hall.holder(number, "accept"), hall.branch(number, "accept").number
    with django_assert_num_queries(7):  # and a savepoint, the letter of the acceptance, its message
        cases.complete(actor=holder, number=number, visit=visit, outcome="agree", act_id="one", now=hall.now)
