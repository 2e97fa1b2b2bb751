"""A citizen in the city: registers through the real gateway, sees who asked about them, signs in with a passkey, acts for others."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from acceptance.conftest import AXE
from factories.city import City
from zhengtong.project.demo.city import SCALES, DemoCity

pytestmark = pytest.mark.acceptance
PASSWORD = "Correct-horse-9"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(bypass_csp=True, viewport={"width": 360, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def home(city: City) -> str:
    """The city by a name: passkeys belong to names, not to numbers."""
    return city.web.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def somebody(city: City) -> dict[str, str]:
    """A grown-up of the register who has no account so far."""
    people = DemoCity(SCALES["tiny"]).people.rows(0, SCALES["tiny"])
    free = people.filter(
        (pl.col("age") > 30) & (pl.col("age") < 50) & ~pl.col("died") & ~pl.col("identity").is_in(list(city.citizens.values()))
    )
    row = free.row(0, named=True)
    return {"name": row["name"], "number": row["identity"], "phone": "13800001111"}


def fill(page: Any, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"[name={name}]", value)


def send(page: Any) -> None:
    with page.expect_navigation():
        page.click("main form button.btn-primary")


def faults(page: Any) -> list[str]:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run().then((found) => found.violations.map((one) => one.id + one.nodes.map((node) => node.target)))")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *["wider than the screen"] * wide]


@pytest.fixture(scope="module")
def registered(browser: Any, home: str, somebody: dict[str, str]) -> str:
    """The number of somebody who registered, under a wrong name first."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 360, "height": 800})
    page = context.new_page()
    for name, there in (("查无此人", "核验未通过"), (somebody["name"], "实名核验通过")):
        page.goto(f"{home}/me/register/")
        assert not faults(page)
        fill(page, **somebody | {"name": name}, password=PASSWORD, again=PASSWORD)
        page.check("[name=agreed]")
        send(page)
        assert there in page.inner_text("main")
    assert somebody["number"] not in page.content()
    context.close()
    return somebody["number"]


def sign_in(page: Any, home: str, number: str, password: str = PASSWORD) -> None:
    page.goto(f"{home}/me/login/")
    fill(page, number=number, password=password)
    send(page)


def test_registering_asks_the_register_over_the_gateway_and_the_person_sees_it(page: Any, home: str, registered: str) -> None:
    sign_in(page, home, registered)
    deadline = time.monotonic() + 30
    while page.inner_text("main").count("云州市数据局") < 2 and time.monotonic() < deadline:
        time.sleep(0.5)
        page.goto(f"{home}/me/readers/")
    rows = page.inner_text("main table tbody").splitlines()
    text = "\n".join(rows)
    # the wrong name asked once, the right one once, each with office, items and purpose
    assert text.count("云州市数据局") == 2
    assert text.count("公民身份号码、姓名") == 2
    assert "real-name" in text


def test_every_page_of_ones_own_space_is_accessible_on_a_phone(page: Any, home: str, registered: str) -> None:
    sign_in(page, home, registered)
    for address in ("", "security/", "readers/", "rights/", "rights/company/", "rights/guardian/", "rights/agent/", "acting/"):
        page.goto(f"{home}/me/{address}")
        assert not faults(page), address
    page.goto(f"{home}/account/passkeys/")
    assert not faults(page)


def test_a_passkey_is_registered_opens_the_door_alone_and_is_removed(page: Any, home: str, registered: str) -> None:
    sign_in(page, home, registered)
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": True}})
    page.goto(f"{home}/account/passkeys/")
    fill(page, name="我的手机", password="Wrong-horse-9")
    send(page)
    assert "现在的密码不对" in page.inner_text("main")
    fill(page, name="我的手机", password=PASSWORD)
    send(page)
    assert "通行密钥已登记" in page.inner_text("main")
    page.click("header form[action='/sign-out/'] button")
    # the password alone no longer opens the door
    sign_in(page, home, registered)
    assert "/sign-in/passkey/" in page.url
    page.context.clear_cookies()
    page.goto(f"{home}/me/login/")
    page.click("text=用通行密钥登录")
    page.wait_for_url("**/sign-in/passkey/**")
    assert not faults(page)
    send(page)
    assert page.url == f"{home}/me/"
    assert "本次已验证第二因素" in page.inner_text("main")
    # an authenticator that does not check its person is not enough
    page.click("header form[action='/sign-out/'] button")
    protocol.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": False})
    page.goto(f"{home}/sign-in/passkey/")
    page.click("main form button.btn-primary")
    page.wait_for_selector("[data-passkey-trouble]:not([hidden])")
    protocol.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": True})
    send(page)
    page.goto(f"{home}/account/passkeys/")
    with page.expect_navigation():
        page.click("text=删除")
    assert "通行密钥已删除" in page.inner_text("main")
    page.goto(f"{home}/sign-in/passkey/")
    page.context.clear_cookies()
    page.goto(f"{home}/sign-in/passkey/")
    send(page)
    assert "没有通过验证" in page.inner_text("main")


def test_a_representative_switches_and_the_head_of_every_page_says_so(page: Any, home: str, city: City) -> None:
    sign_in(page, home, city.citizens["法定代表人"], "demo")
    page.goto(f"{home}/me/acting/")
    company = page.inner_text("main fieldset .form-check:nth-of-type(2) label").split()[0]
    page.check("main fieldset .form-check:nth-of-type(2) input")
    send(page)
    for address in ("/me/", "/open/"):
        page.goto(home + address)
        assert re.search(rf"代 {company}\S* 办理", page.inner_text("header")), address
        assert not faults(page)
