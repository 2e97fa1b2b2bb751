"""
Long answers: NDJSON and CSV, row by row, without a page's cap.

The trace is durable before the first byte; a second entry says how many rows really left and whether the answer was complete. A grant that
is suspended or revoked meanwhile ends the stream. CSV is exact, for machines: a value that begins with ``=``, ``+``, ``-`` or ``@`` is not
changed, so a program that opens it as a spreadsheet must be told to read text.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from zhengtong.gateway import plans, responses
from zhengtong.gateway.calls import ClientGone
from zhengtong.gateway.database import as_refusal
from zhengtong.gateway.lookups import page_entry
from zhengtong.gateway.refusals import BadCursor, PageTooLarge, Refusal
from zhengtong.kernel.sentences import say

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.desk import Desk
    from zhengtong.gateway.plans import Plan
    from zhengtong.gateway.questions import Question
    from zhengtong.gateway.routes import CompiledRoute

COMPLETED = "gateway:rows:completed"
_ROWS_AT_ONCE = 500
_BEGIN = "begin isolation level repeatable read read only"


class _Withdrawn(Exception):
    """The grant no longer moves data."""


async def answer_stream(desk: Desk, call: Call, route: CompiledRoute, question: Question, *, as_json: bool, limits: bytes) -> None:
    """Answer with a stream."""
    most = desk.settings.limits.stream_rows
    if question.limit > most:
        raise PageTooLarge(say("一次最多 {most} 行。", most=most), field="limit")
    plan, values = _plan(desk, call, route, question, as_json=as_json)
    parameters = [*values, question.limit or most, *plan.constants]
    try:
        async with desk.streams.take() as line:
            await desk.tracer.commit(page_entry(desk, call, route, question, 0))
            sending = _Sending(desk, call, route)
            try:
                await call.open(200, (responses.NDJSON if as_json else responses.CSV) + limits)
                if as_json:
                    await sending.lines(line.connection, plan, parameters)
                else:
                    await sending.table(line.connection, plan, parameters)
                outcome = "ok"
            except ClientGone:
                outcome = "client-gone"
            except _Withdrawn:
                outcome = "grant-withdrawn"
            except Exception as exc:  # noqa: BLE001 - the answer has begun: only its end can tell
                outcome = as_refusal(exc).code
            if outcome != "ok":
                # the rest of a broken answer must not reach the next one through this connection
                line.connection.terminate()
    except Refusal:
        raise
    except Exception as exc:
        raise as_refusal(exc) from exc
    await _complete(desk, call, route, question, sending.rows, outcome)


async def _complete(desk: Desk, call: Call, route: CompiledRoute, question: Question, rows: int, outcome: str) -> None:
    """Write the completion entry, then end the answer: a client that saw the end can rely on the entry."""
    caller = call.caller
    assert caller is not None  # noqa: S101 - admitted
    form = route.form(COMPLETED, caller, call.purpose, "lookup", question.shape.names)
    ns = desk.moments.time_ns()
    entry = form.fill(
        request_id=desk.moments.request_id(ns),
        at=desk.moments.iso(ns),
        outcome=outcome,
        case=call.case,
        rows=rows,
        address=call.address,
        detail={"call": call.request_id},
    )
    try:
        await desk.tracer.commit(entry)
    except Refusal as refusal:
        outcome = refusal.code
    await call.close(complete=outcome == "ok")
    desk.count(call, outcome)


class _Sending:
    """Sends rows and counts them."""

    def __init__(self, desk: Desk, call: Call, route: CompiledRoute) -> None:
        self._desk, self._call, self._route = desk, call, route
        self._deadline = time.monotonic() + desk.settings.limits.stream_seconds
        self.rows = 0

    async def lines(self, connection: Any, plan: Plan, parameters: list[Any]) -> None:
        """NDJSON through a cursor."""
        await connection.execute(_BEGIN)
        statement = await connection.prepare(plan.sql)
        cursor = await statement.cursor(*parameters)
        while rows := await cursor.fetch(_ROWS_AT_ONCE):
            await self._send(b"".join([row[0] for row in rows]))
            self.rows += len(rows)
        await connection.execute("commit")

    async def table(self, connection: Any, plan: Plan, parameters: list[Any]) -> None:
        """CSV through COPY, which passes text through as PostgreSQL wrote it."""
        quoted, heading = False, 1

        async def count_and_send(chunk: bytes) -> None:
            nonlocal quoted, heading
            await self._send(chunk)
            for number, part in enumerate(chunk.split(b'"')):
                quoted ^= number > 0
                # a line end inside quotes belongs to a value
                self.rows += 0 if quoted else part.count(b"\n")
            self.rows, heading = self.rows - heading, 0

        await connection.copy_from_query(plan.sql, *parameters, output=count_and_send, format="csv", header=True)

    async def _send(self, chunk: bytes) -> None:
        ns = self._desk.moments.time_ns()
        routing = self._desk.watch.current
        if routing is None or not routing.in_service(self._route, ns):
            raise _Withdrawn
        if time.monotonic() > self._deadline:
            raise TimeoutError
        await self._call.write(chunk)


def _plan(desk: Desk, call: Call, route: CompiledRoute, question: Question, *, as_json: bool) -> tuple[Plan, list[Any]]:
    shape, caller = question.shape, call.caller
    assert caller is not None  # noqa: S101 - admitted
    values = list(question.values)
    if question.after:
        if not shape.width:
            raise BadCursor(field="after")
        values += desk.cursors.read(question.after, question.binding(caller.source.id, route.grant.number), shape.width)
    plan = plans.lines(route.table, shape.fields, shape.filters, after=bool(question.after), as_json=as_json)
    return plan, values
