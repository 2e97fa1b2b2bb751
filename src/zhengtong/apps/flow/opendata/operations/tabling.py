"""
The rows of a version as a table of their own in the schema ``opened``, from which the interface of rows answers.

A table is loaded, indexed and counted in one transaction of a connection of its own, under a name of the build. It becomes visible when the
transaction that names the version's files names it too. Tables are never changed; those of older versions are dropped an hour later, when
nobody who began before the change reads them any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import structlog
from django.db import OperationalError, connection, transaction

from zhengtong.apps.flow.opendata.models import Build, Dataset, DatasetVersion, PublishedTable
from zhengtong.apps.flow.opendata.rules import tabling, texts
from zhengtong.engines.rowquery import statements
from zhengtong.engines.rowquery.question import FacetQuestion
from zhengtong.engines.rowquery.table import COUNTED_VALUES, ROW, SCHEMA, SMALL, SQL_TYPES, Column, Kind, Table

if TYPE_CHECKING:
    from zhengtong.apps.flow.opendata.operations.filing import Made

log = structlog.get_logger()
#: how long readers of a version have after a newer one
GRACE = timedelta(hours=1)
_AT_A_TIME = 50
#: bytes of the longest text that a b-tree takes, with room for the row number
_INDEXABLE = 2_000
_NULL = r"\N"
Told = Callable[[int], None]


def relation_of(build: Build) -> str:
    """The name of the table that a build makes."""
    return f"d{build.dataset_id}_{build.pk.hex}"


def loaded(build: Build, made: Made, told: Told) -> Table:
    """
    Load the rows into a table that nothing names so far; what killed builds of the dataset left behind goes away.

    :param told: called with the rows loaded so far.
    """
    row = build.dataset
    _sweep_unnamed(row)
    kinds = tabling.kinds_of(made.sheet)
    chosen = (
        tabling.indexed(kinds, made.keys, [*row.indexed, *(row.place.get(name, "") for name in ("longitude", "latitude", "region_item"))])
        if made.sheet.rows > SMALL
        else ()
    )
    columns = tuple(Column(one.key, kinds[one.key], one.name, one.key in chosen) for one in made.sheet.columns)
    table = Table(row.pk, 0, relation_of(build), made.sheet.rows, columns, made.keys)
    # a connection of its own: progress is told on the other one while this transaction lasts
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute(_create(table))
            table = _copied(cursor, table, made, told, row.indexed)
            _index(cursor, table)
            table = _counted(cursor, table) if not table.small else table
        own.commit()
    finally:
        own.close()
    return table


def _create(table: Table) -> str:
    collation = {Kind.TEXT: ' collate "C"'}
    lines = [f"{column.sql} {SQL_TYPES[column.kind]}{collation.get(column.kind, '')}" for column in table.columns]
    return f"create table {table.sql} ({', '.join([f'{ROW.sql} bigint not null', *lines])})"


def _copied(cursor: Any, table: Table, made: Made, told: Told, chosen: Sequence[str]) -> Table:
    """COPY the rows part by part; what the parts show of missing, long and dangerous values is kept with the columns."""
    names = ", ".join(column.sql for column in (ROW, *table.columns))
    nulls, widest, formulas = Counter[str](), Counter[str](), set[str]()
    rows = 0
    # the table is made by this transaction, so its rows may be frozen: no reader has to look up who wrote them
    with cursor.copy(f"copy {table.sql} ({names}) from stdin (format csv, freeze, null '{_NULL}')") as copy:
        for batch in made.sheet.batches():
            part = batch.select(pl.int_range(rows + 1, rows + batch.height + 1, dtype=pl.Int64).alias(ROW.key), pl.all())
            copy.write(part.write_csv(include_header=False, quote_style="non_numeric", null_value=_NULL).encode())
            nulls.update({name: int(count) for name, count in batch.null_count().row(0, named=True).items()})
            for name, dtype in batch.schema.items():
                if dtype == pl.String():
                    widest[name] = max(widest[name], _longest(batch[name]))
                    if batch[name].str.contains(texts.FORMULA).any():
                        formulas.add(name)
            rows += batch.height
            told(rows)
    columns = tuple(
        replace(
            column,
            nulls=nulls[column.key] > 0,
            formulas=column.key in formulas,
            indexed=column.indexed and widest[column.key] <= _INDEXABLE,
        )
        for column in table.columns
    )
    return replace(table, columns=columns, covered=tabling.covered(columns, table.keys, chosen, widest))


def _longest(values: pl.Series) -> int:
    found = values.str.len_bytes().max()
    return found if isinstance(found, int) else 0


def _index(cursor: Any, table: Table) -> None:
    cursor.execute(f"alter table {table.sql} add primary key ({ROW.sql})")
    for column in table.columns:
        if column.indexed:
            others = [table.column(key).sql for key in table.covered if key != column.key] if column.key in table.covered else []
            held = f" include ({', '.join(others)})" if others else ""
            cursor.execute(f"create index on {table.sql} ({column.sql}, {ROW.sql}){held}")
    cursor.execute(f"analyze {table.sql}")


def _counted(cursor: Any, table: Table) -> Table:
    """Count the values of columns that have few, once and exactly, so that facets over all rows cost nothing."""
    cursor.execute("select attname, n_distinct from pg_stats where schemaname = %s and tablename = %s", [SCHEMA, table.relation])
    few = {name for name, distinct in cursor.fetchall() if 0 <= distinct <= COUNTED_VALUES}
    columns = []
    for column in table.columns:
        counted = None
        if column.key in few:
            question = FacetQuestion((column.key,), limit=COUNTED_VALUES)
            cursor.execute(statements.facet(table, column.key, question).sql)
            found = cursor.fetchall()
            counted = tuple((value, int(count)) for value, count in found) if len(found) <= COUNTED_VALUES else None
        columns.append(replace(column, counted=counted))
    return replace(table, columns=tuple(columns))


def name_table(version: DatasetVersion, table: Table, *, now: datetime) -> None:
    """Make a version's table the one that is read, inside the transaction that makes the version current."""
    older = PublishedTable.objects.filter(version__dataset=version.dataset_id, retired_at__isnull=True)
    older.update(retired_at=now)
    PublishedTable.objects.create(version=version, relation=table.relation, document=table.document(), made_at=now)


def drop_retired(*, now: datetime) -> int:
    """Drop tables of versions that were replaced an hour ago, except those somebody still reads. Safe to repeat; returns how many."""
    dropped = 0
    for row in PublishedTable.objects.filter(retired_at__lt=now - GRACE).order_by("retired_at")[:_AT_A_TIME]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '1s'")
                cursor.execute(f"drop table if exists {_sql(row.relation)}")
                row.delete()
        except OperationalError:
            log.info("table still read", relation=row.relation)
            continue
        dropped += 1
    return dropped


def _sweep_unnamed(row: Dataset) -> None:
    """Drop what killed builds of a dataset left; the caller holds its lock, so nobody loads one now."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = %s and tablename like %s", [SCHEMA, f"d{row.pk}\\_%"])
        there = {str(name) for (name,) in cursor.fetchall()}
        named = set(PublishedTable.objects.filter(relation__in=there).values_list("relation", flat=True))
        for relation in there - named:
            cursor.execute(f"drop table {_sql(relation)}")


def _sql(relation: str) -> str:
    return Table(0, 0, relation, 0, ()).sql
