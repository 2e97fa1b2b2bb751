"""
The traces of rows that go out under a grant: durable before the first of them leaves, and one more when a stream has ended.

In the gateway its own writer takes them; ``web``, which has none, starts one when it first needs it. Without a writer nothing leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from zhengtong.gateway.entries import EntryForm
from zhengtong.gateway.keyring import Keyring
from zhengtong.gateway.metrics import Metrics
from zhengtong.gateway.refusals import TraceUnavailable
from zhengtong.gateway.settings import BadSettings, Keys
from zhengtong.gateway.tracing import Tracer

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.moments import Moments
    from zhengtong.gateway.opendata.tables import Found

_log = structlog.get_logger(__name__)
READ, COMPLETED = "opendata:granted:read", "opendata:granted:completed"
_PATIENCE_SECONDS = 5.0
_PENDING = 1_024
_LOOK_SECONDS = 0.02


class Traces(Protocol):
    """Whoever writes traces."""

    async def commit(self, entry: bytes) -> None:
        """
        Write an entry and wait until it is durable.

        :raises TraceUnavailable: if it will not be.
        """


class OwnTraces:
    """A writer of this process's own chain, started with its first entry. ``keys`` is the folder of a gateway's keys."""

    def __init__(self, *, url: str, keys: Path, node: str, moments: Moments) -> None:
        self._url, self._keys, self._node, self._moments = url, keys, node, moments
        self._tracer: Tracer | None = None

    async def commit(self, entry: bytes) -> None:
        """
        As :meth:`Traces.commit`.

        :raises TraceUnavailable: as there.
        """
        tracer = self._tracer or await self._started()
        for _look in range(int(_PATIENCE_SECONDS / _LOOK_SECONDS)):
            if tracer.ready:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        await tracer.commit(entry)

    async def close(self) -> None:
        """Write what waits, and let go of the chain."""
        if self._tracer is not None:
            await self._tracer.stop()

    async def _started(self) -> Tracer:
        try:
            keyring = Keyring(Keys.from_folder(self._keys))
        except BadSettings as exc:
            _log.error("keys_not_read", reason=str(exc))
            raise TraceUnavailable from exc
        # nothing above waits, so no second call comes between
        self._tracer = Tracer(
            url=self._url, keyring=keyring, moments=self._moments, metrics=Metrics(), patience=_PATIENCE_SECONDS, pending_limit=_PENDING
        )
        await self._tracer.start(self._node)
        return self._tracer


def entry(
    found: Found,
    call: Call,
    moments: Moments,
    *,
    kind: str,
    form: str,
    items: Sequence[str],
    rows: int,
    ended: str | None = None,
) -> bytes:
    """
    The trace of an answer under a grant. It names the key and the grant, never the caller's address nor what was asked for.

    :param ended: None before the answer leaves; afterwards ``ok``, or how it broke off.
    """
    granted, table = found.granted, found.table
    assert granted is not None  # noqa: S101 - only then there is anything to trace
    written = EntryForm.of(
        event=READ if ended is None else COMPLETED,
        actor=granted.key.caller,
        provider=granted.provider,
        resource=granted.resource,
        grant=granted.key.grant,
        channel="lookup" if form == "json" else "download",
        items=items,
    )
    ns = call.now_ns if ended is None else moments.time_ns()
    detail: Mapping[str, object] = {"dataset": table.dataset, "version": table.version, "kind": kind, "form": form}
    return written.fill(
        request_id=call.request_id if ended is None else moments.request_id(ns),
        at=moments.iso(ns),
        outcome=ended or "ok",
        rows=rows,
        detail=detail if ended is None else {**detail, "call": call.request_id},
    )


class Rows:
    """Counts the rows in the parts of a stream: line ends of NDJSON, and those outside of quotes of CSV."""

    def __init__(self, form: str) -> None:
        self._csv = form == "csv"
        self._quoted = False
        self.count = 0

    def add(self, chunk: bytes) -> None:
        """Count what a part adds."""
        if not self._csv:
            self.count += chunk.count(b"\n")
            return
        for place, part in enumerate(chunk.split(b'"')):
            self._quoted ^= place > 0
            self.count += 0 if self._quoted else part.count(b"\n")
