"""Acting for others: bound, lent, accepted, revoked, checked anew; and who is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from factories import people, world
from factories.people import Gateway
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import ActingRight
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
ADDRESS = "10.0.0.9"
CODE = world.credit_code("91370102MA0000001")
NAME = "云州市兴达机械有限公司"
TERM = citizens.Term(since=world.TODAY, until=world.TODAY + timedelta(days=30))
ERRAND = citizens.Term(since=world.TODAY, until=world.TODAY + timedelta(days=30), note="代办退休手续")
AT = {"address": ADDRESS, "now": world.NOW}


def bound(gateway: Gateway, chief: citizens.PersonView) -> int:
    gateway.has_company(CODE, NAME, chief)
    return citizens.bind_company(person=chief, code=CODE, name=NAME, **AT)


def delegated(chief: citizens.PersonView, right_id: int, taker: citizens.PersonView, term: citizens.Term = TERM) -> int:
    return citizens.give_delegate(person=chief, right_id=right_id, name=taker.party.name, number=taker.party.code, term=term, **AT)


def accept(who: citizens.PersonView, right_id: int) -> None:
    citizens.accept_right(person=who, right_id=right_id, accept=True, now=world.NOW)


def acting(who: citizens.PersonView, right_id: int, *, on: date = world.TODAY) -> citizens.ActingAs:
    return citizens.acting_as(who, right_id, label="account:test", on=on)


def test_a_company_is_bound_to_whom_the_register_names_and_to_nobody_else(gateway: Gateway) -> None:
    chief, stranger = people.person(gateway, "王建国"), people.person(gateway, "赵六")
    gateway.has_company(CODE, NAME, chief)
    said = []
    for code, name in ((CODE, NAME), (world.credit_code("91370102MA0000009"), NAME)):
        with pytest.raises(Invalid) as refused:
            citizens.bind_company(person=stranger, code=code, name=name, **AT)
        said.append(refused.value.as_dict())
    assert said[0] == said[1]
    now_as = acting(chief, citizens.bind_company(person=chief, code=CODE, name=NAME, **AT))
    assert (now_as.party.code, now_as.right, now_as.oneself) == (CODE, citizens.Right.REPRESENTATIVE, False)
    with pytest.raises(Conflict):
        citizens.bind_company(person=chief, code=CODE, name=NAME, **AT)


def test_silence_binds_nothing(gateway: Gateway) -> None:
    chief = people.person(gateway)
    gateway.silent = True
    with pytest.raises(citizens.RegisterSilent):
        citizens.bind_company(person=chief, code=CODE, name=NAME, **AT)
    assert not ActingRight.objects.exists()


def test_a_declared_name_binds_and_guards_nothing(gateway: Gateway) -> None:
    gateway.silent = True
    who = citizens.register(stated=people.stated(people.number()), **AT)
    gateway.silent = False
    gateway.has_company(CODE, NAME, who)
    with pytest.raises(citizens.AssuranceTooLow):
        citizens.bind_company(person=who, code=CODE, name=NAME, **AT)
    assert people.signed_in(who).get("/me/rights/company/").status_code == 403


def test_a_delegate_accepts_acts_within_scope_and_lends_nothing_on(gateway: Gateway) -> None:
    chief, clerk, third = (people.person(gateway, name) for name in ("王建国", "赵六", "钱七"))
    right_id = bound(gateway, chief)
    lent = delegated(chief, right_id, clerk, citizens.Term(TERM.since, TERM.until, citizens.Scope.ITEMS, ("370100001",)))
    with pytest.raises(citizens.RightUnknown):
        acting(clerk, lent)
    with pytest.raises(citizens.RightUnknown):  # not the invited one
        accept(third, lent)
    accept(clerk, lent)
    now_as = acting(clerk, lent)
    assert now_as.may(item="370100001")
    assert not now_as.may(item="370100002")
    assert not now_as.may(licences=True)
    with pytest.raises(citizens.NotRepresentative):
        delegated(clerk, lent, third)
    with pytest.raises(citizens.NotRepresentative):
        delegated(third, right_id, clerk)


def test_revocation_works_with_the_next_request(gateway: Gateway) -> None:
    chief, clerk, third = (people.person(gateway, name) for name in ("王建国", "赵六", "钱七"))
    lent = delegated(chief, bound(gateway, chief), clerk)
    client = people.signed_in(clerk)
    client.post(f"/me/rights/{lent}/answer/", {"accept": "1"})
    # the pages look at today's date, so the term runs for them too
    ActingRight.objects.filter(pk=lent).update(since=date(2026, 1, 1), until=date(2099, 1, 1))
    assert client.post("/me/acting/", {"right": lent}).status_code == 302
    assert f"代 {NAME} 办理" in client.get("/me/").content.decode()
    with pytest.raises(citizens.RightUnknown):
        citizens.revoke_right(person=third, right_id=lent, now=world.NOW)
    assert people.signed_in(third).post(f"/me/rights/{lent}/revoke/").status_code == 404
    citizens.revoke_right(person=chief, right_id=lent, now=world.NOW)
    page = client.get("/me/").content.decode()
    assert f"代 {NAME} 办理" not in page
    assert "授权已经结束" in page
    assert client.post("/me/acting/", {"right": lent}).status_code == 404


def test_when_the_register_names_another_representative_everything_under_the_old_one_rests(gateway: Gateway) -> None:
    chief, clerk, heir = (people.person(gateway, name) for name in ("王建国", "赵六", "孙八"))
    right_id = bound(gateway, chief)
    lent = delegated(chief, right_id, clerk)
    accept(clerk, lent)
    tomorrow = world.NOW + timedelta(days=1, minutes=1)
    assert citizens.heal_rights(now=world.NOW) == 0  # not due
    gateway.status = 503
    citizens.heal_rights(now=tomorrow)
    assert acting(clerk, lent)  # silence ends nothing
    gateway.status = 200
    gateway.has_company(CODE, NAME, heir)
    assert citizens.heal_rights(now=tomorrow + timedelta(minutes=20)) == 1
    for who, which in ((chief, right_id), (clerk, lent)):
        with pytest.raises(citizens.RightUnknown):
            acting(who, which)
    whys = {one.why for who in (chief, clerk) for one in citizens.rights_held(who.id, on=world.TODAY)}
    assert whys == {citizens.Why.TO_BE_CHECKED, citizens.Why.GIVER_WITHOUT_RIGHT}
    citizens.bind_company(person=heir, code=CODE, name=NAME, **AT)
    citizens.revoke_right(person=heir, right_id=lent, now=world.NOW)  # the new one cleans up after the old one
    gateway.has_company(CODE, NAME, chief)
    citizens.bind_company(person=chief, code=CODE, name=NAME, **AT)  # and the old one, if they come back, binds anew


def test_a_parent_acts_for_a_child_of_the_household_until_it_is_eighteen(gateway: Gateway) -> None:
    parent, stranger = people.person(gateway, "王建国", household="H7"), people.person(gateway, "赵六", household="H8")
    child = people.number(date(2010, 6, 11))
    gateway.knows(child, "王小红", "H7")
    ward = {"name": "王小红", "number": child, "household": "H7", "evidence": ""}
    with pytest.raises(Invalid):
        citizens.add_guardian(person=stranger, **ward, **AT)
    right_id = citizens.add_guardian(person=parent, **ward, **AT)
    assert acting(parent, right_id, on=date(2028, 6, 10)).party.masked_name == "王**"
    with pytest.raises(citizens.RightUnknown):
        acting(parent, right_id, on=date(2028, 6, 11))
    assert citizens.rights_held(parent.id, on=world.TODAY)[0].checked_at == world.NOW


def test_an_errand_is_lent_to_somebody_with_an_account_who_accepts(gateway: Gateway) -> None:
    elder, helper = people.person(gateway, "孙奶奶", date(1945, 1, 1)), people.person(gateway, "赵六")
    with pytest.raises(Invalid, match="写明"):
        citizens.give_agent(person=elder, name="赵六", number=helper.party.code, term=TERM, **AT)
    with pytest.raises(Invalid, match="没有这样的实名账户"):
        citizens.give_agent(person=elder, name="赵七", number=helper.party.code, term=ERRAND, **AT)
    right_id = citizens.give_agent(person=elder, name="赵六", number=helper.party.code, term=ERRAND, **AT)
    citizens.accept_right(person=helper, right_id=right_id, accept=False, now=world.NOW)
    with pytest.raises(citizens.RightUnknown):
        acting(helper, right_id)
    with pytest.raises(Conflict):
        accept(helper, right_id)
    again = citizens.give_agent(person=elder, name="赵六", number=helper.party.code, term=ERRAND, **AT)
    accept(helper, again)
    assert acting(helper, again).until == ERRAND.until
    with pytest.raises(citizens.RightUnknown):
        acting(helper, again, on=ERRAND.until + timedelta(days=1))


def test_probing_who_has_an_account_ends(gateway: Gateway) -> None:
    elder, helper = people.person(gateway, "孙奶奶", date(1945, 1, 1)), people.person(gateway, "赵六")
    for _turn in range(5):
        with pytest.raises(Invalid):
            citizens.give_agent(person=elder, name="某某", number=people.number(), term=ERRAND, **AT)
    with pytest.raises(citizens.TooManyTries):
        citizens.give_agent(person=elder, name="赵六", number=helper.party.code, term=ERRAND, **AT)


def test_the_database_refuses_rights_that_make_no_sense(gateway: Gateway) -> None:
    chief, clerk = people.person(gateway, "王建国"), people.person(gateway, "赵六")
    lent = delegated(chief, bound(gateway, chief), clerk)
    for change in (
        {"giver_id": None},
        {"giver_id": clerk.id},
        {"until": None},
        {"until": world.TODAY - timedelta(days=1)},
        {"party_kind": "person"},
        {"state": "revoked"},
        {"scope": "items"},
        {"right": "guardian"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ActingRight.objects.filter(pk=lent).update(**change)


def test_everything_stands_in_the_ledger_under_both_and_the_person_sees_who_read(gateway: Gateway) -> None:
    elder, helper = people.person(gateway, "孙奶奶", date(1945, 1, 1)), people.person(gateway, "赵六")
    right_id = citizens.give_agent(person=elder, name="赵六", number=helper.party.code, term=ERRAND, **AT)
    accept(helper, right_id)
    citizens.act_as(acting=acting(helper, right_id), now=world.NOW)
    citizens.revoke_right(person=elder, right_id=right_id, now=world.NOW)
    security.unfold()
    events = [one.event for one in citizens.readings(elder)]
    assert set(events) == {
        "citizens:person:registered",
        "citizens:right:given",
        "citizens:right:accepted",
        "citizens:acting:chosen",
        "citizens:right:revoked",
    }
    assert [one.at for one in citizens.readings(elder)] == sorted((one.at for one in citizens.readings(elder)), reverse=True)
    client = people.signed_in(elder)
    assert "以您的名义办理" in client.get("/me/readers/").content.decode()
    assert {one["action"] for one in client.get("/me/readers.json").json()["usages"]} >= {"以您的名义办理"}
    third = people.person(gateway, "钱七")
    security.unfold()
    assert [one.event for one in citizens.readings(third)] == ["citizens:person:registered"]


def test_a_page_that_asks_for_the_second_factor_sends_there(gateway: Gateway) -> None:
    who = people.person(gateway)
    assert people.signed_in(who).get("/sign-in/step-up/").status_code == 409  # nothing set up to ask for
