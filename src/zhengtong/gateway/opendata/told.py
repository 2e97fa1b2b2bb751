"""Answers of open rows in JSON, each with how many rows and which items it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

from zhengtong.engines.rowquery import answers, permitted, reading, statements
from zhengtong.engines.rowquery.refusals import BadQuery
from zhengtong.gateway.opendata import descriptions
from zhengtong.kernel.sentences import say

if TYPE_CHECKING:
    from zhengtong.engines.rowquery.question import Question
    from zhengtong.engines.rowquery.table import Table
    from zhengtong.gateway.database import Line
    from zhengtong.gateway.opendata.asking import Asked

_json = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Told:
    """An answer without its end, which the desk writes; the rows in it, and the items it tells of."""

    body: bytes
    rows: int
    items: tuple[str, ...]


async def told(line: Line, table: Table, asked: Asked, origin: str, *, granted: bool) -> Told:
    """
    The answer to a question.

    :raises RowRefusal: a subclass says why there is none.
    """
    every = tuple(column.key for column in table.columns)
    match asked.kind:
        case "rows":
            return await _page(line, table, reading.rows_question(table, asked.pairs), every)
        case "facets":
            return await _facets(line, table, asked.pairs)
        case "aggregate":
            return await _aggregate(line, table, asked.pairs)
    if asked.pairs:
        name = asked.pairs[0][0][:60]
        raise BadQuery(say("没有参数 {name}。", name=name), field=name)
    content = await _described(line, table, asked.kind, origin, granted=granted)
    content.pop("version", None)
    return Told(bytes(_json(content))[:-1], 0, every)


async def _described(line: Line, table: Table, kind: str, origin: str, *, granted: bool) -> dict[str, Any]:
    if kind == "schema":
        return descriptions.schema(table)
    if kind == "openapi":
        return descriptions.openapi(table, origin)
    return descriptions.dataset(table, await descriptions.facts(line, table), origin, granted=granted)


async def _page(line: Line, table: Table, question: Question, every: tuple[str, ...]) -> Told:
    statement = statements.page(table, question)
    page = answers.page(table, question, await line.fetch(statement.sql, *statement.values))
    total = answers.known_total(table, question, page) or answers.counted_total(table, await _counted(line, table, question))
    following = b'"%b"' % page.next.encode() if page.next else b"null"
    counted = b"null" if total.rows is None else b"%d" % total.rows
    reason = b',"total_reason":%b' % _json(str(total.reason)) if total.reason else b""
    body = b'{"data":[%b],"next":%b,"total":%b%b' % (",".join(page.rows).encode(), following, counted, reason)
    return Told(body, len(page.rows), question.fields or every)


async def _counted(line: Line, table: Table, question: Question) -> int | None:
    """How many rows fit, where it is cheap to know; a page is not refused because its rows take long to count."""
    statement = statements.count(table, question.where) if question.where is not None else None
    if statement is None:
        return None
    try:
        return int((await line.fetch(statement.sql, *statement.values))[0][0])
    except asyncpg.QueryCanceledError:
        return None


async def _facets(line: Line, table: Table, pairs: list[tuple[str, str]]) -> Told:
    question = reading.facet_question(table, pairs)
    permitted.require_facets(table, question)
    found, rows = {}, 0
    for item in question.items:
        facet = answers.counted(table, item, question)
        if facet is None:
            statement = statements.facet(table, item, question)
            facet = answers.facet(item, question, await line.fetch(statement.sql, *statement.values))
        found[item] = {"values": [{"value": one.value, "count": one.count} for one in facet.values], "more": facet.more}
        rows += len(facet.values)
    return Told(bytes(_json({"facets": found}))[:-1], rows, question.items)


async def _aggregate(line: Line, table: Table, pairs: list[tuple[str, str]]) -> Told:
    question = reading.aggregate_question(table, pairs)
    statement = statements.aggregate(table, question)
    fetched = await line.fetch(statement.sql, *statement.values)
    shown = fetched[: question.limit]
    groups = ",".join(record[0] for record in shown).encode()
    items = dict.fromkeys([*question.group, *(one.item for one in question.measures if one.item)])
    return Told(b'{"data":[%b],"more":%b' % (groups, b"true" if len(fetched) > question.limit else b"false"), len(shown), tuple(items))
