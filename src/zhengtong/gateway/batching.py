"""
Many look-ups, one round trip.

Calls with the same plan that arrive while both lanes of the plan are busy form the next batch: natural batching, no timer. Lanes are shared
by all plans, so connections do not grow with the number of grants; a plan never holds more than two of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from itertools import islice
from typing import Any, Protocol

import structlog

from zhengtong.gateway.database import DATABASE_FAULTS, SERVER_FAULTS, Line, as_refusal, connect
from zhengtong.gateway.metrics import Metrics
from zhengtong.gateway.plans import Plan
from zhengtong.gateway.refusals import DatabaseUnavailable, Overloaded, Refusal

_log = structlog.get_logger(__name__)
_LANES_PER_PLAN = 2
_RETRY_SECONDS = 0.2

Key = tuple[str, ...]


class Asker(Protocol):
    """Who waits for the answer to a batched question."""

    def answered(self, row: Any) -> None:
        """The row for the key, or None if there is none."""

    def failed(self, refusal: Refusal) -> None:
        """There will be no answer."""


class Batch:
    """The questions that wait for one plan."""

    __slots__ = ("active", "pending", "plan", "queued")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.pending: dict[Key, list[Asker]] = {}
        self.active = 0
        self.queued = False

    def take(self, most: int) -> dict[Key, list[Asker]]:
        """The next questions to ask together, those that have waited longest first."""
        if len(self.pending) <= most:
            taken, self.pending = self.pending, {}
            return taken
        return {key: self.pending.pop(key) for key in list(islice(self.pending, most))}


class Lanes:
    """A few connections (``size``) that answer the batches of all plans, at most ``most`` questions in one round trip."""

    def __init__(self, *, url: str, size: int, most: int, statement_seconds: float, pending: int, metrics: Metrics) -> None:
        self._url, self._size, self._most, self._statement_seconds, self._limit = url, size, most, statement_seconds, pending
        self._metrics = metrics
        self._ready: deque[Batch] = deque()
        self._idle: deque[asyncio.Future[None]] = deque()
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting = 0
        self._alive = 0
        self._closing = False

    @property
    def ready(self) -> bool:
        """Whether a lane has a connection."""
        return self._alive > 0

    def ask(self, batch: Batch, key: Key, asker: Asker) -> None:
        """
        Put a question; values must have been checked, for one that PostgreSQL refuses makes the whole batch be asked one by one.

        :raises DatabaseUnavailable: at once, while no lane has a connection.
        :raises Overloaded: if too many wait.
        """
        if not self._alive:
            raise DatabaseUnavailable
        if self._waiting >= self._limit:
            raise Overloaded
        self._waiting += 1
        askers = batch.pending.get(key)
        if askers is None:
            batch.pending[key] = [asker]
        else:
            askers.append(asker)
        if not batch.queued and batch.active < _LANES_PER_PLAN:
            self._queue(batch)

    async def start(self) -> None:
        """Open the lanes in the background."""
        self._tasks = [asyncio.create_task(self._lane(), name=f"lane-{number}") for number in range(self._size)]

    async def stop(self) -> None:
        """Answer what waits, then close."""
        self._closing = True
        for future in self._idle:
            if not future.done():
                future.set_result(None)
        await asyncio.gather(*self._tasks)

    def _queue(self, batch: Batch) -> None:
        batch.queued = True
        self._ready.append(batch)
        while self._idle:
            future = self._idle.popleft()
            if not future.done():
                future.set_result(None)
                return

    async def _lane(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._closing:
            try:
                connection = await connect(self._url, application="zhengtong-gateway-lane", statement_seconds=self._statement_seconds)
            except SERVER_FAULTS as exc:
                _log.warning("lane_waits", error=type(exc).__name__)
                self._refuse_waiting()
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            self._alive += 1
            try:
                await self._serve(Line(connection), loop)
            finally:
                self._alive -= 1
                with contextlib.suppress(*DATABASE_FAULTS):
                    await connection.close(timeout=2)

    async def _serve(self, line: Line, loop: asyncio.AbstractEventLoop) -> None:
        """Answer batches until the connection is lost or the lanes close."""

        def closed(_: object) -> None:
            for future in list(self._idle):
                if not future.done():
                    future.set_result(None)

        line.connection.add_termination_listener(closed)
        while not line.connection.is_closed():
            if not self._ready:
                if self._closing:
                    return
                future: asyncio.Future[None] = loop.create_future()
                self._idle.append(future)
                await future
                continue
            batch = self._ready.popleft()
            batch.queued = False
            batch.active += 1
            try:
                await self._answer(line, batch.plan, batch.take(self._most))
            finally:
                batch.active -= 1
                if batch.pending and not batch.queued:
                    self._queue(batch)

    async def _answer(self, line: Line, plan: Plan, asked: dict[Key, list[Asker]]) -> None:
        if not asked:
            return
        self._metrics.batches.observe(len(asked))
        try:
            rows = await line.fetch(plan.sql, *map(list, zip(*asked, strict=True)), *plan.constants)
        except Exception as exc:  # noqa: BLE001 - whatever it is, those who wait must hear
            if len(asked) > 1 and not isinstance(exc, DATABASE_FAULTS):
                for key, askers in asked.items():
                    await self._answer(line, plan, {key: askers})
                return
            refusal = as_refusal(exc)
            _log.warning("lookup_failed", error=type(exc).__name__, code=refusal.code)
            self._tell(asked, {}, refusal)
            return
        # ordinality counts from 1
        self._tell(asked, {row[0]: row for row in rows}, None)

    def _tell(self, asked: dict[Key, list[Asker]], rows: dict[int, Any], refusal: Refusal | None) -> None:
        for number, askers in enumerate(asked.values(), start=1):
            row = rows.get(number)
            self._waiting -= len(askers)
            for asker in askers:
                # one caller's fault must not cost the others their answers
                try:
                    if refusal is None:
                        asker.answered(row)
                    else:
                        asker.failed(refusal)
                except Exception:  # noqa: BLE001 - reported below
                    _log.exception("answer_failed")

    def _refuse_waiting(self) -> None:
        """No lane can be opened: refuse what waits, unless another lane is there for it."""
        if self._alive:
            return
        while self._ready:
            batch = self._ready.popleft()
            batch.queued = False
            self._tell(batch.take(self._most), {}, DatabaseUnavailable())
            if batch.pending:
                self._queue(batch)
