"""The portal that people use: charts by address, feeds and sitemaps, statistics, news, how pages are shown."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from factories import world
from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import News
from zhengtong.apps.foundation.security import api as security

pytestmark = pytest.mark.usefixtures("hub")
_ATOM = "{http://www.w3.org/2005/Atom}"
_MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def text(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")


def test_a_chart_is_its_address(opening: Opening) -> None:
    number = opening.opened()
    page = text(Client().get(f"/open/datasets/{number}/chart/?kind=bar&x=mc&do=sum&y=rks&where=dm&is=370103"))
    figures = json.loads(re.findall(r'<script id="figures" type="application/json">(.*?)</script>', page, re.DOTALL)[0])
    assert (figures["kind"], figures["places"], figures["series"][0]["values"]) == ("bar", ["第3区"], [1003])
    assert "where=dm&amp;is=370103" in page
    assert "<td>第3区</td>" in page
    csv = Client().get(f"/open/datasets/{number}/chart.csv?kind=bar&x=mc&do=sum&y=rks&where=dm&is=370103")
    assert text(csv).splitlines() == ["行政区划名称,人口数 · 合计", "第3区,1003"]
    assert text(Client().get(f"/open/datasets/{number}/chart/")).count("data-chart") == 1


@pytest.mark.parametrize("query", ["kind=cloud&x=mc", "kind=bar&x=nothing", "kind=scatter&x=mc&y=rks", "kind=bar", "x=mc&do=sum"])
def test_a_chart_that_cannot_be_drawn_says_why(opening: Opening, query: str) -> None:
    number = opening.opened()
    for path in ("chart/", "chart.csv"):
        answer = Client().get(f"/open/datasets/{number}/{path}?{query}")
        assert answer.status_code == 422
        assert "在下拉框中选择" in text(answer) or "选择" in text(answer) or "换成" in text(answer)


def test_a_chart_of_no_rows_says_so_and_a_closed_dataset_has_none(opening: Opening) -> None:
    number = opening.opened()
    assert "没有符合条件的行" in text(Client().get(f"/open/datasets/{number}/chart/?x=mc&where=dm&is=0"))
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="口径有误", now=NOW)
    for path in ("chart/", "chart.csv", "compare/", "feed.atom"):
        assert Client().get(f"/open/datasets/{number}/{path}").status_code == 410


def test_the_page_of_a_dataset_shows_how_its_columns_are_spread(opening: Opening) -> None:
    page = text(Client().get(f"/open/datasets/{opening.opened()}/"))
    assert page.count('<svg class="spread"') == 1
    assert page.count("<rect ") == 12
    assert 'data-chart="figures"' in page
    assert '<link rel="canonical" href="http://testserver/open/datasets/' in page
    assert '<meta property="og:title" content="行政区划代码">' in page


def test_feeds_and_sitemaps_name_what_is_open(opening: Opening) -> None:
    number = opening.opened()
    for address, entries in (
        ("/open/feed.atom", 1),
        ("/open/feed.atom?theme=government", 1),
        ("/open/feed.atom?theme=food", 0),
        ("/open/feed.atom?office=x", 0),
        (f"/open/datasets/{number}/feed.atom", 1),
    ):
        feed = ET.fromstring(Client().get(address).content)  # noqa: S314 - our own answer
        assert len(feed.findall(f"{_ATOM}entry")) == entries
    index = ET.fromstring(Client().get("/sitemap.xml").content)  # noqa: S314 - our own answer
    [part] = [one.text for one in index.iter(f"{_MAP}loc")]
    page = ET.fromstring(Client().get(str(part).removeprefix("http://testserver")).content)  # noqa: S314 - our own answer
    assert f"http://testserver/open/datasets/{number}/" in [one.text for one in page.iter(f"{_MAP}loc")]
    assert "Sitemap: http://testserver/sitemap.xml" in text(Client().get("/robots.txt"))
    assert Client().get("/open/sitemap-7.xml").status_code == 200


def test_statistics_count_downloads_by_the_day(opening: Opening) -> None:
    number = opening.opened()
    for _time in range(2):
        text(Client().get(f"/open/datasets/{number}/versions/1/data.csv"))
    lines = text(Client().get("/open/statistics.csv")).splitlines()
    assert lines[1].startswith("total,,合计,1,12,2,")
    assert lines[-1].endswith(",2,,")
    assert len([one for one in lines if one.startswith("day,")]) == 30
    page = text(Client().get("/open/statistics/"))
    assert "市民政局" in page
    assert "政府机构与社会团体" in page


def test_the_list_goes_out_as_csv_and_titles_are_suggested(opening: Opening) -> None:
    number = opening.opened(title="=区划")
    lines = text(Client().get("/open/datasets.csv?theme=government")).splitlines()
    assert lines[1].startswith(f"{number},'=区划,")
    assert lines[1].endswith(f"http://testserver/open/datasets/{number}/")
    assert len(text(Client().get("/open/datasets.csv?theme=food")).splitlines()) == 1
    assert 'value="=区划"' in text(Client().get("/open/suggestions/?q=区划"))
    assert "<option" not in text(Client().get("/open/suggestions/?q=区"))


def test_two_versions_stand_beside_each_other(opening: Opening) -> None:
    number = opening.opened()
    assert "没有可比的" in text(Client().get(f"/open/datasets/{number}/compare/"))
    opening.change("update civil.division set people = 5, name = '新区' where code = '370101'")
    opendata.follow(now=NOW + timedelta(days=1))
    opening.build()
    page = text(Client().get(f"/open/datasets/{number}/compare/"))
    assert "改动 1" in page
    assert f"/open/datasets/{number}/versions/2/delta.csv" in page
    assert "/compare/" in text(Client().get(f"/open/datasets/{number}/"))
    for query in ("from=9", "to=x", "from=1&to=99999999999999999999"):
        assert Client().get(f"/open/datasets/{number}/compare/?{query}").status_code == 422


def test_the_workbench_may_compile_and_reach_this_host_alone(opening: Opening) -> None:
    number = opening.opened()
    answer = Client().get("/open/workbench/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "worker-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "wasm-unsafe-eval" not in Client().get("/open/")["Content-Security-Policy"]
    [found] = Client().get("/open/workbench/datasets.json?q=区划").json()["datasets"]
    assert (found["id"], found["rows"], found["file"]) == (number, 12, f"/open/datasets/{number}/versions/1/data.parquet")
    assert Client().get(f"/open/workbench/datasets.json?ids={number},999").json()["datasets"] == [found]
    assert Client().get("/open/workbench/datasets.json?ids=x,99999999999").json()["datasets"] == []


def test_the_bureau_writes_news_and_nobody_else(opening: Opening) -> None:
    circle = opening.circle
    form = {"title": "门户上线", "text": "第一段\n\n第二段 <b>", "since": "2026-01-01T08:00", "until": ""}
    for other in (circle.keeper, circle.chief):
        browser = world.signed_in(other)
        assert browser.get("/work/openings/news/").status_code == 403
        assert browser.post("/work/openings/news/", form).status_code == 403
    assert Client().post("/work/openings/news/", form).status_code == 302
    assert not News.objects.exists()
    approver = world.signed_in(circle.approver)
    assert approver.post("/work/openings/news/", form).status_code == 302
    news = News.objects.get()
    page = text(Client().get("/open/news/"))
    assert "第二段 &lt;b&gt;" in page
    assert "门户上线" in text(Client().get("/open/"))
    assert approver.post("/work/openings/news/", {**form, "until": "2025-01-01T08:00"}).status_code == 422
    assert approver.post(f"/work/openings/news/?change={news.pk}", {**form, "since": "2099-01-01T08:00"}).status_code == 302
    assert "门户上线" not in text(Client().get("/open/news/"))
    assert world.signed_in(circle.chief).post(f"/work/openings/news/{news.pk}/end/").status_code == 403
    assert approver.post(f"/work/openings/news/{news.pk}/end/").status_code == 302
    assert not News.objects.exists()
    assert approver.post(f"/work/openings/news/{news.pk}/end/").status_code == 404
    security.unfold()
    events = {row.event for row in security.entries(security.EntryFilter(event="opendata:news:"))}
    assert events == {"opendata:news:published", "opendata:news:changed", "opendata:news:ended"}


def test_two_switches_are_remembered_without_an_account(opening: Opening) -> None:
    browser = Client()
    answer = browser.post("/display/", {"elder": "on", "next": "/open/?x=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/open/?x=1")
    browser.post("/display/", {"contrast": "on", "next": "/open/"})
    assert 'class="elder contrast"' in text(browser.get("/open/"))
    assert 'class="elder contrast"' in text(browser.get("/open/datasets/99999/"))
    browser.post("/display/", {"elder": "off"})
    assert 'class=" contrast"' in text(browser.get("/open/"))
    assert browser.post("/display/", {"elder": "on", "next": "https://example.com/"})["Location"] == "/"
    assert browser.get("/display/").status_code == 405
    assert 'class=""' in text(Client().get("/open/"))


@pytest.mark.parametrize(
    "path", ["/open/help/", "/open/developers/", "/open/statistics/", "/open/news/", "/open/", "/open/feed.atom", "/open/sitemap-0.xml"]
)
def test_pages_stand_before_anything_is_open(hub: str, path: str) -> None:
    assert Client().get(path).status_code == 200
