"""A whole city with its processes and a browser, started once for all acceptance tests of a run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_START_SECONDS = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class City:
    """A running demo city."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    web: str
    gateway: str
    worker: str
    key_id: str = ""
    secret: str = ""
    output: list[str] = field(default_factory=list)

    def child(self, name: str) -> psutil.Process:
        """The operating system's process of ``web``, ``gateway`` or ``worker``."""
        for one in psutil.Process(self.process.pid).children(recursive=True):
            if one.cmdline()[-1:] == [name]:
                return one
        raise AssertionError(f"no process {name}: {''.join(self.output[-20:])}")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the same installation."""
        command = [sys.executable, "-m", "zhengtong.project.cli", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)


def _read(city: City, ready: threading.Event) -> None:
    assert city.process.stderr is not None
    for line in city.process.stderr:
        city.output.append(line)
        if found := re.search(r"key_id=(\S+)", line):
            city.key_id = found[1]
        if found := re.search(r"secret=(\S+)", line):
            city.secret = found[1]
        if "Ctrl-C" in line:
            ready.set()
    ready.set()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has the city, and so there is one city."""
    for item in items:
        if "city" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("city"))


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """``zhengtong demo``, after its self-check has passed; Ctrl-C at the end."""
    ports = {name: free_port() for name in ("WEB", "GATEWAY", "WORKER")}
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}},
        **{f"ZHENGTONG_{name}_PORT": str(port) for name, port in ports.items()},
        "ZHENGTONG_VAR": str(tmp_path_factory.mktemp("city")),
        "ZHENGTONG_GATEWAY_SHARED": str(tmp_path_factory.mktemp("shared")),
        "ZHENGTONG_DEMO": "1",
        "COLUMNS": "200",
    }
    for name in ("ZHENGTONG_KEYS", "ZHENGTONG_GATEWAY_STATE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "zhengtong.project.cli", "demo", "--scale", "tiny"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    addresses = {name.lower(): f"http://127.0.0.1:{port}" for name, port in ports.items()}
    started = City(process, environment, **addresses)
    ready = threading.Event()
    threading.Thread(target=_read, args=(started, ready), daemon=True).start()
    ready.wait(_START_SECONDS)
    if process.poll() is not None or not started.secret:
        process.send_signal(signal.SIGINT)
        pytest.fail("the demo city did not come up:\n" + "".join(started.output[-60:]))
    yield started
    process.send_signal(signal.SIGINT)
    assert process.wait(60) in {0, 130}
    deadline = time.monotonic() + 10
    while (left := [one for one in psutil.process_iter(["cmdline", "environ"]) if _belongs(one, environment["ZHENGTONG_VAR"])]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.2)
    assert not left, f"left behind: {left}"


def _belongs(process: psutil.Process, var: str) -> bool:
    return var in " ".join(process.info["cmdline"] or []) or (
        (process.info["environ"] or {}).get("ZHENGTONG_VAR") == var and process.pid != os.getpid()
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """
    Debian's Chromium; required where everything is, else the tests are skipped without it.

    Not for the session: while it is there an event loop runs in this thread, which other tests must not find.
    """
    if CHROMIUM is None or not AXE.exists():
        if os.environ.get("ZHENGTONG_REQUIRE_ALL"):
            pytest.fail("chromium and axe-core are required here")
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=[*arguments, "--disable-component-update", "--disable-sync"])
        yield launched
        launched.close()
