"""Who administers relying systems, and how: one proposes, another approves, secrets are shown once, everything is in the ledger."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction
from django.test import Client

from factories import world
from factories.signon import BACK, Party, relying_system, userinfo
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.foundation.signon import api as signon
from zhengtong.apps.foundation.signon.models import RelyingSystem, SystemProposal
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.project.commands.signon import group

pytestmark = pytest.mark.django_db

PAGES = ("", "hr-system/")
SYSTEM_PAGES = ("add/", "hr-system/change/", "hr-system/secrets/add/")


def wanted(**changed: Any) -> dict[str, Any]:
    plain = {"client_id": "hr-system", "name": "人事系统", "redirect_uris": BACK, "scopes": ["profile"]}
    return plain | {"office": world.office().code} | changed


def test_one_proposes_and_another_approves() -> None:
    proposer, approver = (world.signed_in(world.official(duty=duty)) for duty in (identity.Duty.SYSTEM, identity.Duty.SECURITY))
    assert proposer.post("/manage/signon/add/", wanted()).status_code == 302
    assert not RelyingSystem.objects.exists()
    waiting = signon.open_proposals()[0]
    act = f"/manage/signon/hr-system/proposals/{waiting.id}"
    assert proposer.post(f"{act}/decide/", {"decision": "approve"}).status_code == 403
    assert approver.post(f"{act}/withdraw/").status_code == 403
    assert approver.post("/manage/signon/add/", wanted(client_id="other")).status_code == 403
    assert approver.post(f"{act}/decide/", {"decision": "refuse"}).status_code == 422
    assert BACK in approver.get("/manage/signon/hr-system/").content.decode()
    assert approver.post(f"{act}/decide/", {"decision": "approve"}).status_code == 302
    assert signon.system("hr-system").scopes == ("openid", "profile")
    assert approver.post(f"{act}/decide/", {"decision": "approve"}).status_code == 409
    shown = proposer.post("/manage/signon/hr-system/secrets/add/", {}).content.decode()
    found = re.search(r'id="secret-once">([^<]+)<', shown)
    assert found
    assert found[1] not in proposer.get("/manage/signon/hr-system/").content.decode()
    party = Party("hr-system", found[1])
    assert "access_token" in party.sign_on(world.signed_in(world.official()), scope="openid profile")
    security.unfold()
    rows = security.entries(security.EntryFilter(event="signon:"), limit=50)
    assert {"signon:system:proposed", "signon:system:approved", "signon:secret:added"} <= {row.event for row in rows}
    assert not [row for row in rows if found[1] in str(row)]


def test_a_change_counts_only_when_approved_and_takes_what_it_narrows() -> None:
    party = Party("hr-system", relying_system())
    told = party.sign_on(world.signed_in(world.official()))
    proposer, approver = world.official(duty=identity.Duty.SYSTEM), world.official(duty=identity.Duty.SECURITY)
    facts = wanted(redirect_uris=("https://evil.example/cb",), scopes=("profile",))
    number = signon.propose(actor=proposer, now=clock.now(), **facts)
    assert signon.system("hr-system").redirect_uris == (BACK,)
    with pytest.raises(Conflict):
        signon.propose(actor=proposer, now=clock.now(), **facts)
    signon.decide(actor=approver, proposal_id=number, approve=False, reason="地址不是该单位的", now=clock.now())
    assert signon.system("hr-system").redirect_uris == (BACK,)
    assert userinfo(told["access_token"]).status_code == 200
    number = signon.propose(actor=proposer, now=clock.now(), **wanted(redirect_uris=(BACK,), scopes=()))
    signon.decide(actor=approver, proposal_id=number, approve=True, now=clock.now())
    assert userinfo(told["access_token"]).status_code == 401


def test_the_database_holds_that_two_people_decide() -> None:
    someone = world.official(duty=identity.Duty.SYSTEM)
    signon.propose(actor=someone, now=clock.now(), **wanted(redirect_uris=(BACK,)))
    with pytest.raises(IntegrityError, match="system_approved_by_another"), transaction.atomic():
        SystemProposal.objects.update(outcome="approved", decided_by=someone.account_id, decided_at=clock.now())


@pytest.mark.parametrize("duty", [None, identity.Duty.AUDIT, identity.Duty.SECURITY, identity.Duty.SYSTEM])
def test_pages_and_acts_are_for_their_duty(duty: identity.Duty | None) -> None:
    relying_system()
    client = world.signed_in(world.official(duty=duty))
    both, system = duty in {identity.Duty.SYSTEM, identity.Duty.SECURITY}, duty is identity.Duty.SYSTEM
    for page in PAGES:
        assert client.get(f"/manage/signon/{page}").status_code == (200 if both else 403)
        assert Client().get(f"/manage/signon/{page}")["Location"].startswith("/sign-in/")
    for page in SYSTEM_PAGES:
        assert client.get(f"/manage/signon/{page}").status_code == (200 if system else 403)
        assert Client().get(f"/manage/signon/{page}")["Location"].startswith("/sign-in/")
    assert client.post("/manage/signon/hr-system/active/", {"active": "0"}).status_code == (302 if both else 403)
    resumed = client.post("/manage/signon/hr-system/active/", {"active": "1"}).status_code
    assert resumed == (302 if duty is identity.Duty.SECURITY else 403)


def test_a_suspended_system_is_told_nothing() -> None:
    party = Party("hr-system", relying_system())
    browser = world.signed_in(world.official())
    told, code = party.sign_on(browser), party.ask(browser)["code"]
    guard = world.official(duty=identity.Duty.SECURITY)
    signon.set_active(actor=guard, client_id="hr-system", active=False, now=clock.now())
    assert userinfo(told["access_token"]).status_code == 401
    assert party.tokens(code).status_code == 401
    assert party.refresh(told["refresh_token"]).status_code == 401
    assert browser.get("/oauth/authorize", party.question()).status_code == 400
    with pytest.raises(Conflict):
        signon.set_active(actor=guard, client_id="hr-system", active=False, now=clock.now())
    signon.set_active(actor=guard, client_id="hr-system", active=True, now=clock.now())
    assert party.refresh(told["refresh_token"]).status_code == 400
    assert "code" in party.ask(browser)


def test_secrets_overlap_and_end() -> None:
    old = Party("hr-system", relying_system())
    admin = world.official(duty=identity.Duty.SYSTEM)
    new = Party("hr-system", signon.add_secret(by=admin, client_id="hr-system", now=clock.now(), overlap=timedelta(days=1)).secret)
    browser = world.signed_in(world.official())
    assert userinfo(old.sign_on(browser)["access_token"]).status_code == 200
    told = new.sign_on(browser)
    assert not signon.secret_is_right("hr-system", old.secret, now=clock.now() + timedelta(days=2))
    assert signon.secret_is_right("hr-system", new.secret, now=clock.now() + timedelta(days=2))
    assert not signon.secret_is_right("another", new.secret, now=clock.now())
    newest = signon.system("hr-system").secrets[0].id
    signon.revoke_secret(actor=admin, client_id="hr-system", secret_id=newest, now=clock.now())
    assert new.tokens(old.ask(browser)["code"]).status_code == 401
    assert userinfo(told["access_token"]).status_code == 401


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"redirect_uris": ()}, "redirect_uris"),
        ({"redirect_uris": ("http://hr.example.cn/cb",)}, "redirect_uris"),
        ({"redirect_uris": ("https://*.example.cn/cb",)}, "redirect_uris"),
        ({"redirect_uris": ("https://hr.example.cn/cb#x",)}, "redirect_uris"),
        ({"redirect_uris": ("https://user@hr.example.cn/cb",)}, "redirect_uris"),
        ({"redirect_uris": ("javascript:alert(1)",)}, "redirect_uris"),
        ({"redirect_uris": ("https://hr.example.cn:port/cb",)}, "redirect_uris"),
        ({"redirect_uris": (BACK, "https://other.example.cn/cb")}, "sector"),
        ({"redirect_uris": (BACK,), "client_id": "Has Blanks"}, "client_id"),
        ({"redirect_uris": (BACK,), "scopes": ("money",)}, "scopes"),
        ({"redirect_uris": (BACK,), "name": " "}, "name"),
    ],
)
def test_what_cannot_be_meant_is_refused_naming_the_field(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        signon.propose(actor=world.official(duty=identity.Duty.SYSTEM), now=clock.now(), **wanted(**changed))
    assert refused.value.field == field


def test_everybody_sees_and_ends_their_own_sign_ons() -> None:
    party = Party("hr-system", relying_system())
    mine, other = world.official(), world.official()
    browser, theirs = world.signed_in(mine), world.signed_in(other)
    told, kept = party.sign_on(browser), party.sign_on(theirs)
    assert "hr-system" in browser.get("/account/signed-on/").content.decode()
    assert "/account/signed-on/" in browser.get("/account/").content.decode()
    assert Client().get("/account/signed-on/")["Location"].startswith("/sign-in/")
    assert Client().post("/account/signed-on/hr-system/end/")["Location"].startswith("/sign-in/")
    assert browser.post("/account/signed-on/hr-system/end/").status_code == 302
    assert userinfo(told["access_token"]).status_code == 401
    assert party.refresh(told["refresh_token"]).status_code == 400
    assert userinfo(kept["access_token"]).status_code == 200
    assert "hr-system" not in browser.get("/account/signed-on/").content.decode()


def test_the_command_line_adds_a_system_and_prints_its_secret_once() -> None:
    arguments = [
        "add",
        "hr-system",
        "--name",
        "人事系统",
        "--office",
        world.office().code,
        "--redirect",
        BACK,
        "--scope",
        "profile",
        "--json",
    ]
    told = json.loads(CliRunner().invoke(group, arguments, catch_exceptions=False).output)
    assert signon.secret_is_right("hr-system", told["client_secret"], now=clock.now())
    again = json.loads(CliRunner().invoke(group, arguments, catch_exceptions=False).output)
    assert again == {"client_id": "hr-system"}
    new = json.loads(CliRunner().invoke(group, ["rotate-secret", "hr-system", "--overlap-days", "0", "--json"]).output)
    assert signon.secret_is_right("hr-system", new["client_secret"], now=clock.now())
    assert not signon.secret_is_right("hr-system", told["client_secret"], now=clock.now() + timedelta(seconds=1))
    assert new["client_secret"] not in CliRunner().invoke(group, ["list"]).output
