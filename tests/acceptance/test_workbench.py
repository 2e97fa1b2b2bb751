"""The workbench in a real browser: SQL over a published Parquet file, and nothing but files of our own host on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from factories.city import City

from .conftest import AXE
from .test_pages import problems_of

pytestmark = pytest.mark.acceptance
_SECONDS = 60


class Elsewhere(BaseHTTPRequestHandler):
    """Another host, which writes down whoever comes."""

    visits: list[str] = []

    def do_GET(self) -> None:
        self.visits.append(self.path)
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.do_GET()


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Elsewhere.visits.clear()
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def run(page: Any, sql: str, cell: int = 1) -> str:
    """Run a statement in a cell; what is said about it."""
    page.fill(f"#sql-{cell}", sql)
    state = page.locator(".cell-state").nth(cell - 1)
    page.locator('[data-do="run"]').nth(cell - 1).click()
    end = time.monotonic() + _SECONDS
    while "正在" in (told := state.inner_text()) or not told:
        assert time.monotonic() < end, told
        page.wait_for_timeout(100)
    return str(told)


def test_a_visitor_queries_a_dataset_and_nothing_leaves(city: City, browser: Any, elsewhere: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, locale="zh-CN")
    page = context.new_page()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.goto(f"{city.web}/open/workbench/")
    page.fill("#words", "市场主体")
    page.click("#seek button")
    page.locator("#found li:only-child button").click()
    page.locator("#loaded details").wait_for(timeout=_SECONDS * 1000)
    table = page.locator("#loaded summary code").inner_text()
    assert run(page, f"SELECT djzt, count(*) AS n FROM {table} GROUP BY 1 ORDER BY n DESC").startswith("共 ")
    assert "在业" in page.locator(".cell-result").inner_text()
    page.select_option('[data-do="chart"]', "bar")
    assert page.locator(".cells canvas").count() == 1
    page.click("#add")
    assert run(page, "SELECT sum(n) AS n FROM cell_1", 2).startswith("共 1 行")
    with page.expect_download() as saved:
        page.locator('[data-do="csv"]').first.click()
    assert Path(saved.value.path()).read_text(encoding="utf-8-sig").startswith("djzt,n\n")
    # the whole way stayed on our host, and no statement is in any address or body that left
    assert all(one.startswith((city.web, f"blob:{city.web}")) for one in asked), asked
    assert not [one for one in asked if "SELECT" in one or "djzt" in one]

    # a statement that reaches for another host is stopped by the browser itself
    for sql in (
        f"SELECT * FROM '{elsewhere}/a.parquet'",
        f"COPY cell_1 TO '{elsewhere}/b.csv'",
        f"INSTALL json FROM '{elsewhere}'",
        "LOAD json",
    ):
        assert run(page, sql, 2).startswith("查询没有成功")
    assert Elsewhere.visits == []

    # kept in the browser, shared behind the #, and not run by itself
    run(page, "SELECT 42 AS answer", 2)
    page.click("#share")
    page.wait_for_timeout(300)
    shared = page.url
    assert "#d=" in shared
    other = browser.new_context(locale="zh-CN").new_page()
    other.goto(shared)
    other.locator("#loaded details").wait_for(timeout=_SECONDS * 1000)
    assert other.input_value("#sql-2") == "SELECT 42 AS answer"
    assert other.locator(".cell-result").first.inner_text() == ""
    context.close()
    other.context.close()


def test_the_workbench_is_sound_and_says_what_is_wrong(city: City, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{city.web}/open/workbench/#d=1")
    page.locator("#loaded details").wait_for(timeout=_SECONDS * 1000)
    for sql, told in (
        ("", "请先写一条查询语句"),
        ("SELECT * FROM nowhere", "没有这个表"),
        ("SELECT nothing FROM d1", "没有这一列"),
        ("SELEC 1", "语句写法有误"),
        ("SELECT 1; SELECT 2", "一格只写一条语句"),
        ("SELECT * FROM d1 LIMIT 3", "共 3 行"),
        ("DESCRIBE d1", "共 5 行"),
    ):
        assert told in run(page, sql)
    assert not problems_of(page, "/open/workbench/")
    without = browser.new_context(locale="zh-CN", java_script_enabled=False).new_page()
    without.goto(f"{city.web}/open/workbench/")
    assert "需要 JavaScript" in without.inner_text("noscript")
    old = browser.new_context(locale="zh-CN")
    old.add_init_script("delete window.WebAssembly")
    page = old.new_page()
    page.goto(f"{city.web}/open/workbench/")
    assert "WebAssembly" in page.inner_text("#trouble")
    for one in (context, without.context, old):
        one.close()


@pytest.mark.parametrize("cookies", [["zhengtong_elder"], ["zhengtong_contrast"], ["zhengtong_elder", "zhengtong_contrast"]], ids="+".join)
def test_the_portal_is_sound_in_every_mode(city: City, browser: Any, cookies: list[str]) -> None:
    assert AXE.exists()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, locale="zh-CN")
    context.add_cookies([{"name": name, "value": "1", "url": city.web} for name in cookies])
    page = context.new_page()
    for path in (
        "/open/",
        "/open/datasets/",
        "/open/datasets/1/",
        "/open/datasets/1/chart/",
        "/open/statistics/",
        "/open/help/",
        "/sign-in/",
    ):
        page.goto(city.web + path)
        assert not problems_of(page, path)
    if "zhengtong_elder" in cookies:
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 22
    context.close()
