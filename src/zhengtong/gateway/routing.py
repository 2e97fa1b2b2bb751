"""
Where grants come from: signed snapshots, watched, checked and swapped in while calls are running.

Threat model. Somebody with access to the database inserts a snapshot, changes one, or brings an old one back to revive a revoked grant.
Only a snapshot signed by a trusted key is taken, only one for this node, and only a newer one than the one in service. A gateway that
restarts takes the newest valid one there is; deleting newer rows from the table is therefore a way back to an older state, which the
ledger shows.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
import structlog

from zhengtong.contracts import routing as contract
from zhengtong.contracts.routing import SNAPSHOT_CHANNEL, Snapshot
from zhengtong.gateway.database import SERVER_FAULTS, connect
from zhengtong.gateway.keyring import Keyring
from zhengtong.gateway.metrics import Metrics
from zhengtong.gateway.moments import SECOND, Moments
from zhengtong.gateway.routes import Routing, compile_routing
from zhengtong.gateway.settings import Keys

_log = structlog.get_logger(__name__)
_NEWER = "select version, payload, scheme, key_id, signature from routing_snapshot where version > $1 order by version desc limit 8"
_RETRY_SECONDS = 0.2


class SnapshotNotTrusted(ValueError):
    """A snapshot cannot be taken: its signature, format, version or node does not hold."""


def open_snapshot(*, version: int, payload: str, scheme: str, key_id: str, signature: bytes, keys: Keys) -> Snapshot:
    """
    Check and read a row of ``routing_snapshot``.

    :raises SnapshotNotTrusted: if no trusted key signed it, or it is not what its row says.
    """
    key = keys.trusted.get(key_id)
    if key is None or key.scheme.value != scheme or not key.verify(payload.encode(), signature):
        raise SnapshotNotTrusted(f"not signed by a trusted key: {key_id!r}")
    try:
        snapshot = contract.decode(payload)
    except msgspec.MsgspecError as exc:
        raise SnapshotNotTrusted(str(exc)) from exc
    if snapshot.version != version:
        raise SnapshotNotTrusted(f"the row says version {version}, the document {snapshot.version}")
    return snapshot


class RoutingWatch:
    """Keeps ``current`` at the newest snapshot that holds. ``poll`` is in seconds."""

    def __init__(self, *, url: str, keyring: Keyring, metrics: Metrics, moments: Moments, poll: float) -> None:
        self._url, self._keyring, self._metrics, self._moments, self._poll = url, keyring, metrics, moments, poll
        self._refused: set[tuple[int, bytes]] = set()
        self._told = asyncio.Event()
        self._loaded = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.current: Routing | None = None
        self.connected = False

    async def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._run(), name="routing")

    async def stop(self) -> None:
        """Stop watching; the snapshot stays in service."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def loaded(self) -> None:
        """Wait until there is a snapshot."""
        await self._loaded.wait()

    async def _run(self) -> None:
        while True:
            connection: Any = None
            try:
                connection = await connect(self._url, application="zhengtong-gateway-routing")
                await connection.add_listener(SNAPSHOT_CHANNEL, lambda *_: self._told.set())
                while True:
                    self._told.clear()
                    await self._look(connection)
                    self.connected = True
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._told.wait(), timeout=self._poll)
            except SERVER_FAULTS as exc:
                if self.connected or self.current is None:
                    _log.warning("routing_waits", error=type(exc).__name__)
                self.connected = False
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                if connection is not None:
                    connection.terminate()

    async def _look(self, connection: Any) -> None:
        """Take the newest row that holds; rows refused before are not checked again, unless the keys have changed."""
        if self._keyring.refresh():
            self._refused.clear()
        version = self.current.version if self.current else -1
        for row in await connection.fetch(_NEWER, version):
            mark = (row["version"], row["signature"])
            if mark in self._refused:
                continue
            try:
                # large snapshots take a while to check; calls go on meanwhile
                routing = await asyncio.to_thread(self._open, dict(row))
            except SnapshotNotTrusted as exc:
                self._refused.add(mark)
                self._metrics.snapshots_refused += 1
                _log.error("snapshot_refused", version=row["version"], reason=str(exc))
                continue
            except Exception:  # noqa: BLE001 - reported below
                # whatever a newer snapshot brings, the one in service stays and the watch goes on
                self._refused.add(mark)
                self._metrics.snapshots_refused += 1
                _log.exception("snapshot_refused", version=row["version"])
                continue
            self.current = routing
            self._metrics.snapshot_version = routing.version
            self._metrics.snapshot_loaded = self._moments.time_ns() / SECOND
            self._loaded.set()
            _log.info("snapshot_loaded", version=routing.version, routes=len(routing.by_source), callers=len(routing.callers))
            return

    def _open(self, row: dict[str, Any]) -> Routing:
        snapshot = open_snapshot(keys=self._keyring.keys, **row)
        if self.current is not None and snapshot.node != self.current.node:
            raise SnapshotNotTrusted(f"for node {snapshot.node!r}, not {self.current.node!r}")
        return compile_routing(snapshot, self._keyring.keys, self.current, self._report)

    def _report(self, kind: str, which: str, reason: str) -> None:
        if kind == "grant":
            self._metrics.grants_refused += 1
        else:
            self._metrics.keys_refused += 1
        _log.error("route_refused", kind=kind, which=which, reason=reason)
