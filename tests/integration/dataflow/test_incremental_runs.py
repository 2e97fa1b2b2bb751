"""Changes since the last run: closed bounds, ties, late commits, missing cursors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.dataflow.conftest import World
from zhengtong.engines.dataflow.errors import BadPlan, ProviderRefused
from zhengtong.engines.dataflow.job import Incremental, Job, MissingCursor
from zhengtong.engines.dataflow.pipeline import Report
from zhengtong.engines.dataflow.reconcile import Counts


def changes(world: World, **options: object) -> Job:
    mode = {name: options.pop(name) for name in ("overlap", "missing") if name in options}
    return world.job(mode=Incremental(cursor="changed", **mode), **options)


def test_only_changes_move(world: World) -> None:
    world.fill(100)
    assert world.run(changes(world)).counts == Counts(read=100, inserted=100)
    # the bound is closed: the row that set it is looked at again
    assert world.run(changes(world)).counts == Counts(read=1, unchanged=1)
    world.sql("update dept.person set name = '新', changed = '2027-01-01' where id in (3, 4)")
    world.fill(1, start=500_000)
    assert world.run(changes(world)).counts == Counts(read=4, inserted=1, updated=2, unchanged=1)
    assert world.same()


@pytest.mark.parametrize("chunk_rows", [1, 3])
def test_rows_of_one_moment_are_split_nowhere_and_lost_nowhere(
    world: World, chunk_rows: int, stop_after: Callable[[int], Callable[[], bool]]
) -> None:
    world.sql(
        "insert into dept.person select i, 'n', i, timestamptz '2026-01-01' + (i / 4) * interval '1 second' from generate_series(1, 14) i"
    )
    outcome = world.run(changes(world, chunk_rows=chunk_rows), stop=stop_after(2))
    while not outcome.finished:
        outcome = world.run(changes(world, chunk_rows=chunk_rows), stop=stop_after(2))
    assert outcome.counts == Counts(read=14, inserted=14)
    assert world.same()


def test_a_change_committed_late_is_found_by_looking_back(world: World) -> None:
    world.fill(10)
    world.run(changes(world))
    world.sql("insert into dept.person values (77, '迟', 1, timestamptz '2026-01-01' + interval '8 minutes')")
    assert world.run(changes(world)).counts == Counts(read=1, unchanged=1)
    assert world.run(changes(world, overlap="5 minutes")).counts == Counts(read=7, inserted=1, unchanged=6)
    assert world.same()


def test_the_upper_bound_is_fixed_when_the_run_begins(world: World, stop_after: Callable[[int], Callable[[], bool]]) -> None:
    world.fill(20)
    assert not world.run(changes(world, chunk_rows=5), stop=stop_after(1)).finished
    world.fill(5, start=1000)
    outcome = world.run(changes(world, chunk_rows=5))
    assert outcome.counts == Counts(read=20, inserted=20)
    assert world.run(changes(world)).counts == Counts(read=6, inserted=5, unchanged=1)
    assert world.same()


def test_a_row_changed_again_while_the_run_was_stopped(world: World, stop_after: Callable[[int], Callable[[], bool]]) -> None:
    world.fill(20)
    assert not world.run(changes(world, chunk_rows=5), stop=stop_after(1)).finished
    world.sql("update dept.person set name = '又', changed = '2027-01-01' where id in (1, 19)")
    outcome = world.run(changes(world, chunk_rows=5))
    assert outcome.counts == Counts(read=19, inserted=19)
    assert world.run(changes(world)).counts.updated == 1
    assert world.same()


def test_of_two_versions_the_newer_stays(world: World) -> None:
    world.sql("alter table dept.person drop constraint person_pkey")
    world.sql("insert into dept.person values (1, '新', 2, '2026-01-02'), (1, '旧', 1, '2026-01-01'), (2, '一', 1, '2026-01-01')")
    assert world.run(changes(world)).counts == Counts(read=3, inserted=2, duplicates=1)
    assert world.sql("select name from public.person where id = 1") == [("新",)]


def test_rows_without_a_cursor(world: World) -> None:
    world.fill(5)
    world.sql("update dept.person set changed = null where id in (2, 3)")
    with pytest.raises(ProviderRefused, match="2 行"):
        world.run(changes(world))
    assert world.sql("select count(*) from public.person") == [(0,)]
    world.sql("delete from zhengtong.exchange_run")
    assert world.run(changes(world, missing=MissingCursor.QUARANTINE)).counts == Counts(read=5, inserted=3, quarantined=2)
    assert {tuple(rules) for _, rules, _ in world.quarantined()} == {("missing-cursor",)}
    assert world.run(changes(world, missing=MissingCursor.READ, chunk_rows=1)).counts == Counts(read=3, inserted=2, unchanged=1)
    assert world.same()


def test_an_empty_source_and_then_rows(world: World) -> None:
    assert world.run(changes(world)).counts == Counts()
    world.fill(3)
    assert world.run(changes(world)).counts == Counts(read=3, inserted=3)


def test_numbers_are_cursors_too(world: World) -> None:
    world.fill(10)
    job = world.job(mode=Incremental(cursor="id", overlap="3"))
    assert world.run(job).counts.inserted == 10
    world.fill(2, start=11)
    assert world.run(job).counts == Counts(read=6, inserted=2, unchanged=4)


def test_a_cursor_that_is_no_column(world: World) -> None:
    with pytest.raises(BadPlan):
        world.run(world.job(mode=Incremental(cursor="nothing")))


def test_progress_is_told_after_every_commit(world: World) -> None:
    world.fill(10)
    seen: list[tuple[int, int]] = []

    def note(report: Report) -> None:
        seen.append((report.counts.read, world.sql("select count(*) from public.person")[0][0]))
        assert report.rows_per_second > 0

    world.run(changes(world, chunk_rows=4), progress=note)
    assert seen[-1] == (10, 10)
    assert all(read == there for read, there in seen)
