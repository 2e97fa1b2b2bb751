"""
Streams of open rows: COPY as it comes. The answer begins with the first rows, so that until then a fault is a refusal.

Under a grant the trace is durable before the first byte, the key is asked for again every second while rows leave, and a second trace
says how many left and how it ended.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from zhengtong.gateway.calls import ClientGone
from zhengtong.gateway.database import as_refusal
from zhengtong.gateway.opendata.traces import Rows
from zhengtong.gateway.refusals import Refusal

if TYPE_CHECKING:
    from zhengtong.engines.rowquery.statements import Copy
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.database import Lines
    from zhengtong.gateway.opendata.asking import Asked
    from zhengtong.gateway.opendata.tables import Found

_BLOCK = 1 << 18
#: how long a stream under a grant goes on before the grant is asked for again
_LOOK_SECONDS = 1.0


class Office(Protocol):
    """What a stream needs of the desk."""

    streams: Lines

    async def still(self, call: Call, question: Asked, version: int) -> None:
        """
        See that the key of a call opens what it opened.

        :raises Refusal: if it does not.
        """

    async def trace(
        self, call: Call, found: Found, question: Asked, items: tuple[str, ...], rows: int, *, ended: str | None = None
    ) -> None:
        """
        Write a trace.

        :raises TraceUnavailable: if it cannot be written.
        """


class Stream:
    """One answer in the making."""

    def __init__(self, desk: Office, call: Call, question: Asked, found: Found, items: tuple[str, ...]) -> None:
        self._desk, self._call, self._question, self._found, self._items = desk, call, question, found, items
        self._rows = Rows(question.form)
        self._pending = bytearray()
        self._head = b""
        self._looked = time.monotonic()
        self._fault: BaseException | None = None

    async def send(self, copy: Copy, head: bytes) -> None:
        """
        Send all rows.

        :raises ClientGone: if the answer broke off after it had begun.
        """
        self._pending += copy.head
        self._head = head
        # before COPY begins: an error inside of it is only seen when it has ended
        await self._desk.trace(self._call, self._found, self._question, self._items, 0)
        ended = "ok"
        try:
            await self._copied(copy)
        except BaseException as exc:
            if not self._call.opened:
                raise
            ended = "client-gone" if isinstance(exc, ClientGone) else as_refusal(exc).code
        if self._found.granted:
            ended = await self._completed(ended)
        await self._call.close(complete=ended == "ok")
        if ended != "ok":
            raise ClientGone

    async def _copied(self, copy: Copy) -> None:
        async with self._desk.streams.take() as line:
            server = line.connection

            async def taken(data: bytes) -> None:
                try:
                    await self._taken(data)
                except BaseException as exc:
                    # without its connection the transaction ends at once instead of waiting for rows that nobody reads
                    self._fault = exc
                    server.terminate()
                    raise

            try:
                async with server.transaction(readonly=True):
                    await server.fetch(copy.before.sql, *copy.before.values)
                    await server.copy_from_query(copy.select, output=taken, format="csv", delimiter=copy.delimiter, quote=copy.quote)
                if not self._call.opened:
                    await self._taken(b"")
                await self._call.write(bytes(self._pending))
            except BaseException:
                # the rest of a broken answer must not reach the next one through this connection
                server.terminate()
                if self._fault is not None:
                    raise self._fault from None
                raise

    async def _taken(self, data: bytes) -> None:
        call = self._call
        if not call.opened:
            await call.open(200, self._head)
            call.opened = True
            self._rows.add(data)
            await call.write(bytes(self._pending) + data)
            self._pending.clear()
            return
        self._pending += data
        self._rows.add(data)
        if len(self._pending) >= _BLOCK:
            await self._look()
            await call.write(bytes(self._pending))
            self._pending.clear()

    async def _look(self) -> None:
        if self._found.granted and time.monotonic() - self._looked > _LOOK_SECONDS:
            await self._desk.still(self._call, self._question, self._found.table.version)
            self._looked = time.monotonic()

    async def _completed(self, ended: str) -> str:
        try:
            await self._desk.trace(self._call, self._found, self._question, self._items, self._rows.count, ended=ended)
        except Refusal as refusal:
            return refusal.code if ended == "ok" else ended
        return ended
