"""What a PostgreSQL holds: connection test, tables, columns, samples, unique indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from zhengtong.engines.dataflow.connectors.base import ConnectionReport, SourceColumn, SourceTable
from zhengtong.engines.dataflow.connectors.postgresql.config import OLDEST_VERSION, Endpoint, naming, quoted, trusted
from zhengtong.engines.dataflow.errors import ExchangeFailure
from zhengtong.kernel.sentences import say

_HEADER, _HALF = 4, 16

_TABLES = """
select n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), c.reltuples::bigint,
       case c.relkind when 'v' then 'view' when 'm' then 'materialised view' when 'f' then 'foreign table' else 'table' end
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
  and has_table_privilege(c.oid, 'select')
order by 1, 2
"""

_COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), coalesce(col_description(a.attrelid, a.attnum), ''), not a.attnotnull,
       coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0), t.typname, a.atttypmod,
       a.attgenerated <> '' or a.attidentity = 'a', a.atthasdef or a.attidentity <> ''
from pg_attribute a
join pg_type t on t.oid = a.atttypid
left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""

_UNIQUE = """
select array(select a.attname::text from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any(i.indkey::int2[]) order by 1)
from pg_index i
where i.indrelid = to_regclass(%s) and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null and i.indimmediate
  and i.indnkeyatts = i.indnatts
"""


@dataclass(frozen=True)
class TargetColumn:
    """A column as rows must be written to it; ``length``, ``precision`` and ``scale`` are None where it sets none."""

    name: str
    kind: str
    full_type: str
    nullable: bool
    generated: bool
    has_default: bool
    length: int | None = None
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True)
class TargetTable:
    """A table that rows are written to."""

    schema: str
    name: str
    columns: dict[str, TargetColumn]
    #: the column sets that a valid, immediate, total unique index covers
    unique: frozenset[frozenset[str]]

    @property
    def relation(self) -> str:
        """Its quoted name."""
        return quoted(self.schema, self.name)


def test_connection(endpoint: Endpoint) -> ConnectionReport:
    """See whether the database answers, is new enough and can be read; say what is wrong and how to mend it."""
    try:
        with endpoint.connect() as connection, naming(endpoint.party):
            version = connection.info.server_version
            row = connection.execute(
                "select current_database(), current_user, pg_is_in_recovery(), pg_encoding_to_char(encoding)"
                " from pg_database where datname = current_database()"
            ).fetchone()
            readable = len(connection.execute(_TABLES).fetchall())
    except ExchangeFailure as failure:
        return ConnectionReport(ok=False, sentence=failure.sentence, remedy=failure.remedy)
    assert row is not None  # noqa: S101 - one is always connected to some database
    facts = (
        ("version", f"{version // 10_000}.{version % 10_000}"),
        ("database", str(row[0])),
        ("account", str(row[1])),
        ("encoding", str(row[3])),
        ("replica", "yes" if row[2] else "no"),
        ("readable tables", str(readable)),
    )
    if version < OLDEST_VERSION:
        return ConnectionReport(ok=False, sentence="数据库版本过低", remedy="使用 PostgreSQL 15 或更新", facts=facts)
    if not readable:
        return ConnectionReport(ok=False, sentence="连接正常,但账户读不到任何表", remedy="授予该账户模式 USAGE 与表 SELECT", facts=facts)
    return ConnectionReport(ok=True, sentence=say("连接正常,可读 {count} 张表", count=readable), facts=facts)


def tables(endpoint: Endpoint) -> list[SourceTable]:
    """The tables and views the account can read, by schema and name."""
    with endpoint.connect() as connection, naming(endpoint.party):
        return [SourceTable(*row) for row in connection.execute(_TABLES)]


def columns(endpoint: Endpoint, schema: str, table: str) -> list[SourceColumn]:
    """The columns of a table in order, with types, comments and primary key; none if there is no such table."""
    with endpoint.connect() as connection, naming(endpoint.party):
        return [SourceColumn(*row[:5]) for row in connection.execute(_COLUMNS, (quoted(schema, table),))]


def sample(endpoint: Endpoint, schema: str, table: str, rows: int = 20) -> list[dict[str, Any]]:
    """The first rows the table yields, for a person to look at; nothing is said about which."""
    with endpoint.connect() as connection, naming(endpoint.party):
        cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
        return cursor.execute(trusted(f"select * from {quoted(schema, table)} limit %s"), (rows,)).fetchall()  # noqa: S608 - quoted identifiers, trusted expressions


def target_table(endpoint: Endpoint, schema: str, table: str) -> TargetTable | None:
    """A table as a target; None if there is no such table."""
    with endpoint.connect() as connection, naming(endpoint.party):
        found = connection.execute(_COLUMNS, (quoted(schema, table),)).fetchall()
        unique = connection.execute(_UNIQUE, (quoted(schema, table),)).fetchall()
    if not found:
        return None
    described = {row[0]: _target_column(row) for row in found}
    return TargetTable(schema, table, described, frozenset(frozenset(row[0]) for row in unique))


def _target_column(row: tuple[Any, ...]) -> TargetColumn:
    name, full_type, _, nullable, _, kind, typmod, generated, has_default = row
    limits: dict[str, int] = {}
    if typmod >= _HEADER and kind in {"varchar", "bpchar"}:
        limits = {"length": typmod - _HEADER}
    elif typmod >= _HEADER and kind == "numeric":
        limits = {"precision": (typmod - _HEADER) >> _HALF, "scale": (typmod - _HEADER) & 0x7FF}
    return TargetColumn(
        name=name, kind=kind, full_type=full_type, nullable=nullable, generated=generated, has_default=has_default, **limits
    )
