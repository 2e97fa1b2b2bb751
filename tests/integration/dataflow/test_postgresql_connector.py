"""PostgreSQL as a source and a receiver: descriptions, failures with their party, masked pushes with a receipt."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import psycopg
import pytest

from tests.integration.dataflow.conftest import ITEMS, World
from zhengtong.contracts.grants import GrantedItem, Mask, Operator, ScopeRule
from zhengtong.contracts.projection import masked, scope_sql
from zhengtong.contracts.routing import Column
from zhengtong.engines.dataflow.chunks import chained_digest, content_digest
from zhengtong.engines.dataflow.connectors.base import Phase, SourceColumn, Window
from zhengtong.engines.dataflow.connectors.postgresql import introspection
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, Selected
from zhengtong.engines.dataflow.ddl import EngineTables, TargetOptions, create_table_sql, engine_tables_sql, migrate_table_sql
from zhengtong.engines.dataflow.errors import BadPlan, ExchangeFailure, TerminalFailure, TransientFailure
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.reconcile import Counts
from zhengtong.kernel.canonical import encode
from zhengtong.kernel.errors import Party


# ------------------------------------------------------------------ what is there
def test_tables_columns_and_samples(world: World) -> None:
    world.sql("comment on table dept.person is '人员'")
    world.sql("comment on column dept.person.name is '姓名'")
    world.sql("create view dept.people as select * from dept.person")
    world.sql("create table dept.pair (b int, x text not null, a int, primary key (a, b))")
    world.fill(3)
    endpoint = Endpoint(world.url)
    found = {(table.schema, table.name): table for table in introspection.tables(endpoint)}
    assert found["dept", "person"].comment == "人员"
    assert found["dept", "people"].kind == "view"
    assert introspection.columns(endpoint, "dept", "person")[:2] == [
        SourceColumn("id", "bigint", "", nullable=False, key_place=1),
        SourceColumn("name", "character varying(50)", "姓名", nullable=True),
    ]
    assert {column.name: column.key_place for column in introspection.columns(endpoint, "dept", "pair")} == {"b": 2, "x": 0, "a": 1}
    assert introspection.columns(endpoint, "dept", "nothing") == []
    assert [row["id"] for row in introspection.sample(endpoint, "dept", "person", 2)] == [1, 2]


def test_a_good_connection_says_what_it_found(world: World) -> None:
    report = introspection.test_connection(Endpoint(world.url))
    assert report.ok
    assert dict(report.facts)["encoding"] == "UTF8"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda url: re.sub(r":[^:@/]+@", ":wrong@", url), "账户或口令"),
        (lambda url: re.sub(r"/zt_[0-9a-f]+", "/nowhere", url), "没有这个数据库"),
        (lambda url: re.sub(r"host=[^&]+", "host=/nowhere", url), "连接中断"),
    ],
)
def test_a_bad_connection_says_what_is_wrong(world: World, change: Callable[[str], str], sentence: str) -> None:
    report = introspection.test_connection(Endpoint(change(world.url), party=Party.PROVIDER))
    assert not report.ok
    assert sentence in report.sentence
    assert report.remedy


# ------------------------------------------------------------------ failures
def _failure(world: World, **changes: object) -> ExchangeFailure:
    with pytest.raises(ExchangeFailure) as caught:
        world.run(world.job(source=replace(world.source, **changes)))
    return caught.value


def test_the_source_is_named_for_what_it_lacks(world: World) -> None:
    world.fill(3)
    assert (_failure(world, table="gone").party, _failure(world, table="gone").sqlstate) == (Party.PROVIDER, "42P01")
    selected = (*(Selected.column(item.key) for item in ITEMS[:3]), Selected("changed", "t.nothing"))
    failure = _failure(world, selected=selected)
    assert (type(failure).__mro__[1], failure.sqlstate) == (TerminalFailure, "42703")


def test_a_failure_in_the_middle_of_the_rows_keeps_what_was_committed(world: World) -> None:
    world.fill(80_000)
    selected = (*(Selected.column(item.key) for item in ITEMS[:2]), Selected("amount", "1.0 / (70001 - t.id)"), Selected.column("changed"))
    with pytest.raises(TerminalFailure) as caught:
        world.run(world.job(source=replace(world.source, selected=selected, batch_bytes=1 << 16), chunk_rows=20_000))
    assert (caught.value.party, caught.value.sqlstate) == (Party.PROVIDER, "22012")
    assert "70001" not in str(caught.value)
    committed = world.sql("select read_rows from zhengtong.exchange_run")[0][0]
    assert world.sql("select (select count(*) from public.person) + (select count(*) from zhengtong.exchange_quarantine)") == [(committed,)]
    assert 0 < committed < 80_000
    outcome = world.run(world.job())
    assert outcome.counts.read == 80_000


def test_a_lock_is_a_transient_failure_of_the_platform(world: World) -> None:
    world.fill(3)
    world.run()
    job = world.job()
    job = replace(job, target=replace(job.target, endpoint=Endpoint(world.url, lock_timeout=1)))
    world.sql("update dept.person set name = '改'")
    with psycopg.connect(world.url) as other:
        other.execute("lock table public.person in exclusive mode")
        with pytest.raises(TransientFailure) as caught:
            world.run(job)
    assert (caught.value.party, caught.value.sqlstate) == (Party.PLATFORM, "55P03")
    assert world.run(job).counts.updated == 3


def test_a_source_session_that_dies_is_transient_and_the_providers(world: World) -> None:
    world.fill(100_000)

    def kill(_report: object) -> None:
        world.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where query like '%dept%person%order by%'"
            " and pid <> pg_backend_pid() and datname = current_database()"
        )

    source = replace(world.source, batch_bytes=1 << 14)
    with pytest.raises(TransientFailure) as caught:
        world.run(world.job(source=source, chunk_rows=2_000), progress=kill)
    assert caught.value.party is Party.PROVIDER
    assert world.run(world.job()).finished
    assert world.same()


# ------------------------------------------------------------------ reading
def test_windows_take_every_row_once(world: World) -> None:
    world.sql("alter table dept.person drop constraint person_pkey")
    world.sql("alter table dept.person alter column id drop not null")
    world.fill(10)
    world.sql("insert into dept.person values (null, 'x', 1, '2026-01-01'), (3, 'y', 1, null)")
    with world.source.snapshot(("changed", "id")) as snapshot:
        upper = snapshot.upper_bound("changed")
        windows = [
            Window(cursor="changed", lower="2026-01-01 00:00:00+08", upper=upper),
            Window(Phase.MISSING, cursor="changed", lower="2026-01-01 00:00:00+08", upper=upper),
            Window(Phase.MISSING, cursor="changed", lower="2026-01-01 00:00:00+08", upper=upper, missing_cursor=False),
        ]
        world.fill(5, start=100)  # after the snapshot
        for window, expected in zip(windows, (10, 2, 1), strict=True):
            assert snapshot.count(window) == expected
            assert sum(frame.height for frame in snapshot.frames(window)) == expected


def test_numerics_that_are_no_numbers_are_quarantined_not_lost(world: World) -> None:
    world.fill(3)
    world.sql("update dept.person set amount = 'NaN' where id = 2")
    assert world.run().counts == Counts(read=3, inserted=2, quarantined=1)
    assert world.quarantined()[0][1:] == (["type:amount"], {"id": "2", "name": "姓名2", "amount": "nan", "changed": "2026-01-01 00:02:00"})


def test_a_condition_takes_its_values_as_parameters(world: World) -> None:
    world.fill(20)
    world.sql("update dept.person set name = %s where id = 7", "'); drop x; --%")
    source = replace(world.source, condition="t.name = %s or t.id > %s::text::bigint", parameters=("'); drop x; --%", "18"))
    assert world.run(world.job(source=source)).counts == Counts(read=3, inserted=3)


# ------------------------------------------------------------------ push
def test_a_push_masks_at_the_source_and_ends_with_a_receipt(world: World) -> None:
    """What a grant hides is not in the receiver's table, quarantine or checkpoint."""
    world.sql("create table public.front (id bigint primary key, name text, amount numeric(10, 2), changed text)")
    world.fill(30)
    columns = {
        item.key: Column(key=item.key, column=item.key, name=item.name, type=kind)
        for item, kind in zip(ITEMS, ("bigint", "varchar", "numeric", "timestamptz"), strict=True)
    }
    granted = (GrantedItem("id"), GrantedItem("name", Mask.NAME), GrantedItem("amount"), GrantedItem("changed", Mask.YEAR))
    condition, values = scope_sql([ScopeRule("id", Operator.LTE, ("25",))], columns, style="format")
    source = replace(
        world.source,
        selected=tuple(Selected(item.key, masked(columns[item.key], item.mask)) for item in granted),
        condition=condition,
        parameters=tuple(values),
    )
    items = (ITEMS[0], Item(key="name"), ITEMS[2], Item(key="changed"))
    job = world.job(source=source, items=items, digest=True, chunk_rows=10)
    job = replace(job, target=replace(job.target, table="front", endpoint=Endpoint(world.url, party=Party.CLIENT)))
    receipt = world.run(job).receipt
    assert receipt is not None
    assert receipt.counts == Counts(read=25, inserted=25)
    assert world.sql("select name, changed from public.front where id = 12") == [("姓***", "2026")]
    assert encode(receipt.as_dict())
    # the receiver recomputes the digest from its own rows, chunk by chunk
    digest, after = "0" * 64, 0
    schema = {"id": pl.Int64, "name": pl.String, "amount": pl.Decimal(10, 2), "changed": pl.String}
    for place, part in world.sql("select (position ->> 0)::bigint, digest from zhengtong.exchange_chunk order by number"):
        rows = world.sql("select id, name, amount, changed from public.front where id > %s and id <= %s order by id", after, place)
        assert content_digest(pl.DataFrame(rows, schema=schema, orient="row")) == part
        digest, after = chained_digest(digest, part), place
    assert digest == receipt.digest


def test_the_digest_of_content_is_what_it_says() -> None:
    frame = pl.DataFrame(
        {"a": [1, None], "t": ['x"y', None], "m": [datetime(2024, 1, 2, 3, tzinfo=UTC), None], "d": ["1.5", "2"]},
        schema={"a": pl.Int64, "t": pl.String, "m": pl.Datetime("us", "UTC"), "d": pl.String},
    ).with_columns(pl.col("d").cast(pl.Decimal(5, 2)))
    text = '1,"x""y","2024-01-02T03:00:00.000000Z",1.50\n\\N,\\N,\\N,2.00\n'
    assert content_digest(frame) == hashlib.sha256(text.encode()).hexdigest()


# ------------------------------------------------------------------ tables
def test_a_table_is_made_and_widened_but_never_narrowed(world: World) -> None:
    endpoint = Endpoint(world.url)
    items = (
        Item(key="code", is_key=True, length=18),
        Item(key="n", type=ItemType.INTEGER, width=4, indexed=True),
        Item(key="d", type=ItemType.DECIMAL, precision=8, scale=2, nullable=False),
        Item(key="名称", name="单位'名称"),
    )
    for statement in create_table_sql("public", "unit", items, TargetOptions("zt_run", "zt_gone")):
        world.sql(statement)
    table = introspection.target_table(endpoint, "public", "unit")
    assert table is not None
    assert migrate_table_sql(table, items, TargetOptions("zt_run", "zt_gone")) == []
    wider = (
        replace(items[0], length=32),
        replace(items[1], width=8),
        replace(items[2], precision=12, scale=4, nullable=True),
        items[3],
        Item(key="added", type=ItemType.DATE, indexed=True),
    )
    statements = migrate_table_sql(table, wider)
    for statement in statements:
        world.sql(statement)
    migrated = introspection.target_table(endpoint, "public", "unit")
    assert migrated is not None
    assert migrate_table_sql(migrated, wider) == []
    assert (migrated.columns["code"].length, migrated.columns["n"].kind, migrated.columns["d"].nullable) == (32, "int8", True)
    for narrower in (
        (replace(wider[0], length=10), *wider[1:]),
        (wider[0], replace(wider[1], type=ItemType.TEXT), *wider[2:]),
        (*wider[:2], replace(wider[2], precision=12, scale=2), *wider[3:]),
        (*wider[:2], replace(wider[2], nullable=False), *wider[3:]),
        (*wider, Item(key="must", nullable=False)),
        (wider[0], replace(wider[1], is_key=True, nullable=False), *wider[2:]),
    ):
        with pytest.raises(BadPlan):
            migrate_table_sql(migrated, narrower)


def test_engine_tables_take_their_names_from_the_caller(world: World) -> None:
    names = EngineTables(schema="ex", run="r", chunk="c", quarantine="q", seen="s")
    for _ in range(2):
        for statement in engine_tables_sql(names):
            world.sql(statement)
    world.fill(2)
    job = world.job()
    assert world.run(replace(job, target=replace(job.target, engine=names, create_engine_tables=False))).finished
    assert world.sql("select inserted_rows from ex.r") == [(2,)]


@pytest.mark.parametrize("items", [(Item(key="a"),), (Item(key="a", is_key=True), Item(key="a"))])
def test_a_table_without_a_key_or_with_a_repeated_item_is_refused(items: tuple[Item, ...]) -> None:
    with pytest.raises(BadPlan):
        create_table_sql("public", "t", items)
