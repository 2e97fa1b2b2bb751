"""Objections to what was done with data about oneself: made, answered in time or late, taken to the bureau once; and who is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from factories import people, world
from factories.people import Gateway
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.citizens.models import Objection
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
Role, Ground, Standing = identity.Role, citizens.Ground, citizens.Standing
WHY = "我没有在这个单位办过任何事"
ANSWER = "经核查,系窗口录入号码有误"


def read_about(who: citizens.PersonView) -> tuple[organisations.OfficeView, str]:
    """An office read data about somebody; it and the entry."""
    office = world.office("云州市民政局")
    official = world.official(Role.CLERK, at=office)
    about = {"purpose": "低保核查", "case": "A1", "subjects": (who.digest,), "items": ("xm",)}
    security.record("gateway:rows:read", at=world.NOW, actor=official.label, office=office.code, **about)
    security.unfold()
    return office, next(one.id for one in citizens.readings(who) if one.event == "gateway:rows:read")


def objected(who: citizens.PersonView) -> tuple[organisations.OfficeView, int]:
    office, entry = read_about(who)
    return office, citizens.make_objection(person=who, entry=entry, ground=Ground.NOT_MINE, text=WHY, now=world.NOW)


def view(who: citizens.PersonView, number: int, *, days: int = 0) -> citizens.ObjectionView:
    return citizens.own_objection(who.id, number, now=world.NOW + timedelta(days=days))


def answer(actor: identity.Actor, number: int, *, granted: bool = True, days: int = 1) -> None:
    citizens.answer_objection(actor=actor, number=number, granted=granted, text=ANSWER, now=world.NOW + timedelta(days=days))


def test_an_entry_becomes_a_ticket_that_the_office_answers(gateway: Gateway) -> None:
    who = people.person(gateway)
    office, entry = read_about(who)
    steward = world.official(Role.STEWARD, at=office)
    client = people.signed_in(who)
    assert f"/me/readers/{entry}/object/" in client.get("/me/readers/").content.decode()
    assert client.post(f"/me/readers/{entry}/object/", {"ground": "not-mine", "text": "短"}).status_code == 422
    made = client.post(f"/me/readers/{entry}/object/", {"ground": "not-mine", "text": WHY})
    assert made.status_code == 302
    assert "等待单位答复" in client.get(made["Location"]).content.decode()
    assert made["Location"] in client.get("/me/readers/").content.decode()
    assert client.post(f"/me/readers/{entry}/object/", {"ground": "not-mine", "text": WHY}).status_code == 422  # once
    desk, number = world.signed_in(steward), Objection.objects.get().pk
    listed = desk.get("/work/objections/").content.decode()
    assert "我没有办理这件事" in listed
    assert who.party.name not in listed
    assert any("异议" in one.text for one in notices.notices(steward))
    assert desk.post(f"/work/objections/{number}/", {"act": "grant", "text": ANSWER}).status_code == 302
    page = client.get(made["Location"]).content.decode()
    assert ANSWER in page
    assert "异议成立" in page
    assert "答复了您的异议" in client.get("/me/").content.decode()
    assert steward.username not in page
    assert ANSWER not in desk.get("/work/objections/").content.decode()
    assert f"/work/objections/{number}/" in desk.get("/work/objections/?done=1").content.decode()
    security.unfold()
    assert {"citizens:objection:made", "citizens:objection:answered"} <= {one.event for one in citizens.readings(who)}


def test_the_period_is_the_grounds_and_lateness_is_counted(gateway: Gateway) -> None:
    who = people.person(gateway)
    office, number = objected(who)
    clock = view(who, number).clock
    assert clock is not None
    assert clock.reading.total == 5
    late = view(who, number, days=14).clock
    assert late is not None
    assert late.reading.late
    head = world.official(Role.SHARING_HEAD, at=office)
    answer(head, number, days=14)
    figures = citizens.objection_figures(head)
    assert (figures.made, figures.waiting, figures.answered, figures.in_time, figures.granted) == (1, 0, 1, 0, 1)


def test_it_goes_to_the_bureau_once_after_the_answer_or_when_time_is_over(gateway: Gateway) -> None:
    who = people.person(gateway)
    office, number = objected(who)
    steward, bureau = world.official(Role.STEWARD, at=office), world.official(Role.BUREAU_APPROVER)
    escalate = {"person": who, "number": number, "text": "答复没有说明是谁录错的"}
    with pytest.raises(Conflict):
        citizens.escalate_objection(**escalate, now=world.NOW)
    with pytest.raises(citizens.ObjectionUnknown):  # not the bureau's yet
        answer(bureau, number)
    answer(steward, number, granted=False)
    citizens.escalate_objection(**escalate, now=world.NOW + timedelta(days=2))
    with pytest.raises(Conflict):
        citizens.escalate_objection(**escalate, now=world.NOW + timedelta(days=3))
    with pytest.raises(identity.NotYours):
        answer(steward, number)
    assert [one.id for one in citizens.objections(bureau, now=world.NOW)] == [number]
    answer(bureau, number, days=4)
    settled = view(who, number)
    assert (settled.state, settled.granted, settled.clock) == (Standing.SETTLED, True, None)
    with pytest.raises(Conflict):
        answer(bureau, number)
    _office, second = objected(other := people.person(gateway, "李四"))
    citizens.escalate_objection(person=other, number=second, text="逾期没有答复", now=world.NOW + timedelta(days=20))
    assert view(other, second).state is Standing.ESCALATED


def test_nobody_objects_for_another_or_to_what_they_did_themselves(gateway: Gateway) -> None:
    who, other = people.person(gateway), people.person(gateway, "李四")
    _office, entry = read_about(who)
    with pytest.raises(citizens.ObjectionUnknown):
        citizens.make_objection(person=other, entry=entry, ground=Ground.PURPOSE, text=WHY, now=world.NOW)
    assert people.signed_in(other).post(f"/me/readers/{entry}/object/", {"ground": "purpose", "text": WHY}).status_code == 404
    own = next(one for one in citizens.readings(who) if one.event == "citizens:person:registered")
    with pytest.raises(Invalid):
        citizens.make_objection(person=who, entry=own.id, ground=Ground.PURPOSE, text=WHY, now=world.NOW)
    number = citizens.make_objection(person=who, entry=entry, ground=Ground.PURPOSE, text=WHY, now=world.NOW)
    assert people.signed_in(other).get(f"/me/objections/{number}/").status_code == 404
    with pytest.raises(citizens.ObjectionUnknown):
        citizens.escalate_objection(person=other, number=number, text=WHY, now=world.NOW + timedelta(days=90))


def test_other_offices_clerks_and_strangers_answer_nothing(gateway: Gateway) -> None:
    who = people.person(gateway)
    office, number = objected(who)
    wrong = [world.official(Role.STEWARD), world.official(Role.CLERK, at=office), world.official(Role.AUDITOR, at=office)]
    for actor in wrong:
        with pytest.raises(citizens.ObjectionUnknown):
            answer(actor, number)
        client = world.signed_in(actor)
        assert client.get(f"/work/objections/{number}/").status_code == 404
        assert client.post(f"/work/objections/{number}/", {"act": "grant", "text": ANSWER}).status_code == 404
        assert f"/work/objections/{number}/" not in client.get("/work/objections/").content.decode()
    assert people.signed_in(who).get("/work/objections/").status_code == 403
    assert Client().get("/work/objections/").status_code == 302
    assert world.signed_in(wrong[0]).get("/me/objections/").status_code == 403
    assert view(who, number).state is Standing.OPEN


def test_the_database_keeps_answers_whole(gateway: Gateway) -> None:
    _office, number = objected(people.person(gateway))
    for change in ({"state": "answered"}, {"state": "settled"}, {"escalated_at": world.NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Objection.objects.filter(pk=number).update(**change)
