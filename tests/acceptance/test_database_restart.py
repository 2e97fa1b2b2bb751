"""PostgreSQL falls under load: every answer names the platform, everything comes back by itself, and the ledger verifies."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from factories.calls import resource_code
from zhengtong.project.demo.caller import CallingSystem
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres

from .conftest import City

pytestmark = pytest.mark.acceptance


def test_a_crash_of_the_database_is_the_platforms_fault_and_passes(city: City) -> None:
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    code = resource_code(client)
    server = EmbeddedPostgres.under(Path(city.environment["ZHENGTONG_VAR"]))
    answers: list[tuple[int, str]] = []
    over = threading.Event()

    def call() -> None:
        while not over.is_set():
            answer = client.rows(code, xzqhdm="379902")
            answers.append((answer.status, str(answer.body.get("party", ""))))
            time.sleep(0.04)  # all together well below the grant's 200 a second

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    time.sleep(1)
    server.stop("immediate")
    time.sleep(1)
    server.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and answers[-20:].count((200, "")) < 20:
        time.sleep(0.2)
    over.set()
    for caller in callers:
        caller.join()
    assert {status for status, _party in answers} <= {200, 503}
    assert {party for status, party in answers if status == 503} <= {"platform"}
    assert answers[-1][0] == 200
    verified = city.run("ledger", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["findings"] == []


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
