"""
Every page in English, as each account of the demo city sees it: what is Chinese on it is data.

Chinese is taken for data if it stands in the city's database (names, typed texts, values of documents; not the templates of kept
sentences), in an English sentence that quotes it, in an element that says ``lang="zh…"``, or in code. So this finds every sentence, label
and hint of the interface that was not translated or was put together too early. It cannot find a word of the interface that is also, as a
whole, somebody's data ("地址" is the name of an item too), wrong English, or what only shows after an act that nobody performed in the demo
city; the last is what the tests of rendering are for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from babel.messages.pofile import read_po

from zhengtong.project.translations import ENGLISH
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

from .conftest import City
from .test_pages import pages_of

pytestmark = pytest.mark.acceptance

_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]")
#: where each account begins
ACCOUNTS = {
    "edu.steward": ["/share/", "/work/", "/account/"],
    "edu.head": ["/work/", "/share/"],
    "edu.developer": ["/work/systems/", "/share/grants/"],
    "civil.steward": ["/work/"],
    "civil.head": ["/work/"],
    "police.steward": ["/work/"],
    "police.head": ["/work/"],
    "bureau.approver": ["/work/", "/share/"],
    "admin.system": ["/manage/"],
    "admin.security": ["/manage/"],
    "admin.audit": ["/manage/"],
}
#: fragments this long are data if they are a part of some: snippets, shortened texts
_FRAGMENT = 8

#: texts and spoken attributes outside of code and of elements in Chinese
_WORDS = """() => {
  const found = [document.title];
  const quoted = (node) => node.closest('pre, code, script, style, [lang^=zh]');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!quoted(node.parentElement)) found.push(node.data);
  for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-done'])
    for (const node of document.querySelectorAll(`[${name}]`)) if (!quoted(node)) found.push(node.getAttribute(name));
  return [...new Set(found.map((text) => text.replace(/\\s+/g, ' ').trim()).filter(Boolean))];
}"""


class Data:
    """What the city's people and machines wrote."""

    def __init__(self, texts: Iterable[str]) -> None:
        spaced = {" ".join(text.split()) for text in texts}
        self.texts = {text for text in spaced if len(text) > 1 and _CHINESE.search(text)}
        self.longest_first = sorted(self.texts, key=len, reverse=True)
        self.whole = "\n".join(self.texts)

    def strange(self, text: str) -> str:
        """The Chinese of a text that is not data; empty if there is none."""
        if not _CHINESE.search(text) or text in self.texts:
            return ""
        if len(text) >= _FRAGMENT and text.rstrip("…").strip() in self.whole:
            return ""
        for known in self.longest_first:
            if known in text:
                text = text.replace(known, " ")
                if not _CHINESE.search(text):
                    return ""
        return text.strip()


def leaves(document: Any) -> Iterator[str]:
    """The texts in a JSON document; of a kept sentence, only its values."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for one in document:
            yield from leaves(one)
    elif isinstance(document, dict) and "say" in document:
        yield from leaves(list(document.get("with", {}).values()))
    elif isinstance(document, dict):
        yield from document
        yield from leaves(list(document.values()))


def stored(url: str) -> Iterator[str]:
    """Every text in the database of an installation, and the parts of those that are lists of lines or words."""
    columns = (
        "select c.table_schema, c.table_name, c.column_name from information_schema.columns c "
        "join information_schema.tables t using (table_schema, table_name) where t.table_type = 'BASE TABLE' "
        "and c.table_schema in ('public', 'hub') and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY')"
    )
    with psycopg.connect(url) as connection:
        for schema, table, column in connection.execute(columns).fetchall():
            found = connection.execute(f'select distinct to_json("{column}")::text from "{schema}"."{table}" limit 100000').fetchall()
            for (value,) in found:
                for text in leaves(json.loads(value)) if value else ():
                    yield text
                    yield from (line for line in text.splitlines() if line != text)
                    if text.startswith(("{", "[")):
                        yield from leaves(json.loads(text)) if _is_json(text) else ()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.fixture(scope="module")
def data(city: City) -> Data:
    return Data([*stored(EmbeddedPostgres.under(Path(city.environment["ZHENGTONG_VAR"])).url()), *quoting()])


def quoting() -> Iterator[str]:
    """English sentences that quote Chinese on purpose, such as what to type."""
    with ENGLISH.open("rb") as source:
        for message in read_po(source, locale="en"):
            yield from [message.string] if isinstance(message.string, str) else message.string


@pytest.mark.parametrize("account", ACCOUNTS)
def test_english_is_complete_for(account: str, city: City, browser: Any, data: Data) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{city.web}/sign-in/")
    page.click("button[lang=en]")
    page.fill("#id_username", account)
    page.fill("#id_password", "demo")
    page.click("main button.btn-primary")
    visited, problems = 0, list[str]()
    for path in pages_of(page, city, ACCOUNTS[account]):
        assert page.locator("html").get_attribute("lang") == "en", path
        problems += [f"{path}: {strange}" for text in page.evaluate(_WORDS) if (strange := data.strange(text))]
        visited += 1
    assert not problems, "\n".join(problems)
    assert visited >= 3
    context.close()


def test_the_stranger_reads_english_too(city: City, browser: Any, data: Data) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{city.web}/sign-in/")
    page.click("button[lang=en]")
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    page.click("main button.btn-primary")
    assert [strange for text in page.evaluate(_WORDS) if (strange := data.strange(text))] == []
    page.goto(f"{city.web}/no-such-page/")
    assert [strange for text in page.evaluate(_WORDS) if (strange := data.strange(text))] == []
    context.close()


def test_the_portal_is_english_for_strangers(city: City, browser: Any, data: Data) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{city.web}/open/")
    page.click("button[lang=en]")
    problems = []
    for path in pages_of(page, city, ["/open/"]):
        problems += [f"{path}: {strange}" for text in page.evaluate(_WORDS) if (strange := data.strange(text))]
    assert not problems, "\n".join(problems)
    context.close()


def test_a_frozen_sentence_is_seen() -> None:
    data = Data(["教育局", "户籍人口基本信息", "姓名", "地址"])
    assert data.strange("Applications of 教育局: 户籍人口基本信息") == ""
    assert data.strange("请审批共享答复:户籍人口基本信息(SQ2026000001)")
    assert data.strange("姓名、地址") == "、"
