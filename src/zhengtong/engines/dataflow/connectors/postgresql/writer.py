"""Rows into PostgreSQL: one ADBC connection on which bulk loads, statements and commit share a transaction."""

from __future__ import annotations

import contextlib
from typing import Any

import polars as pl

from zhengtong.engines.dataflow.connectors.base import Closing
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, naming
from zhengtong.kernel.errors import Party

UNIQUE_VIOLATION = "23505"


class PostgresWriter(Closing):
    """A connection to a target. Whatever it is told happens in one transaction until ``commit``."""

    def __init__(self, endpoint: Endpoint) -> None:
        """
        Connect.

        :raises ExchangeFailure: if the database is away.
        """
        self.party: Party = endpoint.party
        self._connection = endpoint.connect_bulk()

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement with ``$n`` parameters and fetch all its rows."""
        with naming(self.party), self._connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return list(cursor.fetchall())

    def execute(self, statement: str, *parameters: object) -> None:
        """Run a statement that yields no rows."""
        with naming(self.party), self._connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)

    def append(self, schema: str, table: str, frame: pl.DataFrame) -> None:
        """
        COPY a frame (binary) onto the end of a table; column types must be exactly those of the table.

        :raises TerminalFailure: with ``sqlstate`` 23505 where a key is there already.
        """
        # the oldest layout: the driver cannot write string views
        rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        with naming(self.party), self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema)

    def commit(self) -> None:
        """Make everything since the last commit durable at once."""
        with naming(self.party):
            self._connection.commit()

    def rollback(self) -> None:
        """Forget everything since the last commit."""
        with naming(self.party):
            self._connection.rollback()

    def close(self) -> None:
        """Close; what was not committed is forgotten."""
        with contextlib.suppress(Exception):  # the server may already be gone, and nothing is lost by that
            self._connection.close()
