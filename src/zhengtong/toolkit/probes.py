"""Liveness, readiness and metrics of a process, as a small ASGI application in front of whatever it serves."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from asgiref.sync import sync_to_async
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Metrics tell how busy an installation is; they are for its own monitoring.
_MONITORING = tuple(ip_network(text) for text in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


class Probes:
    """
    Answers ``/healthz`` (the process runs), ``/readyz`` (all it needs answers) and ``/metrics`` (Prometheus, private addresses only).

    ``checks`` maps a name to a function that returns an empty text, or the sentence of what is wrong.
    """

    def __init__(self, application: Application | None, checks: Mapping[str, Callable[[], str]]) -> None:
        self.application = application
        self.checks = checks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path == "/healthz":
            await _answer(send, 200, b"ok", b"text/plain")
        elif scope["type"] == "http" and path == "/readyz":
            await self._ready(send)
        elif scope["type"] == "http" and path == "/metrics":
            await self._metrics(scope, send)
        elif self.application is not None:
            await self.application(scope, receive, send)
        else:
            await _answer(send, 404, b"not found", b"text/plain")

    async def _ready(self, send: Send) -> None:
        results = {name: await sync_to_async(check, thread_sensitive=False)() for name, check in self.checks.items()}
        wrong = any(results.values())
        body = json.dumps({name: sentence or "ok" for name, sentence in results.items()}, ensure_ascii=False).encode()
        await _answer(send, 503 if wrong else 200, body, b"application/json")

    @staticmethod
    async def _metrics(scope: Scope, send: Send) -> None:
        client = scope.get("client")
        if client and not any(ip_address(client[0]) in network for network in _MONITORING):
            await _answer(send, 403, b"refused", b"text/plain")
            return
        await _answer(send, 200, _counted(), CONTENT_TYPE_LATEST.encode())


def _counted() -> bytes:
    """Everything counted: by this process, or by all that share a port and, for that, the folder of their counts."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


async def _answer(send: Send, status: int, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
