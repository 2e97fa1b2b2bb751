"""Passkeys: whose they are, what is refused. That a browser's passkey opens the door is tested with a browser."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import Passkey
from zhengtong.kernel.errors import NotFound

pytestmark = pytest.mark.django_db
SITE = identity.Site("testserver", "http://testserver")


def passkey(whose: identity.Actor, name: str = "abc") -> Passkey:
    return Passkey.objects.create(
        user_id=whose.account_id, name="手机", confirmed=True, credential_id=name, public_key=b"\xa0", created_at=world.NOW
    )


def answer(name: str = "abc") -> str:
    """What a browser sends, with nothing in it that verifies."""
    parts = {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA"}
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts, "clientExtensionResults": {}})


def test_strangers_and_others_manage_no_passkey() -> None:
    mine, other = world.official(), world.official()
    made = passkey(mine)
    assert Client().get("/account/passkeys/")["Location"].startswith("/sign-in/")
    with pytest.raises(NotFound):
        identity.remove_passkey(actor=other, passkey_id=made.pk, now=world.NOW)
    assert world.signed_in(other).post(f"/account/passkeys/{made.pk}/remove/").status_code == 404
    identity.remove_passkey(actor=mine, passkey_id=made.pk, now=world.NOW)
    assert not identity.passkeys(mine.account_id)


@pytest.mark.parametrize("given", ["", "[]", "null", "{}", "\x00", answer("nobody"), answer()])
def test_what_no_authenticator_signed_opens_nothing_and_says_the_same(given: str) -> None:
    passkey(world.official())
    challenge = identity.Challenge.made(now=world.NOW)
    with pytest.raises(identity.PasskeyRefused) as refused:
        identity.use_passkey(credential=given, account_id=None, site=SITE, challenge=challenge, now=world.NOW)
    assert refused.value.sentence == "通行密钥没有通过验证。"


def test_a_challenge_is_good_for_five_minutes_and_once() -> None:
    challenge = identity.Challenge.made(now=world.NOW)
    assert len(challenge.raw(now=world.NOW + timedelta(minutes=5))) == 32
    with pytest.raises(identity.PasskeyRefused):
        challenge.raw(now=world.NOW + timedelta(minutes=5, seconds=1))
    client = Client()
    assert client.post("/sign-in/passkey/", {"credential": answer()}).status_code == 422  # none was made here
    first = client.session["passkey_challenge"]
    assert client.post("/sign-in/passkey/", {"credential": answer()}).status_code == 422
    assert client.session["passkey_challenge"] != first


def test_adding_one_asks_for_the_password_or_the_second_factor() -> None:
    someone = world.official()
    client = world.signed_in(someone)
    assert 'name="password"' in client.get("/account/passkeys/").content.decode()
    assert client.post("/account/passkeys/", {"name": "手机", "password": "Wrong-horse-9", "credential": answer()}).status_code == 422
    passkey(someone)  # there is a second factor now, which this session has not used
    for made in (client.get("/account/passkeys/"), client.post("/account/passkeys/1/remove/")):
        assert made["Location"].startswith("/sign-in/step-up/")
    assert client.get("/sign-in/step-up/")["Location"].startswith("/sign-in/passkey/")


def test_with_a_passkey_the_password_alone_does_not_open_the_door() -> None:
    someone = world.official()
    passkey(someone)
    client = Client()
    first = client.post("/sign-in/", {"username": someone.username, "password": world.PASSWORD})
    assert client.get(first["Location"])["Location"].startswith("/sign-in/passkey/")
    assert client.get("/account/").status_code == 302
