"""``zhengtong web`` in several processes: one port, all of them counted, the fallen replaced, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from zhengtong.toolkit.environment import environment

_PATIENCE = 120


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def children(parent: int) -> set[int]:
    """The serving processes below a parent: those that ``multiprocessing`` spawned to serve."""
    found = set()
    for number in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes():
                found.add(int(number))
    return found


@pytest.fixture
def web(database_url: str, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "zhengtong.project.cli", "web", "--port", str(port), "--processes", "2"],
        env={**os.environ, "DATABASE_URL": database_url, "ZHENGTONG_VAR": str(tmp_path)},
        start_new_session=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def counted(address: str) -> int:
    """Requests for a page that is not there, over all processes, by whichever answers."""
    found = re.search(r'^zhengtong_web_requests_total\{status="400"\} (\d+)', httpx.get(f"{address}/metrics").text, re.MULTILINE)
    return int(found[1]) if found else 0


def test_two_processes_serve_a_killed_one_is_replaced_and_a_signal_ends_both(web: tuple[subprocess.Popen[bytes], str]) -> None:
    process, address = web
    until(lambda: answers(address))
    until(lambda: len(children(process.pid)) == 2)
    first = children(process.pid)

    for _request in range(20):  # a host that is not served is refused before anything asks the database
        assert httpx.get(f"{address}/share/", headers={"Host": "elsewhere.example"}).status_code == 400
    assert {counted(address) for _scrape in range(5)} == {20}

    fallen = min(first)
    os.kill(fallen, signal.SIGKILL)
    until(lambda: len(children(process.pid) - {fallen}) == 2)
    until(lambda: answers(address))
    assert max(first) in children(process.pid)
    assert counted(address) == 20  # what the fallen one counted still counts

    second = children(process.pid)
    process.terminate()
    assert process.wait(_PATIENCE) == 0
    until(lambda: not any(Path(f"/proc/{number}").exists() for number in second))
    assert not answers(address)


def test_processes_are_asked_for_or_follow_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from zhengtong.kernel.errors import Invalid
    from zhengtong.project.serving import processes_for

    usual = replace(environment(), demo=False, web_processes=0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(16)))
    assert processes_for(usual) == 4
    assert processes_for(replace(usual, demo=True)) == 1
    assert processes_for(replace(usual, demo=True, web_processes=3)) == 3
    assert processes_for(replace(usual, web_processes=3), 2) == 2
    with pytest.raises(Invalid, match="至少"):
        processes_for(usual, 0)
