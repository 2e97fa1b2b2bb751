"""The one window: consent on record, the same filing, numbers that are called, seats that are booked; and who is refused."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from factories import people, world
from factories.filing import NOW, Gateway, Town, company, person, simple_form
from factories.people import PASSWORD
from zhengtong.apps.affairs.filing import api as filing
from zhengtong.apps.affairs.filing.models import Appointment, Draft, WindowVisit
from zhengtong.apps.affairs.filing.operations.hall import Standing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.parties import Party, PartyKind

pytestmark = pytest.mark.django_db
Role = identity.Role
WORKDAY = date(2026, 6, 11)


def resident(name: str = "王秀英") -> Party:
    return Party(PartyKind.PERSON, people.number(date(1950, 1, 2)), name)


def received(client: Client, **changes: Any) -> Any:
    whom = resident()
    facts = {"kind": "person", "name": whom.name, "number": whom.code, "phone": "13812345678", "purpose": "办老年证", "consent": "signed"}
    return client.post("/work/window/receive/", {**facts, **changes})


def test_a_clerk_files_for_who_stands_there_with_consent_and_trace(town: Town, gateway: Gateway) -> None:
    code = town.source("人口信息")
    gateway.rows[code] = [{"xm": "王秀英", "sjh": "13812345678"}]
    item = town.item(simple_form(code))
    clerk = town.staff()["clerk"]
    client = world.signed_in(clerk)
    base = received(client, agent_name="李社工", agent_number=people.number(), basis="社区代办")["location"]
    visit = WindowVisit.objects.get()
    assert "同意" in visit.consent_text
    assert not gateway.asked  # nothing is read before something is filed
    found = client.get(base, {"q": "优待证"}).content.decode()
    assert f"{base}apply/{item.code}/" in found
    page = client.post(f"{base}apply/{item.code}/")["location"]
    assert "王" in client.get(page).content.decode()
    public = Draft.objects.get().public
    assert client.post(page, {"act": "go", "phone": "13812345678"}).status_code == 302
    assert client.post(f"{base}{public}/questions/what/", {"act": "go", "why": "行动不便"}).status_code == 302
    assert client.post(f"{base}{public}/check/")["location"] == f"{base}{public}/receipt/"
    number = Draft.objects.get().case_number
    assert number in client.get(f"{base}{public}/receipt/").content.decode()
    draft = Draft.objects.get()
    assert (draft.channel, draft.agent_basis, draft.visit_id) == ("8", "社区代办", visit.pk)
    while security.unfold():
        pass
    [begun] = security.entries(security.EntryFilter(event="filing:visit:begun", subject=visit.party_digest), limit=5)
    assert begun.purpose == "办老年证"
    # who has left is served no longer
    assert client.post(f"{base}end/").status_code == 302
    assert client.get(f"{base}{public}/receipt/").status_code == 404
    assert client.get(base).status_code == 404


def test_nobody_else_uses_a_clerks_visit(town: Town) -> None:
    clerk = town.staff()["clerk"]
    base = received(world.signed_in(clerk))["location"]
    for who in (town.staff()["clerk"], town.staff()["approver"], town.desk.steward):
        other = world.signed_in(who)
        assert other.get(base).status_code in {403, 404}
        assert other.post(f"{base}end/").status_code in {403, 404}
    assert people.signed_in(person()).get(base).status_code == 403
    assert "/sign-in/" in Client().get(base)["location"]


def test_the_window_is_for_clerks(town: Town) -> None:
    for who in (town.staff()["approver"], town.desk.steward):
        client = world.signed_in(who)
        assert client.get("/work/window/").status_code == 403
        assert received(client).status_code == 403
    with pytest.raises(identity.NotYours):
        filing.begin_visit(actor=town.desk.steward, standing=Standing(resident(), "", "办事"), consent=filing.Consent.SIGNED, now=NOW)
    assert not WindowVisit.objects.exists()


def test_consent_by_password_is_the_persons_own(town: Town) -> None:
    client, who = world.signed_in(town.staff()["clerk"]), person()
    facts = {"name": who.party.name, "number": who.party.code, "consent": "password"}
    assert received(client, **facts, password="wrong").status_code == 422
    assert not WindowVisit.objects.exists()
    answer = received(client, **facts, password=PASSWORD)
    assert answer.status_code == 302, answer.content.decode()[3000:9000]
    assert WindowVisit.objects.get().consent == filing.Consent.PASSWORD
    # somebody without an account cannot consent so
    assert received(client, consent="password", password=PASSWORD).status_code == 422
    assert received(client, consent="code", code="123456").status_code == 422


def test_an_agent_says_on_what_ground(town: Town) -> None:
    client = world.signed_in(town.staff()["clerk"])
    answer = received(client, agent_name="李社工", agent_number=people.number(), basis="")
    assert answer.status_code == 422
    assert "代办要写明依据" in answer.content.decode()


# ---------------------------------------------------------------------- halls
@pytest.fixture
def hall(town: Town) -> str:
    staff = town.staff()
    filing.add_hall(
        actor=staff["approver"],
        office=town.desk.office.code,
        code="civic",
        name="政务服务中心",
        address="市民路 1 号",
        opens=time(9),
        closes=time(17),
        seats=2,
        now=NOW,
    )
    return "civic"


def test_numbers_are_called_in_turn_skipped_and_shown(town: Town, hall: str) -> None:
    clerk = town.staff()["clerk"]
    assert [filing.take_number(actor=clerk, hall=hall, now=NOW) for _ in range(3)] == [1, 2, 3]
    assert filing.call_next(actor=clerk, hall=hall, window="3", now=NOW) == 1
    assert filing.call_next(actor=clerk, hall=hall, window="4", now=NOW) == 2
    assert filing.miss(actor=clerk, hall=hall, window="4", now=NOW) == 2
    assert filing.call_next(actor=clerk, hall=hall, window="3", now=NOW) == 3
    assert filing.call_next(actor=clerk, hall=hall, window="4", now=NOW) is None
    seen = filing.queue(hall, day=world.TODAY)
    assert ([one.number for one in seen.called], seen.served, seen.missed, seen.waiting) == ([3], 1, (2,), ())
    # the next day begins at one
    assert filing.take_number(actor=clerk, hall=hall, now=NOW + timedelta(days=1)) == 1


def test_a_hall_belongs_to_its_offices_clerks_and_its_display_to_everybody(town: Town, hall: str) -> None:
    stranger = world.official(Role.CLERK)
    for act in (
        lambda: filing.take_number(actor=stranger, hall=hall, now=NOW),
        lambda: filing.call_next(actor=stranger, hall=hall, window="1", now=NOW),
        lambda: filing.miss(actor=stranger, hall=hall, window="1", now=NOW),
        lambda: filing.appointments_in(stranger, hall, day=WORKDAY),
    ):
        with pytest.raises(filing.HallUnknown):
            act()
    assert world.signed_in(stranger).get(f"/work/window/halls/{hall}/").status_code == 404
    client = world.signed_in(town.staff()["clerk"])
    for form in ({"act": "take"}, {"act": "next", "window": "3"}):
        assert client.post(f"/work/window/halls/{hall}/", form).status_code == 302
    assert "正在办理 1 号" in client.get(f"/work/window/halls/{hall}/").content.decode()
    shown = Client().get(f"/halls/{hall}/display/")
    assert (shown.status_code, shown["Refresh"]) == (200, "10")
    with pytest.raises(identity.NotYours):
        filing.add_hall(
            actor=stranger, office=town.desk.office.code, code="x", name="x", address="x", opens=time(9), closes=time(10), seats=1, now=NOW
        )


def test_seats_run_out_nobody_has_two_and_a_cancelled_one_is_free(town: Town, hall: str) -> None:
    first, second, third = (person(name) for name in ("张一", "张二", "张三"))
    facts: dict[str, Any] = {"hall": hall, "day": WORKDAY, "at": time(9), "now": NOW}
    public = filing.book(account_id=first.account_id, party=first.party, **facts)
    filing.book(account_id=second.account_id, party=second.party, **facts)
    with pytest.raises(filing.SlotRefused, match="约满"):
        filing.book(account_id=third.account_id, party=third.party, **facts)
    with pytest.raises(Conflict):
        filing.book(account_id=first.account_id, party=first.party, **{**facts, "at": time(10)})
    with pytest.raises(filing.HallUnknown):
        filing.cancel(account_id=second.account_id, public=public, now=NOW)
    filing.cancel(account_id=first.account_id, public=public, now=NOW)
    assert filing.book(account_id=third.account_id, party=third.party, **facts)
    assert [one.left for one in filing.free(hall, day=WORKDAY)][:2] == [0, 2]


def test_a_citizen_books_and_cancels_on_the_pages(town: Town, hall: str) -> None:
    client = people.signed_in(person())
    page = client.get(f"/me/appointments/{hall}/")
    day = str(page.context["days"][-1])
    assert client.post(f"/me/appointments/{hall}/", {"day": day, "at": "late"}).status_code == 422
    assert client.post(f"/me/appointments/{hall}/", {"day": day, "at": "10:00", "item": "过户"}).status_code == 302
    assert "过户" in client.get("/me/appointments/").content.decode()
    mine = Appointment.objects.get()
    other = people.signed_in(person("李四"))
    assert other.post(f"/me/appointments/{mine.public}/cancel/").status_code == 404
    assert client.post(f"/me/appointments/{mine.public}/cancel/").status_code == 302
    assert clock.today() <= mine.day


def test_a_company_at_the_window_is_found_by_its_code(town: Town) -> None:
    answer = received(world.signed_in(town.staff()["clerk"]), kind="company", name=company().name, number=company().code)
    assert answer.status_code == 302
    assert WindowVisit.objects.get().party_kind == "company"
