"""Where a PostgreSQL is, whose it is, and how its identifiers are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg

from zhengtong.engines.dataflow.connectors.postgresql import bulk
from zhengtong.engines.dataflow.errors import DRIVER_ERRORS, classify
from zhengtong.kernel.errors import Party

OLDEST_VERSION = 150_000


def quoted(*parts: str) -> str:
    """A possibly qualified SQL identifier, quoted: ``quoted("public", "人员")`` is ``"public"."人员"``."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def trusted(text: str) -> LiteralString:
    """
    Mark SQL put together from the catalog's identifiers and the caller's trusted expressions.

    Every statement of this package that is not a constant passes here, so that a reviewer finds them by one name.
    """
    return text


@contextmanager
def naming(party: Party) -> Iterator[None]:
    """
    Turn what the drivers raise inside into failures that name their party.

    :raises TransientFailure: if the same can succeed later.
    :raises TerminalFailure: if it cannot.
    """
    try:
        yield
    except DRIVER_ERRORS as error:
        # the driver's own text quotes rows and statements; it must not follow into a log
        raise classify(error, party) from None


@dataclass(frozen=True)
class Endpoint:
    """
    A database: where, and whose.

    :param url: a libpq URI with its secret; never shown.
    :param party: who has to act when it fails.
    """

    url: str = field(repr=False)
    party: Party = Party.PLATFORM
    connect_timeout: int = 10
    #: seconds; 0 waits for ever
    statement_timeout: int = 0
    #: seconds to wait for a table that somebody has locked
    lock_timeout: int = 60

    def _url(self) -> str:
        options = {
            "connect_timeout": str(self.connect_timeout),
            "application_name": "zhengtong-exchange",
            # a peer that is gone must not hold a run, and its lock, for hours
            "keepalives_idle": "30",
            "keepalives_interval": "10",
            "keepalives_count": "3",
            # masks, scopes and texts must come out the same on every channel, whatever the server's defaults
            "options": "-c timezone=Asia/Shanghai -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1"
            f" -c client_encoding=UTF8 -c statement_timeout={self.statement_timeout}s -c lock_timeout={self.lock_timeout}s"
            # a snapshot idles while chunks are written, and a writer while they are read
            " -c idle_in_transaction_session_timeout=0",
        }
        extra = "&".join(f"{name}={quote(value)}" for name, value in options.items())
        return f"{self.url}{'&' if '?' in self.url else '?'}{extra}"

    def connect(self, **options: Any) -> psycopg.Connection[tuple[Any, ...]]:
        """
        A psycopg connection, for questions of a few rows.

        :raises ExchangeFailure: if there is none.
        """
        with naming(self.party):
            return psycopg.connect(self._url(), **options)

    def connect_bulk(self) -> Any:
        """
        An ADBC connection outside autocommit, for rows in bulk.

        :raises ExchangeFailure: if there is none.
        """
        with naming(self.party):
            return bulk.connect(self._url())


@dataclass(frozen=True)
class Selected:
    """A column of the result: its name, and the trusted SQL that yields it (a column or a mask over one)."""

    name: str
    expression: str

    @classmethod
    def column(cls, column: str, *, name: str = "", table: str = "t") -> Selected:
        """A plain column under its own or another name."""
        return cls(name or column, quoted(table, column))
