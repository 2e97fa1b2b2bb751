"""
The gateway as a plain ASGI application, for any server that speaks ASGI and for tests.

``main.run`` uses ``protocol.HttpProtocol`` instead, which makes the same calls with less ceremony.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from zhengtong.gateway import responses
from zhengtong.gateway.calls import Call, ClientGone
from zhengtong.gateway.refusals import TooLarge
from zhengtong.gateway.service import Gateway

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def header_lines(head: bytes) -> list[tuple[bytes, bytes]]:
    pairs = (line.partition(b": ") for line in head.split(b"\r\n") if line)
    return [(name, value) for name, _, value in pairs]


class AsgiCall(Call):
    """A call that came through ASGI."""

    def __init__(self, scope: Scope, send: Send) -> None:
        client = scope.get("client")
        raw = scope.get("raw_path") or scope["path"].encode()
        super().__init__(scope["method"].encode(), raw.partition(b"?")[0] or b"/", scope["query_string"], {}, client[0] if client else "")
        for name, value in scope["headers"]:
            self.add_header(name.lower(), value)
        self._send = send
        #: status, header lines and body of an answer in one piece, or None after a stream
        self.done: asyncio.Future[tuple[int, bytes, bytes] | None] = asyncio.get_running_loop().create_future()

    def respond(self, status: int, head: bytes, body: bytes) -> None:
        """Answer at once."""
        if self.done.done():
            return
        if self.opened:
            self.done.set_exception(ClientGone("answer broken off"))
        else:
            self.done.set_result((status, head, body))

    async def open(self, status: int, head: bytes) -> None:
        """Begin a stream."""
        self.opened = True
        await self._send({"type": "http.response.start", "status": status, "headers": header_lines(head)})

    async def write(self, chunk: bytes) -> None:
        """Send a part."""
        if self.done.done():
            raise ClientGone
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def close(self, *, complete: bool) -> None:
        """End a stream; ASGI can break one off only by an error."""
        if complete:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self.done.set_result(None)
        else:
            self.done.set_exception(ClientGone("answer broken off"))


async def deliver(call: AsgiCall, send: Send) -> None:
    """Send an answer in one piece, or wait for the end of a stream."""
    answer = await call.done
    if answer is not None:
        status, head, content = answer
        lines = [*header_lines(head), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": content, "more_body": False})


class GatewayApp:
    """ASGI 3 callable around a ``Gateway``; ``lifespan`` starts and stops it."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a scope."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        call = AsgiCall(scope, send)
        limits = self.gateway.settings.limits
        if call.headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in call.headers:
            body = await _body(receive, limits.body_bytes)
            if body is None:
                refused = responses.refusal(TooLarge(), "", "")
                call.respond(*refused)
            else:
                call.body = body
        if not call.done.done():
            self.gateway.accept(call)
        await deliver(call, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.gateway.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.gateway.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _body(receive: Receive, longest: int) -> bytes | None:
    """The request's body, or None if it is too long."""
    parts, length = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        length += len(part)
        if length > longest:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
