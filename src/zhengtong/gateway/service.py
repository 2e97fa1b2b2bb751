"""
The gateway itself: takes calls, routes them to what answers them, and sees to it that every one leaves a trace.

Nothing here knows how bytes reach the socket (``calls.Call``) or how SQL is made (``plans``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import structlog

from zhengtong.contracts.grants import Channel
from zhengtong.gateway import counting, descriptions, lookups, responses
from zhengtong.gateway.addresses import Addresses
from zhengtong.gateway.admission import Admission
from zhengtong.gateway.desk import Described, Desk
from zhengtong.gateway.metrics import exposition
from zhengtong.gateway.moments import SECOND, Moments
from zhengtong.gateway.opendata.desk import PREFIX, OpenDesk, OpenSettings, shares_in
from zhengtong.gateway.opendata.fairness import Share
from zhengtong.gateway.questions import read_question
from zhengtong.gateway.refusals import NoSuchPath, NotAcceptable, Refusal, Unexpected
from zhengtong.gateway.streams import answer_stream
from zhengtong.gateway.tables import Tables

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.routes import CompiledRoute
    from zhengtong.gateway.settings import Settings
    from zhengtong.gateway.tables import Spent

_log = structlog.get_logger(__name__)
_RESOURCES = b"/v1/resources"
_KINDS = {b"rows": "rows", b"verify": "verify", b"schema": "schema", b"openapi.json": "openapi"}
_PATHS_KEPT = 4_096
_LONGEST_CODE = 128


class Gateway(Desk):
    """One worker process of the data plane."""

    def __init__(self, settings: Settings, moments: Moments | None = None) -> None:
        super().__init__(settings, moments)
        self.tables = Tables(
            shared=settings.shared,
            state=settings.state,
            replay_slots=settings.replay_slots,
            quota_slots=settings.quota_slots,
            window=settings.window,
            skew=settings.skew,
            now_ns=self.moments.time_ns(),
        )
        self.admission = Admission(settings, self.tables, self.moments)
        self.addresses = Addresses(settings.proxies)
        share = Share(per_second=settings.open_rate)
        served = OpenSettings(settings.database_url, share, settings.proxies, settings.origin, shares_in(settings.state))
        self.open = OpenDesk(served, self.tracer, self.moments)
        self._paths: dict[bytes, tuple[str, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._background: list[asyncio.Task[None]] = []

    # ------------------------------------------------------------------ life
    async def start(self) -> None:
        """Begin to serve; calls are refused until a snapshot, the ledger and the database are there."""
        await self.watch.start()
        await self.lanes.start()
        await self.pages.start()
        self._background = [
            asyncio.create_task(self._start_tracer(), name="start-tracer"),
            asyncio.create_task(self._every_second(), name="every-second"),
        ]

    async def stop(self) -> None:
        """Finish the calls in flight, write every trace, and let go."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.lanes.stop()
        await self.pages.stop()
        await self.open.close()
        await self.flush()
        await self.tracer.stop()
        await self.watch.stop()
        await self.streams.close()
        self.tables.close()

    @property
    def ready(self) -> bool:
        """Whether a call could be answered now."""
        return self.watch.current is not None and self.watch.connected and self.tracer.ready and self.lanes.ready

    async def flush(self) -> None:
        """Write what was counted, and wait until everything handed to the ledger is durable or refused."""
        if self.tracer.ready:
            counts = self.counter.take()
            entries = [self.tracer.commit(counting.entry(knock, count, self.moments)) for knock, count in counts.items()]
            for (knock, count), outcome in zip(counts.items(), await asyncio.gather(*entries, return_exceptions=True), strict=True):
                if outcome is not None:
                    self.counter.put_back(knock, count)
        await self.tracer.flush()

    async def _start_tracer(self) -> None:
        await self.watch.loaded()
        routing = self.watch.current
        if routing is not None:
            await self.tracer.start(routing.node)

    async def _every_second(self) -> None:
        while True:
            await asyncio.sleep(1)
            try:
                await self.flush()
                if self.settings.workers > 1:
                    self.metrics.leave_copy(self.settings.shared)
            except OSError:
                _log.exception("housekeeping_failed")

    # ------------------------------------------------------------------ calls
    def accept(self, call: Call) -> None:
        """Take a call; it is answered now or later, in any case exactly once."""
        call.now_ns = self.moments.read()
        call.request_id = self.moments.request_id(call.now_ns)
        if self.settings.proxies:
            call.address = self.addresses.of(call.peer, call.headers.get(b"x-forwarded-for"))
        try:
            self._dispatch(call)
        except Refusal as refusal:
            self.refuse(call, refusal)
        except Exception:  # noqa: BLE001 - reported below
            _log.exception("unexpected", request_id=call.request_id)
            self.refuse(call, Unexpected())

    def _dispatch(self, call: Call) -> None:
        path = call.path
        if path.startswith(PREFIX):
            self._spawn(call, self._open(call))
            return
        call.kind, call.resource = self._paths.get(path) or self._target(path)
        kind = call.kind
        if kind == "rows":
            self._rows(call)
        elif kind == "verify":
            lookups.check_method(call, b"POST")
            route, spent = self._admit(call, Channel.VERIFY)
            lookups.begin_verification(self, call, route, spent)
        elif kind in {"schema", "openapi"}:
            lookups.check_method(call, b"GET")
            route, spent = self._admit(call, None)
            content = descriptions.schema(route) if kind == "schema" else descriptions.openapi(route, self.settings.origin)
            self._describe(call, content, self.ok_head(route, spent))
        elif kind == "resources":
            lookups.check_method(call, b"GET")
            self._list(call)
        else:
            lookups.check_method(call, b"GET")
            self._health(call)

    def _target(self, path: bytes) -> tuple[str, str]:
        """
        What a path asks for: kind and resource code.

        :raises NoSuchPath: if there is no such path.
        """
        if path in {b"/healthz", b"/readyz", b"/metrics"}:
            target = (path[1:].decode(), "")
        elif path == _RESOURCES:
            target = ("resources", "")
        else:
            code, _, last = path.removeprefix(_RESOURCES + b"/").rpartition(b"/")
            kind = _KINDS.get(last)
            if kind is None or not code or not path.startswith(_RESOURCES + b"/"):
                raise NoSuchPath
            resource = unquote(code.decode("ascii", "replace"))
            if len(resource) > _LONGEST_CODE or not resource.isprintable():
                raise NoSuchPath
            target = (kind, resource)
        if len(self._paths) < _PATHS_KEPT:
            self._paths[path] = target
        return target

    def _admit(self, call: Call, channel: Channel | None) -> tuple[CompiledRoute, Spent]:
        routing = self.watch.current
        proof = self.admission.identify(call, routing, traceable=self.tracer.ready)
        assert routing is not None  # noqa: S101 - identify refuses without
        return self.admission.admit_to_route(call, routing, proof, channel)

    def _rows(self, call: Call) -> None:
        lookups.check_method(call, b"GET")
        route, spent = self._admit(call, Channel.LOOKUP)
        accept = call.headers.get(b"accept", b"*/*")
        if accept == b"*/*" or b"application/json" in accept or b"*/*" in accept:
            lookups.begin_rows(self, call, route, spent)
            return
        as_json = b"application/x-ndjson" in accept
        if not as_json and b"text/csv" not in accept:
            raise NotAcceptable(field="accept", remedy="application/json、application/x-ndjson 或 text/csv")
        question = read_question(call.query, route, self.settings.limits)
        limits = responses.limits(spent, route.grant.quota.per_day, self.moments.until_tomorrow)
        self._spawn(call, answer_stream(self, call, route, question, as_json=as_json, limits=limits))

    def _list(self, call: Call) -> None:
        routing = self.watch.current
        proof = self.admission.identify(call, routing, traceable=self.tracer.ready)
        assert routing is not None  # noqa: S101 - identify refuses without
        self.admission.admit_anywhere(call, proof)
        routes = routing.by_caller.get(proof.caller.source.id, ())
        self._describe(call, descriptions.resources(routes), responses.JSON)

    def _describe(self, call: Call, content: dict[str, Any], head: bytes) -> None:
        """Answer with a description, once its trace is durable."""
        call.answer = (200, head, responses.document(content, call.request_id, call.national))
        self.tracer.add(self.entry(call, "ok"), Described(self, call))

    def _health(self, call: Call) -> None:
        if call.kind == "metrics":
            now = self.moments.time_ns() / SECOND
            total = self.metrics.with_others(self.settings.shared, now)
            call.respond(200, responses.TEXT, exposition(total, now, ready=self.ready))
            return
        parts = {
            "snapshot": self.watch.current is not None,
            "database": self.watch.connected and self.lanes.ready,
            "ledger": self.tracer.ready,
        }
        fine = call.kind == "healthz" or all(parts.values())
        content = {"status": "ok" if fine else "unavailable"} | (parts if call.kind == "readyz" else {})
        call.respond(200 if fine else 503, responses.JSON, responses.document(content, call.request_id, ""))

    async def _open(self, call: Call) -> None:
        """Open rows need no key and leave no trace, for what citizens read is theirs; the desk traces what a grant's key opens."""
        call.kind = "open"
        self.count(call, await self.open.answer(call))

    def _spawn(self, call: Call, work: Coroutine[Any, Any, None]) -> None:
        """Run an answer that needs to wait."""
        task = asyncio.create_task(self._guard(call, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, call: Call, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refusal as refusal:
            self.refuse(call, refusal)
        except Exception:  # noqa: BLE001 - reported below
            _log.exception("unexpected", request_id=call.request_id)
            self.refuse(call, Unexpected())
