"""Rating one's case: once, by those whose errand it was, with what the page offers."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from factories import world
from factories.cases import COMPANY, PERSON, Hall
from factories.ratings import decided, digest, rated, say
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.affairs.ratings.models import Rating, Ticket
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return Hall("instant")


def test_a_case_is_rated_by_its_applicant_and_by_who_acted_for_them_and_by_nobody_else(hall: Hall) -> None:
    number = decided(hall, applicant=COMPANY, agent=PERSON, agent_basis="法定代表人")
    assert ratings.rateable(number, parties=frozenset({digest()})).number == number
    assert ratings.rateable(number, parties=frozenset({digest(COMPANY)})).number == number
    with pytest.raises(cases.CaseUnknown):
        ratings.rateable(number, parties=frozenset({"another"}))
    with pytest.raises(ratings.NotRateable):
        ratings.rateable(hall.opened(), parties=frozenset({digest()}))


def test_the_database_keeps_a_second_rating_out(hall: Hall) -> None:
    row = Rating.objects.get(case__number=rated(hall, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(
            case_id=row.case_id, office_id=row.office_id, item_code="x", item_name="x", channel="pc", grade=2, given_at=hall.now
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.filter(pk=row.pk).update(grade=6)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (ratings.Said(0), "grade"),
        (ratings.Said(6), "grade"),
        (ratings.Said(1, ("efficiency",)), "reasons"),
        (ratings.Said(1, text="长" * 501), "text"),
        (ratings.Said(1, contact="请打给我"), "contact"),
    ],
)
def test_what_is_wrong_is_named(hall: Hall, said: ratings.Said, field: str) -> None:
    number = decided(hall)
    with pytest.raises(Invalid) as caught:
        ratings.rate(number=number, parties=frozenset({digest()}), rater=digest(), channel=ratings.Channel.PC, said=said, now=hall.now)
    assert caught.value.field == field
    assert caught.value.remedy


def test_reasons_follow_the_way_of_filing_and_the_grade(hall: Hall) -> None:
    assert [one.code for one in ratings.offered(online=True)] == ["efficiency", "guide", "convenience", "platform"]
    assert [one.code for one in ratings.offered(online=False)] == ["speed", "skill", "manner"]
    facts = {"label": "排队太久", "online": False, "grades": (4, 5), "active": True, "now": hall.now}
    ratings.set_reason(actor=hall.bureau, code="queue", **facts)
    assert "queue" in {one.code for one in ratings.offered(online=False, grade=5)}
    assert "queue" not in {one.code for one in ratings.offered(online=False, grade=1)}
    with pytest.raises(world.identity.NotYours):
        ratings.set_reason(actor=hall.lead.approver, code="queue", **facts)


def test_a_rating_changes_for_a_week_and_its_ticket_with_it(hall: Hall) -> None:
    number = rated(hall, 5)
    assert Ticket.objects.get().state == "waiting"
    say(number, 1, at=hall.now + timedelta(days=1))
    assert Ticket.objects.get().state == "withdrawn"
    say(number, 4, at=hall.now + timedelta(days=2))
    assert Ticket.objects.get().state == "waiting"
    with pytest.raises(ratings.NotRateable):
        say(number, 1, at=hall.now + timedelta(days=8))


def test_a_link_rates_once_and_is_the_clerks_alone(hall: Hall) -> None:
    number = decided(hall)
    with pytest.raises(cases.CaseUnknown):
        ratings.make_link(actor=hall.lead.handler, number=number, channel=ratings.Channel.QR, now=hall.now)
    code = ratings.make_link(actor=hall.lead.clerk, number=number, channel=ratings.Channel.QR, now=hall.now)
    other = ratings.make_link(actor=hall.lead.clerk, number=number, channel=ratings.Channel.QR, now=hall.now)
    with pytest.raises(ratings.LinkUnknown):
        ratings.by_link(code, now=hall.now + timedelta(days=31))
    ratings.rate_by_link(code=code, said=ratings.Said(2), now=hall.now)
    with pytest.raises(ratings.LinkUnknown):
        ratings.rate_by_link(code=code, said=ratings.Said(2), now=hall.now)
    with pytest.raises(ratings.NotRateable):
        ratings.rate_by_link(code=other, said=ratings.Said(2), now=hall.now)
    assert Rating.objects.get().channel == "qr"


@pytest.mark.django_db(transaction=True)
def test_two_links_at_the_same_moment_make_one_rating(hall: Hall) -> None:
    number = decided(hall)
    codes = [ratings.make_link(actor=hall.lead.clerk, number=number, channel=ratings.Channel.QR, now=hall.now) for _ in range(2)]
    refused: list[ratings.NotRateable] = []

    def one(code: str) -> None:
        try:
            ratings.rate_by_link(code=code, said=ratings.Said(1), now=hall.now)
        except ratings.NotRateable as exc:
            refused.append(exc)
        finally:
            connection.close()

    threads = [Thread(target=one, args=[code]) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Rating.objects.count() == 1
    assert len(refused) == 1
