"""Every page, as each role sees it: it answers, nothing overflows at 360 px, and axe finds no violation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from factories.city import City

from .conftest import AXE

pytestmark = pytest.mark.acceptance

#: where each account begins; links of the same site are followed from there
ROLES = {
    "edu.steward": ["/share/", "/work/"],
    "police.head": ["/work/"],
    "police.steward": ["/work/"],
    "bureau.approver": ["/work/", "/share/"],
    "admin.system": ["/manage/"],
    "admin.security": ["/manage/"],
    "admin.audit": ["/manage/"],
}
_MOST_PAGES = 40
_NO_PAGE = re.compile(r"\.(csv|(geo)?json|xlsx|xml|ttl|rdf|atom|parquet|zip|py|mjs)|/api/|^/open/(ogc|v1)/|/export|/download|/static/")
#: one page of a kind is enough: numbers, codes and query strings tell pages of a kind apart
_KINDS = [
    (re.compile(pattern), "*")
    for pattern in (r"\?.*$", r"(?<=/)[0-9a-f-]{36}(?=/)", r"(?<=/)(SQ|SH)\d+(?=/)", r"(?<=/)\d[\d/]*(?=/)", r"(?<=/)[0-9A-Z]{18}(?=/)")
]


#: the innermost element that reaches beyond the right edge outside of a scrolling region
_WIDEST = """() => {
  const out = [...document.querySelectorAll('main *')].filter(
    (one) => one.getBoundingClientRect().right > 361 && !one.closest('.table-scroll, pre'));
  return out.length ? out[out.length - 1].outerHTML.slice(0, 200) : '';
}"""


def kind(path: str) -> str:
    for pattern, replacement in _KINDS:
        path = pattern.sub(replacement, path)
    return path


def pages_of(page: Any, city: City, begin: list[str]) -> Iterator[str]:
    """Pages that can be reached by links, one of each kind."""
    waiting, seen = list(begin), set[str]()
    while waiting and len(seen) < _MOST_PAGES:
        path = waiting.pop(0)
        if kind(path) in seen:
            continue
        seen.add(kind(path))
        page.goto(city.web + path)
        yield path
        hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        waiting += [href for href in hrefs if href.startswith("/") and not _NO_PAGE.search(href)]


def problems_of(page: Any, path: str) -> list[str]:
    """What is wrong with the page that is shown: its heading, what axe finds, its width on a phone."""
    problems = [] if page.locator("main h1").count() == 1 else [f"{path} has no single heading"]
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    problems += [f"{path}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in found]
    page.set_viewport_size({"width": 360, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > 360:
        culprit = page.evaluate(_WIDEST)
        problems.append(f"{path} is {wide} px wide on a phone: {culprit}")
    page.set_viewport_size({"width": 1280, "height": 900})
    return problems


@pytest.mark.parametrize("account", ROLES)
def test_pages_are_sound_for(account: str, city: City, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, locale="zh-CN")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    page.goto(f"{city.web}/sign-in/")
    page.fill("#id_username", account)
    page.fill("#id_password", "demo")
    page.click("main button.btn-primary")
    visited, problems = 0, list[str]()
    for path in pages_of(page, city, ROLES[account]):
        problems += problems_of(page, path)
        visited += 1
    assert not problems, "\n".join(problems)
    assert visited >= 3
    assert not errors
    context.close()


def test_the_portal_is_sound_for_strangers(city: City, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, locale="zh-CN")
    page = context.new_page()
    visited = []
    for path in pages_of(page, city, ["/open/"]):
        problems = problems_of(page, path)
        assert not problems, "\n".join(problems)
        visited.append(kind(path))
    assert {"/open/", "/open/datasets/", "/open/datasets/*/"} <= set(visited)
    context.close()


def test_a_stranger_sees_the_sign_in_page_alone(city: City, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    for path in ("/share/", "/work/", "/manage/", "/account/"):
        page.goto(city.web + path)
        assert "/sign-in/" in page.url, path
    context.close()


def test_english_is_complete_on_the_pages_of_an_official(city: City, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{city.web}/sign-in/")
    page.click("button[lang=en]")
    page.fill("#id_username", "edu.steward")
    page.fill("#id_password", "demo")
    page.click("main button.btn-primary")
    page.goto(f"{city.web}/work/")
    assert page.locator("html").get_attribute("lang") == "en"
    navigation = page.locator("header nav").inner_text()
    assert not re.search(r"[\u4e00-\u9fff]", navigation), navigation
    context.close()
