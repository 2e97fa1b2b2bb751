"""The desk of open rows: takes a call, finds the table, asks the engine, answers. Every question ends in an answer or a refusal."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import msgspec
import structlog

from zhengtong.engines.rowquery import answers, cursors, permitted, reading, statements
from zhengtong.engines.rowquery.question import Question
from zhengtong.engines.rowquery.refusals import BadQuery, RowRefusal, TooExpensive, TooManyFilters
from zhengtong.engines.rowquery.table import Table
from zhengtong.gateway import english
from zhengtong.gateway.addresses import Addresses
from zhengtong.gateway.calls import Call, ClientGone
from zhengtong.gateway.database import Line, Lines, as_refusal
from zhengtong.gateway.opendata import descriptions
from zhengtong.gateway.opendata.fairness import Share, Shares
from zhengtong.gateway.opendata.tables import Tables
from zhengtong.gateway.refusals import NoSuchPath, NotAcceptable, Overloaded, Refusal, WrongMethod
from zhengtong.gateway.settings import Network
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.sentences import say

PREFIX = b"/open/v1/"
_log = structlog.get_logger(__name__)
_json = msgspec.json.Encoder().encode
_TARGET = re.compile(rb"/open/v1/datasets/([0-9]{1,10})/(rows|facets|aggregate|schema|openapi\.json)")
_FIELDS = 64
_NUMBER_DIGITS = 9
_BLOCK = 1 << 18
_OPEN = (
    b"access-control-allow-origin: *\r\n"
    b"access-control-expose-headers: ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, zhengtong-version\r\n"
    b"cache-control: no-cache\r\nx-content-type-options: nosniff\r\nvary: accept, accept-language\r\n"
)
_PREFLIGHT = b"access-control-allow-methods: GET, OPTIONS\r\naccess-control-allow-headers: *\r\naccess-control-max-age: 86400\r\n"
_KINDS = {"json": b"application/json", "ndjson": b"application/x-ndjson", "csv": b"text/csv; header=present"}
_ACCEPTED = {b"application/x-ndjson": "ndjson", b"text/csv": "csv"}


class Busy(Refusal):
    """现在问的人多,请稍后再试。"""

    code = "busy"
    status = 429
    retry_after = 1


@dataclass(frozen=True)
class OpenSettings:
    """How open rows are served by one process. Times in seconds; ``streams`` and ``lines`` are connections."""

    database_url: str
    share: Share = field(default_factory=Share)
    proxies: tuple[Network, ...] = ()
    origin: str = ""
    lines: int = 4
    streams: int = 4
    waiting: int = 256
    question_seconds: float = 3.0
    stream_seconds: float = 600.0

    @classmethod
    def from_environment(cls, database_url: str, environment: Mapping[str, str] = os.environ, *, origin: str = "") -> OpenSettings:
        """``ZHENGTONG_OPEN_RATE``: questions a second from one address, 0 for no bound; ``ZHENGTONG_GATEWAY_PROXIES`` as in the gateway."""
        proxies = environment.get("ZHENGTONG_GATEWAY_PROXIES", "")
        return cls(
            database_url,
            Share(per_second=float(environment.get("ZHENGTONG_OPEN_RATE", Share.per_second))),
            tuple(ip_network(text.strip()) for text in proxies.split(",") if text.strip()),
            origin,
        )


@dataclass(frozen=True)
class _Asked:
    """A call, taken apart: what it asks about which dataset, in which form, of which version."""

    number: int
    kind: str
    form: str
    version: int | None
    pairs: list[tuple[str, str]]


class OpenDesk:
    """Answers calls below ``/open/v1``. Connections are opened when they are first needed."""

    def __init__(self, settings: OpenSettings) -> None:
        self.settings = settings
        self.tables = Tables()
        self.shares = Shares(settings.share)
        self.addresses = Addresses(settings.proxies)
        url = settings.database_url
        self._lines = Lines(
            url, settings.lines, application="zhengtong-open", statement_seconds=settings.question_seconds, queue=settings.waiting
        )
        self._streams = Lines(
            url, settings.streams, application="zhengtong-open-stream", statement_seconds=settings.stream_seconds, queue=settings.streams
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._lines.close()
        await self._streams.close()

    async def answer(self, call: Call) -> str:
        """Answer a call, whatever it is; the outcome is ``ok`` or the code of the refusal."""
        try:
            address = self.addresses.of(call.peer, call.headers.get(b"x-forwarded-for"))
            if call.method == b"OPTIONS":
                call.respond(204, _OPEN + _PREFLIGHT, b"")
                return "ok"
            with self.shares.taken(address, time.monotonic()) as (share, left, full):
                head = _OPEN + b"ratelimit-limit: %d\r\nratelimit-remaining: %d\r\nratelimit-reset: %d\r\n" % (share, left, full)
                await self._answer(call, _asked(call), head)
        except ClientGone:
            return "client-gone"
        except Exception as exc:  # noqa: BLE001 - every fault becomes a refusal that says whose it is
            return _refuse(call, _refusal(exc, call.request_id))
        return "ok"

    async def _answer(self, call: Call, asked: _Asked, head: bytes) -> None:
        if asked.form != "json":
            async with self._lines.take() as line:
                table = await self.tables.of(line, asked.number, asked.version)
            copy = statements.stream(table, reading.stream_question(table, asked.pairs), asked.form)
            await self._stream(call, copy, head + b"zhengtong-version: %d\r\n" % table.version, asked.form)
            return
        async with self._lines.take() as line:
            table = await self.tables.of(line, asked.number, asked.version)
            body = await self._told(line, table, asked)
        head += b"zhengtong-version: %d\r\ncontent-type: application/json; charset=utf-8\r\n" % table.version
        call.respond(200, head, body + b',"version":%d,"request_id":"%b"}' % (table.version, call.request_id.encode()))

    async def _told(self, line: Line, table: Table, asked: _Asked) -> bytes:
        """The answer in JSON, but for its end."""
        if asked.kind == "rows":
            return await _page(line, table, reading.rows_question(table, asked.pairs))
        if asked.kind == "facets":
            return await _facets(line, table, asked.pairs)
        if asked.kind == "aggregate":
            return await _aggregate(line, table, asked.pairs)
        if asked.pairs:
            raise BadQuery(say("没有参数 {name}。", name=asked.pairs[0][0][:60]), field=asked.pairs[0][0][:60])
        content = descriptions.schema(table) if asked.kind == "schema" else descriptions.openapi(table, self.settings.origin)
        return bytes(_json(content))[:-1].replace(b',"version":%d,"rows"' % table.version, b',"rows"', 1)

    async def _stream(self, call: Call, copy: statements.Copy, head: bytes, form: str) -> None:
        """Stream COPY as it comes; the answer begins with the first rows, so that until then a fault is a refusal."""
        pending = bytearray(copy.head)

        async def taken(data: bytes) -> None:
            nonlocal pending
            if not call.opened:
                await call.open(200, head + b"content-type: %b; charset=utf-8\r\n" % _KINDS[form])
                call.opened = True
                await call.write(bytes(pending) + data)
                pending = bytearray()
                return
            pending += data
            if len(pending) >= _BLOCK:
                await call.write(bytes(pending))
                pending = bytearray()

        async with self._streams.take() as line:
            server = line.connection
            try:
                async with server.transaction(readonly=True):
                    await server.fetch(copy.before.sql, *copy.before.values)
                    await server.copy_from_query(copy.select, output=taken, format="csv", delimiter=copy.delimiter, quote=copy.quote)
                if not call.opened:
                    await taken(b"")
                await call.write(bytes(pending))
                await call.close(complete=True)
            except BaseException:
                # the rest of a broken answer must not reach the next one through this connection
                server.terminate()
                if call.opened:
                    await call.close(complete=False)
                    raise ClientGone from None
                raise


async def _page(line: Line, table: Table, question: Question) -> bytes:
    statement = statements.page(table, question)
    page = answers.page(table, question, await line.fetch(statement.sql, *statement.values))
    total = answers.known_total(table, question, page) or answers.counted_total(table, await _counted(line, table, question))
    following = b'"%b"' % page.next.encode() if page.next else b"null"
    counted = b"null" if total.rows is None else b"%d" % total.rows
    reason = b',"total_reason":%b' % _json(str(total.reason)) if total.reason else b""
    return b'{"data":[%b],"next":%b,"total":%b%b' % (",".join(page.rows).encode(), following, counted, reason)


async def _counted(line: Line, table: Table, question: Question) -> int | None:
    """How many rows fit, where it is cheap to know; a page is not refused because its rows take long to count."""
    statement = statements.count(table, question.where) if question.where is not None else None
    if statement is None:
        return None
    try:
        return int((await line.fetch(statement.sql, *statement.values))[0][0])
    except asyncpg.QueryCanceledError:
        return None


async def _facets(line: Line, table: Table, pairs: list[tuple[str, str]]) -> bytes:
    question = reading.facet_question(table, pairs)
    permitted.require_facets(table, question)
    found = {}
    for item in question.items:
        facet = answers.counted(table, item, question)
        if facet is None:
            statement = statements.facet(table, item, question)
            facet = answers.facet(item, question, await line.fetch(statement.sql, *statement.values))
        found[item] = {"values": [{"value": one.value, "count": one.count} for one in facet.values], "more": facet.more}
    return bytes(_json({"facets": found}))[:-1]


async def _aggregate(line: Line, table: Table, pairs: list[tuple[str, str]]) -> bytes:
    question = reading.aggregate_question(table, pairs)
    statement = statements.aggregate(table, question)
    fetched = await line.fetch(statement.sql, *statement.values)
    groups = ",".join(record[0] for record in fetched[: question.limit]).encode()
    return b'{"data":[%b],"more":%b' % (groups, b"true" if len(fetched) > question.limit else b"false")


# --------------------------------------------------------------------------- calls taken apart
def _asked(call: Call) -> _Asked:
    target = _TARGET.fullmatch(call.path)
    if target is None:
        raise NoSuchPath
    if call.method != b"GET":
        raise WrongMethod
    pairs = _pairs(call.query)
    own = {name: text for name, text in pairs if name in {"format", "version"}}
    kind = target[2].decode().removesuffix(".json")
    version = _version(own["version"]) if "version" in own else None
    after = next((text for name, text in pairs if name == "after"), "")
    if kind == "rows" and after:
        version = cursors.version_of(after)
    form = _form(call, own.get("format", "")) if kind == "rows" else "json"
    return _Asked(int(target[1]), kind, form, version, [pair for pair in pairs if pair[0] not in own])


def _pairs(query: bytes) -> list[tuple[str, str]]:
    if not query:
        return []
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise BadQuery(remedy="查询参数用 UTF-8 百分号编码") from None
    except ValueError as exc:
        if "fields" in str(exc):
            raise TooManyFilters(say("查询参数最多 {most} 个。", most=_FIELDS)) from None
        raise BadQuery from None


def _form(call: Call, named: str) -> str:
    if named:
        if named not in _KINDS:
            raise BadQuery(say("没有格式 {form}。", form=named[:20]), field="format", remedy="json、ndjson 或 csv")
        return named
    accept = call.headers.get(b"accept", b"*/*")
    form = _ACCEPTED.get(accept.partition(b",")[0].partition(b";")[0].strip().lower())
    if form is None and b"*/*" not in accept and b"application/" not in accept and b"text/html" not in accept:
        raise NotAcceptable(field="accept", remedy="application/json、application/x-ndjson 或 text/csv")
    return form or "json"


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS):
        raise BadQuery(say("{name} 应为正整数。", name="version"), field="version")
    return int(text)


# --------------------------------------------------------------------------- refusals
def _refusal(exc: Exception, request_id: str) -> ZhengtongError:
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


def _refuse(call: Call, refused: ZhengtongError) -> str:
    content: dict[str, Any] = refused.as_dict()
    if english.wanted(call.headers.get(b"accept-language", b"")):
        words = {"message": refused.sentence, "remedy": refused.remedy}
        content |= {name: english.in_english(sentence) for name, sentence in words.items() if sentence}
    head = _OPEN + b"content-type: application/json; charset=utf-8\r\n"
    if refused.status == 405:  # noqa: PLR2004 - Method Not Allowed names the methods
        head += b"allow: GET, OPTIONS\r\n"
    retry = refused.retry_after if isinstance(refused, Refusal) else 0
    if retry:
        head += b"retry-after: %d\r\n" % retry
    call.respond(refused.status, head, _json({**content, "request_id": call.request_id}))
    return refused.code
