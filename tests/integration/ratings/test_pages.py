"""The pages: who gets them, and what they do."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from factories import people, world
from factories.cases import Hall
from factories.people import gateway
from factories.ratings import decided, rated, released
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.affairs.ratings.models import Rating
from zhengtong.kernel import clock

__all__ = ["gateway"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return Hall("instant", now=clock.now())


def test_a_citizen_rates_and_a_stranger_and_an_official_do_not(hall: Hall, gateway: people.Gateway) -> None:
    who = people.person(gateway)
    number = decided(hall, applicant=who.party)
    address = f"/me/cases/{number}/rate/"
    client = people.signed_in(who)
    page = client.get(address).content.decode()
    assert "★★★★★" in page
    assert "服务态度" in page
    assert "checked" not in page, "nothing is chosen beforehand"
    assert client.post(address, {}).status_code == 422
    answer = client.post(address, {"grade": "4", "reasons": ["manner"], "text": "太慢", "contact": "13800000000"})
    assert answer.status_code == 302
    row = Rating.objects.get()
    assert (row.grade, row.reasons, row.channel) == (4, ["manner"], "pc")
    assert "13800000000" not in row.contact_sealed
    assert "您已经评价过" in client.get(address).content.decode()
    other = people.signed_in(people.person(gateway, "李四", household="H2"))
    assert other.get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert world.signed_in(hall.lead.clerk).get(address).status_code == 403


def test_a_clerk_makes_a_code_by_which_a_stranger_rates_once(hall: Hall) -> None:
    number = decided(hall)
    page = world.signed_in(hall.lead.clerk).post("/work/ratings/link/", {"number": number}).content.decode()
    assert "<svg" in page
    address = page.split('<a href="http://testserver')[-1].split('"')[0]
    assert address.startswith("/rate/")
    assert Client().post(address, {"grade": "1"}).status_code == 302
    assert Client().get(address).status_code == 404
    assert Rating.objects.get().channel == "qr"
    assert Client().get("/rate/thanks/").status_code == 200
    assert world.signed_in(hall.lead.handler).get("/work/ratings/link/").status_code == 403
    assert world.signed_in(hall.lead.clerk).post("/work/ratings/link/", {"number": "x"}).status_code == 422


def test_acts_are_offered_and_done_by_those_who_may(hall: Hall) -> None:
    (key,), _numbers = released(hall, contact="13800001234")
    address = f"/work/ratings/one/{key}/"
    handler, approver, bureau = (world.signed_in(one) for one in (hall.lead.handler, hall.lead.approver, hall.bureau))
    assert f"{address}answer/" in handler.get(address).content.decode()
    assert handler.post(f"{address}answer/", {"remedy": "fixed"}).status_code == 422
    assert handler.post(f"{address}answer/", {"remedy": "fixed", "answer": "已增开窗口"}).status_code == 302
    assert handler.post(f"{address}appeal/", {"reason": "点错"}).status_code == 403
    assert approver.post(f"{address}appeal/", {"reason": "点错"}).status_code == 302
    assert approver.post(f"{address}decide/", {"uphold": "yes", "reason": "属实"}).status_code == 403
    assert "13800001234" in bureau.post(f"{address}identify/", {"purpose": "回访"}).content.decode()
    assert bureau.post(f"{address}call/", {"reached": "yes", "content": "no", "note": "仍不满意"}).status_code == 302
    assert bureau.post(f"{address}decide/", {"uphold": "no", "reason": "不属实"}).status_code == 302
    page = handler.get(address).content.decode()
    for sentence in ("对处理不满意", "申诉不成立", "已增开窗口"):
        assert sentence in page
    assert handler.get(f"{address}nothing/").status_code == 404
    assert world.signed_in(world.official(world.identity.Role.HANDLER, at=world.office())).get(address).status_code == 404


def test_only_the_bureau_sets_days_and_reasons(hall: Hall) -> None:
    bureau, approver = world.signed_in(hall.bureau), world.signed_in(hall.lead.approver)
    for path in ("", "term/", "reason/"):
        assert bureau.get(f"/work/ratings/settings/{path}").status_code == 200
        assert approver.get(f"/work/ratings/settings/{path}").status_code == 403
    assert bureau.post("/work/ratings/settings/term/", {"place": "x", "days": "5"}).status_code == 422
    assert bureau.post("/work/ratings/settings/term/", {"place": hall.lead.office.code, "days": "5"}).status_code == 302
    form = {"code": "queue", "label": "排队", "online": "no", "grades": ["4", "5"], "active": "on"}
    assert bureau.post("/work/ratings/settings/reason/", form).status_code == 302
    assert hall.lead.office.code in bureau.get("/work/ratings/settings/").content.decode()
    assert "queue" in {one.code for one in ratings.offered(online=False, grade=4)}


def test_the_public_figures_on_a_page_as_csv_and_as_json(hall: Hall) -> None:
    client = Client()
    assert "还没有可以公布的数据" in client.get("/services/figures/").content.decode()
    for _ in range(5):
        rated(hall, 1)
    while ratings.follow_figures():
        pass
    month = f"{hall.now:%Y-%m}"
    page = client.get(f"/services/figures/?month={month}&office={hall.lead.office.code}").content.decode()
    assert "食品经营许可" in page
    assert "100.0%" in page
    assert "食品经营许可" in b"".join(client.get("/services/figures.csv").streaming_content).decode()  # type: ignore[attr-defined]
    document = json.loads(client.get("/services/figures.json").content)
    assert document["figures"][0]["good"] == 100.0
    assert document["total"]["cases"] == 5
    assert client.get("/services/figures/?month=2026-99&after=x").status_code == 200
