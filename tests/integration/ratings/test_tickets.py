"""Bad ratings: hidden until they lie in a crowd, answered on a clock, called back, appealed; and never who."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import world
from factories.cases import PERSON, Hall, Staff
from factories.ratings import digest, rated, released, say
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.affairs.ratings.models import Rating, Ticket
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return Hall("instant", now=clock.now())


def events(prefix: str) -> list[security.EntryRow]:
    while security.unfold():
        pass
    return security.entries(security.EntryFilter(event=prefix), limit=100)


def test_the_office_sees_nothing_of_four_and_all_of_five(hall: Hall) -> None:
    for _ in range(4):
        rated(hall, 5)
    ratings.follow(now=hall.now)
    assert ratings.tickets(hall.lead.handler, "open", now=hall.now) == []
    rated(hall, 1)
    ratings.follow(now=hall.now)
    assert len(ratings.tickets(hall.lead.handler, "open", now=hall.now)) == 4


def test_a_month_that_is_over_shows_one_without_its_item(hall: Hall) -> None:
    rated(hall, 4)
    later = hall.now + timedelta(days=32)
    ratings.follow(now=later)
    (one,) = ratings.tickets(hall.lead.handler, "open", now=later)
    assert one.item_name == ""


def test_no_view_of_the_rated_names_who_or_which_or_when(hall: Hall) -> None:
    (key,), numbers = released(hall, contact="13800001234", text="我是张三丰,电话13800001234,证号11010519491231002X")
    rating = Rating.objects.get(grade=5)
    secret = [*numbers, PERSON.name, "13800001234", PERSON.code, digest(), f"{rating.given_at:%H:%M}", f"{rating.given_at:%Y-%m-%d}"]
    for actor in (hall.lead.clerk, hall.lead.handler, hall.lead.approver):
        client = world.signed_in(actor)
        pages = [client.get(path).content.decode() for path in ("/work/ratings/", f"/work/ratings/one/{key}/", "/work/")]
        content = [page[page.index("<main") : page.index("</main")] for page in pages]
        assert key in content[0]
        for page in content[:2]:
            assert not [one for one in secret if one in page]
            assert f"{rating.given_at:%Y-%m}" in page
        assert client.get(f"/work/ratings/one/{key}/identify/").status_code == 403
    with pytest.raises(world.identity.NotYours):
        ratings.identify(actor=hall.lead.approver, key=key, purpose="想知道", now=hall.now)
    told = " ".join(f"{one.actor} {one.case} {one.detail}" for one in events("ratings:"))
    assert not [one for one in secret if one in told]


def test_the_bureau_sees_whom_to_call_and_the_ledger_has_it(hall: Hall) -> None:
    (key,), numbers = released(hall, contact="13800001234")
    found = ratings.identify(actor=hall.bureau, key=key, purpose="回访", now=hall.now)
    assert found.case in numbers
    assert found.contact == "13800001234"
    assert [one.event for one in events("ratings:rater:")] == ["ratings:rater:read"]
    with pytest.raises(Invalid):
        ratings.identify(actor=hall.bureau, key=key, purpose=" ", now=hall.now)


def test_who_is_of_the_rated_office_is_not_of_the_bureau_for_it(hall: Hall) -> None:
    (key,), _numbers = released(hall, contact="13800001234")
    both = world.official(world.identity.Role.BUREAU_APPROVER, world.identity.Role.HANDLER, at=hall.lead.office)
    with pytest.raises(world.identity.NotYours):
        ratings.identify(actor=both, key=key, purpose="回访", now=hall.now)


def test_an_answer_ends_the_clock_and_reaches_the_rater(hall: Hall) -> None:
    (key,), _numbers = released(hall)
    with pytest.raises(world.identity.NotYours):
        ratings.answer(actor=hall.lead.clerk, key=key, remedy="fixed", text="已增开窗口", now=hall.now)
    with pytest.raises(ratings.TicketUnknown):
        ratings.answer(actor=Staff.of().handler, key=key, remedy="fixed", text="已增开窗口", now=hall.now)
    ratings.answer(actor=hall.lead.handler, key=key, remedy="fixed", text="已增开窗口", now=hall.now)
    with pytest.raises(ratings.TicketClosed):
        ratings.answer(actor=hall.lead.handler, key=key, remedy="fixed", text="再答", now=hall.now)
    row = Ticket.objects.get(key=key)
    assert row.in_time is True
    given = ratings.given(row.rating.case_id)
    assert given is not None
    assert given.answer == "已增开窗口"
    with pytest.raises(ratings.NotRateable):
        say(row.rating.case.number, 1, at=hall.now)


def test_the_days_are_the_offices_then_the_regions_then_fifteen(hall: Hall) -> None:
    (first,), _numbers = released(hall)
    assert Ticket.objects.get(key=first).days == ratings.USUAL_DAYS
    ratings.set_term(actor=hall.bureau, place=hall.lead.office.region, days=7, now=hall.now)
    released(hall)
    ratings.set_term(actor=hall.bureau, place=hall.lead.office.code, days=5, now=hall.now)
    released(hall)
    assert sorted(Ticket.objects.values_list("days", flat=True)) == [5, 7, 15]
    with pytest.raises(world.identity.NotYours):
        ratings.set_term(actor=hall.lead.approver, place=hall.lead.office.code, days=50, now=hall.now)


def test_each_rung_is_told_once_and_late_is_late(hall: Hall) -> None:
    (key,), _numbers = released(hall)
    late = hall.now + timedelta(days=60)
    assert ratings.follow(now=late) == 1
    assert ratings.follow(now=late) == 0
    (one,) = ratings.tickets(hall.lead.handler, "open", now=late)
    assert one.clock is not None
    assert one.clock.reading.late
    ratings.answer(actor=hall.lead.handler, key=key, remedy="explained", text="已说明", now=late)
    assert Ticket.objects.get(key=key).in_time is False


def test_a_named_one_waits_for_its_call_until_somebody_is_reached(hall: Hall) -> None:
    (key,), _numbers = released(hall, contact="13800001234")
    call = {"actor": hall.bureau, "key": key, "note": "已电话联系", "now": hall.now}
    with pytest.raises(world.identity.NotYours):
        ratings.call_back(**{**call, "actor": hall.lead.approver}, reached=True, content=True)
    ratings.call_back(**call, reached=False, content=False)
    assert [one.key for one in ratings.tickets(hall.bureau, "call", now=hall.now)] == [key]
    ratings.call_back(**call, reached=True, content=True)
    assert ratings.tickets(hall.bureau, "call", now=hall.now) == []
    with pytest.raises(ratings.TicketClosed):
        ratings.call_back(**call, reached=True, content=True)


def test_an_appeal_is_decided_by_the_bureau_and_voids_the_rating(hall: Hall) -> None:
    (key,), _numbers = released(hall)
    with pytest.raises(world.identity.NotYours):
        ratings.appeal(actor=hall.lead.handler, key=key, reason="不是本单位的事", now=hall.now)
    with pytest.raises(ratings.TicketClosed):
        ratings.decide(actor=hall.bureau, key=key, uphold=True, reason="属实", now=hall.now)
    ratings.appeal(actor=hall.lead.approver, key=key, reason="不是本单位的事", now=hall.now)
    with pytest.raises(world.identity.NotYours):
        ratings.decide(actor=hall.lead.approver, key=key, uphold=True, reason="属实", now=hall.now)
    ratings.decide(actor=hall.bureau, key=key, uphold=True, reason="评价人证实点错", now=hall.now)
    assert Rating.objects.get(grade=5).void
    assert [one.event for one in events("ratings:ticket:decided")] == ["ratings:ticket:decided"]
