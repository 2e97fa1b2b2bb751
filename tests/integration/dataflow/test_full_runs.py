"""Whole tables: every row has one fate, and a run goes on where it stopped."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.integration.dataflow.conftest import ITEMS, World
from zhengtong.engines.dataflow.checkpoints import Checkpoints
from zhengtong.engines.dataflow.connectors.postgresql.config import Endpoint, Selected
from zhengtong.engines.dataflow.connectors.postgresql.writer import PostgresWriter
from zhengtong.engines.dataflow.ddl import EngineTables, TargetOptions
from zhengtong.engines.dataflow.errors import AlreadyRunning, BadPlan, NotReconciled, ProviderRefused
from zhengtong.engines.dataflow.items import Item, ItemType
from zhengtong.engines.dataflow.job import Absent, Full
from zhengtong.engines.dataflow.loading import Loader
from zhengtong.engines.dataflow.pipeline import Report
from zhengtong.engines.dataflow.reconcile import Counts
from zhengtong.engines.dataflow.rules import CodeList, NotNull, Range, Unique


def test_rows_arrive_as_they_are(world: World) -> None:
    world.fill(1000)
    world.sql(
        "insert into dept.person values (0, null, null, null), (-5, '', -0.01, '1969-12-31 23:59:59.999999+00'),"
        " (2000, '\"q\\N', 99999999.99, now())"
    )
    outcome = world.run(world.job(chunk_rows=300))
    assert outcome.finished
    assert outcome.counts == Counts(read=1003, inserted=1003)
    assert world.same()
    assert outcome.receipt is not None
    assert (outcome.receipt.source_rows, outcome.receipt.chunks) == (1003, 4)
    assert {how for (how,) in world.sql("select loaded from zhengtong.exchange_chunk")} == {"append"}


def test_a_second_run_writes_only_what_changed(world: World) -> None:
    world.fill(500)
    world.run()
    before = world.sql("select id, xmin::text, ctid::text from public.person where id not in (7, 8) order by id")
    world.sql("update dept.person set amount = 1.5 where id = 7")
    world.sql("update dept.person set name = null where id = 8")
    world.fill(3, start=501)
    outcome = world.run(world.job(chunk_rows=100))
    assert outcome.counts == Counts(read=503, inserted=3, updated=2, unchanged=498)
    assert world.same()
    after = world.sql("select id, xmin::text, ctid::text from public.person where id not in (7, 8) and id <= 500 order by id")
    assert after == before


def test_refused_rows_wait_in_quarantine_with_their_rules(world: World) -> None:
    world.fill(10)
    world.sql("update dept.person set name = ' ' where id = 3")
    world.sql("update dept.person set amount = 77777, name = null where id = 4")
    world.sql("update dept.person set name = repeat('长', 30) where id = 5")
    rules = (NotNull(item="name"), Range(item="amount", high="1000"))
    outcome = world.run(world.job(rules=rules, chunk_rows=4))
    assert outcome.counts == Counts(read=10, inserted=7, quarantined=3)
    found = world.quarantined()
    assert [(key, rules) for key, rules, _ in found] == [
        ({"id": "3"}, ["not-null:name"]),
        ({"id": "4"}, ["not-null:name", "range:amount"]),
        ({"id": "5"}, ["type:name"]),
    ]
    assert found[2][2]["name"] == "长" * 30


def test_a_row_that_was_mended_comes_in_with_the_next_run(world: World) -> None:
    world.fill(3)
    world.sql("update dept.person set name = null where id = 2")
    job = world.job(rules=(NotNull(item="name"),))
    assert world.run(job).counts.quarantined == 1
    world.sql("update dept.person set name = '好' where id = 2")
    assert world.run(job).counts == Counts(read=3, inserted=1, unchanged=2)
    assert world.same()


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 100])
def test_repeated_and_missing_keys_are_counted_not_lost(world: World, chunk_rows: int) -> None:
    world.sql("alter table dept.person drop constraint person_pkey")
    world.sql("alter table dept.person alter column id drop not null")
    world.sql("insert into dept.person select i / 3, 'n' || i, i, null from generate_series(0, 11) i")
    world.sql("insert into dept.person values (null, 'x', 1, null), (null, 'y', 2, null)")
    outcome = world.run(world.job(chunk_rows=chunk_rows))
    assert outcome.counts == Counts(read=14, inserted=4, duplicates=8, quarantined=2)
    rules = [tuple(rules) for _, rules, _ in world.quarantined()]
    assert (rules.count(("duplicate-key",)), rules.count(("not-null:id",))) == (8, 2)
    assert world.run(world.job(chunk_rows=chunk_rows)).counts == Counts(read=14, unchanged=4, duplicates=8, quarantined=2)


def test_an_empty_source_is_a_finished_run(world: World) -> None:
    outcome = world.run()
    assert (outcome.finished, outcome.counts) == (True, Counts())


def test_a_stopped_run_goes_on_where_it_was(world: World, stop_after: Callable[[int], Callable[[], bool]]) -> None:
    world.fill(100)
    job = world.job(chunk_rows=10, digest=True)
    first = world.run(job, stop=stop_after(3))
    assert (first.finished, first.receipt, world.sql("select count(*) from public.person")) == (False, None, [(first.counts.read,)])
    assert world.sql("select state from zhengtong.exchange_run") == [("stopped",)]
    reports: list[Report] = []
    second = world.run(job, progress=reports.append)
    assert second.run == first.run
    assert second.receipt is not None
    assert second.receipt.attempts == 2
    assert second.counts == Counts(read=100, inserted=100)
    assert second.receipt.source_rows == 100
    assert reports[0].chunk == 4
    assert world.same()


def test_a_job_has_one_worker(world: World) -> None:
    world.fill(1)
    world.run()
    with PostgresWriter(Endpoint(world.url)) as writer:
        Checkpoints(writer, EngineTables(), "job").lock()
        with pytest.raises(AlreadyRunning):
            world.run()
        assert world.run(world.job(name="another")).finished


def test_two_workers_cannot_commit_one_chunk(world: World) -> None:
    """Even where the lock failed them: the journal's primary key decides."""
    world.fill(30)

    def intrude(report: Report) -> None:
        if report.chunk == 1:
            world.sql(
                "insert into zhengtong.exchange_chunk (job, run, number, phase, loaded, committed_at)"
                " values ('job', %s, 2, 'ordered', 'nothing', now())",
                report.run,
            )

    with pytest.raises(AlreadyRunning):
        world.run(world.job(chunk_rows=10), progress=intrude)
    assert world.sql("select count(*) from public.person") == [(10,)] or world.sql("select count(*) from public.person") == [(9,)]


def test_a_writer_that_comes_between_look_and_copy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The range looked empty, the unique index says otherwise: the chunk is merged, and counted as what it was."""
    world.fill(50)
    world.sql("insert into public.person select * from dept.person where id in (5, 6, 33)")
    world.sql("update public.person set name = '旧' where id = 33")
    monkeypatch.setattr(Loader, "_range_is_absent", lambda _self, _rows: True)
    outcome = world.run(world.job(chunk_rows=10))
    assert outcome.counts == Counts(read=50, inserted=47, updated=1, unchanged=2)
    assert world.same()


def test_a_journal_that_was_touched_is_noticed(world: World) -> None:
    world.fill(30)

    def tamper(_report: Report) -> None:
        world.sql("update zhengtong.exchange_chunk set read_rows = read_rows + 1, inserted_rows = inserted_rows + 1 where number = 1")

    with pytest.raises(NotReconciled):
        world.run(world.job(chunk_rows=10), progress=tamper)
    assert world.sql("select state from zhengtong.exchange_run") == [("running",)]


def test_a_count_that_does_not_add_up_is_refused_by_the_table(world: World) -> None:
    world.fill(1)
    world.run()
    with pytest.raises(Exception, match="check constraint"):
        world.sql("update zhengtong.exchange_run set read_rows = 2")


def test_one_key_in_a_run_holds_across_chunks(world: World) -> None:
    world.fill(20)
    world.sql("update dept.person set name = '同名' where id in (2, 3, 15)")
    outcome = world.run(world.job(rules=(Unique(item="name"),), chunk_rows=5))
    assert outcome.counts == Counts(read=20, inserted=18, quarantined=2)
    assert [(key, rules) for key, rules, _ in world.quarantined()] == [({"id": "3"}, ["unique:name"]), ({"id": "15"}, ["unique:name"])]
    assert world.sql("select count(*) from zhengtong.exchange_seen") == [(0,)]


# ------------------------------------------------------------------ rows gone from the source
@pytest.fixture
def sweeping(world: World) -> Callable[..., World]:
    def made() -> World:
        world.sql("alter table public.person add column zt_run text, add column zt_gone timestamptz")
        world.fill(10)
        return world

    return made


def _sweeping_job(world: World, absent: Absent, **changes: object):
    job = world.job(mode=Full(absent=absent), chunk_rows=4, **changes)
    return replace(job, target=replace(job.target, options=TargetOptions(run_column="zt_run", mark_column="zt_gone")))


@pytest.mark.parametrize("absent", [Absent.MARK, Absent.DELETE])
def test_rows_gone_from_the_source(sweeping: Callable[[], World], absent: Absent) -> None:
    world = sweeping()
    job = _sweeping_job(world, absent, rules=(NotNull(item="name"),))
    assert world.run(job).finished
    world.sql("delete from dept.person where id in (2, 9)")
    world.sql("update dept.person set name = null where id = 5")  # refused, but not gone
    outcome = world.run(job)
    assert outcome.receipt is not None
    assert outcome.receipt.removed == 2
    left = world.sql("select id from public.person where zt_gone is null order by id")
    assert [row[0] for row in left] == [1, 3, 4, 5, 6, 7, 8, 10]
    world.fill(1, start=2)
    again = world.run(job)
    assert (again.counts.inserted, again.counts.updated) == ((0, 1) if absent is Absent.MARK else (1, 0))
    assert world.sql("select zt_gone from public.person where id = 2") == [(None,)]


def test_too_many_gone_rows_look_like_a_broken_source(sweeping: Callable[[], World]) -> None:
    world = sweeping()
    world.run(_sweeping_job(world, Absent.DELETE))
    world.sql("delete from dept.person where id > 3")
    with pytest.raises(ProviderRefused):
        world.run(_sweeping_job(world, Absent.DELETE))
    assert world.sql("select count(*) from public.person") == [(10,)]
    agreed = replace(_sweeping_job(world, Absent.DELETE), mode=Full(absent=Absent.DELETE, absent_limit=0.9))
    assert world.run(agreed).finished
    assert world.same() or world.sql("select count(*) from public.person") == [(3,)]


# ------------------------------------------------------------------ shapes of tables
def test_columns_that_copy_does_not_take_and_narrow_ones(world: World) -> None:
    world.sql(
        "create table dept.odd (a text, b date, u uuid, j jsonb, n smallint, c char(4), t timestamp, r text, d double precision,"
        " f boolean, i integer)"
    )
    world.sql(
        "insert into dept.odd select 'k' || i, date '2024-01-01' + i, gen_random_uuid(), jsonb_build_object('i', i), i, 'ab',"
        " now()::timestamp(0),"
        " i::text, i / 3.0, i % 2 = 0, i from generate_series(1, 20) i"
    )
    world.sql("update dept.odd set r = '70000' where a = 'k7'")
    world.sql(
        "create table public.odd (a text, b date, u uuid, j jsonb, n smallint, c char(4), t timestamp, r smallint,"
        " d double precision, f boolean, i text, primary key (a, b))"
    )
    items = (
        Item(key="a", is_key=True),
        Item(key="b", type=ItemType.DATE, is_key=True),
        Item(key="u"),
        Item(key="j"),
        Item(key="n", type=ItemType.INTEGER),
        Item(key="c"),
        Item(key="t", type=ItemType.DATETIME),
        Item(key="r", type=ItemType.INTEGER),
        Item(key="d", type=ItemType.DOUBLE),
        Item(key="f", type=ItemType.BOOLEAN),
        Item(key="i", type=ItemType.INTEGER),
    )
    job = world.job(items=items, mapping={item.key: item.key for item in items}, chunk_rows=6)
    source = replace(world.source, table="odd", selected=tuple(Selected.column(item.key) for item in items))
    job = replace(job, source=source, target=replace(job.target, table="odd"))
    assert world.run(job).counts == Counts(read=20, inserted=19, quarantined=1)
    assert world.sql(
        "select count(*) from dept.odd s join public.odd t using (a, b) where row(s.u, s.j, s.n, s.c, s.t, s.r, s.d, s.f, s.i::text)"
        " = row(t.u, t.j, t.n, t.c, t.t, t.r::text, t.d, t.f, t.i)"
    ) == [(19,)]
    world.sql("update dept.odd set j = '{}' where a = 'k3'")
    assert world.run(job).counts == Counts(read=20, updated=1, unchanged=18, quarantined=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("alter table public.person drop column amount", "amount"),
        ("drop index person_key", ""),
        ("alter table public.person add column must int not null", "must"),
        ("alter table public.person alter column amount type date using null", "amount"),
        ("drop table public.person", ""),
    ],
)
def test_a_target_that_does_not_fit_is_refused_before_anything_moves(world: World, change: str, field: str) -> None:
    world.fill(1)
    world.sql(change)
    with pytest.raises(BadPlan) as refusal:
        world.run()
    assert refusal.value.field == field


def test_a_code_outside_the_list_and_the_sentence_for_it(world: World) -> None:
    world.fill(2)
    rule = CodeList(item="name", codes=("姓名1",))
    assert world.run(world.job(rules=(rule,))).counts == Counts(read=2, inserted=1, quarantined=1)
    assert "姓名1" in rule.sentence(ITEMS[1].label)


def test_an_abandoned_run_leaves_room_for_a_new_one(world: World, stop_after: Callable[[int], Callable[[], bool]]) -> None:
    world.fill(20)
    stopped = world.run(world.job(chunk_rows=5), stop=stop_after(1))
    world.sql("update zhengtong.exchange_run set fingerprint = 'another file'")
    finished = world.run(world.job(chunk_rows=5))
    assert finished.run != stopped.run
    assert finished.counts.read == 20
    assert world.sql("select state from zhengtong.exchange_run order by state") == [("abandoned",), ("finished",)]


def test_a_run_keeps_the_identifier_it_was_given(world: World) -> None:
    world.fill(1)
    assert isinstance(world.run().run, uuid.UUID)
