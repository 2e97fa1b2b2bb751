"""
HTTP/1.1 for the gateway, as a protocol class for uvicorn's server.

Uvicorn keeps what it is good at (sockets, signals, an orderly end); the way from parsed request to written answer is ours, because half of
a look-up's time would go into the task, the scope and the messages of ASGI. The parser is httptools, as in uvicorn.

Threat model. A client sends endless heads or bodies, sends slowly to hold connections, pipelines without reading, or smuggles a second
request. Heads, targets and bodies are bounded, a started request has to be complete in time, at most a few pipelined requests wait, and
what the parser finds ambiguous ends the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httptools

from zhengtong.gateway import responses
from zhengtong.gateway.app import GatewayApp
from zhengtong.gateway.calls import Call, ClientGone
from zhengtong.gateway.counting import Knock
from zhengtong.gateway.refusals import Refusal, SignatureMalformed, TooLarge

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

_STATUS = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_PIPELINED = 16
_HEADERS = 64
_SWEEP_SECONDS = 1.0
#: the headers that uvicorn adds, and the same as bytes
_dated: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")


class NotHttp(SignatureMalformed):
    """不是正确的 HTTP 请求。"""

    code = "not-http"


class HttpCall(Call):
    """A call that came over a connection of ours."""

    #: whether the client wants the connection kept
    keep_alive = True

    def __init__(self, protocol: HttpProtocol, peer: str, headers: dict[bytes, bytes]) -> None:
        super().__init__(b"", b"", b"", headers, peer)
        self._protocol = protocol

    def respond(self, status: int, head: bytes, body: bytes) -> None:
        """Answer at once; a streamed answer that has begun can only be broken off."""
        protocol = self._protocol
        if self.opened:
            protocol.answered(self, keep=False)
            return
        keep = self.keep_alive and not protocol.closing
        connection = b"" if keep else b"connection: close\r\n"
        protocol.write(b"%b%b%b%bcontent-length: %d\r\n\r\n%b" % (_STATUS[status], protocol.date(), head, connection, len(body), body))
        protocol.answered(self, keep=keep)

    async def open(self, status: int, head: bytes) -> None:
        """Begin a stream, in chunks."""
        protocol = self._protocol
        self.opened = True
        self.keep_alive = self.keep_alive and not protocol.closing
        connection = b"" if self.keep_alive else b"connection: close\r\n"
        protocol.write(b"%b%b%b%btransfer-encoding: chunked\r\n\r\n" % (_STATUS[status], protocol.date(), head, connection))

    async def write(self, chunk: bytes) -> None:
        """Send a chunk, waiting while the client is slow."""
        protocol = self._protocol
        await protocol.drained()
        if protocol.gone:
            raise ClientGone
        if chunk:
            protocol.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    async def close(self, *, complete: bool) -> None:
        """End the stream; without the last chunk the client sees that it is not whole."""
        if complete:
            self._protocol.write(b"0\r\n\r\n")
        self._protocol.answered(self, keep=self.keep_alive and complete)


class HttpProtocol(asyncio.Protocol):
    """One connection. Its constructor is the one that uvicorn's server calls."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 - uvicorn passes it by name
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        app = config.loaded_app
        if not isinstance(app, GatewayApp):
            raise TypeError("HttpProtocol serves a GatewayApp")
        self._gateway = app.gateway
        self._limits = app.gateway.settings.limits
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._peer = ""
        self._call: HttpCall | None = None
        self._current: HttpCall | None = None
        self._waiting: deque[HttpCall] = deque()
        self._headers: dict[bytes, bytes] = {}
        self._url = b""
        self._head_bytes = self._body_bytes = 0
        self._in_head = False
        self._refusal: Refusal | None = None
        self._writable: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._sweep: asyncio.TimerHandle | None = None
        self.closing = False
        self.gone = False

    # ------------------------------------------------------------------ the connection
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        # uvloop's transports follow the interface without descending from it
        self._transport = transport  # type: ignore[assignment]
        self._state.connections.add(self)  # type: ignore[arg-type]  # uvicorn names its own protocol classes only
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        self._deadline = time.monotonic() + self._limits.head_seconds
        self._sweep = self._loop.call_later(_SWEEP_SECONDS, self._look_at_clock)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the interface
        """The client has gone; calls in flight end on their own."""
        self.gone = self.closing = True
        self._state.connections.discard(self)
        if self._sweep is not None:
            self._sweep.cancel()
        self.resume_writing()
        self._waiting.clear()

    def shutdown(self) -> None:
        """The server ends: finish what is in flight, take no more."""
        self.closing = True
        if self._current is None and self._transport is not None:
            self._transport.close()

    def pause_writing(self) -> None:
        """The client reads slowly."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """The client has caught up."""
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    async def drained(self) -> None:
        """Wait until the client has caught up."""
        if self._writable is not None:
            await self._writable

    def write(self, data: bytes) -> None:
        """Hand bytes to the socket; nothing happens when the client has gone."""
        if self._transport is not None and not self.gone:
            self._transport.write(data)

    def date(self) -> bytes:
        """The Date line, which uvicorn renews every second."""
        global _dated  # noqa: PLW0603 - one line for all connections, made anew when uvicorn's list is a new one
        lines = self._state.default_headers
        if _dated[0] is not lines:
            _dated = (lines, b"".join([b"%b: %b\r\n" % line for line in lines]))
        return _dated[1]

    def _look_at_clock(self) -> None:
        """Close a connection that is idle for too long, or takes too long to send a request."""
        if self.gone or self._transport is None:
            return
        if self._current is None and time.monotonic() > self._deadline:
            self._transport.close()
            return
        self._sweep = self._loop.call_later(_SWEEP_SECONDS, self._look_at_clock)

    # ------------------------------------------------------------------ requests
    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
        if self.closing and self._current is None:
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._break_off(self._refusal or NotHttp())
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self._limits.head_bytes + self._limits.target_bytes:
                self._break_off(TooLarge("请求头太大。"))

    def on_message_begin(self) -> None:
        """Parser: a request begins."""
        self._headers = {}
        self._call = HttpCall(self, self._peer, self._headers)
        self._url = b""
        self._head_bytes = self._body_bytes = 0
        self._in_head = True
        self._deadline = time.monotonic() + self._limits.head_seconds

    def on_url(self, url: bytes) -> None:
        """Parser: a part of the target."""
        self._url += url
        if len(self._url) > self._limits.target_bytes:
            self._refuse_in_parser(TooLarge("请求地址太长。"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Parser: a header line."""
        name, headers = name.lower(), self._headers
        if name not in headers:
            headers[name] = value
        elif self._call is not None:
            self._call.add_header(name, value)

    def on_headers_complete(self) -> None:
        """Parser: the head is complete."""
        call, parser = self._call, self._parser
        assert call is not None  # noqa: S101
        self._in_head = False
        if len(call.headers) > _HEADERS or sum(map(len, call.headers.values())) > self._limits.head_bytes:
            self._refuse_in_parser(TooLarge("请求头太大。"))
        call.method = parser.get_method()
        call.keep_alive = parser.should_keep_alive()
        path, _, query = self._url.partition(b"?")
        if not path.startswith(b"/"):
            # absolute form, RFC 9112 §3.2.2
            parsed = httptools.parse_url(self._url)
            path, query = parsed.path or b"/", parsed.query or b""
        call.path, call.query = path, query.partition(b"#")[0]
        if call.headers.get(b"expect", b"").lower() == b"100-continue":
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Parser: a part of the body."""
        call = self._call
        assert call is not None  # noqa: S101
        self._body_bytes += len(body)
        if self._body_bytes > self._limits.body_bytes:
            self._refuse_in_parser(TooLarge("请求体太大。"))
        call.body += body

    def on_message_complete(self) -> None:
        """Parser: the request is whole. The next pipelined one waits until it is answered."""
        call = self._call
        assert call is not None  # noqa: S101
        self._call = None
        if self._current is None:
            self._current = call
            self._gateway.accept(call)
            return
        self._waiting.append(call)
        if len(self._waiting) >= _PIPELINED and self._transport is not None:
            self._transport.pause_reading()

    def answered(self, call: HttpCall, *, keep: bool) -> None:
        """A call has its answer: begin the next, or wait for one."""
        if call is not self._current or self.gone or self._transport is None:
            return
        self._current = None
        self._state.total_requests += 1
        if not keep:
            self.closing = True
            self._transport.close()
            return
        self._deadline = time.monotonic() + self._limits.idle_seconds
        if self._waiting:
            following = self._current = self._waiting.popleft()
            self._transport.resume_reading()
            # not from inside the answer to the one before: a long pipeline would nest
            self._loop.call_soon(self._gateway.accept, following)

    def _refuse_in_parser(self, refusal: Refusal) -> None:
        self._refusal = refusal
        raise refusal

    def _break_off(self, refusal: Refusal) -> None:
        """Refuse what is not a request and close; answers in flight on this connection are lost with it."""
        gateway = self._gateway
        gateway.counter.count(Knock(refusal.code, self._peer))
        ns = gateway.moments.time_ns()
        status, head, body = responses.refusal(refusal, gateway.moments.request_id(ns), "")
        if self._current is None:
            self.write(b"%b%b%bconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (_STATUS[status], self.date(), head, len(body), body))
        self.closing = True
        if self._transport is not None:
            self._transport.close()
