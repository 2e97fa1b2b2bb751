"""Open rows as an ASGI application of their own, for a process that serves pages beside them."""

from __future__ import annotations

from zhengtong.gateway.app import AsgiCall, Receive, Scope, Send, deliver
from zhengtong.gateway.opendata.desk import OpenDesk


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
