"""One database with a source schema and a hub, and short words to run a job between them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, Selected
from zhengtong.engines.dataflow.connectors.postgresql.reader import PostgresSource
from zhengtong.engines.dataflow.ddl import create_table_sql
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.job import Job, Target
from zhengtong.engines.dataflow.pipeline import Outcome, run_job
from zhengtong.kernel.errors import Party

ITEMS = (
    Item(key="id", name="编号", type=ItemType.INTEGER, is_key=True),
    Item(key="name", name="姓名", length=20),
    Item(key="amount", name="金额", type=ItemType.DECIMAL, precision=10, scale=2),
    Item(key="changed", name="更新时间", type=ItemType.DATETIME),
)


@dataclass
class World:
    """A source table ``dept.person`` and a hub table ``public.person``."""

    url: str
    connection: psycopg.Connection[Any]
    _seconds: Iterator[int] = field(default_factory=itertools.count)

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []

    def clock(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self._seconds))

    @property
    def source(self) -> PostgresSource:
        selected = tuple(Selected.column(item.key) for item in ITEMS)
        return PostgresSource(Endpoint(self.url, party=Party.PROVIDER), "dept", "person", selected)

    def job(self, **changes: Any) -> Job:
        target = Target(endpoint=Endpoint(self.url), schema="public", table="person", create_engine_tables=True)
        whole = Job(name="job", source=self.source, target=target, items=ITEMS, mapping={item.key: item.key for item in ITEMS})
        return replace(whole, **changes)

    def run(self, job: Job | None = None, **options: Any) -> Outcome:
        return run_job(job or self.job(), run=uuid.uuid4(), clock=self.clock, **options)

    def fill(self, rows: int, start: int = 1) -> None:
        self.sql(
            "insert into dept.person select i, '姓名' || i, i / 100.0, timestamptz '2026-01-01' + i * interval '1 minute'"
            " from generate_series(%s::int, %s::int) i",
            start,
            start + rows - 1,
        )

    def same(self) -> bool:
        """Whether source and hub hold exactly the same rows."""
        columns = "id, name, amount, changed"
        return not self.sql(
            f"(select {columns} from dept.person except all select {columns} from public.person)"
            f" union all (select {columns} from public.person except all select {columns} from dept.person)"
        )

    def quarantined(self) -> list[tuple[Any, ...]]:
        return self.sql("select key, rules, row from zhengtong.exchange_quarantine order by id")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        made = World(database_url, connection)
        made.sql("create schema dept")
        made.sql("create table dept.person (id bigint primary key, name varchar(50), amount numeric(10, 2), changed timestamptz)")
        for statement in create_table_sql("public", "person", ITEMS):
            made.sql(statement)
        yield made


@pytest.fixture
def stop_after() -> Callable[[int], Callable[[], bool]]:
    """A stop request that comes after so many questions."""

    def made(times: int) -> Callable[[], bool]:
        left = itertools.count()
        return lambda: next(left) + 1 >= times

    return made
