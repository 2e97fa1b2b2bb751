"""Requests for conditional data: their course, their clock, everybody who may not, and what a key opens."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from factories import world
from factories.applying import CODE, Applying, filing
from factories.opening import Opening
from factories.sharing import NOW, days
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import AccessGrant, AccessRequest, OpenKey
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def applying(opening: Opening) -> Applying:
    return Applying(opening)


def ledger() -> list[Any]:
    security.unfold()
    return [one for one in security.entries(security.EntryFilter(), limit=500) if one.event.startswith("opendata:")]


def taken(given: opendata.Given) -> bytes:
    with given.source as source:
        return source.read()


def test_the_whole_course_to_a_key_and_its_files(applying: Applying) -> None:
    circle = applying.opening.circle
    applying.filed()
    assert applying.number.startswith("KS2026")
    assert "收到有条件开放数据的申请" in str(notices.notices(circle.keeper)[0].text)
    view = applying.seen()
    assert view.clock is not None
    assert view.clock.reading.due == date(2026, 6, 17)
    assert view.holder_label == "提供单位数据专员"
    opendata.propose_answer(actor=circle.keeper, number=applying.number, agree=True, items=["dm"], days=100, now=NOW)
    assert applying.seen().holder_label == "提供单位共享工作机构负责人"
    opendata.conclude(actor=circle.chief, number=applying.number, now=NOW)
    text, digest = opendata.agreement(applying.number, applying.proven)
    assert "泉城数图科技有限公司" in text
    assert "100 日" in text
    with pytest.raises(opendata.AgreementChanged):
        opendata.accept(number=applying.number, proven=applying.proven, name="赵经理", content="0" * 64, now=NOW)
    key = opendata.accept(number=applying.number, proven=applying.proven, name="赵经理", content=digest, now=NOW)
    grant = applying.seen().grant
    assert grant is not None
    assert (grant.items, grant.since, grant.until, grant.agreement_hash) == (["dm"], date(2026, 6, 10), date(2026, 9, 18), digest)
    assert opendata.admit(key, applying.dataset, now=NOW).items == ("dm",)
    given = opendata.give(key=key, number=applying.dataset, name="data.csv", now=NOW)
    first, head, *rows = taken(given).decode("utf-8-sig").splitlines()
    assert first.startswith(f"# zhengtong grant {grant.number};")
    assert (head, len(rows), rows[0]) == ("dm", 12, "370100")
    packed = taken(opendata.give(key=key, number=applying.dataset, name="data.parquet", now=NOW))
    assert pl.read_parquet(io.BytesIO(packed)).columns == ["dm"]
    assert grant.number.encode() in (pq.read_schema(io.BytesIO(packed)).metadata or {})[b"zhengtong.grant"]
    manifest = json.loads(taken(opendata.give(key=key, number=applying.dataset, name="manifest.json", now=NOW)))
    assert (manifest["grant"], manifest["items"], [one["rows"] for one in manifest["files"]]) == (grant.number, ["dm"], [12, 12])
    reads = [one for one in ledger() if one.event == "opendata:granted:read"]
    assert {(one.grant, tuple(one.items)) for one in reads} == {(grant.number, ("dm",))}
    assert len(reads) == 3
    for secret in (applying.secret, key, "13800001234", "赵经办", "泉城数图"):
        assert not [one for one in ledger() if secret in str(one)]
    assert not OpenKey.objects.filter(digest=key).exists()


def test_a_request_must_be_complete_and_within_the_terms(applying: Applying) -> None:
    def wrong(**changes: Any) -> str:
        with pytest.raises(Invalid) as caught:
            opendata.file_request(number=applying.dataset, filing=filing(**changes), address="10.0.0.2", now=NOW)
        return caught.value.field

    for name in ("name", "contact_name", "contact", "purpose", "scenario", "safety"):
        assert wrong(**{name: " "}) == name
    assert wrong(kind="robot") == "kind"
    assert wrong(items=()) == "items"
    assert wrong(items=("mc", "lxr")) == "items"
    assert wrong(days=366) == "days"
    assert wrong(days=1) == "days"
    assert wrong(promised=False) == "promised"
    assert wrong(kind="person") == "credit_code"
    bad = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    with pytest.raises(InvalidCode, match="校验"):
        opendata.file_request(number=applying.dataset, filing=filing(credit_code=bad), address="10.0.0.2", now=NOW)
    assert not AccessRequest.objects.exists()
    for _time in range(5):
        opendata.file_request(number=applying.dataset, filing=filing(), address="10.0.0.2", now=NOW)
    with pytest.raises(opendata.TooMany):
        opendata.file_request(number=applying.dataset, filing=filing(), address="10.0.0.2", now=NOW)
    opendata.file_request(number=applying.dataset, filing=filing(kind="person", credit_code=""), address="10.0.0.3", now=NOW)


def test_nobody_applies_for_what_everybody_may_have(opening: Opening) -> None:
    number = opening.opened()
    with pytest.raises(opendata.DatasetUnknown):
        opendata.file_request(number=number, filing=filing(), address="10.0.0.1", now=NOW)


def test_acts_are_refused_to_all_who_may_not(applying: Applying) -> None:
    circle = applying.opening.circle
    people = ("steward", "head", "keeper", "chief", "approver", "stranger")

    def refused(act: Callable[[Any], object], *right: str) -> None:
        for who in people:
            if who not in right:
                with pytest.raises((opendata.NotAllowed, opendata.RequestUnknown)):
                    act(getattr(circle, who))

    number = applying.filed().number
    common: dict[str, Any] = {"number": number, "now": NOW}
    refused(lambda actor: opendata.request(actor=actor, **common), "keeper", "chief", "approver")
    refused(lambda actor: opendata.ask_supplement(actor=actor, missing="章程", **common), "keeper")
    refused(lambda actor: opendata.propose_answer(actor=actor, agree=False, reason="不妥", **common), "keeper")
    opendata.propose_answer(actor=circle.keeper, agree=True, items=["dm"], days=100, **common)
    refused(lambda actor: opendata.reconsider(actor=actor, reason="不妥", **common), "chief")
    refused(lambda actor: opendata.conclude(actor=actor, **common), "chief")
    opendata.conclude(actor=circle.chief, **common)
    _text, digest = opendata.agreement(number, applying.proven)
    for proven in ("", opendata.proof("x")):
        with pytest.raises(opendata.RequestUnknown):
            opendata.own_request(number, proven, now=NOW)
        with pytest.raises(opendata.RequestUnknown):
            opendata.accept(number=number, proven=proven, name="我", content=digest, now=NOW)
        with pytest.raises(opendata.RequestUnknown):
            opendata.withdraw_request(number=number, proven=proven, now=NOW)
    opendata.accept(number=number, proven=applying.proven, name="赵经理", content=digest, now=NOW)
    for act in (opendata.RequestAct.SUSPEND, opendata.RequestAct.END):
        refused(lambda actor, act=act: opendata.change_grant(actor=actor, act=act, reason="转售", **common), "chief", "approver")
    with pytest.raises(opendata.RequestUnknown):
        opendata.replace_key(number=number, proven="", now=NOW)
    with pytest.raises(opendata.RequestUnknown):
        opendata.revoke_key(number=number, proven="", key=1, now=NOW)
    assert [one.number for one in opendata.requests_of(circle.keeper, now=NOW)] == [number]
    assert opendata.requests_of(circle.steward, now=NOW) == []
    assert opendata.requests_of(circle.stranger, now=NOW) == []


def test_contacts_are_for_those_who_answer(applying: Applying) -> None:
    circle = applying.opening.circle
    applying.filed(kind="person", name="欧阳明", credit_code="")
    assert opendata.request(applying.number, actor=circle.keeper, now=NOW).contact == "13800001234"
    seen = opendata.request(applying.number, actor=circle.approver, now=NOW)
    assert (seen.contact, seen.contact_name, seen.name) == ("1******", "赵**", "欧**")
    [listed] = opendata.requests_of(circle.keeper, now=NOW)
    assert (listed.contact, listed.name) == ("1******", "欧**")
    exported = opendata.export_requests(circle.keeper, now=NOW).decode("utf-8-sig")
    assert applying.number in exported
    assert "欧阳明" not in exported
    assert "1380000" not in exported


def test_a_supplement_is_asked_for_once_and_rests_the_clock(applying: Applying) -> None:
    circle = applying.opening.circle
    applying.filed()
    common: dict[str, Any] = {"actor": circle.keeper, "number": applying.number}
    with pytest.raises(Invalid):
        opendata.ask_supplement(**common, missing=" ", now=NOW)
    opendata.ask_supplement(**common, missing="安全管理制度", now=days(1))
    view = applying.seen(days(20))
    assert view.clock is not None
    assert (view.clock.reading.state, view.reason, view.holder_label) == ("paused", "安全管理制度", "申请人")
    with pytest.raises(Invalid):
        opendata.supplement(number=applying.number, proven=applying.proven, text="", now=days(20))
    opendata.supplement(number=applying.number, proven=applying.proven, text="制度全文如下", now=days(20))
    with pytest.raises(opendata.RequestMoved):
        opendata.ask_supplement(**common, missing="又一份", now=days(21))
    assert applying.seen(days(20)).state == "received"


def test_a_refusal_says_why(applying: Applying) -> None:
    circle = applying.opening.circle
    applying.filed()
    with pytest.raises(Invalid) as caught:
        opendata.propose_answer(actor=circle.keeper, number=applying.number, agree=False, now=NOW)
    assert caught.value.field == "reason"
    opendata.propose_answer(actor=circle.keeper, number=applying.number, agree=False, reason="用途超出公布的范围", now=NOW)
    assert [one.kind for one in applying.seen().events] == ["filed"]
    opendata.conclude(actor=circle.chief, number=applying.number, now=NOW)
    view = applying.seen(days(30))
    assert (view.state, view.reason, view.grant) == ("refused", "用途超出公布的范围", None)
    assert view.clock is not None
    assert view.clock.reading.state == "met"
    with pytest.raises(opendata.RequestMoved):
        opendata.withdraw_request(number=applying.number, proven=applying.proven, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRequest.objects.filter(number=applying.number).update(reason="")


def test_an_answer_stays_within_what_was_asked_for(applying: Applying) -> None:
    keeper = applying.opening.circle.keeper
    applying.filed()
    for facts in ({"items": ["mc"], "days": 100}, {"items": [], "days": 100}, {"items": ["dm"], "days": 201}, {"items": ["dm"], "days": 1}):
        with pytest.raises(Invalid):
            opendata.propose_answer(actor=keeper, number=applying.number, agree=True, now=NOW, **facts)
    opendata.withdraw_request(number=applying.number, proven=applying.proven, now=NOW)
    with pytest.raises(opendata.RequestMoved):
        opendata.propose_answer(actor=keeper, number=applying.number, agree=False, reason="x", now=NOW)


def test_a_late_answer_is_escalated_once_per_rung(applying: Applying) -> None:
    circle = applying.opening.circle
    applying.filed()
    assert opendata.remind_requests(now=days(1)) == 0
    assert opendata.remind_requests(now=days(7)) == 1
    assert opendata.remind_requests(now=days(7)) == 0
    assert opendata.remind_requests(now=days(20)) == 1
    assert "超期" in str(notices.notices(circle.approver)[0].text)
    assert "超期" in str(notices.notices(circle.chief)[0].text)
    assert opendata.remind_requests(now=days(21)) == 0


def test_keys_overlap_expire_and_end_at_once(applying: Applying) -> None:
    applying.granted()
    common = {"number": applying.number, "proven": applying.proven}
    second = opendata.replace_key(**common, now=NOW)
    assert applying.admitted().key != applying.admitted(second).key
    with pytest.raises(opendata.KeyRefused):
        applying.admitted(now=days(8))
    assert applying.admitted(second, days(100)).items == ("dm",)
    with pytest.raises((opendata.KeyRefused, opendata.GrantStopped)):
        applying.admitted(second, days(101))
    grant = applying.seen().grant
    assert grant is not None
    opendata.revoke_key(**common, key=grant.keys[0].id, now=NOW)
    with pytest.raises(opendata.KeyRefused):
        applying.admitted(second)
    with pytest.raises(Invalid):
        opendata.revoke_key(**common, key=grant.keys[0].id, now=NOW)
    for wrong in ("", "zt_wrong"):
        with pytest.raises(opendata.KeyRefused):
            opendata.give(key=wrong, number=applying.dataset, name="data.csv", now=NOW)
    with pytest.raises(opendata.KeyRefused):
        opendata.admit(applying.key, applying.dataset + 1, now=NOW)


def test_misuse_and_withdrawal_stop_every_key_at_once(applying: Applying) -> None:
    circle = applying.opening.circle
    applying.granted()
    common: dict[str, Any] = {"number": applying.number, "now": NOW}
    with pytest.raises(Invalid):
        opendata.change_grant(actor=circle.chief, act=opendata.RequestAct.SUSPEND, reason=" ", **common)
    opendata.change_grant(actor=circle.approver, act=opendata.RequestAct.SUSPEND, reason="数据被转售", **common)
    with pytest.raises(opendata.GrantStopped) as caught:
        applying.admitted()
    assert caught.value.remedy == "数据被转售"
    with pytest.raises(opendata.GrantStopped):
        opendata.replace_key(number=applying.number, proven=applying.proven, now=NOW)
    opendata.change_grant(actor=circle.chief, act=opendata.RequestAct.RESUME, reason="已整改", **common)
    assert applying.admitted().items == ("dm",)
    opendata.withdraw(actor=circle.chief, number=applying.dataset, reason="区划调整", now=NOW)
    with pytest.raises(opendata.DatasetGone):
        opendata.give(key=applying.key, number=applying.dataset, name="data.csv", now=NOW)
    opendata.change_grant(actor=circle.chief, act=opendata.RequestAct.END, reason="数据集停止开放", **common)
    with pytest.raises(opendata.RequestMoved):
        opendata.change_grant(actor=circle.chief, act=opendata.RequestAct.RESUME, reason="x", **common)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrant.objects.update(reason="")


def test_nothing_is_granted_of_a_dataset_that_is_gone(applying: Applying) -> None:
    applying.agreed()
    _text, digest = opendata.agreement(applying.number, applying.proven)
    opendata.withdraw(actor=applying.opening.circle.chief, number=applying.dataset, reason="核对", now=NOW)
    with pytest.raises(opendata.DatasetGone):
        opendata.accept(number=applying.number, proven=applying.proven, name="赵经理", content=digest, now=NOW)


def test_use_is_reported_when_due(applying: Applying) -> None:
    applying.granted()
    grant = applying.seen().grant
    assert grant is not None
    assert [one.due for one in grant.reports] == [date(2026, 9, 8), date(2026, 10, 18)]
    common: dict[str, Any] = {"number": applying.number, "proven": applying.proven, "now": NOW}
    with pytest.raises(Invalid):
        opendata.report(**common, due=date(2026, 9, 9), use="绘图", results="一幅图")
    with pytest.raises(Invalid):
        opendata.report(**common, due=date(2026, 9, 8), use=" ", results="一幅图")
    opendata.report(**common, due=date(2026, 9, 8), use="绘图", results="一幅图")
    with pytest.raises(opendata.AlreadyReported):
        opendata.report(**common, due=date(2026, 9, 8), use="绘图", results="一幅图")
    late = applying.seen(days(140)).grant
    assert late is not None
    assert [(one.use, one.late) for one in late.reports] == [("绘图", False), ("", True)]


def test_an_applicant_does_everything_on_pages(applying: Applying) -> None:
    circle, number = applying.opening.circle, applying.dataset
    browser, address = Client(), f"/open/datasets/{applying.dataset}/apply/"
    assert f'href="{address}"' in browser.get(f"/open/datasets/{number}/").content.decode()
    assert "研究区划沿革" in browser.get(address).content.decode()
    form: dict[str, Any] = {**filing().__dict__, "items": ["dm", "rks"], "promised": "on"}
    assert browser.post(address, {**form, "website": "http://x"}).status_code == 422
    assert browser.post(address, {**form, "credit_code": "1"}).status_code == 422
    assert not AccessRequest.objects.exists()
    page = browser.post(address, form).content.decode()
    row = AccessRequest.objects.get()
    secret = page.partition("?code=")[2].partition("<")[0].strip()
    assert opendata.proof(secret) == row.secret
    other, own = Client(), f"/open/requests/{row.number}/"
    assert other.get(own)["Location"].startswith("/open/requests/?number=")
    assert other.get(f"{own}?code=wrong").status_code == 404
    assert other.post("/open/requests/", {"number": row.number, "code": "wrong"}).status_code == 422
    assert other.post(f"{own}act/", {"act": "withdraw"})["Location"].startswith("/open/requests/")
    assert other.get(f"{own}?code={secret}")["Location"] == own
    assert other.post("/open/requests/", {"number": row.number, "code": secret})["Location"] == own
    keeper, chief = world.signed_in(circle.keeper), world.signed_in(circle.chief)
    desk = f"/work/openings/requests/{row.number}/"
    assert row.number in keeper.get("/work/openings/requests/?state=received").content.decode()
    assert row.number not in keeper.get("/work/openings/requests/?state=refused").content.decode()
    assert row.number in keeper.get("/work/openings/requests/export/").content.decode("utf-8-sig")
    assert keeper.post(f"{desk}act/", {"act": "ask-supplement"}).status_code == 422
    assert keeper.post(f"{desk}act/", {"act": "dance"}).status_code == 422
    assert keeper.post(f"{desk}act/", {"act": "ask-supplement", "reason": "安全制度"}).status_code == 302
    assert "安全制度" in browser.get(own).content.decode()
    assert browser.post(f"{own}act/", {"act": "supplement", "text": "见附"}).status_code == 302
    assert keeper.post(f"{desk}act/", {"act": "propose", "agree": "yes", "items": ["dm"], "days": "abc"}).status_code == 422
    assert keeper.post(f"{desk}act/", {"act": "propose", "agree": "yes", "items": ["dm"], "days": "30"}).status_code == 302
    assert keeper.post(f"{desk}act/", {"act": "conclude"}).status_code == 403
    assert chief.post(f"{desk}act/", {"act": "conclude"}).status_code == 302
    assert browser.post(f"{own}act/", {"act": "withdraw"}).status_code == 302
    for who in ("steward", "stranger"):
        person = world.signed_in(getattr(circle, who))
        assert person.get(desk).status_code == 404
        assert person.post(f"{desk}act/", {"act": "end", "reason": "x"}).status_code == 404
    for address in ("/work/openings/requests/", "/work/openings/requests/export/", desk):
        assert Client().get(address)["Location"].startswith("/sign-in/")


def test_a_holder_takes_files_and_reports_on_pages(applying: Applying) -> None:
    number = applying.agreed().dataset
    browser, chief, own = Client(), world.signed_in(applying.opening.circle.chief), f"/open/requests/{applying.number}/"
    desk = f"/work/openings/requests/{applying.number}/"
    assert browser.get(f"{own}?code={applying.secret}").status_code == 302
    page = browser.get(own).content.decode()
    digest = page.partition('name="content" value="')[2][:64]
    assert browser.post(f"{own}act/", {"act": "accept", "content": digest}).status_code == 422
    page = browser.post(f"{own}act/", {"act": "accept", "content": digest, "accepted_by": "赵经理"}).content.decode()
    key = page.partition('id="secret-once">')[2].partition("<")[0]
    assert key.startswith("zt_")
    assert key not in browser.get(own).content.decode()
    file = f"/open/datasets/{number}/granted/data.csv"
    assert Client().get(file).status_code == 401
    answer = Client().get(file, headers={"Authorization": f"Bearer {key}"})
    data = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(data)
    assert "第3区" not in data.decode()
    assert browser.post(file, {"key": key}).status_code == 200
    assert Client(enforce_csrf_checks=True).post(file, {"key": key}).status_code == 403
    assert browser.post(f"{own}act/", {"act": "report", "due": "x", "use": "a", "results": "b"}).status_code == 422
    assert browser.post(f"{own}act/", {"act": "replace"}).status_code == 200
    assert browser.post(f"{own}act/", {"act": "revoke", "key": "x"}).status_code == 422
    assert chief.post(f"{desk}act/", {"act": "suspend", "reason": "转售"}).status_code == 302
    assert Client().get(file, headers={"Authorization": f"Bearer {key}"}).status_code == 403
    assert "转售" in browser.get(own).content.decode()
