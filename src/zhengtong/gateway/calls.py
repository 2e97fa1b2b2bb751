"""
One call: what arrived, what is known about it so far, and how it is answered.

The gateway does not run a task per call. A call is handed from the protocol to the checks, to a lane, to the ledger writer, which answers
it; only pages and streams have a task. Two servers make calls: ``protocol.HttpProtocol`` and, for any other ASGI server,
``app.GatewayApp``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from zhengtong.gateway.refusals import DuplicateHeader

if TYPE_CHECKING:
    from zhengtong.gateway.credentials import CallerFile
    from zhengtong.gateway.routes import CompiledRoute

#: headers that decide something; a second one is refused instead of guessed at
_SINGLE = frozenset(
    {
        b"host",
        b"signature",
        b"signature-input",
        b"content-digest",
        b"content-type",
        b"zhengtong-purpose",
        b"gjzwfwpt_rid",
        b"gjzwfwpt_sid",
        b"gjzwfwpt_rtime",
        b"gjzwfwpt_sign",
        b"x-tif-paasid",
        b"x-tif-timestamp",
        b"x-tif-nonce",
        b"x-tif-signature",
    }
)


class ClientGone(Exception):
    """The client closed the connection before the answer was complete."""


class Waiter(Protocol):
    """Who waits for a trace."""

    def traced(self) -> None:
        """The trace is durable."""

    def untraced(self) -> None:
        """The trace is not durable, and never counts as an answer given."""


class Call(ABC):
    """
    A request and its way to an answer. ``path`` and ``query`` are as they stood on the wire; ``headers`` have lower-case names and repeated
    ones joined with ``, ``; ``now_ns`` is the moment of arrival in nanoseconds since 1970.
    """

    # defaults on the class: most calls never set most of them
    body = b""
    repeated = b""
    request_id = ""
    now_ns = 0
    kind = "other"
    resource = ""
    caller: CallerFile | None = None
    route: CompiledRoute | None = None
    purpose = case = ""
    national = ""
    answer: tuple[int, bytes, bytes] = (500, b"", b"")
    reported = False
    #: whether a streamed answer has begun
    opened = False

    def __init__(self, method: bytes, path: bytes, query: bytes, headers: dict[bytes, bytes], peer: str) -> None:
        self.method, self.path, self.query, self.headers, self.peer = method, path, query, headers, peer
        self.address = peer

    def add_header(self, name: bytes, value: bytes) -> None:
        """Note a header line."""
        if name in self.headers:
            if name in _SINGLE:
                self.repeated = name
            value = self.headers[name] + b", " + value
        self.headers[name] = value

    def check_headers(self) -> None:
        """
        Refuse a header that must not come twice.

        :raises DuplicateHeader: naming it.
        """
        if self.repeated:
            raise DuplicateHeader(field=self.repeated.decode())

    @abstractmethod
    def respond(self, status: int, head: bytes, body: bytes) -> None:
        """Answer at once. ``head`` holds header lines, each ending in CRLF; length and date are added."""

    @abstractmethod
    async def open(self, status: int, head: bytes) -> None:
        """Begin a streamed answer."""

    @abstractmethod
    async def write(self, chunk: bytes) -> None:
        """
        Send a part of a streamed answer, waiting while the client is slow.

        :raises ClientGone: if nobody is there any more.
        """

    @abstractmethod
    async def close(self, *, complete: bool) -> None:
        """End a streamed answer; an incomplete one is broken off, so that the client cannot take it for the whole."""
