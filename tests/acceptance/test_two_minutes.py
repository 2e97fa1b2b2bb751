"""A visitor with a phone and without an account finds, understands, charts, downloads and queries a dataset in under two minutes."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import pytest

from factories.city import City

pytestmark = pytest.mark.acceptance
_SECONDS = 120
_SEEN = "one => { const at = one.getBoundingClientRect(); return at.height > 0 && at.bottom > 0 && at.top < innerHeight; }"


def in_sight(page: Any, selector: str) -> bool:
    """Whether the visitor sees it without scrolling; a jump within the page takes its moment."""
    for _ in range(20):
        if page.locator(selector).first.evaluate(_SEEN):
            return True
        page.wait_for_timeout(100)
    return False


def follow(page: Any, label: str) -> None:
    """Touch the link of this name in the text of the page."""
    page.locator("main").get_by_role("link", name=label, exact=True).first.click()
    page.wait_for_load_state()


def figures(page: Any) -> dict[str, int]:
    """The figures below a chart."""
    told = (one.split("\t") for one in page.locator("main table tbody tr").all_inner_texts())
    return {name: int(count.replace(",", "")) for name, count in told}


def downloaded(page: Any) -> list[dict[str, str]]:
    """The rows of the CSV file that the page offers."""
    with page.expect_download() as saved:
        page.locator("section[aria-labelledby=files]").get_by_role("link", name="CSV", exact=True).click()
    with Path(saved.value.path()).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_two_minutes_on_a_phone(city: City, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", has_touch=True, is_mobile=True)
    page = context.new_page()
    wrong: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    context.on("request", lambda request: asked.append(request.url))
    page.goto(f"{city.web}/open/")
    began = time.monotonic()

    # find: two characters, one touch
    assert in_sight(page, "#q")
    page.fill("#q", "企业")
    page.get_by_role("button", name="查找").click()
    follow(page, "云州市市场主体登记信息")

    # understand: what it is in a sentence on the first screen, each column in the dictionary
    assert in_sight(page, ".lead-line")
    assert "企业、个体工商户和农民专业合作社" in page.locator(".lead-line").first.inner_text()
    follow(page, "数据字典")
    assert in_sight(page, "#dictionary")
    dictionary = page.locator("section[aria-labelledby=dictionary] tbody tr")
    status = dictionary.filter(has_text="登记状态")
    key = status.locator("code").inner_text()
    assert "在业" in status.inner_text()

    # chart: one is there; another by choosing
    follow(page, "图表")
    assert in_sight(page, "#chart")
    page.locator("section[aria-labelledby=chart] canvas").wait_for()
    follow(page, "自己选图表")
    page.get_by_label("横轴").select_option(label="登记状态")
    page.get_by_role("button", name="画图").click()
    charted = figures(page)
    follow(page, "← 云州市市场主体登记信息")

    # download: the rows that the page promises, and as many of each kind as the chart says
    follow(page, "下载")
    rows = downloaded(page)
    counted = {name: sum(row[key] == name for row in rows) for name in charted}
    assert counted == charted

    # query: on the page, and by the interface
    follow(page, "数据行")
    page.select_option("#rows-item", label="登记状态")
    page.select_option("#rows-op", "eq")
    page.fill("#rows-value", "在业")
    page.get_by_role("button", name="筛选").click()
    page.locator("#rows [role=status]", has_text=f"{counted['在业']} 行").wait_for()
    follow(page, "接口")
    page.locator("section[aria-labelledby=interface] a[href*='/rows?']").click()
    answer = json.loads(page.locator("body").inner_text())
    assert len(answer["data"]) == 10

    assert time.monotonic() - began < _SECONDS
    assert not wrong
    assert all(one.startswith((city.web, f"blob:{city.web}", "data:")) for one in asked), asked
    context.close()
