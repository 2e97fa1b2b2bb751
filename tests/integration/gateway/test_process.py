"""The gateway as a process of its own: it comes up, serves, and ends in order."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from factories.gateway import World, identity, make_grant, sign

from .conftest import ROWS

SOURCE = Path(__file__).parents[3] / "src"


def write_keys(world: World, folder: Path) -> None:
    folder.mkdir()
    node = {"scheme": world.node.scheme.value, "secret": base64.b64encode(world.node.secret).decode()}
    (folder / "node.key").write_text(json.dumps(node))
    (folder / "seal.key").write_text(base64.b64encode(world.keys.seal).decode())
    (folder / "subject.key").write_text(base64.b64encode(world.keys.subjects).decode())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("workers", [1, 2])
def test_comes_up_serves_and_ends_with_every_trace_written(database_url, tmp_path, workers):
    world = World(database_url, tmp_path)
    asyncio.run(world.create())
    asyncio.run(world.publish(world.route(make_grant())))
    write_keys(world, tmp_path / "keys")
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "DATABASE_URL": database_url,
        "ZHENGTONG_KEYS": str(tmp_path / "keys"),
        "ZHENGTONG_GATEWAY_PORT": str(port),
        "ZHENGTONG_GATEWAY_WORKERS": str(workers),
        "ZHENGTONG_GATEWAY_STATE": str(tmp_path / "state"),
        "ZHENGTONG_GATEWAY_SHARED": str(tmp_path / "shared"),
    }
    log = tmp_path / "log"
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
            target = f"{ROWS}?sfzh={identity(3)}"
            headers = sign(target)
            answers: list[int] = []
            while len(answers) < 8:
                # a new connection each time, so that several workers get some; one that is not ready leaves the nonce unused
                with httpx.Client(base_url=f"http://127.0.0.1:{port}") as other:
                    status = other.get(target, headers=headers).status_code
                if status == 503:
                    time.sleep(0.1)
                else:
                    answers.append(status)
            assert sorted(answers) == [200] + [409] * 7, log.read_text()
            metrics = client.get("/metrics").text
            assert "zhengtong_gateway_ready 1.0" in metrics
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code in {0, -signal.SIGTERM}, log.read_text()
    entries = asyncio.run(world.entries())
    assert [entry.outcome for entry in entries].count("ok") == 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"snapshot_loaded", "ledger_ready"} <= {line["event"] for line in lines}
    assert identity(3) not in log.read_text()
