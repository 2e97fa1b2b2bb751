"""
The rows of open datasets, answered from their tables by the engine of row questions.

For pages and protocols of the web; the interface ``/open/v1`` asks the same engine over its own connections. Every function looks up
first whether the dataset is open, so a withdrawal counts from the next question on.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection, transaction

from zhengtong.apps.flow.opendata.models import PublishedTable
from zhengtong.apps.flow.opendata.queries.access import ConditionalOnly, version_open_to_all
from zhengtong.apps.flow.opendata.queries.datasets import found
from zhengtong.engines.rowquery import answers, permitted, statements
from zhengtong.engines.rowquery.question import AggregateQuestion, FacetQuestion, Question
from zhengtong.engines.rowquery.reading import checked_question
from zhengtong.engines.rowquery.refusals import TooExpensive
from zhengtong.engines.rowquery.statements import Statement
from zhengtong.engines.rowquery.table import Table
from zhengtong.kernel.errors import NotFound

#: how long one question may take before it is refused, and a stream before it is broken off
QUESTION_MILLISECONDS, STREAM_MILLISECONDS = 3_000, 600_000
_BLOCK = 1 << 16


class RowsUnknown(NotFound):
    """这一版的数据行不能在线查询;文件仍可下载。"""

    code = "rows-unknown"


@dataclass(frozen=True)
class RowPage:
    """
    A page of rows of one version. ``rows`` are JSON objects as texts; ``next`` is the cursor behind them. ``total`` is how many rows
    fit, or None with ``total_reason``.
    """

    table: Table
    rows: tuple[str, ...]
    next: str | None
    total: int | None
    total_reason: str

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries: texts, integers, floats, booleans and None; decimals, dates and moments are texts."""
        return [json.loads(row) for row in self.rows]


def row_schema(number: int, *, version: int | None = None) -> Table:
    """
    The table of an open dataset: its columns with kinds and indexes, its exact number of rows, its version.

    :param version: the newest if not given; an older one can be read for an hour after it was replaced.
    :raises DatasetUnknown: if there is no such dataset.
    :raises DatasetGone: if it was withdrawn.
    :raises ConditionalOnly: if its rows go to applicants alone.
    :raises RowsUnknown: if the version has no table.
    """
    row = found(number)
    wanted = {"version": row.current_id} if version is None else {"version__dataset": number, "version__number": version}
    held = PublishedTable.objects.select_related("version").filter(**wanted).first()
    if held is None:
        raise RowsUnknown
    one = held.version
    if not version_open_to_all(row, one):
        raise ConditionalOnly
    return Table.of(held.document, dataset=number, version=one.number, relation=held.relation, rows=one.rows, title=one.facts["title"])


def rows(table: Table, question: Question, *, counted: bool = True) -> RowPage:
    """
    A page of rows.

    :param table: what ``row_schema`` gave.
    :param counted: whether to count the rows that fit; without a filter and on a page that holds them all the total is known anyway.
    :raises RowRefusal: a subclass says why the question cannot be answered.
    """
    question = checked_question(table, question)
    fetched = _fetched(statements.page(table, question))
    page = answers.page(table, question, fetched)
    total = answers.known_total(table, question, page) or answers.counted_total(table, _counted(table, question) if counted else None)
    return RowPage(table, page.rows, page.next, total.rows, total.reason)


def _counted(table: Table, question: Question) -> int | None:
    statement = statements.count(table, question.where) if question.where is not None else None
    return int(_fetched(statement)[0][0]) if statement else None


def row_facets(table: Table, question: FacetQuestion) -> list[answers.Facet]:
    """
    How often each value of the items occurs among the rows that fit, exactly.

    :raises RowRefusal: a subclass says why the question cannot be answered.
    """
    permitted.require_facets(table, question)
    return [
        answers.counted(table, item, question) or answers.facet(item, question, _fetched(statements.facet(table, item, question)))
        for item in question.items
    ]


def row_aggregate(table: Table, question: AggregateQuestion) -> tuple[list[dict[str, Any]], bool]:
    """
    Measures by group, and whether there are more groups.

    :raises RowRefusal: a subclass says why the question cannot be answered.
    """
    fetched = _fetched(statements.aggregate(table, question))
    return [json.loads(record[0]) for record in fetched[: question.limit]], len(fetched) > question.limit


def dump(table: Table, question: Question, form: str) -> Generator[bytes, None, None]:
    """
    All rows of a question, streamed from the server over a connection of its own: ``csv`` with heads, or ``ndjson``.

    The question is checked at once, the rows are read when the first part is asked for.

    :raises RowRefusal: a subclass says why the question cannot be answered.
    """
    return _streamed(statements.stream(table, checked_question(table, question), form))


def _streamed(copy: statements.Copy) -> Generator[bytes, None, None]:
    own, block = connection.copy(), 1  # the first row goes out at once
    own.inc_thread_sharing()
    try:
        own.ensure_connection()
        server = own.connection
        with server.transaction(), psycopg.RawCursor(server) as cursor:
            cursor.execute(f"set local statement_timeout = {STREAM_MILLISECONDS}")
            cursor.execute(copy.before.sql, copy.before.values)
            yield copy.head
            with cursor.copy(copy.sql) as parts:
                pending = bytearray()
                for part in parts:
                    pending += part
                    if len(pending) >= block:
                        yield bytes(pending)
                        pending.clear()
                        block = _BLOCK
                yield bytes(pending)
    finally:
        own.close()


def _fetched(statement: Statement) -> list[Any]:
    with _asking() as cursor:
        cursor.execute(statement.sql, statement.values)
        return list(cursor.fetchall())


@contextmanager
def _asking() -> Iterator[psycopg.RawCursor[Any]]:
    try:
        with transaction.atomic():
            connection.ensure_connection()
            with psycopg.RawCursor(connection.connection) as cursor:
                cursor.execute(f"set local statement_timeout = {QUESTION_MILLISECONDS}")
                yield cursor
    except psycopg.errors.QueryCanceled as exc:
        raise TooExpensive(remedy="缩小查询范围,或按有索引的信息项查询") from exc
