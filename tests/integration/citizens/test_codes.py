"""Codes: proving a phone, choosing a new password, and what guessing gets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from factories import people, world
from factories.people import Gateway
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import Person
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.notices.models import OutgoingMessage
from zhengtong.kernel.errors import Conflict, Unavailable

pytestmark = pytest.mark.django_db
ADDRESS = "10.0.0.9"
NEW = "Another-horse-8"


@pytest.fixture(autouse=True)
def mail_server(settings: object) -> None:
    settings.EMAIL_HOST = "mail.test"  # type: ignore[attr-defined]


def mailed() -> str:
    """The code in the latest message."""
    assert notices.deliver(now=world.NOW) == 1
    found = re.search(r"\d{6}", str(mail.outbox[-1].body))
    assert found
    return found[0]


def with_email(gateway: Gateway, email: str = "wang@example.org") -> citizens.PersonView:
    number = people.number()
    gateway.knows(number, "王建国")
    stated = citizens.Registration("王建国", number, "13812345678", email, people.PASSWORD)
    return citizens.register(stated=stated, address=ADDRESS, now=world.NOW)


def confirmed(gateway: Gateway) -> citizens.PersonView:
    who = with_email(gateway)
    citizens.send_code(person_id=who.id, purpose="email", now=world.NOW)
    citizens.confirm_contact(person_id=who.id, channel="email", code=mailed(), now=world.NOW)
    return who


def test_a_proven_address_opens_the_door_and_belongs_to_one_account(gateway: Gateway) -> None:
    confirmed(gateway)
    answer = Client().post("/me/login/", {"number": "Wang@example.org", "password": people.PASSWORD})
    assert answer.status_code == 302
    other = with_email(gateway)
    citizens.send_code(person_id=other.id, purpose="email", now=world.NOW)
    with pytest.raises(Conflict):
        citizens.confirm_contact(person_id=other.id, channel="email", code=mailed(), now=world.NOW)


def test_nothing_of_a_sent_message_stays_and_it_is_sent_once(gateway: Gateway) -> None:
    who = with_email(gateway)
    citizens.send_code(person_id=who.id, purpose="email", now=world.NOW)
    row = OutgoingMessage.objects.get()
    assert "wang" not in row.to_sealed
    mailed()
    row.refresh_from_db()
    assert (row.to_sealed, row.text_sealed) == ("", "")
    assert notices.deliver(now=world.NOW) == 0
    assert len(mail.outbox) == 1


def test_a_message_that_waits_too_long_is_not_sent_and_forgotten(gateway: Gateway) -> None:
    who = with_email(gateway)
    citizens.send_code(person_id=who.id, purpose="email", now=world.NOW)
    assert notices.deliver(now=world.NOW + timedelta(minutes=11)) == 0
    assert OutgoingMessage.objects.get().text_sealed == ""


def test_without_an_outlet_it_is_said(gateway: Gateway) -> None:
    who = with_email(gateway)
    with pytest.raises(notices.NoOutlet):
        citizens.send_code(person_id=who.id, purpose="phone", now=world.NOW)


@pytest.mark.parametrize("how", ["guessed", "late", "older", "twice"])
def test_only_the_latest_code_works_once_in_time_and_within_five_tries(gateway: Gateway, how: str) -> None:
    who = with_email(gateway)
    citizens.send_code(person_id=who.id, purpose="email", now=world.NOW)
    code, now = mailed(), world.NOW
    if how == "guessed":
        wrong = f"{(int(code) + 1) % 10**6:06}"
        for _turn in range(5):
            with pytest.raises(citizens.CodeWrong):
                citizens.confirm_contact(person_id=who.id, channel="email", code=wrong, now=now)
    elif how == "late":
        now += timedelta(minutes=11)
    elif how == "older":
        citizens.send_code(person_id=who.id, purpose="email", now=now + timedelta(seconds=1))
    else:
        citizens.confirm_contact(person_id=who.id, channel="email", code=code, now=now)
    with pytest.raises(citizens.CodeWrong):
        citizens.confirm_contact(person_id=who.id, channel="email", code=code, now=now)


def test_five_codes_an_hour(gateway: Gateway) -> None:
    who = with_email(gateway)
    for _turn in range(5):
        citizens.send_code(person_id=who.id, purpose="email", now=world.NOW)
    with pytest.raises(Conflict):
        citizens.send_code(person_id=who.id, purpose="email", now=world.NOW)
    citizens.send_code(person_id=who.id, purpose="email", now=world.NOW + timedelta(hours=1, seconds=1))


def test_a_new_password_needs_the_code_and_the_register_and_ends_all_sessions(gateway: Gateway) -> None:
    who = confirmed(gateway)
    people.signed_in(who)
    given = {"number": who.party.code, "password": NEW, "address": ADDRESS, "now": world.NOW}
    citizens.begin_recovery(name="王建国", number=who.party.code, address=ADDRESS, now=world.NOW)
    with pytest.raises(citizens.CodeWrong):
        citizens.finish_recovery(**given, code="none")
    code = mailed()
    gateway.silent = True
    with pytest.raises(Unavailable):
        citizens.finish_recovery(**given, code=code)
    gateway.silent = False
    with pytest.raises(citizens.CodeWrong):  # spent
        citizens.finish_recovery(**given, code=code)
    citizens.begin_recovery(name="王建国", number=who.party.code, address=ADDRESS, now=world.NOW)
    citizens.finish_recovery(**given, code=mailed())
    assert not identity.sessions(who.account_id)
    assert Client().post("/me/login/", {"number": who.party.code, "password": NEW}).status_code == 302


def test_asking_to_recover_says_the_same_for_everybody_and_ends(gateway: Gateway) -> None:
    who = confirmed(gateway)
    mail.outbox.clear()
    pages = [
        Client().post("/me/recover/", {"name": name, "number": number})["Location"]
        for name, number in (("王建国", who.party.code), ("李四", who.party.code), ("王建国", people.number()))
    ]
    assert set(pages) == {"/me/recover/code/"}
    assert OutgoingMessage.objects.filter(sent_at__isnull=True).count() == 1
    for _turn in range(3):
        citizens.begin_recovery(name="李四", number=who.party.code, address="10.9.9.9", now=world.NOW)
    with pytest.raises(citizens.TooManyTries):
        citizens.begin_recovery(name="王建国", number=who.party.code, address="10.9.9.9", now=world.NOW)


def test_pages_send_and_confirm_and_are_ones_own(gateway: Gateway) -> None:
    who = with_email(gateway)
    client = people.signed_in(who)
    assert client.get("/me/contact/fax/").status_code == 404
    assert "w***@example.org" in client.get("/me/contact/email/").content.decode()
    assert client.post("/me/contact/email/", {"act": "send"}).status_code == 302
    assert client.post("/me/contact/email/", {"code": "12"}).status_code == 422
    assert client.post("/me/contact/phone/", {"act": "send"}).status_code == 503  # no outlet for text messages
    assert Client().get("/me/contact/email/").status_code == 302
    assert world.signed_in(world.official()).get("/me/contact/email/").status_code == 403
    assert Person.objects.get(pk=who.id).email_confirmed_at is None
