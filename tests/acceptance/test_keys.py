"""Keys are changed under running processes, and the whole of it stands on SM2 and SM3 as well."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from factories.calls import resource_code
from factories.city import free_port
from zhengtong.project.demo.caller import CallingSystem

from .conftest import City

pytestmark = pytest.mark.acceptance


def blocks(city: City, folder: Path) -> Iterator[dict[str, Any]]:
    """The ledger as it is exported, newest block of each chain last, after the stand-alone script has found nothing."""
    assert city.run("ledger", "export", str(folder)).returncode == 0
    checked = subprocess.run(
        [sys.executable, "-I", folder / "verify_ledger.py", folder], env=city.environment, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return map(json.loads, (folder / "blocks.ndjson").read_text().splitlines())


def fail_to_sign_in(city: City) -> None:
    """Make ``web`` write into the control chain; once, for five failures would lock the account."""
    with httpx.Client(base_url=city.web) as client:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/sign-in/").text)
        assert token
        answer = client.post("/sign-in/", data={"csrfmiddlewaretoken": token[1], "username": "edu.head", "password": "wrong"})
        assert answer.status_code == 422


def test_running_processes_take_up_new_keys(city: City, tmp_path: Path) -> None:
    client = CallingSystem(city.gateway, city.key_id, city.secret, "enrolment")
    code = resource_code(client)
    for arguments in ((), ("--gateway",)):
        done = city.run("keys", "rotate", "--yes", "--scheme", "sm2-sm3", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(city.run("keys", "show", "--json").stdout)
    now = {row["use"]: row["key_id"] for row in shown if row["signs"]}
    fail_to_sign_in(city)
    deadline = time.monotonic() + 60
    signers: dict[str, str] = {}
    while signers.get("gateway") != now["gateway"] and time.monotonic() < deadline:
        assert client.rows(code, xzqhdm="379902").status == 200
        for block in blocks(city, tmp_path):
            signers[block["chain"].partition(":")[0]] = block["key_id"]
            if "identity:session:refused" in block["body"]:
                signers["web"] = block["key_id"]
    assert signers["web"] == now["node"]
    assert signers["gateway"] == now["gateway"]
    verified = city.run("ledger", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_city_stands_on_commercial_cryptography(tmp_path: Path) -> None:
    """The demo's own self-check, and the ledger of it, with SM2 and SM3 from the first key on."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ZHENGTONG_KEYS"}}
    environment = {
        **kept,
        **{f"ZHENGTONG_{name}_PORT": str(free_port()) for name in ("WEB", "GATEWAY", "WORKER")},
        "ZHENGTONG_SCHEME": "sm2-sm3",
        "ZHENGTONG_VAR": str(tmp_path / "var"),
        "ZHENGTONG_GATEWAY_STATE": str(tmp_path / "state"),
        "ZHENGTONG_GATEWAY_SHARED": str(tmp_path / "shared"),
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "zhengtong.project.cli", "demo", "--scale", "tiny", "--once"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "✕" not in done.stderr
    city = City(subprocess.Popen([sys.executable, "-c", ""]), environment, "", "", "")
    try:
        made = {(block["scheme"], block["digest"]) for block in blocks(city, tmp_path / "export")}
    finally:
        city.process.wait()
        city.run("postgres", "stop")
    assert made == {("sm2-sm3", "sm3")}
