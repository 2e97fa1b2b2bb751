"""Rows out of PostgreSQL: one snapshot, binary COPY through ADBC, frames in order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import psycopg
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader
from psycopg import sql

from zhengtong.engines.dataflow.connectors.base import Capabilities, Closing, Phase, Window
from zhengtong.engines.dataflow.connectors.postgresql.capabilities import CAPABILITIES
from zhengtong.engines.dataflow.connectors.postgresql.config import OLDEST_VERSION, Endpoint, Selected, naming, quoted, trusted
from zhengtong.engines.dataflow.errors import BadPlan, refused
from zhengtong.engines.dataflow.items import MAX_PRECISION
from zhengtong.kernel.sentences import listed, say

_BATCH_HINT = "adbc.postgresql.batch_size_hint_bytes"
#: types that ADBC gives Polars as they are; all others travel as PostgreSQL writes them as text
_NATIVE = frozenset({"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "numeric", "date", "timestamp", "timestamptz"})
_MOMENTS = frozenset({"timestamp", "timestamptz", "date"})
_TYPMOD = b"POSTGRESQL:typmod"
_HEADER = 4
_HALF = 16


@dataclass(frozen=True)
class PostgresSource:
    """
    Rows of one table or view.

    ``schema`` and ``table`` come from the catalog, ``selected`` and ``condition`` are trusted SQL over the alias ``t`` (masks and row scope
    from a grant); values of the condition are ``parameters`` at ``%s``. What is not selected never leaves the database.
    """

    endpoint: Endpoint
    schema: str
    table: str
    selected: tuple[Selected, ...]
    condition: str = "true"
    parameters: tuple[Any, ...] = ()
    #: how many bytes of rows come at a time
    batch_bytes: int = 8 << 20

    @property
    def capabilities(self) -> Capabilities:
        """What PostgreSQL can do."""
        return CAPABILITIES

    @property
    def columns(self) -> Sequence[str]:
        """The names of the selected columns."""
        return [column.name for column in self.selected]

    @property
    def order(self) -> tuple[str, ...]:
        """A table has no order of its own."""
        return ()

    @property
    def relation(self) -> str:
        """The ``from`` item."""
        return f"{quoted(self.schema, self.table)} as t"

    def snapshot(self, order: Sequence[str]) -> PostgresSnapshot:
        """
        Open a repeatable-read view, to be read in the order of these selected columns.

        :raises ExchangeFailure: if the database is away or does not have what is selected.
        """
        return PostgresSnapshot(self, order)


class PostgresSnapshot(Closing):
    """
    One repeatable-read view over two connections: ADBC streams rows while psycopg, in the same exported snapshot, counts and describes.

    Values in positions and bounds are quoted by psycopg on our side, because COPY takes no parameters.
    """

    def __init__(self, source: PostgresSource, order: Sequence[str]) -> None:
        self._source, self._party = source, source.endpoint.party
        self._control = source.endpoint.connect()
        self._bulk: Any = None
        try:
            with naming(self._party):
                self._open(order)
        except BaseException:
            self.close()
            raise

    def _open(self, order: Sequence[str]) -> None:
        if self._control.info.server_version < OLDEST_VERSION:
            raise refused(self._party, "数据库版本过低", remedy="使用 PostgreSQL 15 或更新")
        self._control.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self._control.read_only = True
        exported = self._control.execute("select pg_export_snapshot()").fetchone()
        assert exported is not None  # noqa: S101 - a select without from has one row
        self._condition = self._bound_condition()
        self._types, self._full_types = self._described()
        missing = [name for name in order if name not in self._types]
        if missing:
            raise BadPlan(say("排序列不在所选列中:{missing}", missing=listed(missing)), field=missing[0])
        self._order = {name: f"({column.expression})" for name in order for column in self._source.selected if column.name == name}
        self._bulk = self._source.endpoint.connect_bulk()
        with self._bulk.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read read only")
            cursor.execute(f"set transaction snapshot {self._literal(str(exported[0]))}")

    def _bound_condition(self) -> str:
        source = self._source
        if not source.parameters:
            return f"({source.condition})"
        return f"({psycopg.ClientCursor(self._control).mogrify(trusted(source.condition), source.parameters)})"

    def _described(self) -> tuple[dict[str, str], dict[str, str]]:
        """Short type names (``numeric``) and full ones (``numeric(12,2)``) of the selected columns."""
        columns = ", ".join(f"{column.expression} as {quoted(column.name)}" for column in self._source.selected)
        described = self._control.execute(trusted(f"select {columns} from {self._source.relation} where false")).description or []  # noqa: S608 - quoted identifiers, trusted expressions
        rows = self._control.execute(
            "select t.typname, format_type(x.oid, null) from unnest(%s::oid[]) with ordinality x(oid, place)"
            " join pg_type t on t.oid = x.oid order by x.place",
            ([column.type_code for column in described],),
        ).fetchall()
        names = [column.name for column in self._source.selected]
        return (
            {name: str(row[0]) for name, row in zip(names, rows, strict=True)},
            {name: str(row[1]) for name, row in zip(names, rows, strict=True)},
        )

    def _literal(self, value: str) -> str:
        return sql.Literal(value).as_string(self._control)

    def fingerprint(self) -> str:
        """Nothing: the order columns say where to go on."""
        return ""

    def upper_bound(self, cursor: str) -> str | None:
        """The greatest cursor value in the snapshot as text, or None without any."""
        with naming(self._party):
            row = self._control.execute(
                trusted(f"select max({self._order[cursor]})::text from {self._source.relation} where {self._condition}")  # noqa: S608 - quoted identifiers, trusted expressions
            ).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def lower_bound(self, cursor: str, previous: str, overlap: str) -> str:
        """``previous`` less ``overlap``: an interval such as ``10 minutes`` for moments, else a number."""
        name = self._types[cursor]
        step = "interval" if name in _MOMENTS else "numeric"
        with naming(self._party):
            row = self._control.execute(
                trusted(f"select (%s::{self._full_types[cursor]} - %s::{step})::{self._full_types[cursor]}::text"), (previous, overlap)
            ).fetchone()
        return previous if row is None else str(row[0])

    def _where(self, window: Window) -> str:
        missing = " or ".join(f"{expression} is null" for name, expression in self._order.items() if name != window.cursor)
        inside = self._inside(window)
        if window.phase is Phase.ORDERED:
            parts = [self._condition, f"not ({missing or 'false'})", inside or "true"]
            if window.cursor is not None and not inside:
                parts.append(f"{self._order[window.cursor]} is not null")
            if window.after is not None:
                marks = ", ".join(
                    f"{self._literal(value)}::{self._full_types[name]}" for name, value in zip(self._order, window.after, strict=True)
                )
                parts.append(f"({', '.join(self._order.values())}) > ({marks})")
            return " and ".join(parts)
        lacking = f"(({missing or 'false'}) and {inside or 'true'})"
        if window.cursor is not None:
            absent = f"{self._order[window.cursor]} is null"
            lacking = f"({lacking} or {absent})" if window.missing_cursor else f"({lacking} and not ({absent}))"
        return f"{self._condition} and {lacking}"

    def _inside(self, window: Window) -> str:
        if window.cursor is None:
            return ""
        column, kind = self._order[window.cursor], self._full_types[window.cursor]
        bounds = [(">=", window.lower), ("<=", window.upper)]
        return " and ".join(f"{column} {sign} {self._literal(value)}::{kind}" for sign, value in bounds if value is not None)

    def frames(self, window: Window) -> Iterator[pl.DataFrame]:
        """The rows of a window in order; numerics of known scale are decimals, foreign types are text."""
        columns = ", ".join(
            f"({column.expression}){'' if self._types[column.name] in _NATIVE else '::text'} as {quoted(column.name)}"
            for column in self._source.selected
        )
        query = (
            f"select {columns} from {self._source.relation} where {self._where(window)} order by {', '.join(self._order.values()) or '1'}"  # noqa: S608 - quoted identifiers, trusted expressions
        )
        with naming(self._party), self._bulk.cursor() as cursor:
            cursor.adbc_statement.set_options(**{_BATCH_HINT: str(self._source.batch_bytes)})
            cursor.execute(query)
            stream = cursor.fetch_arrow()
            # the driver's public reader loses the SQLSTATE of what happens after the first rows; this one, which it uses itself, keeps it
            for batch in AdbcRecordBatchReader._import_from_c(stream.address):  # noqa: SLF001
                yield frame_of(batch)

    def count(self, window: Window) -> int:
        """How many rows the window has in this snapshot, counted by the server."""
        with naming(self._party):
            row = self._control.execute(trusted(f"select count(*) from {self._source.relation} where {self._where(window)}")).fetchone()  # noqa: S608 - quoted identifiers, trusted expressions
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Let the snapshot go."""
        for connection in (self._bulk, self._control):
            if connection is not None:
                with contextlib.suppress(Exception):  # it may already be gone, and nothing was written
                    connection.close()


def frame_of(batch: pa.RecordBatch) -> pl.DataFrame:
    """A record batch of ADBC as a frame; numerics that declare their scale become decimals unless one of them is not finite."""
    columns: dict[str, pl.Series] = {}
    for field, column in zip(batch.schema, batch.columns, strict=True):
        plain = column.storage if isinstance(column, pa.ExtensionArray) else column
        series = pl.Series(field.name, plain)
        typmod = int((field.metadata or {}).get(_TYPMOD, b"-1"))
        if plain is not column and typmod >= _HEADER:
            precision, scale = (typmod - _HEADER) >> _HALF, (typmod - _HEADER) & 0x7FF
            if precision <= MAX_PRECISION and scale <= precision:
                exact = series.cast(pl.Decimal(precision, scale), strict=False)
                series = exact if exact.null_count() == series.null_count() else series
        columns[field.name] = series
    return pl.DataFrame(columns)
