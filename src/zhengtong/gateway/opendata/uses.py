"""
What was used by which key on a day, as its holder, the provider and the bureau see it.

Answers under a grant are counted before they leave, each in a statement that also keeps to the day's bound. Questions of developers, and
refusals, are counted in memory and written once a second by each process: a killed process forgets a second of them, and no data with it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import structlog

from zhengtong.gateway.database import SERVER_FAULTS
from zhengtong.gateway.moments import SECOND
from zhengtong.kernel.clock import CHINA

if TYPE_CHECKING:
    from zhengtong.gateway.database import Line, Lines

_log = structlog.get_logger(__name__)
_SPEND = "select opened.spend($1, $2, $3, $4, $5, $6)"
_EVERY_SECONDS = 1.0
_KINDS = 10_000


def day_of(now_ns: int) -> tuple[date, datetime]:
    """The day in China and the moment, of nanoseconds since 1970."""
    at = datetime.fromtimestamp(now_ns / SECOND, UTC)
    return at.astimezone(CHINA).date(), at


async def spend(line: Line, caller: str, kind: str, *, most: int, now_ns: int) -> int | None:
    """Use one of a caller's day; how many were used, None if none was left."""
    day, at = day_of(now_ns)
    used: int | None = (await line.fetch(_SPEND, caller, kind, day, most, at, 1))[0][0]
    return used


class Uses:
    """Counts that wait to be written."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._counts: Counter[tuple[str, str, date]] = Counter()
        self._at: dict[str, datetime] = {}
        self._task: asyncio.Task[None] | None = None

    def count(self, caller: str, kind: str, *, now_ns: int) -> None:
        """Count one; it is written within a second or two."""
        day, at = day_of(now_ns)
        if len(self._counts) < _KINDS or (caller, kind, day) in self._counts:
            self._counts[caller, kind, day] += 1
            self._at[caller] = at
        if self._task is None:
            self._task = asyncio.create_task(self._later(), name="uses")

    async def flush(self) -> None:
        """Write what waits; what cannot be written now waits on."""
        counts, self._counts = self._counts, Counter()
        moments, self._at = self._at, {}
        while counts:
            (caller, kind, day), times = counts.popitem()
            try:
                async with self._lines.take() as line:
                    await line.fetch(_SPEND, caller, kind, day, None, moments[caller], times)
            except Exception as exc:  # noqa: BLE001 - whatever it is, the counts wait and questions are answered
                if not isinstance(exc, SERVER_FAULTS):
                    _log.exception("uses_not_written")
                counts[caller, kind, day] = times
                self._counts += counts
                self._at = moments | self._at
                return

    async def close(self) -> None:
        """Write what waits, and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.flush()

    async def _later(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await self.flush()
            if not self._counts:
                self._task = None
                return
