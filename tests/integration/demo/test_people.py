"""The people of the demo city: requests, demands and plans in every state, and nothing said twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from factories import world
from factories.applying import TERMS
from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import AccessGrant, OpenKey
from zhengtong.kernel.actors import Actor
from zhengtong.project.demo import applicants, plans


@pytest.mark.usefixtures("hub")
def test_requests_stand_in_every_state_and_the_second_time_nobody_applies(opening: Opening) -> None:
    circle = opening.circle
    opening.opened(conditions=replace(TERMS, report_every=30))
    for _again in range(2):
        applicants.apply(opening.resource, applicants.Desk(circle.keeper, circle.chief), now=NOW)
    found = opendata.requests_of(circle.keeper, now=NOW, limit=200)
    assert len(found) == len(applicants.APPLICANTS)
    states = Counter(one.state for one in found)
    assert set(states) == set(opendata.RequestState)
    late = [one for one in found if one.state is opendata.RequestState.RECEIVED and one.clock and one.clock.reading.late]
    assert len(late) == 1
    assert set(AccessGrant.objects.values_list("state", flat=True)) == {"active", "suspended", "ended"}
    assert OpenKey.objects.count() == states[opendata.RequestState.GRANTED]
    reports = [report for one in found if one.grant for report in one.grant.reports]
    assert any(report.filed_at for report in reports)
    assert any(report.late and report.filed_at is None for report in reports)


@pytest.mark.usefixtures("hub")
def test_a_plan_says_in_time_and_not_yet_and_stays_as_people_left_it(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = opening.circle
    opening.opened()
    people = {"x.steward": circle.keeper, "x.head": circle.chief, plans.APPROVER: circle.approver}
    monkeypatch.setattr(plans, "_not_open", lambda _steward, _planned: [])

    def actor(name: str) -> Actor:
        return people[name]

    for _again in range(2):
        plans.keep(["x"], actor, now=NOW, stopped=lambda: False)
    [plan] = opendata.plans_of(circle.keeper)
    assert (plan.state, plan.lines, plan.year) == (opendata.PlanState.PUBLISHED, 1, NOW.year)
    [line] = opendata.public_plan(NOW.year, today=(NOW + timedelta(days=1)).date())
    assert line.outcome in {"in-time", "late"}
    page = world.signed_in(circle.keeper).get(f"/open/plan/{NOW.year}/").content.decode()
    assert line.name in page
