"""Figures are the cases' own: counted as they go, the same when rebuilt, silent about the few."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories.cases import NOW, Hall
from factories.ratings import rated, released
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.affairs.ratings.models import BranchFact, Figure

pytestmark = pytest.mark.django_db
COLUMNS = [one.name for one in Figure._meta.fields if one.name != "id"]


def counted() -> list[tuple[object, ...]]:
    while ratings.follow_figures():
        pass
    return sorted(Figure.objects.values_list(*COLUMNS))


def line(hall: Hall) -> ratings.FigureView:
    (one,) = ratings.figures(ratings.Wanted(office=hall.lead.office.code))
    return one


def test_four_are_not_published_and_five_are(hall: Hall) -> None:
    for _ in range(4):
        rated(hall, 1)
    counted()
    assert (line(hall).cases, line(hall).good, line(hall).p90) == (None, None, None)
    assert ratings.total(ratings.Wanted()) is None
    rated(hall, 5)
    counted()
    assert (line(hall).cases, line(hall).ratings, line(hall).good) == (5, 5, 80.0)


def test_visits_online_and_documents(hall: Hall) -> None:
    for turn in range(5):
        number = rated(hall, 1, source="1" if turn < 4 else "8")
        if turn == 0:
            cases.deliver(actor=hall.lead.clerk, number=number, way="window", act_id="d", now=NOW + timedelta(days=1))
    counted()
    one = line(hall)
    # three never came, one fetched the result, one filed at the window
    assert (one.no_visit, one.one_visit, one.online) == (60.0, 40.0, 60.0)
    # the licence was looked up, the plan was not
    assert (one.avoided, one.avoided_share) == (5, 50.0)
    assert one.completion == 100.0


def test_working_days_and_lateness_come_from_the_course() -> None:
    hall = Hall("promised")
    for turn in range(5):
        number = hall.opened()
        hall.do(number, "accept", "agree")
        at = NOW + timedelta(days=7 if turn < 4 else 84)
        for step, outcome in (("review", "reviewed"), ("decide", "agree"), ("issue", "issued")):
            hall.do(number, step, outcome, at=at)
    counted()
    months = ratings.figures(ratings.Wanted())
    assert sum(one.cases or 0 for one in months) == 0, "four and one in two months are too few for either"
    rows = list(Figure.objects.filter(cases__gt=0).order_by("month"))
    assert [(row.cases, row.in_time) for row in rows] == [(4, 4), (1, 0)]
    assert rows[0].p90 == 5.0


def test_the_cost_of_delay_is_the_departments() -> None:
    hall = Hall("company_startup")
    number = hall.opened()
    hall.do(number, "accept", "accepted")
    for step in ("market", "police"):
        hall.do(number, step, "agree", at=NOW + timedelta(days=1))
    for step in ("tax", "social"):
        hall.do(number, step, "agree", at=NOW + timedelta(days=20))
    hall.do(number, "issue", "issued", at=NOW + timedelta(days=20))
    counted()
    over = dict(BranchFact.objects.values_list("office__name", "over"))
    late = {name for name, days in over.items() if days > 0}
    assert late == {"税务局", "人力资源社会保障局"}
    assert all(one.steps is None for one in ratings.delays(ratings.Wanted())), "one case says too much about itself"


def test_counting_twice_or_anew_changes_nothing(hall: Hall) -> None:
    released(hall, bad=2)
    before = counted()
    assert before
    assert ratings.rebuild_figures() == 5
    assert counted() == before
    Figure.objects.update(cases=99)
    ratings.rebuild_figures()
    assert counted() == before


def test_a_mistaken_rating_leaves_the_figures(hall: Hall) -> None:
    (key,), _numbers = released(hall)
    for _ in range(5):
        rated(hall, 1)
    counted()
    assert line(hall).good == 90.0
    ratings.appeal(actor=hall.lead.approver, key=key, reason="点错了", now=hall.now)
    ratings.decide(actor=hall.bureau, key=key, uphold=True, reason="属实", now=hall.now)
    counted()
    assert (line(hall).ratings, line(hall).good) == (9, 100.0)


@pytest.fixture
def hall() -> Hall:
    return Hall("instant")
