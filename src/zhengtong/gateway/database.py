"""Connections to PostgreSQL: opened when first needed, reopened after a loss, prepared statements kept by each."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from zhengtong.gateway.refusals import BindingBroken, DatabaseUnavailable, Overloaded, QueryTimeout, Refusal, Unexpected

#: what a lost or unwilling server looks like
DATABASE_FAULTS: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,
)
#: any fault at all that the server or the way to it can have
SERVER_FAULTS = (*DATABASE_FAULTS, asyncpg.PostgresError)
_STATEMENTS_KEPT = 256
_CONNECT_SECONDS = 3


async def connect(url: str, *, application: str, statement_seconds: float = 5.0) -> Any:
    """A connection; moments come out in China time, as texts do in the rest of the platform."""
    return await asyncpg.connect(
        url,
        timeout=_CONNECT_SECONDS,
        statement_cache_size=64,
        server_settings={
            "application_name": application,
            "TimeZone": "Asia/Shanghai",
            "DateStyle": "ISO, YMD",
            "statement_timeout": str(int(statement_seconds * 1000)),
            "jit": "off",
            "default_transaction_isolation": "read committed",
            "tcp_keepalives_idle": "10",
        },
    )


class Line:
    """One connection that prepares each statement once."""

    __slots__ = ("_statements", "connection")

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._statements: OrderedDict[str, Any] = OrderedDict()

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        """Run a statement, preparing it if this connection has not yet."""
        statement = self._statements.get(sql)
        if statement is None:
            statement = self._statements[sql] = await self.connection.prepare(sql)
            if len(self._statements) > _STATEMENTS_KEPT:
                self._statements.popitem(last=False)
        rows: list[Any] = await statement.fetch(*values)
        return rows


class Lines:
    """At most ``size`` connections; those who want one more wait, at most ``queue`` of them."""

    def __init__(self, url: str, size: int, *, application: str, statement_seconds: float, queue: int) -> None:
        self._url, self._application, self._statement_seconds = url, application, statement_seconds
        self._free: list[Line] = []
        self._room = asyncio.Semaphore(size)
        self._waiting, self._queue = 0, queue

    async def open(self) -> Line:
        """A new connection."""
        return Line(await connect(self._url, application=self._application, statement_seconds=self._statement_seconds))

    @contextlib.asynccontextmanager
    async def take(self) -> AsyncIterator[Line]:
        """
        Borrow a connection.

        :raises Overloaded: if too many wait already.
        """
        if self._waiting >= self._queue:
            raise Overloaded
        self._waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._waiting -= 1
        line: Line | None = None
        try:
            while self._free and line is None:
                line = self._free.pop()
                if line.connection.is_closed():
                    line = None
            line = line or await self.open()
            yield line
        finally:
            if line is not None and not line.connection.is_closed():
                self._free.append(line)
            self._room.release()

    async def close(self) -> None:
        """Close the connections that nobody holds."""
        while self._free:
            with contextlib.suppress(*DATABASE_FAULTS):
                await self._free.pop().connection.close(timeout=2)


def as_refusal(exc: BaseException) -> Refusal:
    """What a caller is told about a fault of the database."""
    if isinstance(exc, Refusal):
        return exc
    if isinstance(exc, asyncpg.QueryCanceledError):
        return QueryTimeout(remedy="缩小查询范围,或按有索引的信息项查询")
    if isinstance(exc, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError | asyncpg.DatatypeMismatchError):
        return BindingBroken()
    if isinstance(exc, SERVER_FAULTS):
        return DatabaseUnavailable()
    return Unexpected()
