"""Registering, the check of the real name, signing in; and that a citizen is no official."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from factories import people, world
from factories.people import Gateway
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import Person
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.identity.models import Account, Delegation, RoleAssignment
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
ADDRESS = "10.0.0.9"


def test_the_register_is_asked_with_purpose_and_a_signature_and_the_account_is_checked(gateway: Gateway) -> None:
    who = people.person(gateway)
    headers, question = gateway.asked[0]
    assert headers["zhengtong-purpose"] == "real-name;case=real-name"
    assert headers["signature"].startswith("sig=:")
    assert question == {"key": {"gmsfhm": who.party.code}, "match": {"xm": "张小明"}}
    assert citizens.session_of(who.account_id, second_factor=False).level is citizens.Level.CHECKED
    assert citizens.session_of(who.account_id, second_factor=True).level is citizens.Level.STRONG


def test_an_unknown_number_and_a_wrong_name_say_the_same_and_open_nothing(gateway: Gateway) -> None:
    there, nowhere = people.number(), people.number()
    gateway.knows(there, "李四")
    said = []
    for number in (there, nowhere):
        with pytest.raises(citizens.NameRefused) as refused:
            citizens.register(stated=people.stated(number), address=ADDRESS, now=world.NOW)
        said.append(refused.value.as_dict())
    assert said[0] == said[1]
    assert not Person.objects.exists()


def test_after_five_wrong_names_the_number_is_not_asked_about_any_more_until_a_day_later(gateway: Gateway) -> None:
    number = people.number()
    gateway.knows(number, "李四")
    for _turn in range(5):
        with pytest.raises(citizens.NameRefused):
            citizens.register(stated=people.stated(number), address=ADDRESS, now=world.NOW)
    with pytest.raises(citizens.TooManyTries):
        citizens.register(stated=people.stated(number, "李四"), address="10.0.0.10", now=world.NOW)
    assert len(gateway.asked) == 5
    later = world.NOW + timedelta(hours=25)
    assert citizens.register(stated=people.stated(number, "李四"), address=ADDRESS, now=later).checked_at == later


def test_an_address_that_tries_many_numbers_is_stopped(gateway: Gateway) -> None:
    for _turn in range(20):
        with pytest.raises(citizens.NameRefused):
            citizens.register(stated=people.stated(people.number()), address=ADDRESS, now=world.NOW)
    with pytest.raises(citizens.TooManyTries):
        citizens.register(stated=people.stated(people.number()), address=ADDRESS, now=world.NOW)


@pytest.mark.parametrize("answers_later", [True, False])
def test_silence_opens_a_declared_account_that_heals_or_is_closed(gateway: Gateway, *, answers_later: bool) -> None:
    number = people.number()
    gateway.silent = True
    who = citizens.register(stated=people.stated(number), address=ADDRESS, now=world.NOW)
    assert citizens.session_of(who.account_id, second_factor=True).level is citizens.Level.DECLARED
    assert citizens.heal_names(now=world.NOW + timedelta(minutes=2)) == 0
    gateway.silent = False
    if answers_later:
        gateway.knows(number, "张小明")
    assert citizens.heal_names(now=world.NOW + timedelta(minutes=4)) == 1
    row = Person.objects.get(pk=who.id)
    assert (row.checked_at is not None) == answers_later
    assert (row.number_digest != "") == answers_later
    assert Account.objects.get(pk=who.account_id).is_active == answers_later
    assert row.next_check_at is None


def test_a_refusal_of_our_own_key_is_told_to_the_operator_once_and_the_citizen_is_declared(gateway: Gateway) -> None:
    operator = world.official(duty=identity.Duty.SYSTEM)
    gateway.status = 403
    for _turn in range(2):
        who = citizens.register(stated=people.stated(people.number()), address=ADDRESS, now=world.NOW)
        assert who.checked_at is None
    assert [one.address for one in notices.notices(operator)] == ["/manage/registers/"]
    security.unfold()
    assert security.entries(security.EntryFilter(event="citizens:register:refused"))[0].outcome == "grant-suspended"
    assert citizens.registers()["persons"].told_at == world.NOW


def test_without_a_usable_key_nothing_is_sent(gateway: Gateway) -> None:
    identity.set_system_active(by="process:test", system_id="real-name", active=False, now=world.NOW)
    assert citizens.register(stated=people.stated(people.number()), address=ADDRESS, now=world.NOW).checked_at is None
    assert not gateway.asked


def test_a_number_has_one_account_and_a_child_none(gateway: Gateway) -> None:
    who = people.person(gateway)
    with pytest.raises(Conflict):
        citizens.register(stated=people.stated(who.party.code), address=ADDRESS, now=world.NOW)
    with pytest.raises(Invalid, match="16"):
        citizens.register(stated=people.stated(people.number(date(2015, 1, 1))), address=ADDRESS, now=world.NOW)


def test_no_number_lies_in_the_tables_in_the_clear(gateway: Gateway) -> None:
    who = people.person(gateway)
    tables = "citizens_person p join identity_account a on a.id = p.account_id"
    with connection.cursor() as cursor:
        cursor.execute(f"select row_to_json(p)::text, row_to_json(a)::text from {tables}")
        text = "".join(cursor.fetchone())
    assert who.party.code not in text
    assert "13812345678" not in text
    assert Account.objects.get(pk=who.account_id).name == "张**"


def test_signing_in_by_number_and_the_same_answer_for_nobody_and_a_wrong_password(gateway: Gateway) -> None:
    who = people.person(gateway)
    assert people.signed_in(who).get("/me/").status_code == 200
    answers = [Client().post("/me/login/", {"number": number, "password": "Wrong-horse-9"}) for number in (who.party.code, people.number())]
    assert [one.status_code for one in answers] == [422, 422]
    sentence = "号码或密码不对,或账户已停用。"
    assert all(sentence in one.content.decode() for one in answers)
    # a phone that was not confirmed opens nothing
    assert Client().post("/me/login/", {"number": "13812345678", "password": people.PASSWORD}).status_code == 422


def test_the_doors_are_apart(gateway: Gateway) -> None:
    who, official = people.person(gateway), world.official(identity.Role.STEWARD)
    username = Account.objects.get(pk=who.account_id).username
    assert Client().post("/sign-in/", {"username": username, "password": people.PASSWORD}).status_code == 422
    assert Client().post("/me/login/", {"number": official.username, "password": world.PASSWORD}).status_code == 422
    assert world.signed_in(official).get("/me/").status_code == 403
    citizen = people.signed_in(who)
    for address in ("/work/", "/share/", "/manage/", "/account/", "/work/systems/", "/manage/registers/"):
        assert citizen.get(address).status_code == 403, address
    assert citizen.get("/")["Location"] == "/me/"


def test_strangers_are_sent_to_the_citizens_door() -> None:
    for address in ("", "security/", "readers/", "rights/", "rights/company/", "acting/"):
        assert Client().get(f"/me/{address}")["Location"].startswith("/me/login/")


def test_a_citizens_session_gets_a_new_key_and_is_listed(gateway: Gateway) -> None:
    who = people.person(gateway)
    client = Client()
    client.get("/me/login/")
    client.post("/language/", {"language": "en", "next": "/me/login/"})
    before = client.session.session_key
    client.post("/me/login/", {"number": who.party.code, "password": people.PASSWORD})
    assert client.session.session_key != before
    assert len(identity.sessions(who.account_id)) == 1


def test_a_citizen_holds_no_role_duty_or_office_in_the_database(gateway: Gateway) -> None:
    who, place, official = people.person(gateway), world.office(), world.official()
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(account_id=who.account_id, office_id=place.id, role="steward", valid_from=world.TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.create(giver_id=official.account_id, taker_id=who.account_id, valid_from=world.TODAY, valid_until=world.TODAY)
    for change in ({"duty": "system"}, {"office_id": place.id}, {"kind": "official"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.filter(pk=who.account_id).update(**change)


def test_no_administrator_takes_a_citizens_account_over_or_sees_it_in_a_list(gateway: Gateway) -> None:
    who = people.person(gateway)
    with pytest.raises(identity.NotYours):
        identity.reset_password(actor=world.official(duty=identity.Duty.SYSTEM), account_id=who.account_id, now=world.NOW)
    with pytest.raises(identity.NotYours):
        identity.reset_second_factor(actor=world.official(duty=identity.Duty.SECURITY), account_id=who.account_id, now=world.NOW)
    with pytest.raises(identity.AccountUnknown):
        identity.account(who.account_id)
    assert not [one for one in identity.accounts(limit=500) if one.id == who.account_id]
    people.signed_in(who)
    assert not [one for one in identity.sessions() if one.account.startswith("p-")]


def test_only_the_system_administrator_sets_registers_up(gateway: Gateway) -> None:
    setting = citizens.RegisterSetting(citizens.Source.PERSONS, "real-name", "202001/000001", "real-name", people.PERSONS)
    for wrong in (world.official(duty=identity.Duty.SECURITY), world.official(identity.Role.STEWARD)):
        with pytest.raises(identity.NotYours):
            citizens.set_register(by=wrong, setting=setting, now=world.NOW)
        assert world.signed_in(wrong).get("/manage/registers/").status_code == 403
    admin = world.signed_in(world.official(duty=identity.Duty.SYSTEM))
    assert "real-name" in admin.get("/manage/registers/").content.decode()
    form = {"system": "nobody", "resource": "x", "purpose": "y", "item_number": "a", "item_name": "b", "item_household": "c"}
    assert admin.post("/manage/registers/persons/", form).status_code == 422
    assert admin.post("/manage/registers/persons/", form | {"system": "real-name"}).status_code == 302
    assert citizens.registers()["persons"].items == {"number": "a", "name": "b", "household": "c"}


def test_the_page_registers_signs_in_and_masks(gateway: Gateway) -> None:
    number = people.number()
    gateway.knows(number, "欧阳小明")
    form = {"name": "欧阳小明", "number": number, "phone": "13812345678", "password": people.PASSWORD, "again": people.PASSWORD}
    client = Client()
    assert client.post("/me/register/", form).status_code == 422  # not agreed
    assert client.post("/me/register/", form | {"agreed": "on"})["Location"] == "/me/"
    page = client.get("/me/").content.decode()
    assert "欧***" in page
    assert number not in page
    assert "欧阳小明" not in page
    assert "实名已核验" in page
