"""A department's own system docks, over real HTTP in both directions."""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from factories import world
from factories.cases import Hall
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.cases.models import Delivery, Difference, Material, Visit
from zhengtong.apps.affairs.cases.operations import docking as operations
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.requests import SigningKey, sign
from zhengtong.kernel import clock
from zhengtong.project.demo.docked import Department, server

pytestmark = pytest.mark.django_db(transaction=True)
TAX = "税务局"


@dataclass
class Docked:
    """A hall whose tax office works in a system of its own."""

    hall: Hall
    department: Department
    port: int
    docking: int
    desk: Any

    @property
    def now(self) -> datetime:
        return self.hall.now

    @property
    def key(self) -> SigningKey:
        return self.department.key

    def handed(self) -> tuple[str, Visit]:
        """A case whose step of the tax office is open."""
        number = self.hall.opened()
        self.hall.do(number, "accept", "accepted")
        return number, Visit.objects.get(case__number=number, step="tax")

    def act(self, visit: int, **changes: Any) -> tuple[int, dict[str, Any]]:
        facts = {"act": uuid.uuid4().hex, "kind": "complete", "revision": 0, "outcome": "agree"} | changes
        return self.department.ask("POST", f"/api/cases/v1/visits/{visit}/acts", facts)


def _key(system: str, office: str, now: datetime) -> SigningKey:
    identity.add_system(by="process:test", system_id=system, name="税务审批系统", office=office, now=now)
    made = identity.add_key(by="process:test", system_id=system, algorithm="hmac-sha256", now=now)
    return SigningKey(made.key_id, Digest.SHA256, made.secret.encode())


@pytest.fixture
def docked(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Docked]:
    from dataclasses import replace

    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, outgoing_networks="127.0.0.0/8"))
    hall = Hall(process="company_startup", now=clock.now())
    office = hall.staff[TAX].office.code
    department = Department(live_server.url, _key("tax-own", office, hall.now), seconds=0)
    desk = server(department, 0)
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    port = desk.server_address[1]
    made = cases.dock(
        actor=hall.bureau, office=office, system="tax-own", address=f"http://127.0.0.1:{port}", fields=["applicant"], now=hall.now
    )
    yield Docked(hall, department, port, made, desk)
    desk.shutdown()
    desk.server_close()


def test_accepted_here_decided_there(docked: Docked) -> None:
    number, visit = docked.handed()
    assert cases.hand_over(now=docked.now) == 1
    assert list(docked.department.held) == [visit.pk]
    told = docked.department.held[visit.pk]
    assert (told["case"], told["step"]["key"], told["revision"]) == (number, "tax", 0)
    assert told["due"] == visit.due.isoformat()
    assert "张三丰" not in json.dumps(told, ensure_ascii=False)
    docked.department.decide_due()
    visit.refresh_from_db()
    assert (visit.status, visit.outcome, visit.account_id) == ("done", "agree", None)
    line = next(one for one in cases.timeline(docked.hall.view(number)) if one.actor_name == "税务审批系统")
    assert line.office_name == docked.hall.staff[TAX].office.name
    assert Material.objects.get(case__number=number, reference=f"{docked.key.key_id}/{visit.pk}")
    assert cases.verify(number) > 2


def test_reading_the_application_gives_granted_fields_and_leaves_a_trace(docked: Docked) -> None:
    number, visit = docked.handed()
    status, answer = docked.department.ask("GET", f"/api/cases/v1/visits/{visit.pk}/application")
    assert (status, answer) == (200, {"case": number, "applicant": {"kind": "person", "name": "张三丰", "code": "11010519491231002X"}})
    while security.unfold():
        pass
    found = [one for one in security.entries(security.EntryFilter(event="cases:application:read")) if one.case == number]
    assert [(one.actor, one.purpose) for one in found] == [("system:tax-own", "joint-approval")]


def test_a_system_that_is_down_is_tried_later_and_given_up_after_many_tries(docked: Docked) -> None:
    docked.desk.shutdown()
    docked.desk.server_close()
    docked.handed()
    cases.hand_over(now=docked.now)
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.next_at > docked.now
    assert cases.hand_over(now=docked.now) == 0
    up = server(docked.department, docked.port)
    threading.Thread(target=up.serve_forever, daemon=True).start()
    cases.hand_over(now=docked.now + timedelta(minutes=1))
    row.refresh_from_db()
    up.shutdown()
    up.server_close()
    assert row.state == "sent"
    Delivery.objects.update(state="waiting", attempts=9)
    cases.hand_over(now=docked.now + timedelta(hours=3))
    row.refresh_from_db()
    assert row.state == "dead"
    stranger = docked.hall.lead.handler
    with pytest.raises(identity.NotYours):
        cases.send_again(actor=stranger, delivery=row.pk, now=docked.now)
    cases.send_again(actor=docked.hall.staff[TAX].handler, delivery=row.pk, now=docked.now)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)


def test_killed_between_sending_and_noting_nothing_is_doubled(docked: Docked, monkeypatch: pytest.MonkeyPatch) -> None:
    _number, visit = docked.handed()
    sent = operations._send

    def killed(*given: Any, **facts: Any) -> Any:
        sent(*given, **facts)
        raise KeyboardInterrupt

    monkeypatch.setattr(operations, "_send", killed)
    with pytest.raises(KeyboardInterrupt):
        cases.hand_over(now=docked.now)
    monkeypatch.setattr(operations, "_send", sent)
    assert Delivery.objects.get().state == "waiting"
    cases.hand_over(now=docked.now)
    assert docked.department.came == [Delivery.objects.get().pk] * 2
    assert list(docked.department.held) == [visit.pk]
    docked.department.decide_due()
    assert Visit.objects.get(pk=visit.pk).status == "done"


def test_an_answer_that_comes_twice_is_done_once_and_an_old_revision_is_refused(docked: Docked) -> None:
    number, visit = docked.handed()
    assert docked.act(visit.pk, act="b", kind="begin")[0] == 200
    status, answer = docked.act(visit.pk, act="c", revision=0)
    assert (status, answer["code"], answer["revision"]) == (409, "visit-revision-old", 1)
    assert docked.act(visit.pk, act="c", revision=1) == (
        200,
        {"case": number, "visit": visit.pk, "act": "c", "repeated": False, "revision": 2, "open": False},
    )
    height = docked.hall.view(number).height
    status, answer = docked.act(visit.pk, act="c", revision=1)
    assert (status, answer["repeated"]) == (200, True)
    assert docked.hall.view(number).height == height
    assert docked.act(visit.pk, act="c", kind="begin")[1]["code"] == "act-taken"
    assert docked.act(visit.pk, act="d", revision=2)[0] == 409


def test_a_supplement_is_asked_for_from_there(docked: Docked) -> None:
    number, visit = docked.handed()
    docked.act(visit.pk, kind="ask-supplement", missing=["税务登记表"])
    visit.refresh_from_db()
    assert visit.waiting == "supplement"
    assert docked.act(visit.pk, kind="end-supplement", revision=1)[0] == 200
    assert docked.act(visit.pk, revision=2, outcome="refuse")[1]["code"] == "case-reason-missing"
    assert docked.act(visit.pk, revision=2, kind="nothing")[1]["code"] == "act-refused"
    assert number


def test_strangers_other_offices_and_replays_are_refused(docked: Docked, live_server: Any) -> None:
    number, visit = docked.handed()
    wrong = Department(live_server.url, SigningKey(docked.key.key_id, Digest.SHA256, b"wrong"))
    assert wrong.ask("GET", "/api/cases/v1/visits?open=1")[0] == 401
    unknown = Department(live_server.url, SigningKey("nobody", Digest.SHA256, b"wrong"))
    assert unknown.ask("GET", "/api/cases/v1/visits?open=1")[0] == 401
    undocked = Department(live_server.url, _key("other-own", docked.hall.lead.office.code, docked.now))
    assert undocked.ask("GET", "/api/cases/v1/visits?open=1")[0] == 401
    other = Visit.objects.filter(case__number=number, status="open").exclude(pk=visit.pk).first()
    assert other is not None
    assert docked.act(other.pk)[1]["code"] == "visit-unknown"
    assert docked.department.ask("GET", f"/api/cases/v1/visits/{other.pk}/application")[0] == 404
    target = urlsplit("/api/cases/v1/visits?open=1")
    headers = sign(
        docked.key,
        method="GET",
        path=target.path,
        query=target.query,
        purpose="p",
        body=b"",
        created=int(clock.now().timestamp()),
        nonce=secrets.token_hex(8),
    )
    client = Client()
    first = client.get("/api/cases/v1/visits?open=1", headers=headers)
    assert [one["visit"] for one in first.json()["visits"]] == [visit.pk]
    second = client.get("/api/cases/v1/visits?open=1", headers=headers)
    assert (second.status_code, second.json()["field"]) == (401, "nonce")
    old = {**headers, "signature-input": headers["signature-input"].replace("created=", "created=1")}
    assert client.get("/api/cases/v1/visits?open=1", headers=old).status_code == 401
    assert client.get("/api/cases/v1/visits?open=1").status_code == 401


def test_both_lists_are_compared(docked: Docked) -> None:
    _number, visit = docked.handed()
    cases.hand_over(now=docked.now)
    docked.department.held = {999_999: {}}
    cases.compare_all(now=docked.now)
    found = {(one.visit, one.kind) for one in Difference.objects.all()}
    assert found == {(str(visit.pk), "there"), ("999999", "here")}
    assert {one.kind for one in cases.docking_differences(docked.hall.bureau)} == {"there", "here"}
    assert cases.docking_differences(docked.hall.lead.handler) == []
    assert cases.compare_all(now=docked.now) == 0
    docked.department.held = {visit.pk: {}}
    cases.compare_all(now=docked.now + timedelta(days=1))
    assert not Difference.objects.filter(settled_at__isnull=True).exists()


def test_only_the_bureau_docks_and_a_docking_that_ended_lets_nobody_in(docked: Docked) -> None:
    office = docked.hall.staff[TAX].office.code
    with pytest.raises(identity.NotYours):
        cases.dock(actor=docked.hall.lead.approver, office=office, system="tax-own", address="http://a", fields=[], now=docked.now)
    for changes, name in (
        ({"office": docked.hall.lead.office.code}, "system"),
        ({"address": "ftp://a"}, "address"),
        ({"fields": ["x"]}, "fields"),
        ({}, "office"),
    ):
        facts: dict[str, Any] = {"office": office, "system": "tax-own", "address": "http://a", "fields": []} | changes
        with pytest.raises(cases.DockingRefused) as refused:
            cases.dock(actor=docked.hall.bureau, now=docked.now, **facts)
        assert refused.value.field == name
    with pytest.raises(identity.NotYours):
        cases.undock(actor=docked.hall.lead.approver, docking=docked.docking, now=docked.now)
    cases.undock(actor=docked.hall.bureau, docking=docked.docking, now=docked.now)
    assert docked.department.ask("GET", "/api/cases/v1/visits?open=1")[0] == 401
    docked.handed()
    assert not Delivery.objects.exists()
    with pytest.raises(cases.NotDocked):
        cases.undock(actor=docked.hall.bureau, docking=docked.docking, now=docked.now)


def test_the_page_shows_what_waits_and_only_those_who_may_act(docked: Docked, settings: Any) -> None:
    number, _visit = docked.handed()
    Delivery.objects.update(state="dead")
    row = Delivery.objects.get()
    bureau, own = world.signed_in(docked.hall.bureau), world.signed_in(docked.hall.staff[TAX].handler)
    other = world.signed_in(docked.hall.lead.handler)
    assert number in bureau.get("/work/cases/docking/").content.decode()
    assert number in own.get("/work/cases/docking/").content.decode()
    assert number not in other.get("/work/cases/docking/").content.decode()
    assert other.post(f"/work/cases/docking/send/{row.pk}/").status_code == 403
    assert own.post(f"/work/cases/docking/{docked.docking}/end/").status_code == 403
    assert own.post(f"/work/cases/docking/send/{row.pk}/").status_code == 302
    row.refresh_from_db()
    assert row.state == "waiting"
    page = own.post(f"/work/cases/docking/send/{row.pk}/", follow=True).content.decode()
    assert "正在等待发送" in page
    assert bureau.post(f"/work/cases/docking/{docked.docking}/end/").status_code == 302
    facts = {"system": "tax-own", "address": f"http://127.0.0.1:{docked.port}", "fields_granted": ["answers"]}
    assert own.post("/work/cases/docking/new/", facts).status_code == 403
    assert bureau.post("/work/cases/docking/new/", {**facts, "address": "nothing"}).status_code == 422
    assert bureau.post("/work/cases/docking/new/", facts).status_code == 302
    assert bureau.post("/work/cases/docking/new/", facts).status_code == 422
    assert cases.dockings(docked.hall.bureau)[0].fields == ("answers",)


def test_the_description_names_every_address(docked: Docked) -> None:
    described = Client().get("/api/cases/v1/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/cases/v1/visits",
        "/api/cases/v1/visits/{visit}/application",
        "/api/cases/v1/visits/{visit}/acts",
    }
