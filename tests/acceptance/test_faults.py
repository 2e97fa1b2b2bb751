"""The platform goes on while parts of it fall."""

from __future__ import annotations

import json
import time
import urllib.request

import pytest

from factories.calls import resource_code
from zhengtong.project.demo.caller import CallingSystem

from .conftest import City

pytestmark = pytest.mark.acceptance


def test_the_gateway_answers_every_call_while_web_is_killed(city: City) -> None:
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    code = resource_code(client)
    killed = city.child("web")
    answers = []
    for number in range(300):
        if number == 50:
            killed.kill()
        answers.append(client.rows(code, xzqhdm="379902").status)
        time.sleep(0.01)  # well below the grant's 200 a second
    assert set(answers) == {200}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{city.web}/readyz", timeout=2) as answer:
                assert answer.status == 200
                break
        except OSError:
            time.sleep(0.3)
    assert city.child("web").pid != killed.pid


def test_a_killed_gateway_comes_back_and_the_ledger_still_verifies(city: City) -> None:
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    code = resource_code(client)
    city.child("gateway").kill()
    deadline = time.monotonic() + 60
    status = 0
    while status != 200 and time.monotonic() < deadline:
        try:
            status = client.rows(code, xzqhdm="379902").status
        except OSError:
            time.sleep(0.3)
    assert status == 200
    verified = city.run("ledger", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["findings"] == []


def test_check_finds_nothing_wrong(city: City) -> None:
    done = city.run("check", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {one["level"] for one in json.loads(done.stdout)} <= {"ok", "warning"}


@pytest.mark.parametrize("process", ["web", "gateway", "worker"])
def test_every_process_tells_its_health_and_metrics(city: City, process: str) -> None:
    address = getattr(city, process)
    for path in ("/healthz", "/readyz", "/metrics"):
        with urllib.request.urlopen(address + path, timeout=5) as answer:
            assert answer.status == 200
