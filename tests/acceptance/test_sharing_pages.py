"""Pages of sharing and exchange in a real browser: no accessibility violation, nothing wider than a phone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from factories import world
from factories.exchange import addressed, collected, identity, source
from factories.sharing import ITEMS, NOW, Circle, resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as accounts

from .conftest import AXE, CHROMIUM

pytestmark = pytest.mark.acceptance
#: a folder for pictures of every page, for a person to look at; none by default
SHOTS = os.environ.get("ZHENGTONG_SHOTS", "")


@pytest.fixture
def hub(settings: Settings, transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The platform's own database as exchange reaches it, past Django."""
    settings.MEDIA_ROOT = tmp_path / "files"
    head, _, options = settings.DATABASE_URL.partition("?")
    settings.DATABASE_URL = f"{head.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{options}"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    # the server's threads must let go of the database that is dropped afterwards
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 0)
    return settings.DATABASE_URL


def scene(url: str) -> tuple[Circle, list[tuple[str, str]]]:
    """A world in which every page has something to show: (who, address)."""
    source(url)
    circle = Circle()
    run = collected(circle, url)
    accounts.add_key(by=circle.steward, system_id=circle.system, algorithm="hmac-sha256", now=NOW)
    words = {"purpose_code": "enrol", "purpose": "核验", "usage_basis": "法", "scenario": "报名", "usage_scope": "科室"}
    sharing.keep_template(actor=circle.steward, office=circle.consumer.code, title="入学", **words)
    draft, signed, proposed = circle.draft(), circle.signed(), circle.proposed()
    sharing.dispute(actor=circle.steward, number=signed, reason="迟迟不答复", now=NOW)
    lookup = circle.granted()
    push = circle.pushed()
    exchange.add_front_database(by=circle.steward, office=circle.consumer.code, name="主前置库", url=addressed(url), now=NOW)
    front = exchange.front_databases(circle.steward)[0].id
    exchange.add_push(by=circle.steward, grant_number=push, front_id=front, table="people", every_minutes=60, now=NOW)
    # applying empties the basket, so it is filled last
    sharing.put_in_basket(actor=circle.steward, resource_id=circle.resource, now=NOW)
    waiting = exchange.start_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    at = "/share/applications/"
    return circle, [
        ("steward", "/share/basket/"),
        ("steward", "/share/apply/"),
        ("steward", f"/share/check/?number={draft}"),
        ("steward", at),
        ("steward", f"{at}{draft}/"),
        ("keeper", f"{at}{signed}/"),
        ("keeper", f"{at}{signed}/propose/"),
        ("keeper", f"{at}{signed}/ask-supplement/"),
        ("keeper", f"{at}{signed}/ask-extension/"),
        ("approver", f"{at}{signed}/answer-dispute/"),
        ("keeper", f"{at}{signed}/why/"),
        ("steward", f"{at}{signed}/receipt/"),
        ("chief", f"{at}{proposed}/conclude/"),
        ("steward", "/share/grants/"),
        ("steward", f"/share/grants/{lookup}/"),
        ("steward", f"/share/grants/{lookup}/try/"),
        ("steward", f"/share/grants/{push}/"),
        ("steward", f"/share/grants/{push}/push/"),
        ("chief", f"/share/grants/{push}/do/suspend/"),
        ("keeper", "/work/"),
        ("keeper", "/work/answers/"),
        ("keeper", "/work/grants/"),
        ("keeper", "/work/notices/"),
        ("keeper", "/work/bindings/"),
        ("keeper", f"/work/bindings/{circle.resource}/"),
        ("keeper", "/work/runs/"),
        ("keeper", f"/work/runs/{run.id}/"),
        ("keeper", f"/work/runs/{waiting}/"),
        ("keeper", f"/work/runs/{run.id}/rejects/"),
        ("steward", "/work/fronts/"),
    ]


def file_pages(browser: Client, circle: Circle) -> list[tuple[str, str]]:
    """The steps by which a file is bound, and a resource that is bound to one."""
    other = resource(circle.provider, name="临时救助对象信息")
    lines = ["救助名单", "公民身份号码,姓名,手机号码,行政区划代码,出生日期,金额", f"{identity(1)},王一,13800000000,370102,1949-12-31,1", ""]
    upload = SimpleUploadedFile("救助.csv", "\n".join(lines).encode("gb18030"))
    step = browser.post(f"/work/bindings/{other}/file/", {"file": upload})["Location"]
    keys = [key for key, *_facts in ITEMS]
    browser.post(f"{step}mapping/", {f"column_{key}": name for key, name in zip(keys, lines[1].split(","), strict=True)})
    at = f"/work/bindings/{other}/"
    return [("keeper", address) for address in (at, f"{at}file/", f"{at}file/next/", f"{at}file/handling/", step, f"{step}mapping/")]


def cookies(client: Client, server: str) -> list[dict[str, str]]:
    """A signed-in test client's session, for the browser."""
    return [{"name": name, "value": morsel.value, "url": server} for name, morsel in client.cookies.items()]


def look(server: str, wanted: list[tuple[list[dict[str, str]], str]]) -> list[str]:
    """Open every page at both widths; what is wrong with them."""
    from playwright.sync_api import sync_playwright

    wrong = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        for width in (1280, 360):
            for session, address in wanted:
                context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
                context.add_cookies(session)
                wrong += [f"{address} at {width}: {one}" for one in faults(context.new_page(), server, address, width)]
                context.close()
        browser.close()
    return wrong


def faults(page: Any, server: str, address: str, width: int) -> list[str]:
    """What is wrong with one page."""
    answer = page.goto(server + address)
    if answer.status != 200 or page.url != server + address:
        return [f"answers {answer.status} at {page.url}"]
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run()")["violations"]
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{address.strip('/').replace('/', '_').partition('?')[0]}-{width}.png", full_page=True)
    return [f"{wide} wide"] * (wide > width) + [f"{one['id']} {[node['html'][:160] for node in one['nodes'][:2]]}" for one in found]


def test_pages_are_accessible_and_fit_a_phone(hub: str, live_server: LiveServer, database_url: str) -> None:
    if CHROMIUM is None or not AXE.exists():
        if os.environ.get("ZHENGTONG_REQUIRE_ALL"):
            pytest.fail("chromium and axe-core are required here")
        pytest.skip("no chromium on this machine")
    circle, wanted = scene(database_url)
    people = {who: world.signed_in(getattr(circle, who)) for who in {who for who, _address in wanted}}
    wizard = people["keeper"]
    wizard.post(f"/work/bindings/{circle.resource}/", {"url": addressed(database_url)})
    wizard.post(f"/work/bindings/{circle.resource}/table/", {"table": "civil\x1fdbdx"})
    wanted += [("keeper", f"/work/bindings/{circle.resource}/{step}/") for step in ("table", "mapping")]
    wanted += file_pages(wizard, circle)
    sessions = [(cookies(people[who], live_server.url), address) for who, address in wanted]
    # the browser's driver runs a loop of its own, which Django's connections must not meet in one thread
    with ThreadPoolExecutor(1) as beside:
        wrong = beside.submit(look, live_server.url, sessions).result()
    assert not wrong, "\n".join(wrong)
