"""
Look-ups, verifications and pages: the calls that are answered in one piece.

A batched call is handed from lane to ledger without a task of its own: ``answered`` builds the answer and the trace, ``traced`` sends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from zhengtong.contracts.grants import Channel, Operator
from zhengtong.gateway import responses
from zhengtong.gateway.desk import READ, VERIFIED
from zhengtong.gateway.questions import Question, check_page, read_question, subjects
from zhengtong.gateway.refusals import BadBody, BadCursor, Refusal, TooManyFilters, TraceUnavailable, WrongMethod
from zhengtong.gateway.routes import CompiledRoute
from zhengtong.gateway.values import refuse_bad

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call
    from zhengtong.gateway.credentials import CallerFile
    from zhengtong.gateway.desk import Desk
    from zhengtong.gateway.entries import EntryForm
    from zhengtong.gateway.tables import Spent


class Lookup:
    """A call for rows, asked together with others of its plan."""

    __slots__ = ("_call", "_desk", "_head", "_question", "_route")

    def __init__(self, desk: Desk, call: Call, route: CompiledRoute, question: Question, head: bytes) -> None:
        self._desk, self._call, self._route, self._question, self._head = desk, call, route, question, head

    def answered(self, row: Any) -> None:
        """Build answer and trace; hand them to the ledger."""
        desk, call, question, route = self._desk, self._call, self._question, self._route
        caller = call.caller
        assert caller is not None  # noqa: S101 - admitted
        cursor = None
        if row is None:
            count, rows = 0, b"[]"
        elif len(row) == 2:  # noqa: PLR2004 - position and the one row
            count, rows = 1, b"[" + row[1] + b"]"
        else:
            rows, count = row[1], row[2]
            if row[3] is not None:
                cursor = desk.cursors.write(row[3][0], question.binding(caller.source.id, route.grant.number))
        call.answer = (200, self._head, responses.page(rows, cursor, call.request_id, call.national))
        entry = page_entry(desk, call, route, question, count)
        try:
            desk.tracer.add(entry, self)
        except Refusal as refusal:
            desk.refuse(call, refusal)

    def failed(self, refusal: Refusal) -> None:
        """The database has no answer."""
        self._desk.refuse(self._call, refusal)

    def traced(self) -> None:
        """The trace is durable: the data may leave."""
        self._desk.send(self._call)

    def untraced(self) -> None:
        """No trace, no data."""
        self._desk.refuse(self._call, TraceUnavailable())


class Verification:
    """A call that asks whether a row has certain values."""

    __slots__ = ("_call", "_desk", "_form", "_head", "_subjects")

    def __init__(self, desk: Desk, call: Call, form: EntryForm, named: list[str], head: bytes) -> None:
        self._desk, self._call, self._form, self._subjects, self._head = desk, call, form, named, head

    def answered(self, row: Any) -> None:
        """Build answer and trace. An unknown person and a wrong value give the same answer."""
        desk, call = self._desk, self._call
        result = bool(row is not None and row[1])
        call.answer = (200, self._head, responses.document({"result": result}, call.request_id, call.national))
        entry = self._form.fill(
            request_id=call.request_id,
            at=desk.moments.iso(call.now_ns),
            case=call.case,
            subjects=self._subjects,
            rows=int(result),
            address=call.address,
        )
        try:
            desk.tracer.add(entry, self)
        except Refusal as refusal:
            desk.refuse(call, refusal)

    def failed(self, refusal: Refusal) -> None:
        """The database has no answer."""
        self._desk.refuse(self._call, refusal)

    def traced(self) -> None:
        """The trace is durable: the answer may leave."""
        self._desk.send(self._call)

    def untraced(self) -> None:
        """No trace, no data."""
        self._desk.refuse(self._call, TraceUnavailable())


def page_entry(desk: Desk, call: Call, route: CompiledRoute, question: Question, rows: int, event: str = READ) -> bytes:
    """The trace of rows read. ``subjects`` are those whom the filters name; naming everybody on a page would double its cost."""
    caller = call.caller
    assert caller is not None  # noqa: S101 - admitted
    shape = question.shape
    key = (event, caller.source.id, call.purpose)
    form = shape.forms.get(key)
    if form is None:
        form = shape.forms[key] = route.form(event, caller, call.purpose, Channel.LOOKUP.value, shape.names)
    return form.fill(
        request_id=call.request_id,
        at=desk.moments.iso(call.now_ns),
        case=call.case,
        subjects=subjects(question, desk.pseudonyms),
        rows=rows,
        address=call.address,
    )


def begin_rows(desk: Desk, call: Call, route: CompiledRoute, spent: Spent) -> None:
    """
    Read the question and put it: a look-up by the whole key to the lanes, anything else to the lanes of pages.

    :raises Refusal: a subclass says what is wrong with it.
    """
    question = read_question(call.query, route, desk.settings.limits)
    shape = question.shape
    asker = Lookup(desk, call, route, question, desk.ok_head(route, spent))
    if shape.lookups is not None and not question.limit and not question.after:
        desk.lanes.ask(shape.lookups, tuple(question.values), asker)
        return
    limit = str(check_page(question, route))
    if not question.after:
        desk.pages.ask(shape.pages, (*question.values, limit), asker)
        return
    if shape.pages_after is None:
        raise BadCursor(field="after")
    caller = call.caller
    assert caller is not None  # noqa: S101 - admitted
    position = desk.cursors.read(question.after, question.binding(caller.source.id, route.grant.number), shape.width)
    desk.pages.ask(shape.pages_after, (*question.values, *position, limit), asker)


# --------------------------------------------------------------------------- verification
class _Claim(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a verification: ``key`` finds the row, ``match`` is what it should say."""

    key: dict[str, str]
    match: dict[str, str]


def begin_verification(desk: Desk, call: Call, route: CompiledRoute, spent: Spent) -> None:
    """
    Put the question whether a row has certain values.

    :raises Refusal: a subclass says what is wrong with it.
    """
    try:
        claim = msgspec.json.decode(call.body, type=_Claim)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BadBody('请求体应为 {"key": {信息项: 值}, "match": {信息项: 值}},值用文本。') from None
    limits = desk.settings.limits
    if not claim.key or not claim.match:
        raise BadBody("key 与 match 都不能为空。", field="match" if claim.key else "key")
    if len(claim.key) + len(claim.match) > limits.filters:
        raise TooManyFilters(f"信息项最多 {limits.filters} 个。")
    required = route.grant.required_filters
    if required and not any(key in required for key in claim.key):
        raise BadBody("key 中缺少规定的信息项。", field=",".join(required))
    named: list[str] = []
    pairs = {**dict.fromkeys(claim.key, True), **dict.fromkeys((key for key in claim.match if key not in claim.key), False)}
    if len(pairs) != len(claim.key) + len(claim.match):
        raise BadBody("同一信息项不能既在 key 又在 match。")
    values = []
    for key, finds in pairs.items():
        item = route.filterable(key, Operator.EQ) if finds else route.item(key)
        value = claim.key[key] if finds else claim.match[key]
        if item.check is None:
            raise BadBody(f"信息项 {key} 不能核验。", field=key)
        refuse_bad(item.check, key, value, limits.value_characters)
        values.append(value)
        if item.subject:
            named.append(desk.pseudonyms.name(item.subject, value))
    caller: CallerFile | None = call.caller
    assert caller is not None  # noqa: S101 - admitted
    names = tuple(pairs)
    form = route.form(VERIFIED, caller, call.purpose, Channel.VERIFY.value, names)
    batch = route.verification(names)
    desk.lanes.ask(batch, tuple(values), Verification(desk, call, form, named, desk.ok_head(route, spent)))


def check_method(call: Call, method: bytes) -> None:
    """
    Refuse another method.

    :raises WrongMethod: naming the right one.
    """
    if call.method != method:
        raise WrongMethod(remedy=f"使用 {method.decode()}")
