"""
What every answer needs at hand: the connections, the ledger, the keys, and the ways to send, to refuse and to count.

``service.Gateway`` decides which call is answered by what; the answers themselves (``lookups``, ``streams``) know only this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhengtong.contracts.grants import Channel
from zhengtong.engines.crypto.digests import Pseudonyms
from zhengtong.gateway import responses
from zhengtong.gateway.batching import Lanes
from zhengtong.gateway.counting import Knock, RefusalCounter
from zhengtong.gateway.cursors import Cursors
from zhengtong.gateway.database import Lines
from zhengtong.gateway.entries import EntryForm
from zhengtong.gateway.keyring import Keyring
from zhengtong.gateway.metrics import Metrics
from zhengtong.gateway.moments import SECOND, Moments
from zhengtong.gateway.refusals import Refusal, TraceUnavailable
from zhengtong.gateway.routing import RoutingWatch
from zhengtong.gateway.tracing import Tracer

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.routes import CompiledRoute
    from zhengtong.gateway.settings import Settings
    from zhengtong.gateway.tables import Spent

READ = "gateway:rows:read"
VERIFIED = "gateway:rows:verified"
_LISTED = "gateway:resources:listed"
_EVENTS = {"rows": READ, "verify": VERIFIED, "schema": "gateway:schema:read", "openapi": "gateway:schema:read"}


#: questions in one round trip
_LOOKUPS_TOGETHER = 128
_PAGES_TOGETHER = 8


class Desk:
    """The resources of one worker process."""

    def __init__(self, settings: Settings, moments: Moments | None = None) -> None:
        limits = settings.limits
        self.settings = settings
        self.moments = moments or Moments()
        self.metrics = Metrics()
        self.pseudonyms = Pseudonyms(settings.keys.subjects)
        self.cursors = Cursors(settings.keys.seal)
        self.counter = RefusalCounter()
        url = settings.database_url
        keyring = Keyring(settings.keys)
        self.watch = RoutingWatch(url=url, keyring=keyring, metrics=self.metrics, moments=self.moments, poll=settings.poll)
        self.tracer = Tracer(
            url=url,
            keyring=keyring,
            moments=self.moments,
            metrics=self.metrics,
            patience=settings.trace_patience,
            pending_limit=limits.pending,
        )
        self.lanes = Lanes(
            url=url,
            size=settings.lanes,
            most=_LOOKUPS_TOGETHER,
            statement_seconds=limits.statement_seconds,
            pending=limits.pending,
            metrics=self.metrics,
        )
        # apart from the look-ups: a page takes a hundred times as long
        self.pages = Lanes(
            url=url,
            size=settings.page_lanes,
            most=_PAGES_TOGETHER,
            statement_seconds=limits.statement_seconds,
            pending=limits.pending,
            metrics=self.metrics,
        )
        self.streams = Lines(
            url,
            settings.stream_connections,
            application="zhengtong-gateway-stream",
            statement_seconds=limits.stream_seconds,
            queue=settings.stream_connections,
        )

    # ------------------------------------------------------------------ answers
    def ok_head(self, route: CompiledRoute, spent: Spent) -> bytes:
        """The header lines of an answer with data."""
        return responses.JSON + responses.limits(spent, route.grant.quota.per_day, self.moments.until_tomorrow)

    def send(self, call: Call) -> None:
        """Send the prepared answer; its trace is durable."""
        call.respond(*call.answer)
        self.count(call, "ok")

    def count(self, call: Call, outcome: str) -> None:
        """Count an answered call."""
        self.metrics.call(call.kind, outcome, (self.moments.time_ns() - call.now_ns) / SECOND)

    def refuse(self, call: Call, refusal: Refusal) -> None:
        """Refuse: one entry if the caller is known and the refusal is its own, else a count."""
        call.answer = responses.refusal(refusal, call.request_id, call.national, call.headers.get(b"accept-language", b""))
        caller = call.caller
        if caller is None or refusal.counted or call.reported or not self.tracer.ready:
            route = call.route
            self.counter.count(Knock(refusal.code, call.address, caller.source.id if caller else "", route.grant.number if route else ""))
            self._send_refusal(call, refusal.code)
            return
        call.reported = True
        try:
            self.tracer.add(self.entry(call, refusal.code), _Refused(self, call, refusal.code))
        except Refusal as untraced:
            self.refuse(call, untraced)

    def _send_refusal(self, call: Call, code: str) -> None:
        call.respond(*call.answer)
        self.count(call, code)

    def entry(self, call: Call, outcome: str) -> bytes:
        """The trace of a call that moved no rows."""
        event = _EVENTS.get(call.kind, _LISTED)
        caller, route = call.caller, call.route
        assert caller is not None  # noqa: S101 - only for identified callers
        channel = Channel.VERIFY.value if call.kind == "verify" else Channel.LOOKUP.value if call.kind == "rows" else ""
        if route is not None:
            form = route.form(event, caller, call.purpose, channel, ())
        else:
            form = EntryForm.of(
                event=event,
                actor=f"caller:{caller.source.id}",
                office=caller.source.office,
                resource=call.resource,
                channel=channel,
            )
        return form.fill(
            request_id=call.request_id,
            at=self.moments.iso(call.now_ns),
            outcome=outcome,
            case=call.case,
            address=call.address,
        )


class Described:
    """Waits for the trace of a description."""

    __slots__ = ("_call", "_desk")

    def __init__(self, desk: Desk, call: Call) -> None:
        self._desk, self._call = desk, call

    def traced(self) -> None:
        """Send it."""
        self._desk.send(self._call)

    def untraced(self) -> None:
        """No trace, no answer."""
        self._desk.refuse(self._call, TraceUnavailable())


class _Refused(Described):
    """Waits for the trace of a refusal."""

    __slots__ = ("_code",)

    def __init__(self, desk: Desk, call: Call, code: str) -> None:
        super().__init__(desk, call)
        self._code = code

    def traced(self) -> None:
        """Say no."""
        self._call.respond(*self._call.answer)
        self._desk.count(self._call, self._code)
