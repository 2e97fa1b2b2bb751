"""The platform goes on while parts of it fall."""

from __future__ import annotations

import json
import time
import urllib.request
from urllib.parse import quote

import pytest

from factories.calls import resource_code
from factories.city import City
from factories.storm import Storm
from zhengtong.project.demo.caller import CallingSystem

pytestmark = pytest.mark.acceptance


def test_no_call_fails_while_web_is_killed_under_full_load(city: City) -> None:
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    target = f"/v1/resources/{quote(resource_code(client))}/rows?xzqhdm=379902"
    killed = city.child("web")
    with Storm(client, target) as storm:
        assert storm.wait_for(200, since=0, times=500)
        fallen = time.monotonic()
        killed.kill()
        back = fallen
        while back < fallen + 60:
            back = time.monotonic()
            try:
                with urllib.request.urlopen(f"{city.web}/readyz", timeout=2) as answer:
                    assert answer.status == 200
                    break
            except OSError:
                time.sleep(0.3)
        assert storm.wait_for(200, since=back, times=500)
    assert city.child("web").pid != killed.pid
    assert {one.status for one in storm.heard} == {200}
    assert storm.broken == []
    assert len([one for one in storm.heard if fallen < one.at < back]) > len(storm.heard) // 10


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
