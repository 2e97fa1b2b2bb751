"""Pages of opening data: the portal for strangers, the desk for those who open."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from factories import world
from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Dataset

pytestmark = pytest.mark.usefixtures("hub")


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_stranger_finds_reads_and_takes_a_dataset(opening: Opening) -> None:
    number = opening.opened()
    browser = Client()
    front = browser.get("/open/").content.decode()
    assert 'href="/open/datasets/?theme=government"' in front
    assert front.count('class="none"') == 19
    listed = browser.get("/open/datasets/?q=区划&theme=government").content.decode()
    assert f'href="/open/datasets/{number}/"' in listed
    page = browser.get(f"/open/datasets/{number}/").content.decode()
    assert "第3区" in page
    assert "CC BY 4.0" in page
    assert "FileView" not in page
    assert "按时更新" in page or "更新晚了" in page
    linked = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[0])
    assert (linked["@type"], linked["license"], len(linked["distribution"])) == (
        "Dataset",
        "https://creativecommons.org/licenses/by/4.0/",
        6,
    )
    answer = browser.get(f"/open/datasets/{number}/versions/1/data.csv")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E8%A1%8C")
    data = body(answer)
    assert int(answer["Content-Length"]) == len(data)
    again = browser.get(f"/open/datasets/{number}/versions/1/data.csv", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert browser.head(f"/open/datasets/{number}/versions/1/data.csv")["ETag"] == answer["ETag"]
    assert Dataset.objects.get(pk=number).downloads == 1
    assert browser.get(f"/open/datasets/{number}/versions/1/").status_code == 200
    for missing in (
        f"/open/datasets/{number}/versions/2/",
        f"/open/datasets/{number}/versions/1/keys.txt",
        "/open/datasets/99999999/",
        f"/open/datasets/{10**30}/",
    ):
        assert browser.get(missing).status_code == 404
    assert browser.post(f"/open/datasets/{number}/").status_code == 405


def test_what_was_withdrawn_is_gone_for_everybody_and_says_why(opening: Opening) -> None:
    number = opening.opened()
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="口径有误", now=NOW)
    for path in (f"/open/datasets/{number}/", f"/open/datasets/{number}/versions/1/data.csv"):
        answer = Client().get(path)
        assert answer.status_code == 410
        assert "口径有误" in answer.content.decode()
    assert f"/open/datasets/{number}/" not in Client().get("/open/datasets/").content.decode()


def test_a_title_cannot_leave_the_script_of_its_description(opening: Opening) -> None:
    number = opening.opened(title="</script><script>alert(1)</script>")
    page = Client().get(f"/open/datasets/{number}/").content.decode()
    assert "<script>alert" not in page
    assert "script>alert(1)" in json.loads(re.findall(r'ld\+json">(.*?)</script>', page, re.DOTALL)[0])["name"]


def test_before_it_is_open_nobody_outside_sees_it(opening: Opening) -> None:
    number = opening.approved()
    assert Client().get(f"/open/datasets/{number}/").status_code == 404
    assert "行政区划代码" not in Client().get("/open/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=~",
        "after=2026-01-01~1",
        "after=~99999999999999999999999",
        "order=title&after=a~b",
        "order=downloads&after=x~1",
        "theme=x&office=y",
    ],
)
def test_odd_addresses_are_answered(opening: Opening, query: str) -> None:
    assert Client().get(f"/open/datasets/?{query}").status_code == 200


def test_lists_go_on_by_key_in_every_order(opening: Opening) -> None:
    number = opening.opened()
    row = Dataset.objects.get(pk=number)
    for order in opendata.ORDERS:
        [card] = opendata.search(opendata.Question(order=order))
        assert opendata.search(opendata.Question(order=order), after=card.cursor) == []
    assert [one.count for one in opendata.facets(opendata.Question(chosen={"theme": "food"}))["theme"]] == [1]
    assert opendata.facets(opendata.Question(chosen={"theme": "food"}))["office"] == []
    assert opendata.count(opendata.Question("人口 民政局")) == 1
    assert opendata.count(opendata.Question("省")) == 0
    assert row.published_at is not None


def test_a_steward_proposes_on_the_page_and_reviewers_act_there(opening: Opening) -> None:
    circle = opening.circle
    keeper, chief, approver = (world.signed_in(one) for one in (circle.keeper, circle.chief, circle.approver))
    address = f"/work/openings/propose/{opening.resource}/"
    entry = keeper.get(f"/share/resources/{opening.resource}/", follow=True).content.decode()
    page = keeper.get(address).content.decode()
    assert 'name="open_dm" id="id_open_dm" checked' in page or re.search(r'name="open_dm"[^>]*checked', page)
    assert not re.search(r'name="open_lxr"[^>]*checked', page)
    words = {
        "title": "区划",
        "summary": "各区",
        "licence": "cc0-1.0",
        "attribution": "民政局",
        "contact": "0531-86000000",
        "openness": "all",
    }
    items = {"open_dm": "on", "mask_dm": "none", "open_mc": "on", "mask_mc": "none"}
    assert keeper.post(address, {**words, **items}).status_code == 422
    number = opendata_number(keeper.post(address, {**words, **items, "theme": "government"}))
    waiting = keeper.get(f"/work/openings/{number}/progress/")
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    opening.build()
    assert keeper.get(f"/work/openings/{number}/progress/")["HX-Refresh"] == "true"
    assert chief.post(f"/work/openings/{number}/act/", {"act": "return"}).status_code == 422
    assert chief.post(f"/work/openings/{number}/act/", {"act": "publish"}).status_code == 403
    assert chief.post(f"/work/openings/{number}/act/", {"act": "dance"}).status_code == 422
    assert chief.post(f"/work/openings/{number}/act/", {"act": "approve"}).status_code == 302
    assert f"/work/openings/{number}/" in approver.get("/work/").content.decode()
    assert approver.post(f"/work/openings/{number}/act/", {"act": "publish"}).status_code == 302
    opening.build()
    assert f"/open/datasets/{number}/" in keeper.get(f"/work/openings/{number}/").content.decode()
    assert keeper.get(address)["Location"] == f"/work/openings/{number}/"
    assert "提议开放" in entry or not entry


def test_a_steward_changes_the_words_on_a_page_and_nobody_else_does(opening: Opening) -> None:
    number = opening.opened()
    address = f"/work/openings/{number}/words/"
    keeper = world.signed_in(opening.circle.keeper)
    assert address in keeper.get(f"/work/openings/{number}/").content.decode()
    assert "行政区划代码" in keeper.get(address).content.decode()
    words = {"title": "区划代码表", "summary": "各区", "theme": "living", "contact": "0531-86000000"}
    assert keeper.post(address, words | {"title": " "}).status_code == 422
    assert keeper.post(address, words).status_code == 302
    assert opendata.opening(number, actor=opening.circle.keeper).title == "区划代码表"
    assert world.signed_in(opening.circle.chief).post(address, words).status_code == 302
    assert world.signed_in(opening.circle.stranger).get(address).status_code == 404
    assert Client().get(address)["Location"].startswith("/sign-in/")


def opendata_number(answer: Any) -> int:
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].split("/")[3])


def test_pages_open_for_the_right_people_alone(opening: Opening) -> None:
    number = opening.opened()
    inside, everyone = {"keeper", "chief", "approver"}, {"keeper", "chief", "approver", "steward", "stranger"}
    wanted = {
        "/open/": everyone,
        "/work/openings/": everyone,
        f"/work/openings/{number}/": inside,
        f"/work/openings/{number}/progress/": inside,
    }
    for who in sorted(everyone):
        browser = world.signed_in(getattr(opening.circle, who))
        for address, right in wanted.items():
            answer = browser.get(address)
            assert answer.status_code == (200 if who in right else 404), (who, address, answer.status_code)
        asked = browser.get(f"/work/openings/propose/{opening.resource}/").status_code
        assert asked == (302 if who == "keeper" else 403), who
        if who not in inside:
            assert browser.post(f"/work/openings/{number}/act/", {"act": "withdraw", "reason": "x"}).status_code == 404
        if who in {"keeper", "steward", "stranger"}:
            refused = browser.post(f"/work/openings/{number}/overrule/", {"gate": "email", "column": "mc", "reason": "x"}).status_code
            assert refused in {403, 404}
    for address in (*wanted, f"/work/openings/propose/{opening.resource}/"):
        answer = Client().get(address)
        assert answer.status_code == 200 if address == "/open/" else answer["Location"].startswith("/sign-in/")
