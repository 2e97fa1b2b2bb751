"""The gateway as a process of its own: it comes up, serves, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from factories.city import free_port
from factories.gateway import ITEMS, World, identity, make_grant, sign
from zhengtong.contracts.grants import GrantedItem
from zhengtong.engines.crypto import keyfiles
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.toolkit import keys

from .conftest import ROWS

SOURCE = Path(__file__).parents[3] / "src"


@contextlib.contextmanager
def running(world: World, folder: Path, workers: int = 1) -> Iterator[tuple[httpx.Client, Path]]:
    """A gateway's process that is ready, and its log; it ends in order when the block does."""
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "DATABASE_URL": world.url,
        "ZHENGTONG_KEYS": str(folder / "keys"),
        "ZHENGTONG_GATEWAY_PORT": str(port),
        "ZHENGTONG_GATEWAY_WORKERS": str(workers),
        "ZHENGTONG_GATEWAY_STATE": str(folder / "state"),
        "ZHENGTONG_GATEWAY_SHARED": str(folder / "shared"),
    }
    log = folder / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-c", "from zhengtong.gateway.main import run; run()"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(600):
                try:
                    if client.get("/readyz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client, log
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code in {0, -signal.SIGTERM}, log.read_text()


@pytest.mark.parametrize("workers", [1, 2])
def test_comes_up_serves_and_ends_with_every_trace_written(database_url, tmp_path, workers):
    world = World(database_url, tmp_path)
    asyncio.run(world.create())
    asyncio.run(world.publish(world.route(make_grant())))
    world.write_keys(tmp_path / "keys")
    with running(world, tmp_path, workers) as (client, log):
        target = f"{ROWS}?sfzh={identity(3)}"
        headers = sign(target)
        answers: list[int] = []
        while len(answers) < 8:
            # a new connection each time, so that several workers get some; one that is not ready leaves the nonce unused
            with httpx.Client(base_url=client.base_url) as other:
                status = other.get(target, headers=headers).status_code
            if status == 503:
                time.sleep(0.1)
            else:
                answers.append(status)
        assert sorted(answers) == [200] + [409] * 7, log.read_text()
        metrics = client.get("/metrics").text
        assert "zhengtong_gateway_ready 1.0" in metrics
    entries = asyncio.run(world.entries())
    assert [entry.outcome for entry in entries].count("ok") == 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"snapshot_loaded", "ledger_ready"} <= {line["event"] for line in lines}
    assert identity(3) not in log.read_text()


def test_new_keys_are_taken_up_while_it_runs(database_url, tmp_path):
    """Both keys are changed under a running gateway: it serves what the new one signed, and signs with its own new one."""
    world = World(database_url, tmp_path)
    asyncio.run(world.create())
    asyncio.run(world.publish(world.route(make_grant())))
    folder = tmp_path / "keys"
    world.write_keys(folder)
    new = PrivateKey.generate(Scheme.SM2)
    target = f"{ROWS}?sfzh={identity(3)}"
    with running(world, tmp_path) as (client, log):
        assert client.get(target, headers=sign(target)).status_code == 200
        # a gateway's own folder has no node.key: the node's new public key is all that comes there
        (folder / f"trusted/{new.key_id}.json").write_text(keyfiles.public_text(new.public))
        asyncio.run(world.publish(world.route(make_grant(number="G-0002", items=(ITEMS[0], GrantedItem("nl"))), key=new), key=new))
        while set(_only_row(client, target)) != {"sfzh", "nl"}:
            time.sleep(0.1)
        before = world.gateway.key_id
        replacement = PrivateKey.generate(Scheme.SM2)
        world.signers[replacement.key_id] = replacement.public
        keys.replace_key(folder, "gateway.key", replacement)
        while _signer_of_last_block(database_url) == before:
            assert client.get(target, headers=sign(target)).status_code == 200
            time.sleep(0.1)
        assert _signer_of_last_block(database_url) == replacement.key_id
        events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
        assert "snapshot_refused" not in events
        assert events.count("keys_read") == 2
    asyncio.run(world.entries())  # every block verifies, under the key before and the key now


def _only_row(client: httpx.Client, target: str) -> dict[str, object]:
    return client.get(target, headers=sign(target)).json()["data"][0]


def _signer_of_last_block(url: str) -> str:
    with psycopg.connect(url) as connection:
        (found,) = connection.execute("select key_id from ledger_block order by at desc limit 1").fetchone()
    return found
