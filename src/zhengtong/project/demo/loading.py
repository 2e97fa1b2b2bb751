"""The demo city into PostgreSQL: one schema per department, in one database or in one each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import polars as pl
import psycopg
from psycopg import sql

from zhengtong.kernel.errors import Invalid
from zhengtong.project.demo.city import DemoCity
from zhengtong.project.demo.tables import TABLES, TableSpec


@dataclass(frozen=True)
class Progress:
    """So far: ``rows`` of a table written, of all tables ``total``."""

    table: TableSpec
    rows: int
    total: int


def load(city: DemoCity, urls: Mapping[str, str], report: Callable[[Progress], None] | None = None) -> Counter[str]:
    """
    Write every table of the departments named in ``urls``, replacing what stood there; rows written, by ``schema.table``.

    Each department's database is one transaction: it holds the whole city or what it held before.

    :param urls: department key (see :data:`~zhengtong.project.demo.tables.TABLES`) → libpq URL; departments left out are skipped.
    :param report: called after every chunk.
    :raises Invalid: if ``urls`` names a department that has no table.
    :raises psycopg.Error: if a database refuses.
    """
    if unknown := sorted(urls.keys() - {table.department for table in TABLES}):
        raise Invalid(f"没有部门 {unknown[0]} 的演示数据", field="urls", remedy="使用演示部门的键名")
    written: Counter[str] = Counter()
    with ExitStack() as stack:
        # one connection per database, so that departments that share one do not lock each other out
        by_url = {url: stack.enter_context(psycopg.connect(url)) for url in sorted(set(urls.values()))}
        connections = {department: by_url[url] for department, url in urls.items()}
        for table in TABLES:
            if table.department in connections:
                create(connections[table.department], table)
        for table, chunk in city.chunks():
            if table.department in connections:
                copy(connections[table.department], table, chunk)
                written[table.qualified] += chunk.height
                if report:
                    report(Progress(table, written[table.qualified], written.total()))
        for table in TABLES:
            if table.department in connections:
                _finish(connections[table.department], table)
    return written


def create(connection: psycopg.Connection, table: TableSpec) -> None:
    """Make the table anew in its schema, with a comment on it and on every column."""
    name = sql.Identifier(table.department, table.name)
    connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(table.department)))
    connection.execute(sql.SQL("drop table if exists {}").format(name))
    columns = [
        # the types come from the table specification, never from outside
        sql.SQL("{} {}").format(sql.Identifier(column.name), _TYPES[column.type])
        for column in table.columns
    ]
    connection.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(columns)))
    connection.execute(sql.SQL("comment on table {} is {}").format(name, sql.Literal(table.title)))
    for column in table.columns:
        target = sql.Identifier(table.department, table.name, column.name)
        connection.execute(sql.SQL("comment on column {} is {}").format(target, sql.Literal(column.item)))


def copy(connection: psycopg.Connection, table: TableSpec, chunk: pl.DataFrame) -> None:
    """Append rows by COPY; a missing value is NULL, an empty text stays empty."""
    statement = sql.SQL("copy {} from stdin (format csv)").format(sql.Identifier(table.department, table.name))
    body = chunk.write_csv(None, include_header=False)
    with connection.cursor() as cursor, cursor.copy(statement) as pipe:
        pipe.write(body)


def _finish(connection: psycopg.Connection, table: TableSpec) -> None:
    """Indexes after the rows are in: the key where there is one, and the time of change that an increment follows."""
    name = sql.Identifier(table.department, table.name)
    if table.unique and table.key:
        columns = sql.SQL(", ").join(map(sql.Identifier, table.key))
        connection.execute(sql.SQL("alter table {} add primary key ({})").format(name, columns))
    if table.updated:
        connection.execute(sql.SQL("create index on {} ({})").format(name, sql.Identifier(table.updated)))
    connection.execute(sql.SQL("analyze {}").format(name))


_TYPES: Mapping[str, sql.SQL] = {
    "text": sql.SQL("text"),
    "bigint": sql.SQL("bigint"),
    "date": sql.SQL("date"),
    "timestamp": sql.SQL("timestamp"),
    "numeric(10,2)": sql.SQL("numeric(10,2)"),
    "numeric(12,2)": sql.SQL("numeric(12,2)"),
    "numeric(14,2)": sql.SQL("numeric(14,2)"),
    "numeric(16,2)": sql.SQL("numeric(16,2)"),
}
