"""One's own account: second factor, delegations, sessions, history; and that pages give no secret away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import SessionRecord
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db


def test_strangers_are_sent_to_sign_in() -> None:
    for address in ("", "history/", "password/", "second-factor/", "second-factor/remove/", "delegations/add/"):
        answer = Client().get(f"/account/{address}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")


def test_the_account_page_says_who_i_am_and_where_i_am_signed_in() -> None:
    someone = world.official(identity.Role.STEWARD)
    client = world.signed_in(someone)
    text = client.get("/account/").content.decode()
    assert someone.name in text
    assert "数据专员" in text
    assert client.session.session_key not in text


def test_an_administrator_must_enrol_before_anything_else_opens() -> None:
    admin = world.official(duty=identity.Duty.SYSTEM)
    client = Client()
    client.post("/sign-in/", {"username": admin.username, "password": world.PASSWORD})
    for address in ("/manage/", "/account/", "/manage/accounts/"):
        assert client.get(address)["Location"] == "/account/second-factor/"
    page = client.get("/account/second-factor/").content.decode()
    assert "data:image/svg+xml" in page
    assert client.get("/account/second-factor/").content.decode().split('class="fs-5')[1][:60] in page
    assert client.post("/account/second-factor/", {"code": "000000"}).status_code == 422
    assert client.post("/account/second-factor/", {"code": world.present_code(admin)}).status_code == 302
    assert client.get("/manage/").status_code == 200


def test_with_a_second_factor_the_password_alone_does_not_open_the_door() -> None:
    someone = world.official()
    client, elsewhere = world.signed_in(someone), world.signed_in(someone)
    client.get("/account/second-factor/")
    client.post("/account/second-factor/", {"code": world.present_code(someone)})
    assert elsewhere.get("/account/").status_code == 302  # signed in without it, hence ended
    fresh = Client()
    answer = fresh.post("/sign-in/", {"username": someone.username, "password": world.PASSWORD})
    assert answer["Location"].startswith("/sign-in/second-step/")
    assert fresh.get("/account/").status_code == 302
    assert fresh.post("/sign-in/second-step/", {"token": world.present_code(someone)}).status_code == 302
    assert fresh.get("/account/").status_code == 200


def test_the_secret_is_not_shown_once_it_is_in_use_and_removal_needs_a_code() -> None:
    someone = world.official()
    client = world.signed_in(someone)
    client.get("/account/second-factor/")
    client.post("/account/second-factor/", {"code": world.present_code(someone)})
    assert client.get("/account/second-factor/").status_code == 409
    assert client.post("/account/second-factor/remove/", {"code": "000000"}).status_code == 422
    assert TOTPDevice.objects.get(user_id=someone.account_id).throttling_failure_count == 1
    assert client.post("/account/second-factor/remove/", {"code": world.present_code(someone)}).status_code == 302
    assert not identity.has_second_factor(someone.account_id)


def test_only_the_security_administrator_resets_a_lost_second_factor() -> None:
    someone = world.official()
    client = world.signed_in(someone)
    client.get("/account/second-factor/")
    client.post("/account/second-factor/", {"code": world.present_code(someone)})
    for wrong in (world.official(duty=identity.Duty.SYSTEM), world.official()):
        with pytest.raises(identity.NotYours):
            identity.reset_second_factor(actor=wrong, account_id=someone.account_id, now=world.NOW)
    right = world.official(duty=identity.Duty.SECURITY)
    identity.reset_second_factor(actor=right, account_id=someone.account_id, now=world.NOW)
    assert client.get("/account/").status_code == 302


def test_a_delegation_is_given_and_taken_back_on_pages() -> None:
    place = world.office()
    head, colleague = world.official(identity.Role.SHARING_HEAD, at=place), world.official(at=place)
    stranger = world.official()
    client = world.signed_in(head)
    today = clock.today()
    data = {"taker": colleague.username, "since": today.isoformat(), "until": (today + timedelta(days=3)).isoformat()}
    assert client.post("/account/delegations/add/", data | {"taker": stranger.username}).status_code == 422
    assert client.post("/account/delegations/add/", data | {"until": (today - timedelta(days=1)).isoformat()}).status_code == 422
    assert client.post("/account/delegations/add/", data).status_code == 302
    assert identity.actor(colleague.account_id, on=today).holds(identity.Role.SHARING_HEAD)
    (given,) = identity.delegations(head.account_id, on=today)
    assert world.signed_in(colleague).post(f"/account/delegations/{given.id}/end/").status_code == 409
    assert client.post(f"/account/delegations/{given.id}/end/").status_code == 302
    assert not identity.actor(colleague.account_id, on=today).roles


def test_i_end_my_other_sessions_and_nobody_ends_mine() -> None:
    someone, other = world.official(), world.official()
    client, second, third = (world.signed_in(someone) for _ in range(3))
    handles = {row.session_key: row.handle for row in SessionRecord.objects.filter(account_id=someone.account_id)}
    assert world.signed_in(other).post(f"/account/sessions/{handles[second.session.session_key]}/end/").status_code == 403
    assert client.post(f"/account/sessions/{handles[second.session.session_key]}/end/").status_code == 302
    assert second.get("/account/").status_code == 302
    assert client.post("/account/sessions/end-others/").status_code == 302
    assert third.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200
    assert client.post("/account/sessions/nosuchhandle/end/").status_code == 404


def test_a_new_password_keeps_this_browser_and_ends_the_others() -> None:
    someone = world.official()
    client, other = world.signed_in(someone), world.signed_in(someone)
    data = {"old": world.PASSWORD, "new": "Another-horse-8", "again": "Another-horse-8"}
    assert client.post("/account/password/", data | {"old": "wrong"}).status_code == 422
    assert client.post("/account/password/", data).status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_the_history_shows_my_sign_ins_and_failures_and_nobody_elses() -> None:
    someone, other = world.official(), world.official()
    Client().post("/sign-in/", {"username": someone.username, "password": "wrong-Password-1"})
    Client().post("/sign-in/", {"username": "wrong-Password-1", "password": "x"})
    client = world.signed_in(someone)
    world.signed_in(other)
    security.unfold()
    text = client.get("/account/history/").content.decode()
    assert text.count("<tr>") == 3  # head, refusal, sign-in
    assert "密码不对" in text
    assert not [row for row in security.entries(security.EntryFilter(), limit=500) if "wrong-Password" in str(row)]
