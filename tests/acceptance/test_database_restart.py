"""PostgreSQL falls under load: every answer names the platform, everything comes back by itself, and the ledger verifies."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from factories.calls import resource_code
from factories.city import City
from factories.storm import Storm
from zhengtong.project.demo.caller import CallingSystem
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

pytestmark = pytest.mark.acceptance


def test_a_crash_of_the_database_under_full_load_is_the_platforms_fault_and_passes(city: City, tmp_path: Path) -> None:
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    code = resource_code(client)
    server = EmbeddedPostgres.under(Path(city.environment["ZHENGTONG_VAR"]))
    with Storm(client, f"/v1/resources/{quote(code)}/rows?xzqhdm=379902") as storm:
        assert storm.wait_for(200, since=0, times=500)
        server.stop("immediate")
        down = time.monotonic()
        assert storm.wait_for(503, since=down, times=64)
        server.start()
        up = time.monotonic()
        assert storm.wait_for(200, since=up, times=1_000)
    assert {(one.status, one.party) for one in storm.heard} == {(200, ""), (503, "platform")}
    assert storm.broken == []
    verified = city.run("ledger", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["findings"] == []
    # no trace, no data: whoever got an answer is in the ledger
    assert city.run("ledger", "export", str(tmp_path / "ledger")).returncode == 0
    traced = set()
    for path in (tmp_path / "ledger").rglob("*"):
        if path.is_file():
            traced.update(re.findall(r'"id":"([0-9a-f]{32})"', path.read_text().replace('\\"', '"')))
    assert {one.request_id for one in storm.heard if one.status == 200} <= traced


def test_a_suspended_grant_stops_at_the_gateway_and_flows_again(city: City, browser: object) -> None:
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    code, number = resource_code(client), resource_code(client, what="grant")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{city.web}/sign-in/")
    page.fill("#id_username", "civil.head")
    page.fill("#id_password", "demo")
    page.click("main button.btn-primary")
    for act, expected in (("suspend", "grant-suspended"), ("resume", "")):
        page.goto(f"{city.web}/share/grants/{number}/do/{act}/")
        page.fill("textarea", "核查使用情况")
        page.click("main form button.btn-primary, main form button.btn-danger")
        deadline = time.monotonic() + 30
        while (seen := str(client.rows(code, xzqhdm="379902").body.get("code", ""))) != expected and time.monotonic() < deadline:
            time.sleep(0.05)
        assert seen == expected
    context.close()
