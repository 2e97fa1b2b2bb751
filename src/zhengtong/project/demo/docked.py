"""
A department's own approval system, as small as one can be: it accepts what it is handed and decides it by itself some seconds later.

It keeps nothing: when it begins it asks the platform what is open, as the platform asks it every day.

    python -m zhengtong.project.demo.docked --port 8091 --platform http://127.0.0.1:8000 --key file.json

The file holds ``{"key": …, "secret": …}``.
"""

from __future__ import annotations

import argparse
import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.requests import SigningKey, Unsigned, check, sign, stated

_AGREES = ("agree", "accepted", "reviewed", "issued", "received")


@dataclass
class Department:
    """The system: what it holds, and how it speaks to the platform at ``platform``."""

    platform: str
    key: SigningKey
    #: after how many seconds it decides
    seconds: float = 8.0
    #: by visit, what it was told of it
    held: dict[int, dict[str, Any]] = field(default_factory=dict)
    #: the ids of deliveries that came, each time they came
    came: list[int] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, told: dict[str, Any]) -> None:
        """Accept a visit; what came before changes nothing."""
        with self.lock:
            self.came.append(told.get("delivery", 0))
            if told["visit"] not in self.decided:
                self.held.setdefault(told["visit"], {**told, "at": time.monotonic()})

    def ask(self, method: str, target: str, given: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Ask the platform, signed; status and answer."""
        body = json.dumps(given, ensure_ascii=False).encode() if given is not None else b""
        parts = urlsplit(target)
        headers = sign(
            self.key,
            method=method,
            path=parts.path,
            query=parts.query,
            purpose="joint-approval",
            body=body,
            created=int(time.time()),
            nonce=secrets.token_hex(16),
        )
        request = urllib.request.Request(self.platform + target, data=body or None, method=method, headers=headers)  # noqa: S310 - as configured
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as configured
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def begin(self) -> None:
        """Take up what is open at the platform."""
        status, answer = self.ask("GET", "/api/cases/v1/visits?open=1")
        for one in answer.get("visits", []) if status == 200 else []:  # noqa: PLR2004 - OK
            self.take(one)

    def decide_due(self) -> None:
        """Decide what has lain long enough: read what was applied with, then agree, with a document."""
        for visit, told in list(self.held.items()):
            if told.get("waiting") or time.monotonic() - told["at"] < self.seconds:
                continue
            self._decide(visit, told)

    def _decide(self, visit: int, told: dict[str, Any]) -> None:
        self.ask("GET", told["application"])
        outcome = next((one for one in _AGREES if one in told["outcomes"]), told["outcomes"][0])
        act = {
            "act": f"decide-{visit}-{told['revision']}",
            "kind": "complete",
            "revision": told["revision"],
            "outcome": outcome,
            "reason": "经本系统审查,符合规定",
            "documents": [{"name": f"{told['step']['name']}审查意见", "reference": f"{self.key.key_id}/{visit}"}],
        }
        status, answer = self.ask("POST", f"/api/cases/v1/visits/{visit}/acts", act)
        with self.lock:
            if status == 409 and "revision" in answer:  # noqa: PLR2004 - somebody did something there meanwhile
                told["revision"] = answer["revision"]
                return
            if status < 500:  # noqa: PLR2004 - done, or no longer ours
                self.held.pop(visit, None)
                self.decided.append(visit)


def server(department: Department, port: int) -> ThreadingHTTPServer:
    """Its side of the interface: ``POST /visits`` and ``GET /visits?open=1``, both signed by the platform."""

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            if self._signed(body):
                department.take(json.loads(body))
                self._answer(200, {})

        def do_GET(self) -> None:
            if self._signed(b""):
                self._answer(200, {"visits": [{"visit": one} for one in department.held]})

        def _signed(self, body: bytes) -> bool:
            headers = {name.lower(): value for name, value in self.headers.items()}
            parts = urlsplit(self.path)
            try:
                check(
                    stated(headers, body=body), department.key, headers, method=self.command, path=parts.path, query=parts.query, body=body
                )
            except Unsigned as exc:
                self._answer(401, {"message": str(exc)})
                return False
            return True

        def _answer(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's
            """Say nothing."""

    return ThreadingHTTPServer(("127.0.0.1", port), Desk)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--platform", required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=8.0)
    given = parser.parse_args()
    own = json.loads(given.key.read_text())
    key = SigningKey(own["key"], Digest.SHA256, own["secret"].encode())
    department = Department(given.platform.rstrip("/"), key, given.seconds)
    desk = server(department, given.port)
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    begun = False
    while True:
        try:
            if not begun:
                department.begin()
                begun = True
            department.decide_due()
        except OSError as problem:  # the platform is away: it comes back
            print(f"docked system: {problem}", flush=True)
        time.sleep(1)


if __name__ == "__main__":
    main()
