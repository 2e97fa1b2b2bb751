"""A demo city with all its processes, as ``zhengtong demo`` brings it up."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
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

_START_SECONDS = 300


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to outgoing connections: a city takes it only a minute later."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


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
    #: what a demo citizen is (the first word of what is printed) → identity number
    citizens: dict[str, str] = field(default_factory=dict)
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
        if found := re.search(r"^ +(\d{17}[\dX]) ([^,]+)", line):
            city.citizens[found[2].strip()] = found[1]
        if "Ctrl-C" in line:
            ready.set()
    ready.set()


@contextlib.contextmanager
def running_city(var: Path, shared: Path) -> Iterator[City]:
    """
    ``zhengtong demo`` at the smallest scale, after its self-check has passed; Ctrl-C at the end, which must leave nothing behind.

    :raises RuntimeError: if it does not come up.
    """
    ports = {name: free_port() for name in ("WEB", "GATEWAY", "WORKER")}
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}},
        **{f"ZHENGTONG_{name}_PORT": str(port) for name, port in ports.items()},
        "ZHENGTONG_VAR": str(var),
        "ZHENGTONG_GATEWAY_SHARED": str(shared),
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
    if process.poll() is not None or not started.secret or any("自检未通过" in line for line in started.output):
        process.send_signal(signal.SIGINT)
        raise RuntimeError("the demo city did not come up:\n" + "".join(started.output[-60:]))
    try:
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        ended = process.wait(60)
    assert ended in {0, 130}
    deadline = time.monotonic() + 10
    while (left := [one for one in psutil.process_iter(["cmdline", "environ"]) if _belongs(one, str(var))]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left, f"left behind: {left}"


def _belongs(process: psutil.Process, var: str) -> bool:
    return var in " ".join(process.info["cmdline"] or []) or (
        (process.info["environ"] or {}).get("ZHENGTONG_VAR") == var and process.pid != os.getpid()
    )
