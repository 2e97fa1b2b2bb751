"""Opening plans: written, approved, published, measured against what was opened; and entries marked open that are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from factories import world
from factories.opening import Opening
from factories.sharing import NOW, days, resource
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import PlanLine
from zhengtong.apps.flow.opendata.rules import plans
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.usefixtures("hub")
Act = opendata.PlanAct


def begun(opening: Opening, *, quarter: int = 2, conditional: bool = False) -> int:
    keeper = opening.circle.keeper
    number = opendata.begin_plan(actor=keeper, office=opening.circle.provider.code, year=2026, now=NOW)
    code = catalog.resource(opening.resource).code
    opendata.add_line(actor=keeper, number=number, code=code, quarter=quarter, conditional=conditional, now=NOW)
    return number


def published(opening: Opening, **facts: Any) -> int:
    number, circle = begun(opening, **facts), opening.circle
    for actor, act in ((circle.keeper, Act.SUBMIT), (circle.chief, Act.APPROVE), (circle.approver, Act.PUBLISH)):
        opendata.move_plan(actor=actor, number=number, act=act, now=NOW)
    return number


def outcomes(today: date) -> list[str]:
    return [one.outcome for one in opendata.public_plan(2026, today=today)]


def test_a_line_turns_out_in_time_late_or_not_at_all() -> None:
    june, july = date(2026, 6, 30), date(2026, 7, 1)
    assert plans.outcome(2026, 2, june, july) == "in-time"
    assert plans.outcome(2026, 2, july, july) == "late"
    assert plans.outcome(2026, 2, None, june) == "pending"
    assert plans.outcome(2026, 2, None, july) == "overdue"


def test_the_course_of_a_plan_and_what_the_public_sees(opening: Opening) -> None:
    circle, number = opening.circle, begun(opening)
    assert outcomes(date(2026, 6, 1)) == []
    opendata.move_plan(actor=circle.keeper, number=number, act=Act.SUBMIT, now=NOW)
    assert "请审核开放计划" in str(notices.notices(circle.chief)[0].text)
    with pytest.raises(Invalid):
        opendata.move_plan(actor=circle.chief, number=number, act=Act.RETURN, now=NOW)
    opendata.move_plan(actor=circle.chief, number=number, act=Act.RETURN, reason="写明季度", now=NOW)
    assert opendata.plan(number, actor=circle.keeper).reason == "写明季度"
    for actor, act in ((circle.keeper, Act.SUBMIT), (circle.chief, Act.APPROVE), (circle.approver, Act.PUBLISH)):
        opendata.move_plan(actor=actor, number=number, act=act, now=NOW)
    assert outcomes(date(2026, 6, 30)) == ["pending"]
    assert outcomes(date(2026, 7, 1)) == ["overdue"]
    with pytest.raises(opendata.PlanMoved):
        opendata.move_plan(actor=circle.keeper, number=number, act=Act.SUBMIT, now=NOW)
    assert "逾期未开放" in opendata.export_plan(2026, today=date(2026, 7, 1)).decode("utf-8-sig")
    opening.opened()
    [line] = opendata.public_plan(2026, today=date(2026, 7, 1))
    assert line.outcome in {"in-time", "late"}
    assert line.dataset is not None


def test_overdue_lines_are_told_once(opening: Opening) -> None:
    published(opening)
    assert opendata.remind_plans(now=NOW) == 0
    assert opendata.remind_plans(now=days(30)) == 1
    assert "逾期" in str(notices.notices(opening.circle.keeper)[0].text)
    assert "逾期" in str(notices.notices(opening.circle.chief)[0].text)
    assert opendata.remind_plans(now=days(31)) == 0


def test_acts_are_refused_to_all_who_may_not(opening: Opening) -> None:
    circle = opening.circle
    people = ("steward", "head", "keeper", "chief", "approver", "stranger")

    def refused(act: Callable[[Any], object], right: str) -> None:
        for who in people:
            if who != right:
                with pytest.raises((opendata.NotAllowed, opendata.PlanUnknown)):
                    act(getattr(circle, who))

    office = circle.provider.code
    refused(lambda actor: opendata.begin_plan(actor=actor, office=office, year=2026, now=NOW), "keeper")
    number = begun(opening)
    for act, right in ((Act.SUBMIT, "keeper"), (Act.APPROVE, "chief"), (Act.PUBLISH, "approver")):
        refused(lambda actor, act=act: opendata.move_plan(actor=actor, number=number, act=act, now=NOW), right)
        if act is Act.SUBMIT:
            refused(lambda actor: opendata.add_line(actor=actor, number=number, code="x", quarter=1, conditional=False, now=NOW), right)
            refused(lambda actor: opendata.remove_line(actor=actor, number=number, line=1), right)
        opendata.move_plan(actor=getattr(circle, right), number=number, act=act, now=NOW)
    for who in ("steward", "head", "stranger"):
        with pytest.raises(opendata.PlanUnknown):
            opendata.plan(number, actor=getattr(circle, who))
    refused(lambda actor: opendata.explain_closed(actor=actor, resource_id=opening.resource, basis="x", now=NOW), "keeper")


def test_a_plan_holds_the_offices_own_resources_once(opening: Opening) -> None:
    keeper, number = opening.circle.keeper, begun(opening)
    with pytest.raises(opendata.PlanTaken):
        opendata.begin_plan(actor=keeper, office=opening.circle.provider.code, year=2026, now=NOW)
    foreign = catalog.resource(resource(opening.circle.consumer, name="学籍")).code
    secret = catalog.resource(resource(opening.circle.provider, sharing_type="3", name="保密信息")).code
    code = catalog.resource(opening.resource).code
    for wrong, quarter in ((foreign, 1), (secret, 1), ("", 1), (code, 5)):
        with pytest.raises(Invalid):
            opendata.add_line(actor=keeper, number=number, code=wrong, quarter=quarter, conditional=False, now=NOW)
    opendata.add_line(actor=keeper, number=number, code=code, quarter=4, conditional=True, now=NOW)
    [line] = opendata.plan_lines(number, actor=keeper, today=date(2026, 6, 1))
    assert (line.quarter, line.conditional) == (4, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanLine.objects.update(quarter=5)
    opendata.remove_line(actor=keeper, number=number, line=line.id)
    with pytest.raises(Invalid):
        opendata.move_plan(actor=keeper, number=number, act=Act.SUBMIT, now=NOW)


def test_what_is_marked_open_and_is_not_needs_a_reason(opening: Opening) -> None:
    circle = opening.circle
    Resource.objects.filter(pk=opening.resource).update(is_open=True)
    [one] = opendata.closed(circle.keeper)
    assert (one.id, one.basis, one.may_fill) == (opening.resource, "", True)
    with pytest.raises(Invalid):
        opendata.explain_closed(actor=circle.keeper, resource_id=opening.resource, basis=" ", now=NOW)
    opendata.explain_closed(actor=circle.keeper, resource_id=opening.resource, basis="《统计法》第九条", now=NOW)
    [seen] = opendata.closed(circle.approver)
    assert (seen.basis, seen.may_fill) == ("《统计法》第九条", False)
    assert opendata.closed(circle.steward) == []
    begun(opening)
    assert opendata.closed(circle.keeper) == []


def test_plans_on_pages(opening: Opening) -> None:
    circle = opening.circle
    keeper, chief, stranger = (world.signed_in(one) for one in (circle.keeper, circle.chief, circle.stranger))
    office = circle.provider.code
    assert keeper.post("/work/openings/plans/", {"office": office, "year": "1"}).status_code == 422
    address = keeper.post("/work/openings/plans/", {"office": office, "year": "2026"})["Location"]
    code = catalog.resource(opening.resource).code
    assert keeper.post(f"{address}act/", {"act": "add", "code": "x", "quarter": "1"}).status_code == 422
    assert keeper.post(f"{address}act/", {"act": "add", "code": code, "quarter": "1", "conditional": "yes"}).status_code == 302
    assert keeper.post(f"{address}act/", {"act": "dance"}).status_code == 422
    assert keeper.post(f"{address}act/", {"act": "submit"}).status_code == 302
    assert keeper.post(f"{address}act/", {"act": "approve"}).status_code == 403
    assert chief.post(f"{address}act/", {"act": "approve"}).status_code == 302
    assert world.signed_in(circle.approver).post(f"{address}act/", {"act": "publish"}).status_code == 302
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}act/", {"act": "return", "reason": "x"}).status_code == 404
    page = Client().get("/open/plan/2026/").content.decode()
    assert code in page
    assert "逾期未开放" in page
    assert code in Client().get("/open/plan/2026/export/").content.decode("utf-8-sig")
    assert Client().get("/open/plan/")["Location"].startswith("/open/plan/20")
    Resource.objects.filter(pk=circle.resource).update(is_open=True)
    assert "未开放也未计划" in keeper.get("/work/openings/closed/").content.decode()
    assert keeper.post(f"/work/openings/closed/{circle.resource}/", {"basis": "《社会救助暂行办法》"}).status_code == 302
    assert stranger.post(f"/work/openings/closed/{circle.resource}/", {"basis": "x"}).status_code == 403
    for closed in ("/work/openings/plans/", "/work/openings/closed/", address):
        assert Client().get(closed)["Location"].startswith("/sign-in/")
