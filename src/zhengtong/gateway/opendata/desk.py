"""The desk of open rows: takes a call, finds the table, asks the engine, answers. Every question ends in an answer or a refusal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import structlog

from zhengtong.contracts.open_keys import GRANT_ANSWERS_A_DAY
from zhengtong.engines.rowquery import reading, statements
from zhengtong.engines.rowquery.refusals import RowRefusal, TooExpensive
from zhengtong.gateway import english
from zhengtong.gateway.addresses import Addresses
from zhengtong.gateway.calls import Call, ClientGone
from zhengtong.gateway.database import Lines, as_refusal
from zhengtong.gateway.moments import Moments
from zhengtong.gateway.opendata import keys, uses
from zhengtong.gateway.opendata.asking import FORMS, PREFIX, Asked, asked
from zhengtong.gateway.opendata.fairness import Left, Share, Shares, subscriber
from zhengtong.gateway.opendata.keys import Bearer, DeveloperKey
from zhengtong.gateway.opendata.refusals import Busy, KeyBlocked, KeyRefused, TooMany
from zhengtong.gateway.opendata.streaming import Stream
from zhengtong.gateway.opendata.tables import Found, Tables
from zhengtong.gateway.opendata.told import told
from zhengtong.gateway.opendata.traces import Traces, entry
from zhengtong.gateway.refusals import Overloaded, Refusal, TraceUnavailable
from zhengtong.gateway.settings import Network
from zhengtong.kernel.errors import ZhengtongError

__all__ = ["PREFIX", "OpenDesk", "OpenSettings"]
_log = structlog.get_logger(__name__)
_json = msgspec.json.Encoder().encode
_OPEN = (
    b"access-control-allow-origin: *\r\n"
    b"access-control-expose-headers: ratelimit-limit, ratelimit-policy, ratelimit-remaining, ratelimit-reset, retry-after,"
    b" zhengtong-version\r\n"
    b"x-content-type-options: nosniff\r\nvary: accept, accept-language, authorization\r\n"
)
_PUBLIC, _PRIVATE = b"cache-control: no-cache\r\n", b"cache-control: no-store\r\n"
# the wildcard does not stand for Authorization (Fetch standard, CORS-safelisted headers)
_PREFLIGHT = (
    b"access-control-allow-methods: GET, OPTIONS\r\naccess-control-allow-headers: *, authorization\r\naccess-control-max-age: 86400\r\n"
)


@dataclass(frozen=True)
class OpenSettings:
    """
    How open rows are served by one process. Times in seconds; ``streams`` and ``lines`` are connections. ``table`` is the file in which the
    processes of the machine count rates, None: each for itself.
    """

    database_url: str
    share: Share = field(default_factory=Share)
    proxies: tuple[Network, ...] = ()
    origin: str = ""
    table: Path | None = None
    lines: int = 4
    streams: int = 4
    waiting: int = 256
    question_seconds: float = 3.0
    stream_seconds: float = 600.0

    @classmethod
    def from_environment(cls, database_url: str, environment: Mapping[str, str] = os.environ, *, origin: str = "") -> OpenSettings:
        """
        ``ZHENGTONG_OPEN_RATE``: questions a second from one address, 0 for no bound; ``ZHENGTONG_GATEWAY_PROXIES`` and
        ``ZHENGTONG_GATEWAY_STATE`` as in the gateway.
        """
        proxies = environment.get("ZHENGTONG_GATEWAY_PROXIES", "")
        return cls(
            database_url,
            Share(per_second=float(environment.get("ZHENGTONG_OPEN_RATE", Share.per_second))),
            tuple(ip_network(text.strip()) for text in proxies.split(",") if text.strip()),
            origin,
            shares_in(Path(environment.get("ZHENGTONG_GATEWAY_STATE", "var/gateway"))),
        )


def shares_in(state: Path) -> Path:
    """The file of rates in the folder that the gateways of a machine share."""
    return state / "open.table"


class OpenDesk:
    """
    Answers calls below ``/open/v1``. Connections are opened when they are first needed.

    :param traces: who writes traces of what leaves under a grant; without one nothing does.
    """

    def __init__(self, settings: OpenSettings, traces: Traces | None = None, moments: Moments | None = None) -> None:
        self.settings = settings
        self.moments = moments or Moments()
        self.tables = Tables()
        self.shares = Shares(settings.table, self.moments)
        self.addresses = Addresses(settings.proxies)
        self._traces = traces
        url = settings.database_url
        self.lines = Lines(
            url, settings.lines, application="zhengtong-open", statement_seconds=settings.question_seconds, queue=settings.waiting
        )
        self.streams = Lines(
            url, settings.streams, application="zhengtong-open-stream", statement_seconds=settings.stream_seconds, queue=settings.streams
        )
        self.uses = uses.Uses(self.lines)

    async def close(self) -> None:
        """Write what was counted, and let go of the connections."""
        await self.uses.close()
        await self.lines.close()
        await self.streams.close()
        self.shares.close()

    async def answer(self, call: Call) -> str:
        """Answer a call, whatever it is; the outcome is ``ok`` or the code of the refusal."""
        bearer: Bearer | None = None
        try:
            if call.method == b"OPTIONS":
                call.respond(204, _OPEN + _PUBLIC + _PREFLIGHT, b"")
                return "ok"
            address = subscriber(self.addresses.of(call.peer, call.headers.get(b"x-forwarded-for")))
            bearer = await self._bearer(call, address)
            with self._taken(bearer, address) as left:
                await self._answer(call, asked(call), bearer, left.lines)
        except ClientGone:
            return "client-gone"
        except Exception as exc:  # noqa: BLE001 - every fault becomes a refusal that says whose it is
            if bearer is not None:
                self.uses.count(bearer.caller, keys.REFUSED, now_ns=call.now_ns)
            return refuse(call, refusal(exc, call.request_id))
        if isinstance(bearer, DeveloperKey):
            self.uses.count(bearer.caller, keys.ASKED, now_ns=call.now_ns)
        return "ok"

    # ------------------------------------------------------------------ who asks
    @contextlib.asynccontextmanager
    async def admitted(self, call: Call, share: Share) -> AsyncIterator[Left]:
        """
        Take a question out of a developer's share, else out of ``share`` for the address, while another application answers it.

        A key of a grant opens nothing there and raises no rate.

        :raises Refusal: if nothing is left, or a key that was sent does not work.
        """
        address = subscriber(self.addresses.of(call.peer, call.headers.get(b"x-forwarded-for")))
        bearer = await self._bearer(call, address)
        if not isinstance(bearer, DeveloperKey):
            with self.shares.taken(f"beside:{address}", share) as left:
                yield left
            return
        try:
            with self.shares.taken(bearer.caller, bearer.share, bearer.used) as left:
                yield left
        except Refusal:
            self.uses.count(bearer.caller, keys.REFUSED, now_ns=call.now_ns)
            raise
        self.uses.count(bearer.caller, keys.ASKED, now_ns=call.now_ns)

    async def _bearer(self, call: Call, address: str) -> Bearer | None:
        text = keys.sent(call.headers)
        if not text:
            return None
        self.shares.require(f"wrong:{address}", keys.WRONG)
        try:
            async with self.lines.take() as line:
                return await keys.found(line, text, now_ns=call.now_ns)
        except (KeyRefused, KeyBlocked):
            self.shares.spend(f"wrong:{address}", keys.WRONG)
            raise

    @contextlib.contextmanager
    def _taken(self, bearer: Bearer | None, address: str) -> Iterator[Left]:
        """A question out of whose share it is: a developer's, that of a grant's key, or the address's."""
        if isinstance(bearer, DeveloperKey):
            taken = self.shares.taken(bearer.caller, bearer.share, bearer.used)
        else:
            taken = self.shares.taken(bearer.caller if bearer else address, self.settings.share)
        with taken as left:
            yield left

    # ------------------------------------------------------------------ answers
    async def _answer(self, call: Call, question: Asked, bearer: Bearer | None, limits: bytes) -> None:
        if question.form != "json":
            await self._stream(call, question, bearer, limits)
            return
        async with self.lines.take() as line:
            found = await self.tables.of(line, question.number, question.version, bearer)
            if found.granted:
                await self._spend(line, found, call)
            answer = await told(line, found.table, question, self.settings.origin, granted=found.granted is not None)
        await self.trace(call, found, question, answer.items, answer.rows)
        version = found.table.version
        head = self.head(found, limits) + b"content-type: application/json; charset=utf-8\r\n"
        call.respond(200, head, answer.body + b',"version":%d,"request_id":"%b"}' % (version, call.request_id.encode()))

    async def _stream(self, call: Call, question: Asked, bearer: Bearer | None, limits: bytes) -> None:
        async with self.lines.take() as line:
            found = await self.tables.of(line, question.number, question.version, bearer)
            wanted = reading.stream_question(found.table, question.pairs)
            copy = statements.stream(found.table, wanted, question.form)
            if found.granted:
                await self._spend(line, found, call)
        items = wanted.fields or tuple(column.key for column in found.table.columns)
        head = self.head(found, limits) + b"content-type: %b; charset=utf-8\r\n" % FORMS[question.form]
        await Stream(self, call, question, found, items).send(copy, head)

    def head(self, found: Found, limits: bytes) -> bytes:
        """Header lines of an answer; what goes to one holder is kept by nobody between."""
        return _OPEN + (_PRIVATE if found.granted else _PUBLIC) + limits + b"zhengtong-version: %d\r\n" % found.table.version

    async def still(self, call: Call, question: Asked, version: int) -> None:
        """
        See that the key of a call opens now what it opened when its stream began.

        :raises Refusal: if it does not.
        """
        async with self.lines.take() as line:
            bearer = await keys.found(line, keys.sent(call.headers), now_ns=self.moments.read())
            await self.tables.of(line, question.number, version, bearer)

    async def trace(
        self, call: Call, found: Found, question: Asked, items: tuple[str, ...], rows: int, *, ended: str | None = None
    ) -> None:
        """
        Write the trace of rows under a grant, before they leave, and with ``ended`` afterwards; of what is open to all there is none.

        :raises TraceUnavailable: if it cannot be written.
        """
        if found.granted is None:
            return
        if self._traces is None:
            raise TraceUnavailable
        written = entry(found, call, self.moments, kind=question.kind, form=question.form, items=items, rows=rows, ended=ended)
        await self._traces.commit(written)

    async def _spend(self, line: Any, found: Found, call: Call) -> None:
        assert found.granted is not None  # noqa: S101 - asked by the caller
        caller = found.granted.key.caller
        if await uses.spend(line, caller, keys.ANSWERED, most=GRANT_ANSWERS_A_DAY, now_ns=call.now_ns) is None:
            refused = TooMany(field="authorization", remedy="明天再来,或下载授权的文件")
            refused.retry_after = self.moments.until_tomorrow
            raise refused


# --------------------------------------------------------------------------- refusals
def refusal(exc: Exception, request_id: str) -> ZhengtongError:
    """What a fault means to whoever asked; an unexpected one is logged."""
    if isinstance(exc, RowRefusal):
        return exc
    if isinstance(exc, Overloaded):
        return Busy()
    if isinstance(exc, asyncpg.QueryCanceledError):
        return TooExpensive(remedy="缩小查询范围,或按有索引的信息项查询")
    refused = as_refusal(exc)
    if refused.code == "unexpected":
        _log.exception("unexpected", request_id=request_id)
    return refused


def refuse(call: Call, refused: ZhengtongError) -> str:
    """Answer a call with a refusal, in the language that was asked for; its code."""
    content: dict[str, Any] = refused.as_dict()
    if english.wanted(call.headers.get(b"accept-language", b"")):
        words = {"message": refused.sentence, "remedy": refused.remedy}
        content |= {name: english.in_english(sentence) for name, sentence in words.items() if sentence}
    head = _OPEN + _PUBLIC + b"content-type: application/json; charset=utf-8\r\n"
    if refused.status == 405:  # noqa: PLR2004 - Method Not Allowed names the methods
        head += b"allow: GET, OPTIONS\r\n"
    if isinstance(refused, Refusal):
        head += refused.lines
        head += b"retry-after: %d\r\n" % refused.retry_after if refused.retry_after else b""
    call.respond(refused.status, head, _json({**content, "request_id": call.request_id}))
    return refused.code
