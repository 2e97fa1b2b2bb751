"""The pages of administration: each duty does its own, the others are refused, and secrets are shown once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import Account, CallingSystemKey, SessionRecord
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db

SYSTEM_PAGES = ("accounts/", "accounts/add/", "offices/", "offices/add/", "regions/", "regions/load/")
SECURITY_PAGES = ("roles/", "sessions/", "lockouts/")


@pytest.mark.parametrize(
    ("duty", "open_pages", "closed_pages"),
    [
        (identity.Duty.SYSTEM, SYSTEM_PAGES, (*SECURITY_PAGES, "ledger/")),
        (identity.Duty.SECURITY, SECURITY_PAGES, (*SYSTEM_PAGES, "ledger/")),
        (identity.Duty.AUDIT, ("ledger/", "ledger/checks/", "ledger/exports/", "ledger/heads/"), (*SYSTEM_PAGES, *SECURITY_PAGES)),
        (None, (), ("", *SYSTEM_PAGES, *SECURITY_PAGES, "ledger/", "ledger/checks/")),
    ],
)
def test_each_duty_opens_its_pages_and_no_others(
    duty: identity.Duty | None, open_pages: tuple[str, ...], closed_pages: tuple[str, ...]
) -> None:
    client = world.signed_in(world.official(duty=duty))
    for page in open_pages:
        assert client.get(f"/manage/{page}").status_code == 200, page
    for page in closed_pages:
        assert client.get(f"/manage/{page}").status_code == 403, page
        assert Client().get(f"/manage/{page}")["Location"].startswith("/sign-in/")
    if duty:
        home = client.get("/manage/").content.decode()
        assert ("/manage/accounts/" in home, "/manage/roles/" in home, "/manage/ledger/" in home) == (
            duty is identity.Duty.SYSTEM,
            duty is identity.Duty.SECURITY,
            duty is identity.Duty.AUDIT,
        )


def test_a_new_account_gets_a_password_that_is_shown_once_and_must_be_changed() -> None:
    place = world.office()
    client = world.signed_in(world.official(duty=identity.Duty.SYSTEM))
    data = {"username": "wang.fang", "name": "王芳", "office": place.code}
    assert client.post("/manage/accounts/add/", data | {"username": "Wang"}).status_code == 422
    assert client.post("/manage/accounts/add/", data | {"office": "no such office"}).status_code == 422
    answer = client.post("/manage/accounts/add/", data)
    password = re.search(r"Zt-[\w-]+", answer.content.decode())
    assert password
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/manage/accounts/add/", data).status_code == 422
    account = identity.account_named("wang.fang")
    assert password[0] not in client.get(f"/manage/accounts/{account.id}/").content.decode()
    own = Client()
    assert own.post("/sign-in/", {"username": "wang.fang", "password": password[0]}).status_code == 302
    assert own.get("/account/")["Location"] == "/account/password/"
    security.unfold()
    assert not [row for row in security.entries(security.EntryFilter(), limit=500) if password[0] in str(row)]


def test_an_account_is_closed_opened_and_given_a_new_password() -> None:
    admin, someone = world.official(duty=identity.Duty.SYSTEM), world.official()
    client, theirs = world.signed_in(admin), world.signed_in(someone)
    page = f"/manage/accounts/{someone.account_id}/"
    assert client.post(f"{page}active/", {"active": "0"}).status_code == 302
    assert theirs.get("/account/").status_code == 302
    assert client.post(f"{page}active/", {"active": "1"}).status_code == 302
    answer = client.post(f"{page}password/").content.decode()
    assert re.search(r"Zt-[\w-]+", answer)
    assert client.post(f"/manage/accounts/{admin.account_id}/active/", {"active": "0"}).status_code == 409
    assert client.get("/manage/accounts/999999/").status_code == 404
    wrong = world.signed_in(world.official(duty=identity.Duty.SECURITY))
    assert wrong.post(f"{page}active/", {"active": "0"}).status_code == 403
    assert wrong.post(f"{page}password/").status_code == 403


def test_lists_cost_the_same_however_long_they_are(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    place = world.office()
    for _ in range(8):
        world.official(identity.Role.STEWARD, identity.Role.AUDITOR, at=place)
    with django_assert_num_queries(4):
        assert len(identity.accounts(limit=51)) >= 8
    with django_assert_num_queries(1):
        identity.sessions(limit=51)
    developer = world.official(identity.Role.DEVELOPER, at=place)
    for name in ("one", "two", "three"):
        identity.add_system(by=developer, system_id=f"sys-{name}", name=name, office=place.code, now=world.NOW)
        identity.add_key(by=developer, system_id=f"sys-{name}", algorithm="hmac-sha256", now=world.NOW)
    with django_assert_num_queries(2):
        assert len(identity.systems_of(developer)) == 3


def test_accounts_are_paged_by_user_name_without_loss() -> None:
    for _ in range(7):
        world.official()
    every = [row.username for row in identity.accounts(limit=500)]
    paged: list[str] = []
    while batch := identity.accounts(after=paged[-1] if paged else "", limit=3):
        paged += [row.username for row in batch]
    assert paged == every == sorted(every)


def test_roles_are_given_for_days_and_the_three_duties_exclude_each_other() -> None:
    place = world.office()
    someone = world.official(at=place)
    client = world.signed_in(world.official(duty=identity.Duty.SECURITY))
    page, today = f"/manage/roles/{someone.account_id}/", clock.today()
    data = {"role": "steward", "office": place.code, "since": today.isoformat(), "until": (today + timedelta(days=9)).isoformat()}
    assert client.post(f"{page}assign/", data | {"until": (today - timedelta(days=1)).isoformat()}).status_code == 422
    assert client.post(f"{page}assign/", data).status_code == 302
    assert identity.actor(someone.account_id, on=today + timedelta(days=9)).holds(identity.Role.STEWARD)
    assert not identity.actor(someone.account_id, on=today + timedelta(days=10)).roles
    refused = client.post(f"{page}duty/", {"duty": "audit"})
    assert refused.status_code == 422
    assert "互斥" in refused.content.decode()
    withdraw = {"role": "steward", "office": place.code, "on": today.isoformat()}
    assert client.post(f"{page}withdraw/", withdraw).status_code == 302
    assert client.post(f"{page}withdraw/", withdraw).status_code == 409
    assert client.post(f"{page}duty/", {"duty": "audit"}).status_code == 302
    assert "互斥" in client.post(f"{page}duty/", {"duty": "system"}).content.decode()
    again = client.post(f"{page}assign/", data | {"since": today.isoformat(), "until": ""})
    assert again.status_code == 422
    assert "互斥" in again.content.decode()


def test_nobody_appoints_themselves() -> None:
    admin = world.official(duty=identity.Duty.SECURITY)
    with pytest.raises(identity.DutiesExclude.__mro__[1]):
        identity.set_duty(actor=admin, account_id=admin.account_id, duty=identity.Duty.AUDIT, now=world.NOW)


def test_only_the_security_administrator_gives_a_new_account_its_duty() -> None:
    for duty in (identity.Duty.SYSTEM, identity.Duty.AUDIT):
        with pytest.raises(identity.NotYours):
            identity.add_account_with_password(
                by=world.official(duty=duty), username="new.admin", name="新", now=world.NOW, duty=identity.Duty.AUDIT
            )


def test_the_security_administrator_ends_sessions_without_seeing_their_keys() -> None:
    someone = world.official()
    theirs = world.signed_in(someone)
    key = theirs.session.session_key
    client = world.signed_in(world.official(duty=identity.Duty.SECURITY))
    assert key not in client.get("/manage/sessions/").content.decode()
    handle = SessionRecord.objects.get(session_key=key).handle
    assert client.post(f"/manage/sessions/{handle}/end/").status_code == 302
    assert theirs.get("/account/").status_code == 302
    assert client.get("/manage/sessions/?after=nonsense").status_code == 422


def test_a_locked_account_is_listed_and_unlocked() -> None:
    someone = world.official()
    for _ in range(5):
        Client().post("/sign-in/", {"username": someone.username, "password": "wrong"})
        Client().post("/sign-in/", {"username": "no-such-account", "password": "wrong"})
    client = world.signed_in(world.official(duty=identity.Duty.SECURITY))
    text = client.get("/manage/lockouts/").content.decode()
    assert someone.username in text
    assert "no-such-account" not in text
    with pytest.raises(identity.NotYours):
        identity.unlock(actor=world.official(duty=identity.Duty.SYSTEM), username=someone.username, now=world.NOW)
    assert client.post("/manage/lockouts/unlock/", {"username": someone.username}).status_code == 302
    assert client.post("/manage/lockouts/unlock/", {"username": someone.username}).status_code == 409
    assert Client().post("/sign-in/", {"username": someone.username, "password": world.PASSWORD}).status_code == 302


def test_a_calling_system_from_registration_to_revocation() -> None:
    place = world.office()
    client = world.signed_in(world.official(identity.Role.DEVELOPER, at=place))
    data = {"office": place.code, "system_id": "enrol", "name": "入学系统", "networks": "10.1.2.0/24\n\n192.0.2.7"}
    assert client.post("/work/systems/add/", data | {"networks": "10.1.2.0/240"}).status_code == 422
    assert client.post("/work/systems/add/", data | {"system_id": "Enrol!"}).status_code == 422
    assert client.post("/work/systems/add/", data).status_code == 302
    assert identity.system("enrol").networks == ("10.1.2.0/24", "192.0.2.7/32")
    page = client.post("/work/systems/enrol/keys/add/", {"algorithm": "hmac-sha256"})
    secret = re.search(r'<pre id="secret-once">([\w-]+)</pre>', page.content.decode())
    assert secret
    assert "no-store" in page["Cache-Control"]
    public = "A" * 43 + "="
    assert client.post("/work/systems/enrol/keys/add/", {"algorithm": "ed25519", "public": "short"}).status_code == 422
    assert client.post("/work/systems/enrol/keys/add/", {"algorithm": "ed25519", "public": public, "overlap": "7"}).status_code == 302
    old, new = identity.system("enrol").keys[1], identity.system("enrol").keys[0]
    assert old.not_after
    assert new.not_after is None
    for address in ("", "notes/", "notes/?download=1", "networks/"):
        text = client.get(f"/work/systems/enrol/{address}").content.decode()
        assert secret[1] not in text
        assert "unseal" not in text
    assert "Signature-Input" in client.get("/work/systems/enrol/notes/?download=1").content.decode()
    assert client.post(f"/work/systems/enrol/keys/{old.key_id}/revoke/").status_code == 302
    assert client.post(f"/work/systems/enrol/keys/{old.key_id}/revoke/").status_code == 409
    assert client.post("/work/systems/enrol/networks/", {"networks": ""}).status_code == 302
    assert client.post("/work/systems/enrol/active/", {"active": "0"}).status_code == 302
    assert not identity.system("enrol").is_active
    assert client.post("/work/systems/enrol/active/", {"active": "0"}).status_code == 409
    assert CallingSystemKey.objects.filter(system_id="enrol", revoked_at__isnull=True).count() == 1


def test_the_systems_of_another_office_are_not_there() -> None:
    place = world.office()
    developer = world.official(identity.Role.DEVELOPER, at=place)
    identity.add_system(by=developer, system_id="enrol", name="入学系统", office=place.code, now=world.NOW)
    key = identity.add_key(by=developer, system_id="enrol", algorithm="hmac-sha256", now=world.NOW)
    other = world.official(identity.Role.STEWARD)
    client = world.signed_in(other)
    assert "enrol" not in client.get("/work/systems/").content.decode()
    for address in ("", "notes/", "networks/", "keys/add/"):
        assert client.get(f"/work/systems/enrol/{address}").status_code == 404
    assert client.post(f"/work/systems/enrol/keys/{key.key_id}/revoke/").status_code == 403
    assert client.post("/work/systems/enrol/active/", {"active": "0"}).status_code == 403
    for refused in (
        lambda: identity.set_networks(by=other, system_id="enrol", networks=(), now=world.NOW),
        lambda: identity.set_system_active(by=other, system_id="enrol", active=False, now=world.NOW),
        lambda: identity.add_system(by=other, system_id="mine", name="x", office=place.code, now=world.NOW),
    ):
        with pytest.raises(identity.NotYours):
            refused()
    assert world.signed_in(world.official()).get("/work/systems/add/").status_code == 403
    assert Client().get("/work/systems/").status_code == 302


def test_labels_of_duty_and_roles_are_words() -> None:
    place = world.office()
    steward = world.official(identity.Role.STEWARD, identity.Role.DEVELOPER, at=place)
    admin = world.official(duty=identity.Duty.AUDIT)
    assert set(identity.account(steward.account_id).duty_or_roles.split("、")) == {"数据专员", "开发人员"}
    assert identity.account(admin.account_id).duty_or_roles == "审计管理员"
    assert Account.objects.get(pk=admin.account_id).duty == "audit"
