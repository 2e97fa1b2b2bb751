"""
A run: rows from a source to a target table, chunk by chunk, each chunk with its refused rows and its checkpoint in one transaction.

Two threads share the work: one reads, converts and checks, the other writes; a queue of one chunk lies between them, so that about four
chunks are in memory whatever the size of the source. Polars has its own threads: a worker process that runs exchanges should start with
``POLARS_MAX_THREADS`` at 1 or 2 (it is read once, when Polars is imported), because the databases at both ends need the other cores.

A run may be killed at any instant. What was committed stays, the next call goes on after it; what was not, did not happen. Nothing here
retries: a ``TransientFailure`` says that calling again will do.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import polars as pl

from zhengtong.engines.dataflow.checkpoints import Checkpoints, Progress
from zhengtong.engines.dataflow.chunks import DUPLICATE_KEY, Chunk, Preparation, cut
from zhengtong.engines.dataflow.connectors.base import Phase, Snapshot, Window
from zhengtong.engines.dataflow.connectors.postgresql.introspection import target_table
from zhengtong.engines.dataflow.connectors.postgresql.writer import UNIQUE_VIOLATION, PostgresWriter
from zhengtong.engines.dataflow.ddl import ensure_engine_tables
from zhengtong.engines.dataflow.errors import BadPlan, ProviderRefused, TerminalFailure
from zhengtong.engines.dataflow.items import Item
from zhengtong.engines.dataflow.job import Absent, Full, Incremental, Job, MissingCursor, all_rules, fitted_items
from zhengtong.engines.dataflow.loading import Loader
from zhengtong.engines.dataflow.reconcile import Counts, Receipt, reconcile
from zhengtong.engines.dataflow.rules import Checker, Unique
from zhengtong.kernel.sentences import say

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Report:
    """What ``progress`` is told after each committed chunk: totals of the run, and rows per second of this attempt."""

    run: UUID
    chunk: int
    counts: Counts
    rows_per_second: float
    how: str


@dataclass(frozen=True)
class Outcome:
    """How a call ended: with a receipt if the run is finished, without if it was asked to stop."""

    run: UUID
    finished: bool
    counts: Counts
    receipt: Receipt | None


def run_job(
    job: Job,
    *,
    run: UUID,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Report], None] = lambda _report: None,
) -> Outcome:
    """
    Carry out a job, or go on with its unfinished run.

    :param run: the identifier of a new run; an unfinished one keeps its own.
    :param clock: gives the moments that are written down.
    :param stop: asked between chunks; true ends the call in good order, to be continued by the next.
    :raises BadPlan: if the job contradicts itself or the tables it names.
    :raises TransientFailure: if calling again later will do.
    :raises TerminalFailure: if somebody has to mend something first.
    """
    job.check()
    target = job.target
    table = target_table(target.endpoint, target.schema, target.table)
    if table is None:
        raise BadPlan(say("目标库没有表 {schema}.{table}", schema=target.schema, table=target.table), remedy="先建立目标表")
    items = fitted_items(job, table)
    if target.create_engine_tables:
        ensure_engine_tables(target.endpoint, target.engine)
    with PostgresWriter(target.endpoint) as writer:
        checkpoints = Checkpoints(writer, target.engine, job.name)
        checkpoints.lock()
        snapshot = job.source.snapshot(job.order)
        try:
            begun = _begin(job, checkpoints, snapshot, run=run, now=clock())
            sweeping = isinstance(job.mode, Full) and job.mode.absent is not Absent.KEEP
            loader = Loader(writer, table, items, target.options, run=begun.run, sweeping=sweeping)
            writer.commit()
            loader.create_staging()
            return _Run(job, items, begun, writer, checkpoints, loader, snapshot, clock, stop, progress).carry_out()
        finally:
            snapshot.close()


def _begin(job: Job, checkpoints: Checkpoints, snapshot: Snapshot, *, run: UUID, now: datetime) -> Progress:
    """The unfinished run if it can go on, else a new one with its bounds."""
    mode = "incremental" if isinstance(job.mode, Incremental) else "full"
    fingerprint = snapshot.fingerprint()
    unfinished = checkpoints.open_run()
    if unfinished is not None:
        if (unfinished.mode, unfinished.fingerprint) == (mode, fingerprint):
            return checkpoints.resume(unfinished, now=now)
        checkpoints.abandon(unfinished, now=now)
    lower = upper = None
    if isinstance(job.mode, Incremental):
        previous = checkpoints.last_upper()
        lower = previous
        if previous is not None and job.mode.overlap:
            lower = snapshot.lower_bound(job.mode.cursor, previous, job.mode.overlap)
        # without any row the old bound stays, so that the next run starts where this one would have
        upper = snapshot.upper_bound(job.mode.cursor) or previous
    return checkpoints.begin(run, mode, fingerprint=fingerprint, lower=lower, upper=upper, digest=job.digest, now=now)


class _Run:
    """One attempt at one run."""

    def __init__(
        self,
        job: Job,
        items: tuple[Item, ...],
        begun: Progress,
        writer: PostgresWriter,
        checkpoints: Checkpoints,
        loader: Loader,
        snapshot: Snapshot,
        clock: Callable[[], datetime],
        stop: Callable[[], bool],
        report: Callable[[Report], None],
    ) -> None:
        self._job, self._items, self._at = job, items, begun
        self._writer, self._checkpoints, self._loader, self._snapshot = writer, checkpoints, loader, snapshot
        self._clock, self._stop, self._report = clock, stop, report
        self._read = self._counted = 0
        self._merge = False
        self._whole_run: list[tuple[str, tuple[str, ...]]] = [(rule.id, rule.items) for rule in job.rules if isinstance(rule, Unique)]
        if not job.source.capabilities.keyed:
            self._whole_run.append((DUPLICATE_KEY, job.keys))
        self._preparation = self._prepared()
        self._started = time.perf_counter()

    def _prepared(self) -> Preparation:
        job, capabilities = self._job, self._job.source.capabilities
        incremental = isinstance(job.mode, Incremental)
        quarantined = isinstance(job.mode, Incremental) and job.mode.missing is MissingCursor.QUARANTINE
        return Preparation(
            items=self._items,
            mapping=job.mapping,
            keys=job.keys,
            order=job.order,
            checker=Checker(self._items, all_rules(self._items, job.rules)),
            blank_is_missing=capabilities.blank_is_missing,
            may_hold_nul=capabilities.may_hold_nul,
            newest_last=incremental,
            cursor=job.mode.cursor if isinstance(job.mode, Incremental) and quarantined else "",
            digest=job.digest,
            keep_origin=bool(self._whole_run),
        )

    def carry_out(self) -> Outcome:
        """Read, write, prove."""
        windows = self._windows()
        for window in windows:
            if window.phase is Phase.MISSING and not self._snapshot.count(window):
                continue
            if not self._move(window):
                self._checkpoints.stop(self._at, now=self._clock())
                self._writer.commit()
                return Outcome(self._at.run, finished=False, counts=self._at.counts, receipt=None)
            self._counted += self._snapshot.count(window)
        reconcile(read=self._read, counted=self._counted, journal=self._checkpoints.journal(self._at), run=self._at.counts)
        return self._finish()

    def _windows(self) -> list[Window]:
        """What is left to read."""
        if self._at.phase is Phase.MISSING:  # committed as a whole, and last
            return []
        mode = self._job.mode
        if not isinstance(mode, Incremental):
            return [Window(Phase.ORDERED, self._at.position), Window(Phase.MISSING)]
        ordered = Window(Phase.ORDERED, self._at.position, cursor=mode.cursor, lower=self._at.lower, upper=self._at.upper)
        missing = replace(ordered, phase=Phase.MISSING, after=None)
        if mode.missing is MissingCursor.REFUSE:
            strict = replace(missing, missing_cursor=False)
            lacking = self._snapshot.count(missing) - self._snapshot.count(strict)
            if lacking:
                raise ProviderRefused(
                    say("来源有 {lacking} 行的增量列 {cursor} 为空,增量交换会漏掉它们", lacking=lacking, cursor=mode.cursor),
                    field=mode.cursor,
                    remedy="请来源补齐该列,或把空值策略改为每次读取或隔离",
                )
            missing = strict
        return [ordered, missing]

    # ------------------------------------------------------------------ moving
    def _move(self, window: Window) -> bool:
        """Move the rows of a window; false if asked to stop."""
        whole = window.phase is Phase.MISSING
        with _Ahead(self._chunks(window)) as chunks:
            for chunk, rows in chunks:
                self._write(chunk, rows, merge=whole, commit=not whole)
                if not whole and self._stop():
                    return False
        if whole:
            # rows that lack their place have no order to go on after: all of them, or none
            self._writer.commit()
        return True

    def _chunks(self, window: Window) -> Generator[tuple[Chunk, pl.DataFrame], None, None]:
        frames = self._snapshot.frames(window)
        order = () if window.phase is Phase.MISSING else self._job.order
        for piece in cut(frames, order, rows=self._job.chunk_rows, size=self._job.chunk_bytes):
            chunk = self._preparation.prepare(piece, window.phase)
            yield chunk, self._loader.wire(chunk.accepted)

    def _write(self, chunk: Chunk, rows: pl.DataFrame, *, merge: bool, commit: bool) -> None:
        try:
            how, at = self._transaction(chunk, rows, merge=merge or self._merge)
        except TerminalFailure as failure:
            if failure.sqlstate != UNIQUE_VIOLATION or merge or self._merge:
                raise
            # another writer, or another collation, put a key into a range that looked empty
            self._writer.rollback()
            self._merge = True
            how, at = self._transaction(chunk, rows, merge=True)
        if commit:
            self._writer.commit()
        else:
            self._loader.clear_staging()
        self._at = at
        self._read += chunk.read
        elapsed = max(time.perf_counter() - self._started, 1e-9)
        self._report(Report(at.run, at.chunks, at.counts, self._read / elapsed, how))

    def _transaction(self, chunk: Chunk, rows: pl.DataFrame, *, merge: bool) -> tuple[str, Progress]:
        for rule, keys in self._whole_run:
            met = self._loader.met_before(chunk.accepted, keys, self._job.target.engine, job=self._job.name, rule=rule)
            if met.any():
                chunk = self._preparation.without(chunk, met, rule)
                rows = self._loader.wire(chunk.accepted)
        loaded = self._loader.load(rows, merge=merge)
        counts = Counts(chunk.read, loaded.inserted, loaded.updated, loaded.unchanged, chunk.quarantined, chunk.duplicates)
        counts.check()
        now = self._clock()
        at = self._checkpoints.advance(self._at, chunk, counts, how=loaded.how, now=now)
        self._loader.quarantine(chunk, self._job.target.engine, job=self._job.name, number=at.chunks, now=now)
        return loaded.how, at

    # ------------------------------------------------------------------ the end
    def _finish(self) -> Outcome:
        removed = self._swept()
        now, at = self._clock(), self._at
        source_rows = at.counts.read - self._read + self._counted
        self._checkpoints.finish(at, source_rows=source_rows, removed=removed, now=now)
        self._writer.commit()
        receipt = Receipt(
            job=self._job.name,
            run=at.run,
            mode=at.mode,
            target=f"{self._job.target.schema}.{self._job.target.table}",
            items=tuple(item.key for item in self._items),
            counts=at.counts,
            removed=removed,
            source_rows=source_rows,
            attempts=at.attempts,
            chunks=at.chunks,
            digest=at.digest,
            lower=at.lower or "",
            upper=at.upper or "",
            started_at=at.started_at,
            finished_at=now,
        )
        return Outcome(at.run, finished=True, counts=at.counts, receipt=receipt)

    def _swept(self) -> int:
        mode = self._job.mode
        if not isinstance(mode, Full) or mode.absent is Absent.KEEP:
            return 0
        gone, there = self._loader.absent()
        if gone > there * mode.absent_limit:
            raise ProviderRefused(
                say(
                    "来源中已消失 {gone} 行,占目标表 {there} 行的比例超过上限 {limit:.0%},未作删除",
                    gone=gone,
                    there=there,
                    limit=mode.absent_limit,
                ),
                remedy="核实来源是否完整;确属清理的,提高上限后重新运行",
            )
        return self._loader.sweep(mark=mode.absent is Absent.MARK, now=self._clock()) if gone else 0


class _Ahead:
    """An iterator run ahead by one element in a thread of its own; what it raises is raised where it is read."""

    def __init__(self, items: Generator[tuple[Chunk, pl.DataFrame], None, None]) -> None:
        self._items = items
        self._queue: queue.Queue[tuple[Chunk, pl.DataFrame] | BaseException | None] = queue.Queue(maxsize=1)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._produce, name="exchange-reader", daemon=True)

    def _produce(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001 - handed to the reader of the queue
            self._put(error)

    def _put(self, item: tuple[Chunk, pl.DataFrame] | BaseException | None) -> bool:
        while not self._gone.is_set():
            try:
                self._queue.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def __enter__(self) -> Iterator[tuple[Chunk, pl.DataFrame]]:
        self._thread.start()
        return self._consume()

    def _consume(self) -> Iterator[tuple[Chunk, pl.DataFrame]]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def __exit__(self, *_: object) -> None:
        self._gone.set()
        self._thread.join()
        # the source's cursor is closed here, not when memory is collected
        self._items.close()
