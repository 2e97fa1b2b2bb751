"""Maps in a real browser: points, areas and the region's districts, by mouse and keyboard, with nothing fetched from another host."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from factories.city import City

from .test_pages import problems_of

pytestmark = pytest.mark.acceptance
_SECONDS = 180


def address_of(city: City, page: Any, words: str) -> str:
    """The page of the dataset with a name, once the city has opened it."""
    end = time.monotonic() + _SECONDS
    while True:
        page.goto(f"{city.web}/open/datasets/?q={words}")
        found = page.locator(".results a[href*='/open/datasets/'], main a", has_text=words)
        if found.count():
            return city.web + str(found.first.get_attribute("href"))
        assert time.monotonic() < end, f"{words} was not opened"
        page.wait_for_timeout(1000)


def opened(browser: Any, **options: Any) -> tuple[Any, list[str], list[str]]:
    """A page, what it asks for, and what goes wrong on it."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **options})
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    return page, asked, wrong


def foreign(city: City, asked: list[str]) -> list[str]:
    return [one for one in asked if not one.startswith((city.web, "data:", "blob:"))]


def test_areas_are_shaded_told_of_and_reached_by_keyboard(city: City, browser: Any) -> None:
    page, asked, wrong = opened(browser)
    page.goto(address_of(city, page, "分县区地区生产总值"))
    page.locator("[data-areas][data-regions='8']").wait_for(timeout=30_000)
    assert page.locator("[data-areas] path.area").count() == 8
    assert page.locator("[data-map-note]").inner_text() == "8 个地区。"
    # other figures: five classes at most, and the legend says what they mean
    page.select_option("#measure", label="地区生产总值(亿元) · 平均")
    page.locator("[data-legend] li").nth(1).wait_for()
    legend = page.locator("[data-legend] li").all_inner_texts()
    assert 2 <= len(legend) <= 5
    assert all(re.fullmatch(r"\s*[\d,.]+( – [\d,.]+)?", one) for one in legend), legend
    colours = page.evaluate("[...document.querySelectorAll('[data-legend] .swatch')].map((one) => getComputedStyle(one).backgroundColor)")
    drawn = page.evaluate("[...document.querySelectorAll('path.area')].map((one) => getComputedStyle(one).fill)")
    assert len(set(colours)) == len(legend)
    assert set(drawn) == set(colours)
    # by mouse
    page.locator("path.area[aria-label^='鲁桥县']").click()
    told = page.locator(".leaflet-popup-content").inner_text()
    assert "379922" in told
    assert "地区生产总值(亿元) · 平均" in told
    # by keyboard: every area is a button, Enter tells of it, Escape goes back to it
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    page.locator("path.area").first.focus()
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup-content").wait_for()
    name = page.evaluate("document.querySelector('.leaflet-popup-content dd').textContent")
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(name)
    assert foreign(city, asked) == []
    assert wrong == []
    page.context.close()


def test_points_are_told_of_by_mouse_and_keyboard(city: City, browser: Any) -> None:
    page, asked, wrong = opened(browser)
    page.goto(address_of(city, page, "小学"))
    page.locator("[data-map][data-points]:not([data-points='0'])").wait_for()
    assert page.locator("[data-map] .mark").count() > 0
    # marks of many open until one row is left to be told of
    for _step in range(12):
        if page.locator(".leaflet-popup-content").count():
            break
        page.locator("[data-map] .mark").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
    assert page.locator(".leaflet-popup-content dl").count() >= 1
    assert foreign(city, asked) == []
    assert wrong == []
    page.context.close()


def test_districts_of_the_front_page_lead_to_their_datasets(city: City, browser: Any) -> None:
    page, asked, wrong = opened(browser)
    address_of(city, page, "分县区地区生产总值")
    page.goto(f"{city.web}/open/")
    assert page.locator(".region-map path.area").count() == 8
    page.locator(".region-map svg a", has=page.locator("title", has_text="云城区")).click()
    page.wait_for_url(re.compile(r"within=379902"))
    assert "分县区地区生产总值" in page.locator("main").inner_text()
    # the same by keyboard, from the list beside the drawing
    page.goto(f"{city.web}/open/")
    page.locator(".districts a", has_text="云城区").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"within=379902"))
    assert foreign(city, asked) == []
    assert wrong == []
    page.context.close()


def test_maps_are_sound_in_every_mode_and_without_scripts(city: City, browser: Any) -> None:
    page, _asked, wrong = opened(browser, bypass_csp=True)
    dataset = address_of(city, page, "分县区地区生产总值")
    found: list[str] = []
    for mode in ({}, {"zhengtong_elder": "1"}, {"zhengtong_contrast": "1"}):
        page.context.clear_cookies()
        page.context.add_cookies([{"name": name, "value": value, "url": city.web} for name, value in mode.items()])
        for path in ("/open/", dataset.removeprefix(city.web), f"{dataset.removeprefix(city.web)}areas/"):
            page.goto(city.web + path)
            page.wait_for_timeout(500)
            found += problems_of(page, f"{path} {mode}")
    assert found == []
    assert wrong == []
    page.context.close()
    page, _asked, _wrong = opened(browser, java_script_enabled=False)
    page.goto(f"{dataset}areas/")
    assert page.locator("main table tbody tr").count() == 8
    page.goto(f"{city.web}/open/")
    assert page.locator(".districts a").count() == 8
    page.context.close()
