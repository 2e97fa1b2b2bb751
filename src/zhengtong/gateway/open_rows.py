"""Open rows as an ASGI application of their own, and fair shares for other interfaces, in a process that serves pages beside them."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from zhengtong.gateway.app import AsgiCall, Receive, Scope, Send, deliver, header_lines
from zhengtong.gateway.opendata.desk import OpenDesk, refusal, refuse
from zhengtong.gateway.opendata.fairness import Share

Served: TypeAlias = Callable[..., Awaitable[None]]
#: interfaces of outsiders that another application answers: CKAN's, OGC's, DCAT, data.json
BESIDE = ("/api/", "/datastore/", "/open/ogc", "/open/catalog", "/data.json")
#: what an address gets of them: a client that has no patience reads a portal of two thousand datasets in one go
BESIDE_SHARE = Share(per_second=20.0, burst=2400, at_once=64)


class OpenRowsApp:
    """ASGI 3 callable around a desk, for paths below ``/open/v1``."""

    def __init__(self, desk: OpenDesk) -> None:
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - no question has a body
        """Answer one question."""
        call = AsgiCall(scope, send)
        call.now_ns = self.desk.moments.read()
        call.request_id = self.desk.moments.request_id(call.now_ns)
        await self.desk.answer(call)
        await deliver(call, send)


class FairBeside:
    """ASGI 3 callable that lets another application answer :data:`BESIDE` as often as who asks has a share left; all else it hands on."""

    def __init__(self, desk: OpenDesk, served: Served, share: Share = BESIDE_SHARE) -> None:
        self.desk, self.served, self.share = desk, served, share

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse: 429 when nothing is left, 401 or 403 for a key that does not work."""
        if scope["type"] != "http" or not scope["path"].startswith(BESIDE) or not self.desk.settings.share.per_second:
            await self.served(scope, receive, send)
            return
        call = AsgiCall(scope, send)
        call.now_ns = self.desk.moments.read()
        call.request_id = self.desk.moments.request_id(call.now_ns)
        async with contextlib.AsyncExitStack() as taken:
            try:
                left = await taken.enter_async_context(self.desk.admitted(call, self.share))
            except Exception as exc:  # noqa: BLE001 - every fault becomes a refusal that says whose it is
                refuse(call, refusal(exc, call.request_id))
                await deliver(call, send)
                return

            async def limited(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message["headers"], *header_lines(left.lines)]}
                await send(message)

            await self.served(scope, receive, limited)
