"""The console and the printed programs against a gateway in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from factories import world
from factories.city import free_port
from factories.exchange import collected, identity, source
from factories.sharing import NOW, Circle
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.flow.sharing.operations.trying import usable_keys
from zhengtong.apps.flow.sharing.web import trying
from zhengtong.apps.foundation.identity import api as accounts
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.kernel import clock
from zhengtong.toolkit import environment as surroundings
from zhengtong.toolkit.relay import Origin, OriginSilent

ROOT = Path(__file__).parents[3]


@pytest.fixture
def gateway(hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A gateway process over the test database; its address."""
    port = free_port()
    keys = surroundings.environment().keys
    facts = {
        "DATABASE_URL": hub,
        "ZHENGTONG_KEYS": str(keys),
        "ZHENGTONG_GATEWAY_PORT": str(port),
        "ZHENGTONG_GATEWAY_STATE": str(tmp_path / "state"),
        "ZHENGTONG_GATEWAY_SHARED": str(tmp_path / "shared"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    with (tmp_path / "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from zhengtong.gateway.main import run; run()"], env={**os.environ, **facts}, stdout=log, stderr=log
        )
    origin = f"http://127.0.0.1:{port}"
    found = surroundings.Environment.read()
    changed = type(found)(**{**vars(found), "gateway_url": origin})
    for module in ("zhengtong.apps.flow.sharing.operations.trying", "zhengtong.apps.flow.sharing.web.trying"):
        monkeypatch.setattr(f"{module}.environment", lambda: changed)
    try:
        yield origin
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def prepared(hub: str, database_url: str) -> tuple[Circle, str, str]:
    """Data in the hub, a grant for look-up and verification, a key: (circle, grant, secret)."""
    source(database_url)
    circle = Circle()
    collected(circle, database_url)
    now = clock.now()
    channels = (Channel.LOOKUP, Channel.VERIFY)
    answer = sharing.Answer(agree=True, masks={"xm": "name", "sfzh": "identity"})
    grant = circle.granted(
        channels=channels, answer=answer, since=now.date().replace(month=1, day=1), until=now.date().replace(year=now.year + 2)
    )
    secret = accounts.add_key(by=circle.steward, system_id=circle.system, algorithm="hmac-sha256", now=NOW).secret
    exchange.publish(now=clock.now())
    return circle, grant, secret


def ready(origin: str, log: Path) -> None:
    """Wait until the gateway answers and has a snapshot."""
    last: object = None
    for _ in range(100):
        try:
            last = Origin(origin, seconds=2).call("GET", "/v1/resources", {})
            if last.status in {401, 403}:
                return
        except OriginSilent as exc:
            last = exc
        time.sleep(0.2)
    raise AssertionError(f"the gateway did not come up: {last} {(log / 'gateway.log').read_text()[-2000:]}")


def test_a_call_from_the_console_is_real_masked_and_traced(prepared: tuple[Circle, str, str], gateway: str, tmp_path: Path) -> None:
    circle, grant, _secret = prepared
    ready(gateway, tmp_path)
    browser = world.signed_in(circle.steward)
    [key] = usable_keys(sharing.grant(grant), now=clock.now())
    data: dict[str, Any] = {"channel": "lookup", "key": key.key_id, "purpose": "enrol", "given_sfzh": identity(3), "fields": ["sfzh", "xm"]}
    page = browser.post(f"/share/grants/{grant}/try/", data).content.decode()
    assert "王*" in page, page[page.index("<main") :]
    assert "110105********" in page
    assert identity(3) not in page.replace(f'value="{identity(3)}"', "").replace(f"sfzh={identity(3)}", "")
    verified = browser.post(f"/share/grants/{grant}/try/", {**data, "channel": "verify", "match_xm": "王3"}).content.decode()
    assert "&quot;result&quot;: true" in verified
    wrong = browser.post(f"/share/grants/{grant}/try/", {**data, "channel": "verify", "match_xm": "李四"}).content.decode()
    assert "&quot;result&quot;: false" in wrong
    refused = browser.post(f"/share/grants/{grant}/try/", {**data, "given_sfzh": ""}).content.decode()
    assert 'class="status refused"' in refused
    for _ in range(50):
        security.unfold()
        seen = [one for one in security.entries(security.EntryFilter()) if one.grant == grant and one.actor == f"caller:{circle.system}"]
        if len(seen) >= 3:
            break
        time.sleep(0.1)
    assert {one.purpose for one in seen} == {"enrol"}
    assert identity(3) not in repr(seen)


COMMANDS = {"python": [sys.executable], "curl": ["bash"], "node": ["node"], "java": ["java"]}
ENDINGS = {"python": "py", "curl": "sh", "node": "mjs", "java": "java"}


@pytest.mark.parametrize("language", sorted(COMMANDS))
def test_printed_programs_run_as_printed(prepared: tuple[Circle, str, str], gateway: str, tmp_path: Path, language: str) -> None:
    circle, number, secret = prepared
    for tool in COMMANDS[language] + (["curl", "openssl"] if language == "curl" else []):
        if not shutil.which(tool):
            if os.environ.get("ZHENGTONG_REQUIRE_ALL") and language != "java":
                pytest.fail(f"{tool} is required here")
            pytest.skip(f"{tool} is not here")
    ready(gateway, tmp_path)
    grant = sharing.grant(number)
    names = {item.key: item.name for item in catalog.resource(circle.resource).items}
    keys = usable_keys(grant, now=clock.now())
    text = next(one["text"] for one in trying.samples(grant, names, keys) if one["name"] == language)
    program = tmp_path / f"Call.{ENDINGS[language]}"
    program.write_text(text)
    done = subprocess.run(
        [*COMMANDS[language], str(program), identity(3)],
        env={**os.environ, "ZHENGTONG_SECRET": secret},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "王*" in done.stdout, done.stdout + done.stderr
    assert "200" in done.stdout
    forged = subprocess.run(
        [*COMMANDS[language], str(program), identity(3)],
        env={**os.environ, "ZHENGTONG_SECRET": "wrong"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "401" in forged.stdout, forged.stdout + forged.stderr


def test_without_a_gateway_the_page_says_what_to_do(prepared: tuple[Circle, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    circle, grant, _secret = prepared
    nowhere = type(surroundings.environment())(**{**vars(surroundings.environment()), "gateway_url": f"http://127.0.0.1:{free_port()}"})
    monkeypatch.setattr("zhengtong.apps.flow.sharing.operations.trying.environment", lambda: nowhere)
    [key] = usable_keys(sharing.grant(grant), now=clock.now())
    data = {"channel": "lookup", "key": key.key_id, "purpose": "enrol", "given_sfzh": identity(3)}
    answer = world.signed_in(circle.steward).post(f"/share/grants/{grant}/try/", data)
    assert answer.status_code == 422
    assert "ZHENGTONG_GATEWAY_URL" in answer.content.decode()


def test_the_relay_reaches_its_origin_alone() -> None:
    for target in ("//evil.example/", "http://evil.example/", "evil"):
        with pytest.raises(ValueError, match="path"):
            Origin("http://127.0.0.1:1").call("GET", target, {})
