"""Accounts: who may do what, and what the database itself refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import Account, CallingSystemKey, RoleAssignment, SessionRecord
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.toolkit.keys import node_keys

pytestmark = pytest.mark.django_db


def test_a_duty_and_a_role_exclude_each_other_in_the_database() -> None:
    admin = world.official(duty=identity.Duty.AUDIT)
    place = world.office()
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(account_id=admin.account_id, office_id=place.id, role="steward", valid_from=world.TODAY)
    steward = world.official(identity.Role.STEWARD)
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=steward.account_id).update(duty="system")


def test_only_the_security_administrator_gives_roles() -> None:
    place = world.office()
    someone = world.official(at=place)
    for wrong in (world.official(duty=identity.Duty.SYSTEM), world.official(duty=identity.Duty.AUDIT), someone):
        with pytest.raises(identity.NotYours):
            identity.assign_role(
                by=wrong, account_id=someone.account_id, office=place.code, role=identity.Role.STEWARD, now=world.NOW, since=world.TODAY
            )
    right = world.official(duty=identity.Duty.SECURITY)
    identity.assign_role(
        by=right, account_id=someone.account_id, office=place.code, role=identity.Role.STEWARD, now=world.NOW, since=world.TODAY
    )
    assert identity.actor(someone.account_id, on=world.TODAY).has(identity.Role.STEWARD, place.code)
    identity.withdraw_role(
        actor=right, account_id=someone.account_id, office=place.code, role=identity.Role.STEWARD, now=world.NOW, on=world.TODAY
    )
    assert not identity.actor(someone.account_id, on=world.TODAY).roles


def test_a_delegate_holds_the_roles_for_the_days_given_and_no_longer() -> None:
    place = world.office()
    head, colleague = world.official(identity.Role.SHARING_HEAD, at=place), world.official(at=place)
    until = world.TODAY + timedelta(days=3)
    identity.delegate(actor=head, taker=colleague.username, since=world.TODAY, until=until, now=world.NOW)
    assert identity.actor(colleague.account_id, on=until).has(identity.Role.SHARING_HEAD, place.code)
    assert not identity.actor(colleague.account_id, on=until + timedelta(days=1)).roles
    assert identity.holders(identity.Role.SHARING_HEAD, place.code, on=until) == sorted([head.account_id, colleague.account_id])
    with pytest.raises(identity.NotYours.__mro__[2]):
        identity.delegate(actor=head, taker=world.official().username, since=world.TODAY, until=until, now=world.NOW)


@pytest.mark.parametrize("password", ["short-A1", "alllowercaseletters", "password1234"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(identity.PasswordRefused):
        identity.add_account(username="someone", name="某人", password=password, by="process:test", now=world.NOW)


def test_the_last_five_passwords_do_not_come_again() -> None:
    someone = world.official()
    for number in range(6):
        identity.change_password(account_id=someone.account_id, password=f"Long-enough-{number}", now=world.NOW + timedelta(minutes=number))
    with pytest.raises(identity.PasswordRefused):
        identity.change_password(account_id=someone.account_id, password="Long-enough-3", now=world.NOW)
    identity.change_password(account_id=someone.account_id, password="Long-enough-0", now=world.NOW + timedelta(hours=1))


def test_a_secret_is_kept_sealed_and_rotates_with_overlap() -> None:
    place = world.office()
    developer = world.official(identity.Role.DEVELOPER, at=place)
    identity.add_system(by=developer, system_id="enrol", name="入学系统", office=place.code, now=world.NOW)
    first = identity.add_key(by=developer, system_id="enrol", algorithm="hmac-sha256", now=world.NOW)
    kept = CallingSystemKey.objects.get(pk=first.key_id)
    assert first.secret not in kept.material
    assert unseal(node_keys().seal, kept.material, f"caller-key:{first.key_id}").decode() == first.secret
    identity.add_key(by=developer, system_id="enrol", algorithm="hmac-sm3", now=world.NOW, overlap=timedelta(days=7))
    kept.refresh_from_db()
    assert kept.not_after == world.NOW + timedelta(days=7)
    stranger = world.official(identity.Role.DEVELOPER)
    with pytest.raises(identity.NotYours):
        identity.add_key(by=stranger, system_id="enrol", algorithm="hmac-sha256", now=world.NOW)
    with pytest.raises(identity.NotYours):
        identity.revoke_key(actor=stranger, key_id=first.key_id, now=world.NOW)


def test_every_act_of_administration_is_in_the_ledger() -> None:
    before = {row.event for row in security.entries(security.EntryFilter())}
    system = world.official(duty=identity.Duty.SYSTEM)
    someone = world.official()
    identity.set_active(actor=system, account_id=someone.account_id, active=False, now=world.NOW)
    identity.reset_password(actor=system, account_id=someone.account_id, now=world.NOW)
    security.unfold()
    seen = {row.event for row in security.entries(security.EntryFilter(actor=system.label))} - before
    assert seen == {"identity:account:closed", "identity:password:reset"}


def test_sign_in_lists_the_session_and_another_can_end_it() -> None:
    someone = world.official()
    client, other = world.signed_in(someone), world.signed_in(someone)
    assert client.get("/account/").status_code == 200
    session = client.session.session_key
    assert session
    assert SessionRecord.objects.filter(account_id=someone.account_id).count() == 2
    identity.end_session(actor=someone, session_key=session, now=world.NOW)
    assert client.get("/account/").status_code == 302
    assert other.get("/account/").status_code == 200


def test_a_session_left_idle_ends(settings: object) -> None:
    someone = world.official()
    client = world.signed_in(someone)
    SessionRecord.objects.update(seen_at=world.NOW - timedelta(days=300))
    assert client.get("/account/").status_code == 302


def test_five_failures_lock_the_account_even_for_the_right_password() -> None:
    someone = world.official()
    client = Client()
    for _ in range(5):
        client.post("/sign-in/", {"username": someone.username, "password": "wrong"})
    answer = client.post("/sign-in/", {"username": someone.username, "password": world.PASSWORD})
    assert answer.status_code == 429


def test_a_demo_account_cannot_enter_a_real_installation() -> None:
    identity.add_account(username="demo.one", name="演示", password="demo", by="process:test", now=world.NOW, is_demo=True)
    assert Client().post("/sign-in/", {"username": "demo.one", "password": "demo"}).status_code == 422


def test_strangers_are_sent_to_sign_in_and_pages_carry_a_strict_policy() -> None:
    answer = Client().get("/work/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    policy = Client().get("/sign-in/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
