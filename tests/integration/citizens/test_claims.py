"""Guardianships that no register bears out: unusable until an official has seen the evidence, and told to the ward."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from factories import people, world
from factories.people import Gateway
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import ActingRight
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
AT = {"address": "10.0.0.9", "now": world.NOW}
PAPER = "监护公证书 (2026) 云证字第 12 号"
SEEN = "已核对监护公证书原件"


def claimed(gateway: Gateway) -> tuple[citizens.PersonView, citizens.PersonView, int]:
    guardian, ward = people.person(gateway, "王建国"), people.person(gateway, "欧阳老五", date(1940, 1, 1), "H9")
    right_id = citizens.add_guardian(person=guardian, name=ward.party.name, number=ward.party.code, household="", evidence=PAPER, **AT)
    return guardian, ward, right_id


def acting(who: citizens.PersonView, right_id: int) -> citizens.ActingAs:
    return citizens.acting_as(who, right_id, label="account:test", on=world.TODAY)


def texts(who: citizens.PersonView) -> list[str]:
    holder = identity.Actor(who.account_id, "", "", "", "")
    return [one.text for one in notices.notices(holder)]


def settle(right_id: int, *, confirm: bool, why: str = SEEN) -> None:
    citizens.settle_claim(actor=world.official(identity.Role.CLERK), right_id=right_id, confirm=confirm, why=why, now=world.NOW)


def test_evidence_that_nobody_saw_lets_nobody_act(gateway: Gateway) -> None:
    guardian, ward, right_id = claimed(gateway)
    with pytest.raises(citizens.RightUnknown):
        acting(guardian, right_id)
    client = people.signed_in(guardian)
    assert client.post("/me/acting/", {"right": right_id}).status_code == 404
    assert "等待窗口确认" in client.get("/me/rights/").content.decode()
    with pytest.raises(Conflict):  # nor do they accept it themselves
        citizens.accept_right(person=guardian, right_id=right_id, accept=True, now=world.NOW)
    assert ActingRight.objects.get(pk=right_id).state == "claimed"
    assert citizens.usable_rights(guardian.id, on=world.TODAY) == []
    assert any("监护人" in one for one in texts(ward))
    assert "登记为您的监护人" in people.signed_in(ward).get("/me/").content.decode()


def test_a_child_without_its_household_waits_too(gateway: Gateway) -> None:
    guardian, child = people.person(gateway, "王建国"), people.number(date(2015, 1, 1))
    gateway.knows(child, "王小红", "H3")
    right_id = citizens.add_guardian(person=guardian, name="王小红", number=child, household="", evidence=PAPER, **AT)
    with pytest.raises(citizens.RightUnknown):
        acting(guardian, right_id)


def test_without_household_and_evidence_nothing_is_claimed(gateway: Gateway) -> None:
    guardian, ward = people.person(gateway, "王建国"), people.person(gateway, "王老五", date(1940, 1, 1))
    with pytest.raises(Invalid, match="依据"):
        citizens.add_guardian(person=guardian, name="王老五", number=ward.party.code, household="H1", evidence=" ", **AT)


def test_an_official_confirms_what_they_saw_and_both_are_told(gateway: Gateway) -> None:
    guardian, ward, right_id = claimed(gateway)
    with pytest.raises(Invalid, match="4 至 200"):
        settle(right_id, confirm=True, why="好")
    settle(right_id, confirm=True)
    assert acting(guardian, right_id).party.code == ward.party.code
    with pytest.raises(Conflict):
        settle(right_id, confirm=False)
    assert any("现在可以代为办理" in one for one in texts(guardian))
    assert any("确认了别人登记的对您的监护" in one for one in texts(ward))
    # the ward may end it still, and it is over with the next request
    citizens.revoke_right(person=ward, right_id=right_id, now=world.NOW)
    with pytest.raises(citizens.RightUnknown):
        acting(guardian, right_id)


def test_what_is_refused_never_counts_and_may_be_claimed_anew(gateway: Gateway) -> None:
    guardian, ward, right_id = claimed(gateway)
    settle(right_id, confirm=False, why="公证书不是原件")
    with pytest.raises(citizens.RightUnknown):
        acting(guardian, right_id)
    assert any("公证书不是原件" in one for one in texts(guardian))
    assert "窗口未确认" in people.signed_in(guardian).get("/me/rights/").content.decode()
    whom = {"name": ward.party.name, "number": ward.party.code, "household": ""}
    assert citizens.add_guardian(person=guardian, **whom, evidence=PAPER, **AT) != right_id


def test_the_ward_ends_a_claim_before_anybody_confirms_it(gateway: Gateway) -> None:
    _guardian, ward, right_id = claimed(gateway)
    citizens.revoke_right(person=ward, right_id=right_id, now=world.NOW)
    with pytest.raises(Conflict):
        settle(right_id, confirm=True)


def test_nobody_but_a_clerk_sees_or_settles_claims(gateway: Gateway) -> None:
    guardian, ward, right_id = claimed(gateway)
    others = [identity.Role.STEWARD, identity.Role.SHARING_HEAD, identity.Role.HANDLER, identity.Role.APPROVER, identity.Role.AUDITOR]
    for role in others:
        actor = world.official(role)
        with pytest.raises(identity.NotYours):
            citizens.settle_claim(actor=actor, right_id=right_id, confirm=True, why=SEEN, now=world.NOW)
        with pytest.raises(identity.NotYours):
            citizens.open_claim(actor=actor, right_id=right_id, now=world.NOW)
    wrong = world.signed_in(world.official(identity.Role.HANDLER))
    for client in (wrong, people.signed_in(guardian), people.signed_in(ward)):
        assert client.get("/work/rights/").status_code == 403
        assert client.get(f"/work/rights/{right_id}/").status_code == 403
        assert client.post(f"/work/rights/{right_id}/", {"act": "confirm", "why": SEEN}).status_code == 403
    assert ActingRight.objects.get(pk=right_id).state == "claimed"


def test_a_clerk_opens_one_under_a_trace_and_settles_it_on_the_page(gateway: Gateway) -> None:
    guardian, ward, right_id = claimed(gateway)
    clerk = world.signed_in(world.official(identity.Role.CLERK))
    listed = clerk.get("/work/rights/").content.decode()
    assert "王**" in listed
    assert ward.party.name not in listed
    assert ward.party.code not in listed
    page = clerk.get(f"/work/rights/{right_id}/").content.decode()
    assert ward.party.code in page
    assert guardian.party.code in page
    security.unfold()
    for who in (guardian, ward):
        assert "citizens:guardian:opened" in [one.event for one in citizens.readings(who)]
    assert clerk.post(f"/work/rights/{right_id}/", {"act": "confirm", "why": " "}).status_code == 422
    assert clerk.post(f"/work/rights/{right_id}/", {"act": "confirm", "why": SEEN}).status_code == 302
    assert acting(guardian, right_id).right is citizens.Right.GUARDIAN
    assert "没有等待确认的监护登记" in clerk.get("/work/rights/").content.decode()
    assert clerk.get("/work/rights/999999/").status_code == 404


def test_the_database_refuses_a_guardian_whom_nobody_checked(gateway: Gateway) -> None:
    guardian, _ward, right_id = claimed(gateway)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActingRight.objects.filter(pk=right_id).update(state="active")
    chief = people.person(gateway, "赵六")
    term = citizens.Term(since=world.TODAY, until=world.TODAY, note="代领")
    lent = citizens.give_agent(person=chief, name=guardian.party.name, number=guardian.party.code, term=term, **AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActingRight.objects.filter(pk=lent).update(state="claimed")
