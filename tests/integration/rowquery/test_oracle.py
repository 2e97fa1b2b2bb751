"""Every question gets the answer that plain Python gives over the same rows, however it is nested, sorted and paged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhengtong.engines.rowquery import answers, reading, statements
from zhengtong.engines.rowquery.question import Condition, FacetQuestion, Filter, Group, Op, Question, Sort
from zhengtong.engines.rowquery.statements import Statement
from zhengtong.engines.rowquery.table import ROW, SCHEMA, SQL_TYPES, Column, Kind, Table
from zhengtong.kernel.clock import CHINA

NASTY = (
    "",
    "a",
    "ab",
    "a'b",
    'a"b',
    "a\\b",
    "a%b",
    "a_b",
    "张",
    "张三",
    "=1+1",
    "x\ny",
    "\U0010ffff",
    "\ud7ff",
    "$1",
    "'; drop table x; --",
)
TEXTS = (*NASTY, None)
INTEGERS = (-(2**63), -1, 0, 1, 2, 2**63 - 1, None)
DECIMALS = (Decimal("-1.50"), Decimal("0.00"), Decimal("1.25"), Decimal("1.50"), None)
DOUBLES = (-1e300, -0.5, 0.0, 1.5, 1e-9, None)
DATES = (date(1999, 12, 31), date(2026, 1, 1), date(2026, 3, 1), None)
MOMENTS = (datetime(2026, 1, 1, 8, tzinfo=CHINA), datetime(2026, 1, 1, 8, 0, 0, 500, tzinfo=CHINA), None)
FLAGS = (True, False, None)
#: keys that are names inside of statements too
VALUES = {"t": TEXTS, "x": INTEGERS, "n": DECIMALS, "f": DOUBLES, "d": DATES, "p": MOMENTS, "count": FLAGS}
KINDS = dict(zip(VALUES, (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.DOUBLE, Kind.DATE, Kind.MOMENT, Kind.BOOLEAN), strict=True))
COLUMNS = tuple(Column(key, kind, indexed=True) for key, kind in KINDS.items())
#: some questions are of columns that every index holds, others are not
TABLE = Table(1, 1, "oracle", 60, COLUMNS, covered=("t", "x", "d", "count"))
#: the same rows as a table of so many that only indexes answer
LARGE = Table(1, 1, "oracle", 10**7, COLUMNS, covered=tuple(VALUES))
ROWS = [
    {ROW.key: place + 1} | {key: values[(place * (3 + column)) % len(values)] for column, (key, values) in enumerate(VALUES.items())}
    for place in range(60)
]
SIGNS = {Op.EQ: "__eq__", Op.NE: "__ne__", Op.GT: "__gt__", Op.GTE: "__ge__", Op.LT: "__lt__", Op.LTE: "__le__"}


def told(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, datetime) and value.microsecond:
        whole, _, zone = value.isoformat().rpartition("+")
        return f"{whole.rstrip('0')}+{zone}"
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def as_text(value: Any) -> str:
    plain = told(value)
    return plain if isinstance(plain, str) else json.dumps(plain)


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[psycopg.Connection]:
    from django.db import connection

    with django_db_blocker.unblock():
        params = connection.get_connection_params()
    with psycopg.connect(
        host=params["host"], port=params["port"], user=params["user"], password=params.get("password"), dbname=params["dbname"]
    ) as one:
        collation = {Kind.TEXT: ' collate "C"'}
        lines = ", ".join(f"{column.sql} {SQL_TYPES[column.kind]}{collation.get(column.kind, '')}" for column in COLUMNS)
        one.execute(f"create temporary table made (_row bigint primary key, {lines})")
        one.execute("set timezone = 'America/New_York'; set datestyle = 'German'; set jit = off")
        keys = [ROW.key, *VALUES]
        for row in ROWS:
            marks = ", ".join(["%s"] * len(keys))
            one.execute(f"insert into made ({', '.join(keys)}) values ({marks})", [row[key] for key in keys])
        one.execute("set session search_path = pg_temp, public")
        yield one
        one.rollback()


def fetched(server: psycopg.Connection, statement: Statement) -> list[Any]:
    sql = statement.sql.replace(f'"{SCHEMA}"."oracle"', "made")
    with psycopg.RawCursor(server) as cursor:
        return list(cursor.execute(sql, statement.values).fetchall())


# --------------------------------------------------------------------------- the oracle
def fits(row: dict[str, Any], where: Filter | None) -> bool:
    if isinstance(where, Group):
        return (any if where.either else all)(fits(row, part) for part in where.parts)
    return where is None or holds(row[where.item], where)


def holds(value: Any, where: Condition) -> bool:
    if where.op is Op.ISNULL:
        return (value is None) == (where.values == ("true",))
    if value is None:
        return False
    wanted = [parsed(where.item, text) for text in where.values]
    match where.op:
        case Op.IN:
            return value in wanted
        case Op.CONTAINS:
            return wanted[0] in value
        case Op.STARTSWITH:
            return bool(value.startswith(wanted[0]))
        case _:
            return bool(getattr(value, SIGNS[where.op])(wanted[0]))


PARSERS: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.DOUBLE: float,
    Kind.DATE: date.fromisoformat,
    Kind.MOMENT: datetime.fromisoformat,
    Kind.BOOLEAN: lambda text: text == "true",
}


def parsed(item: str, text: str) -> Any:
    return PARSERS[KINDS[item]](text)


def in_order(rows: list[dict[str, Any]], sort: tuple[Sort, ...]) -> list[dict[str, Any]]:
    ways = [*sort]
    if ROW.key not in {one.item for one in sort}:
        ways.append(Sort(ROW.key, sort[-1].descending if sort else False))
    for one in reversed(ways):
        given = sorted((row for row in rows if row[one.item] is not None), key=lambda row: row[one.item], reverse=one.descending)
        # a stable sort keeps equal rows as they are, reversed or not
        rows = given + [row for row in rows if row[one.item] is None]
    return rows


# --------------------------------------------------------------------------- questions
@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    item = draw(st.sampled_from([*VALUES]))
    kind = KINDS[item]
    ops = {Op.EQ, Op.NE, Op.IN, Op.ISNULL}
    ops |= {Op.CONTAINS, Op.STARTSWITH} if kind is Kind.TEXT else set()
    ops |= {Op.GT, Op.GTE, Op.LT, Op.LTE} if kind is not Kind.BOOLEAN else set()
    op = draw(st.sampled_from(sorted(ops)))
    if op is Op.ISNULL:
        return reading.condition(TABLE, item, op, [draw(st.sampled_from(["true", "false"]))])
    known = st.sampled_from([as_text(value) for value in VALUES[item] if value is not None])
    if kind is Kind.TEXT:
        known |= st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=3)
    values = draw(st.lists(known, min_size=1, max_size=4 if op is Op.IN else 1))
    return reading.condition(TABLE, item, op, values)


FILTERS = st.none() | st.recursive(
    conditions(),
    lambda inner: st.builds(Group, st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans()),
    max_leaves=6,
)
SORTS = st.lists(st.builds(Sort, st.sampled_from([*VALUES, ROW.key]), st.booleans()), max_size=3, unique_by=lambda one: one.item).map(tuple)
CHECKED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def walked(server: psycopg.Connection, table: Table, question: Question) -> list[dict[str, Any]]:
    """All pages, one after the other."""
    found: list[dict[str, Any]] = []
    for _ in range(200):
        page = answers.page(table, question, fetched(server, statements.page(table, question)))
        assert len(page.rows) <= (question.limit or 0)
        found += [json.loads(row) for row in page.rows]
        if page.next is None:
            return found
        question = Question(question.where, question.fields, question.sort, question.limit, page.next, 0, question.distinct)
    raise AssertionError("the pages do not end")


@CHECKED
@given(where=FILTERS, sort=SORTS, limit=st.integers(1, 25))
def test_pages_hold_every_row_that_fits_once_and_in_order(
    server: psycopg.Connection, where: Filter | None, sort: tuple[Sort, ...], limit: int
) -> None:
    question = Question(where, (ROW.key, *VALUES), sort, limit)
    wanted = in_order([row for row in ROWS if fits(row, where)], sort)
    assert walked(server, TABLE, question) == [{key: told(value) for key, value in row.items()} for row in wanted]


@CHECKED
@given(where=FILTERS, item=st.sampled_from([*VALUES]), descending=st.booleans(), limit=st.integers(1, 25))
def test_a_large_table_answers_alike(server: psycopg.Connection, where: Filter | None, item: str, descending: bool, limit: int) -> None:  # noqa: FBT001
    question = Question(where, (ROW.key, "f"), (Sort(item, descending),), limit)
    try:
        found = walked(server, LARGE, question)
    except statements.permitted.NotIndexed:
        return
    assert [row[ROW.key] for row in found] == [row[ROW.key] for row in in_order([row for row in ROWS if fits(row, where)], question.sort)]


@CHECKED
@given(where=FILTERS, fields=st.lists(st.sampled_from([*VALUES]), min_size=1, max_size=3, unique=True), limit=st.integers(1, 9))
def test_distinct_rows_come_once(server: psycopg.Connection, where: Filter | None, fields: list[str], limit: int) -> None:
    found = walked(server, TABLE, Question(where, tuple(fields), (), limit, "", 0, distinct=True))
    wanted = {tuple(told(row[key]) for key in fields) for row in ROWS if fits(row, where)}
    assert {tuple(row.values()) for row in found} == wanted
    assert len(found) == len(wanted)


@CHECKED
@given(where=FILTERS, item=st.sampled_from([*VALUES]))
def test_counts_are_exact(server: psycopg.Connection, where: Filter | None, item: str) -> None:
    fitting = [row for row in ROWS if fits(row, where)]
    if where is not None:
        statement = statements.count(TABLE, where)
        assert statement is not None
        assert fetched(server, statement)[0][0] == len(fitting)
    question = FacetQuestion((item,), where, 100)
    facet = answers.facet(item, question, fetched(server, statements.facet(TABLE, item, question)))
    wanted = Counter(row[item] for row in fitting)
    assert sorted(one.count for one in facet.values) == sorted(wanted.values())
    if KINDS[item] is not Kind.DOUBLE:
        assert {one.value: one.count for one in facet.values} == {
            None if value is None else as_text(value): n for value, n in wanted.items()
        }


@CHECKED
@given(where=FILTERS, group=st.lists(st.sampled_from(["t", "x", "d"]), max_size=2, unique=True))
def test_measures_are_those_of_the_rows(server: psycopg.Connection, where: Filter | None, group: list[str]) -> None:
    pairs = [("measures", "count,count:n,sum:n,min:t,max:d"), ("group", ",".join(group)), ("limit", "1000")]
    asked = reading.aggregate_question(TABLE, pairs)
    asked = type(asked)(asked.measures, asked.group, where, (), asked.limit)
    found = [json.loads(record[0]) for record in fetched(server, statements.aggregate(TABLE, asked))]
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {} if group else {(): []}
    for row in ROWS:
        if fits(row, where):
            groups.setdefault(tuple(told(row[key]) for key in group), []).append(row)
    assert len(found) == len(groups)
    for one in found:
        rows = groups[tuple(one[key] for key in group)]
        given = [row["n"] for row in rows if row["n"] is not None]
        assert one["count"] == len(rows)
        assert one["count_n"] == len(given)
        assert one["sum_n"] == (str(sum(given)) if given else None)
        assert one["min_t"] == min((row["t"] for row in rows if row["t"] is not None), default=None)
        assert one["max_d"] == told(max((row["d"] for row in rows if row["d"] is not None), default=None))


@CHECKED
@given(where=FILTERS, sort=SORTS)
def test_streams_hold_the_rows_of_the_pages(server: psycopg.Connection, where: Filter | None, sort: tuple[Sort, ...]) -> None:
    question = Question(where, (ROW.key, *VALUES), sort, None)
    copy = statements.stream(TABLE, question, "ndjson")
    with psycopg.RawCursor(server) as cursor:
        cursor.execute(copy.before.sql, copy.before.values)
        with cursor.copy(copy.sql.replace(f'"{SCHEMA}"."oracle"', "made")) as parts:
            text = b"".join(bytes(part) for part in parts)
    wanted = in_order([row for row in ROWS if fits(row, where)], sort)
    assert [json.loads(line) for line in text.decode().split("\n")[:-1]] == [
        {key: told(value) for key, value in row.items()} for row in wanted
    ]


def test_moments_are_told_apart_to_the_microsecond() -> None:
    assert MOMENTS[1] is not None
    assert MOMENTS[0] is not None
    assert MOMENTS[1] - MOMENTS[0] == timedelta(microseconds=500)
