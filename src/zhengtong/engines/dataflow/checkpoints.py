"""
Where a run is: its line and its journal at the target, written in the transaction that writes the rows.

Two workers on one job are kept apart by an advisory lock, which dies with its connection; should both believe to hold it, the journal's
primary key lets only one of them commit a chunk.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from zhengtong.engines.dataflow.chunks import Chunk, chained_digest
from zhengtong.engines.dataflow.connectors.base import Phase
from zhengtong.engines.dataflow.connectors.postgresql.writer import UNIQUE_VIOLATION, PostgresWriter
from zhengtong.engines.dataflow.ddl import EngineTables
from zhengtong.engines.dataflow.errors import AlreadyRunning, TerminalFailure
from zhengtong.engines.dataflow.reconcile import Counts
from zhengtong.kernel.sentences import say

_COUNTS = "read_rows, inserted_rows, updated_rows, unchanged_rows, quarantined_rows, duplicate_rows"


@dataclass(frozen=True)
class Progress:
    """A run as the target knows it."""

    job: str
    run: UUID
    mode: str
    state: str
    phase: Phase
    position: tuple[str, ...] | None
    chunks: int
    attempts: int
    counts: Counts
    fingerprint: str
    lower: str | None
    upper: str | None
    digest: str
    started_at: datetime


#: seconds between tries: whoever has just ended keeps the lock until the server has seen the connection go
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 0.0)


class Checkpoints:
    """The engine's tables of one job at one target. Commits nothing itself, but for ``lock`` there is nothing to commit."""

    def __init__(self, writer: PostgresWriter, engine: EngineTables, job: str) -> None:
        self._writer, self._job = writer, job
        self._run_table, self._chunk_table = engine.relation(engine.run), engine.relation(engine.chunk)
        self._seen_table = engine.relation(engine.seen)
        self._lock = f"zhengtong-exchange:{self._run_table}:{job}"

    def lock(self) -> None:
        """
        Become the only worker on the job until the connection ends.

        :raises AlreadyRunning: if there is another.
        """
        for pause in _PAUSES:
            if self._writer.query("select pg_try_advisory_lock(hashtextextended($1::text, 0))", self._lock)[0][0]:
                return
            time.sleep(pause)
        raise AlreadyRunning(say("作业 {job} 正由另一进程执行", job=self._job), remedy="等待其结束,稍后自动重试")

    def open_run(self) -> Progress | None:
        """The job's unfinished run, if there is one."""
        rows = self._writer.query(
            f"select run::text, mode, state, phase, position::text, chunks, attempts, fingerprint, lower_bound, upper_bound, digest,"  # noqa: S608 - quoted identifiers, bound values
            f" started_at, {_COUNTS} from {self._run_table} where job = $1::text and state in ('running', 'stopped')",
            self._job,
        )
        return self._progress(rows[0]) if rows else None

    def _progress(self, row: tuple[Any, ...]) -> Progress:
        run, mode, state, phase, place, chunks, attempts, fingerprint, lower, upper, digest, started_at, *counts = row
        return Progress(
            job=self._job,
            run=UUID(run),
            mode=mode,
            state=state,
            phase=Phase(phase),
            position=None if place is None else tuple(json.loads(place)),
            chunks=int(chunks),
            attempts=int(attempts),
            counts=Counts(*(int(count) for count in counts)),
            fingerprint=fingerprint,
            lower=lower,
            upper=upper,
            digest=digest,
            started_at=started_at,
        )

    def last_upper(self) -> str | None:
        """The upper cursor bound of the last finished incremental run."""
        rows = self._writer.query(
            f"select upper_bound from {self._run_table} where job = $1::text and mode = 'incremental' and state = 'finished'"  # noqa: S608 - quoted identifiers, bound values
            " and upper_bound is not null order by finished_at desc, started_at desc limit 1",
            self._job,
        )
        return str(rows[0][0]) if rows else None

    def begin(
        self, run: UUID, mode: str, *, fingerprint: str, lower: str | None, upper: str | None, digest: bool, now: datetime
    ) -> Progress:
        """Enter a new run."""
        first = "0" * 64 if digest else ""
        self._writer.execute(
            f"insert into {self._run_table} (job, run, mode, state, fingerprint, lower_bound, upper_bound, digest, started_at, updated_at)"  # noqa: S608 - quoted identifiers, bound values
            " values ($1::text, $2::text::uuid, $3::text, 'running', $4::text, $5::text, $6::text, $7::text, $8::text::timestamptz,"
            " $8::text::timestamptz)",
            *(self._job, str(run), mode, fingerprint, lower, upper, first, now.isoformat()),
        )
        return Progress(self._job, run, mode, "running", Phase.ORDERED, None, 0, 1, Counts(), fingerprint, lower, upper, first, now)

    def resume(self, progress: Progress, *, now: datetime) -> Progress:
        """Take up an unfinished run again."""
        self._set(progress, "state = 'running', attempts = attempts + 1, updated_at = $3::text::timestamptz", now.isoformat())
        return replace(progress, state="running", attempts=progress.attempts + 1)

    def abandon(self, progress: Progress, *, now: datetime) -> None:
        """Give up an unfinished run whose source is no longer the same; what it wrote stays, and so does its line."""
        self._set(progress, "state = 'abandoned', updated_at = $3::text::timestamptz", now.isoformat())
        self._forget_values(progress)

    def stop(self, progress: Progress, *, now: datetime) -> None:
        """Note that the run was asked to stop; the next one goes on from here."""
        self._set(progress, "state = 'stopped', updated_at = $3::text::timestamptz", now.isoformat())

    def finish(self, progress: Progress, *, source_rows: int, removed: int, now: datetime) -> None:
        """Close a run."""
        self._set(
            progress,
            "state = 'finished', updated_at = $3::text::timestamptz, finished_at = $3::text::timestamptz,"
            " source_rows = $4::text::bigint, removed_rows = $5::text::bigint",
            *(now.isoformat(), str(source_rows), str(removed)),
        )
        self._forget_values(progress)

    def _set(self, progress: Progress, change: str, *values: object) -> None:
        self._writer.execute(
            f"update {self._run_table} set {change} where job = $1::text and run = $2::text::uuid",  # noqa: S608 - quoted identifiers, bound values
            *(self._job, str(progress.run), *values),
        )

    def advance(self, progress: Progress, chunk: Chunk, counts: Counts, *, how: str, now: datetime) -> Progress:
        """
        Enter a chunk in the journal and move the run on.

        :raises AlreadyRunning: if another worker has entered this chunk.
        """
        digest = chained_digest(progress.digest, chunk.digest) if chunk.digest else progress.digest
        new = replace(
            progress, phase=chunk.phase, position=chunk.position, chunks=progress.chunks + 1, counts=progress.counts + counts, digest=digest
        )
        place = json.dumps(chunk.position, ensure_ascii=False) if chunk.phase is Phase.ORDERED else None
        numbers = [str(value) for value in counts.as_dict().values()]
        marks = ", ".join(f"${place}::text::bigint" for place in range(9, 15))
        try:
            self._writer.execute(
                f"insert into {self._chunk_table} (job, run, number, phase, position, loaded, digest, committed_at, {_COUNTS})"  # noqa: S608 - quoted identifiers, bound values
                " values ($1::text, $2::text::uuid, $3::text::integer, $4::text, $5::text::jsonb, $6::text, $7::text,"
                f" $8::text::timestamptz, {marks})",
                *(self._job, str(progress.run), str(new.chunks), str(chunk.phase), place, how, chunk.digest, now.isoformat(), *numbers),
            )
        except TerminalFailure as failure:
            if failure.sqlstate != UNIQUE_VIOLATION:
                raise
            raise AlreadyRunning(
                say("作业 {job} 的第 {chunks} 块已由另一进程写入", job=self._job, chunks=new.chunks), remedy="无需处理,稍后自动重试"
            ) from failure
        changes = ", ".join(f"{name} = {name} + ${place}::text::bigint" for place, name in enumerate(_COUNTS.split(", "), start=8))
        self._set(
            progress,
            "chunks = $3::text::integer, phase = $4::text, position = $5::text::jsonb, digest = $6::text,"
            f" updated_at = $7::text::timestamptz, {changes}",
            *(str(new.chunks), str(chunk.phase), place, digest, now.isoformat(), *numbers),
        )
        return new

    def journal(self, progress: Progress) -> Counts:
        """What the chunks of a run add up to."""
        sums = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in _COUNTS.split(", "))
        row = self._writer.query(
            f"select {sums} from {self._chunk_table} where job = $1::text and run = $2::text::uuid",  # noqa: S608 - quoted identifiers, bound values
            *(self._job, str(progress.run)),
        )[0]
        return Counts(*(int(value) for value in row))

    def _forget_values(self, progress: Progress) -> None:
        self._writer.execute(
            f"delete from {self._seen_table} where job = $1::text and run = $2::text::uuid",  # noqa: S608 - quoted identifiers, bound values
            *(self._job, str(progress.run)),
        )
