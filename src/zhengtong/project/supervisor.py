"""All processes of one machine under one roof: start, watch, restart what falls, stop in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()
_STOP_SECONDS = 35
_STEADY_SECONDS = 30


@dataclass
class Child:
    """A process that is meant to run."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    failures: int = 0
    not_before: float = field(default=0)

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it in a session of its own, so that a Ctrl-C reaches the supervisor alone."""
        self.process = subprocess.Popen(self.command, env=dict(environment), start_new_session=True)
        self.started = time.monotonic()


class Supervisor:
    """Runs ``zhengtong <name>`` for each name until told to stop."""

    def __init__(self, names: tuple[str, ...], environment: Mapping[str, str] | None = None) -> None:
        program = [sys.executable, "-m", "zhengtong.project.cli"]
        self.children = [Child(name, [*program, name]) for name in names]
        self.environment = {**os.environ, **(environment or {})}
        self.stopping = False

    def start(self) -> None:
        """Start everything; from now on a signal to end is heard and nothing is left behind."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        for child in self.children:
            child.start(self.environment)

    def add(self, children: list[Child]) -> None:
        """Start more beside those that run, and mind them too."""
        for child in children:
            child.start(self.environment)
        self.children.extend(children)

    def ended(self, name: str) -> bool:
        """Whether a process that was started has ended."""
        return any(child.process is None or child.process.poll() is not None for child in self.children if child.name == name)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Restart what falls, with growing pauses, until a signal or ``until``."""
        while not self.stopping and not until():
            for child in self.children:
                self._mind(child)
            time.sleep(0.2)

    def _on_signal(self, *_: object) -> None:
        self.stopping = True

    def _mind(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.not_before:
                child.start(self.environment)
            return
        code = child.process.poll()
        if code is None:
            if now - child.started > _STEADY_SECONDS:
                child.failures = 0
            return
        _end_rest(child.process)
        child.failures += 1
        child.process = None
        child.not_before = now + min(30, 0.5 * 2**child.failures)
        log.warning("process ended, starting again", name=child.name, code=code, failures=child.failures)

    def stop(self) -> None:
        """Ask everything to end, wait, and kill what does not."""
        alive = [child for child in self.children if child.process and child.process.poll() is None]
        for child in alive:
            if child.process:
                child.process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in alive:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process did not end, killing it", name=child.name)
                _end_rest(child.process)
                child.process.wait()


def _end_rest(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process and of those that it started: workers without their parent would keep its port."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # each child began a session, and so a group, of its own
