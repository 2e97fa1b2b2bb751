"""
The ledger writer: every answer waits here until its trace is durable.

Threat model. Somebody reads data without a trace; somebody loses, doubles or rewrites traces by killing a process, the database or the
connection at a chosen moment. One writer owns one chain, held by an advisory lock and by the compare-and-swap in ``ledger_append``. Entries
that arrive while a block is being committed form the next block, so the wait for the disk is shared. Answers leave only after the commit.

When the connection is lost while a block is on its way, nobody knows whether it was committed. The writer takes the lock again and reads
the head of the chain: if the head is the block's hash it was committed, if it is the block's predecessor the same bytes are sent again;
nothing is written twice, nothing that was answered is missing. Until then nothing leaves. Those who wait longer than ``patience``
seconds are refused; should their block turn out to have been committed after all, the ledger says that an answer was prepared that
nobody received, and an entry ``gateway:trace:recovered`` says how many such there are. The error is on the side of too many traces,
never too few.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import structlog

from zhengtong.contracts.traces import GENESIS, header
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.signing import Scheme
from zhengtong.gateway.calls import Waiter
from zhengtong.gateway.database import DATABASE_FAULTS, SERVER_FAULTS, connect
from zhengtong.gateway.entries import EntryForm
from zhengtong.gateway.keyring import Keyring
from zhengtong.gateway.metrics import Metrics
from zhengtong.gateway.moments import Moments
from zhengtong.gateway.refusals import Overloaded, TraceUnavailable

_log = structlog.get_logger(__name__)
_APPEND = "select ledger_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_HEAD = "select height, hash from ledger_chain where chain = $1"
#: advisory lock class of gateway chains: "ztgw" as a number
LOCK_CLASS = 0x7A74_6777
SLOTS = 64
_BLOCK_ENTRIES = 1_024
_RETRY_SECONDS = 0.2
_RECOVERED = EntryForm.of(event="gateway:trace:recovered", actor="process:gateway")


class NoSlot(Exception):
    """Every chain of this node is held by somebody."""


@dataclass(slots=True)
class _Block:
    """A group of entries on its way. ``fields`` are the parameters of ``ledger_append``, set once: a repetition sends the same bytes."""

    waiters: list[Waiter]
    fields: tuple[Any, ...]
    previous: str
    hash: str
    height: int


class _Fate(Enum):
    """What became of a block in doubt."""

    COMMITTED = "committed"
    ABSENT = "absent"
    #: the chain is another, or somebody else has moved it on
    UNKNOWN = "unknown"


class _Nobody:
    """Nobody waits for an entry of the writer's own."""

    def traced(self) -> None:
        """Nothing to do."""

    def untraced(self) -> None:
        """Nothing to do."""


class FutureWaiter:
    """Lets a task await its trace."""

    __slots__ = ("future",)

    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def traced(self) -> None:
        """The trace is durable."""
        if not self.future.done():
            self.future.set_result(None)

    def untraced(self) -> None:
        """The trace is not durable."""
        if not self.future.done():
            self.future.set_exception(TraceUnavailable())


class Tracer:
    """The writer of one chain, ``gateway:<node>:<slot>``. ``patience`` is in seconds."""

    def __init__(self, *, url: str, keyring: Keyring, moments: Moments, metrics: Metrics, patience: float, pending_limit: int) -> None:
        self._url, self._keyring, self._moments, self._metrics = url, keyring, moments, metrics
        self._node = ""
        self._patience, self._pending_limit = patience, pending_limit
        self._entries: list[bytes] = []
        self._waiters: list[Waiter] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._connection: Any = None
        self._append: Any = None
        self._slot = -1
        self._height, self._head = 0, GENESIS
        self._unanswered = 0
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.ready = False

    @property
    def chain(self) -> str:
        """The name of the chain, empty before a slot is held."""
        return f"gateway:{self._node}:{self._slot}" if self._slot >= 0 else ""

    # ------------------------------------------------------------------ for those who wait
    def add(self, entry: bytes, waiter: Waiter) -> None:
        """
        Hand over an entry; ``waiter`` is told when it is durable or will not be.

        :raises TraceUnavailable: at once, while the ledger is away.
        """
        if not self.ready:
            raise TraceUnavailable
        if len(self._entries) >= self._pending_limit:
            raise Overloaded
        self._entries.append(entry)
        self._waiters.append(waiter)
        self._idle.clear()
        self._wake.set()

    async def commit(self, entry: bytes) -> None:
        """
        Write an entry and wait until it is durable.

        :raises TraceUnavailable: if it will not be.
        """
        waiter = FutureWaiter()
        self.add(entry, waiter)
        await waiter.future

    async def flush(self) -> None:
        """Wait until everything handed over so far is durable or refused."""
        await self._idle.wait()

    # ------------------------------------------------------------------ life
    async def start(self, node: str) -> None:
        """Begin, for a node; the tracer becomes ready when it holds a chain."""
        self._node = node
        self._task = asyncio.create_task(self._run(), name="tracer")

    async def stop(self) -> None:
        """Commit what is waiting, then let go of the chain."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        if self._connection is not None:
            with contextlib.suppress(*DATABASE_FAULTS):
                await self._connection.close(timeout=2)

    async def _run(self) -> None:
        while not (self._closing and not self._entries):
            try:
                if self._connection is None or self._connection.is_closed():
                    await self._take_chain(self._connect_deadline())
                    self._open()
                if not self._entries:
                    self._idle.set()
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                await self._commit(self._next_block())
            except Exception as exc:  # noqa: BLE001 - whatever it is, those who wait must hear, and the writer must go on
                await self._suffer(exc)
        self._idle.set()

    async def _suffer(self, exc: BaseException) -> None:
        """The ledger is away and no block is in doubt: refuse those who wait, try again soon."""
        if self.ready:
            _log.error("ledger_lost", error=type(exc).__name__, reason=str(exc), chain=self.chain)
        self.ready = False
        waiters, self._waiters, self._entries = self._waiters, [], []
        _tell(waiters, durable=False)
        self._idle.set()
        if self._connection is not None:
            self._connection.terminate()
        if not self._closing:
            await asyncio.sleep(_RETRY_SECONDS)

    def _open(self) -> None:
        self.ready = True
        _log.info("ledger_ready", chain=self.chain, height=self._height)
        if self._unanswered:
            ns = self._moments.time_ns()
            detail = {"unanswered": self._unanswered}
            self._unanswered = 0
            self.add(_RECOVERED.fill(request_id=self._moments.request_id(ns), at=self._moments.iso(ns), detail=detail), _Nobody())

    # ------------------------------------------------------------------ the chain
    def _connect_deadline(self) -> float:
        return time.monotonic() + self._patience

    async def _take_chain(self, deadline: float) -> None:
        """
        Connect and hold a chain: the one held before if it can be had by ``deadline`` (monotonic seconds), else any free one.

        :raises NoSlot: if none is free.
        """
        self._connection = connection = await connect(self._url, application="zhengtong-gateway-ledger")
        connection.add_termination_listener(lambda _: self._wake.set())
        self._append = await connection.prepare(_APPEND)
        wanted = [self._slot] if self._slot >= 0 else []
        while True:
            for slot in wanted or range(SLOTS):
                if await self._connection.fetchval("select pg_try_advisory_lock($1, $2)", LOCK_CLASS, _lock_number(self._node, slot)):
                    self._slot = slot
                    await self._read_head()
                    return
            if not wanted:
                raise NoSlot
            # the server has not yet noticed that the connection before has gone
            await asyncio.sleep(_RETRY_SECONDS)
            if time.monotonic() > deadline:
                wanted, self._slot = [], -1

    async def _read_head(self) -> None:
        row = await self._connection.fetchrow(_HEAD, self.chain)
        self._height, self._head = (row["height"], row["hash"]) if row else (0, GENESIS)

    def _next_block(self) -> tuple[list[bytes], list[Waiter]]:
        entries, self._entries = self._entries[:_BLOCK_ENTRIES], self._entries[_BLOCK_ENTRIES:]
        waiters, self._waiters = self._waiters[:_BLOCK_ENTRIES], self._waiters[_BLOCK_ENTRIES:]
        return entries, waiters

    def _seal(self, entries: Sequence[bytes], waiters: list[Waiter]) -> _Block:
        body = b"\n".join(entries)
        at = datetime.fromtimestamp(self._moments.time_ns() // 1000 / 1_000_000, UTC)
        height, key = self._height + 1, self._keyring.signing
        digest = Digest.SM3 if key.scheme is Scheme.SM2 else Digest.SHA256
        head = header(
            digest=digest.value,
            chain=self.chain,
            height=height,
            at=at,
            count=len(entries),
            previous=self._head,
            body_hash=digest.of(body).hex(),
        )
        hashed = digest.of(head)
        signature = key.sign(hashed)
        fields = (
            *(self.chain, height, at, len(entries), digest.value, self._head, hashed.hex()),
            *(key.scheme.value, key.key_id, signature, body),
        )
        return _Block(waiters, fields, self._head, hashed.hex(), height)

    async def _commit(self, group: tuple[list[bytes], list[Waiter]]) -> None:
        entries, waiters = group
        started = time.perf_counter()
        block = self._seal(entries, waiters)
        try:
            appended = await self._append.fetchval(*block.fields, timeout=self._patience)
        except SERVER_FAULTS as exc:
            await self._resolve(block, exc)
            return
        if not appended:
            # somebody wrote to this chain without holding its lock: leave it to them
            _log.error("ledger_chain_taken", chain=self.chain)
            _tell(waiters, durable=False)
            self._slot = -1
            await self._connection.close(timeout=1)
            raise ConnectionResetError("chain taken")
        self._settled(block)
        self._metrics.block(len(entries), time.perf_counter() - started)

    def _settled(self, block: _Block) -> None:
        self._height, self._head = block.height, block.hash
        _tell(block.waiters, durable=True)

    async def _resolve(self, block: _Block, cause: BaseException) -> None:
        """Find out what became of a block that was on its way when the connection broke, and finish it."""
        _log.error("ledger_in_doubt", chain=self.chain, height=block.height, error=type(cause).__name__)
        self.ready = False
        if isinstance(cause, TimeoutError):
            self._connection.terminate()
        deadline = self._connect_deadline()
        waiting = True
        fate = _Fate.UNKNOWN
        while not (self._closing and not waiting):
            if waiting and time.monotonic() > deadline:
                waiting = False
                self._give_up(block)
            try:
                fate = await self._settle(block, deadline, again=waiting)
                break
            except (*SERVER_FAULTS, NoSlot):
                self._connection.terminate()
                await asyncio.sleep(_RETRY_SECONDS)
        if waiting and fate is _Fate.UNKNOWN:
            self._give_up(block)
        elif waiting:
            _tell(block.waiters, durable=True)
        elif fate is _Fate.ABSENT:
            self._unanswered -= len(block.waiters)
        self._open()

    async def _settle(self, block: _Block, deadline: float, *, again: bool) -> _Fate:
        """
        What the chain says about a block. An absent block is sent ``again`` only while those who wait for it still do: later it would claim
        answers that nobody got.
        """
        if self._connection.is_closed():
            await self._take_chain(deadline)
        else:
            await self._read_head()
        if self.chain == block.fields[0]:
            if self._head == block.hash:
                return _Fate.COMMITTED
            if self._head == block.previous:
                if not again:
                    return _Fate.ABSENT
                if await self._append.fetchval(*block.fields):
                    self._height, self._head = block.height, block.hash
                    return _Fate.COMMITTED
                await self._read_head()
        return _Fate.UNKNOWN

    def _give_up(self, block: _Block) -> None:
        """Refuse those who wait for a block in doubt, and those behind them."""
        self._unanswered += len(block.waiters)
        _tell(block.waiters, durable=False)
        waiters, self._waiters, self._entries = self._waiters, [], []
        _tell(waiters, durable=False)


def _lock_number(node: str, slot: int) -> int:
    """A signed 32-bit number for a chain."""
    return int.from_bytes(hashlib.sha256(f"gateway:{node}:{slot}".encode()).digest()[:4], "big", signed=True)


def _tell(waiters: Sequence[Waiter], *, durable: bool) -> None:
    for waiter in waiters:
        # one answer that cannot be written must not keep the others
        try:
            if durable:
                waiter.traced()
            else:
                waiter.untraced()
        except Exception:  # noqa: BLE001 - reported below
            _log.exception("answer_failed")
