"""Calls of open rows taken apart: what is asked about which dataset, in which form, of which version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from zhengtong.engines.rowquery import cursors
from zhengtong.engines.rowquery.refusals import BadQuery, TooManyFilters
from zhengtong.gateway.opendata import sandbox
from zhengtong.gateway.refusals import NoSuchPath, NotAcceptable, WrongMethod
from zhengtong.kernel.sentences import say

if TYPE_CHECKING:
    from zhengtong.gateway.calls import Call

PREFIX = b"/open/v1/"
FORMS = {"json": b"application/json", "ndjson": b"application/x-ndjson", "csv": b"text/csv; header=present"}
_TARGET = re.compile(rb"/open/v1/datasets/([0-9]{1,10})(?:/(rows|facets|aggregate|schema|openapi\.json)?)?")
_ACCEPTED = {b"application/x-ndjson": "ndjson", b"text/csv": "csv"}
_FIELDS = 64
_NUMBER_DIGITS = 9
#: parameters of the call itself, not of its question
_OWN = frozenset({"format", "version"})
_OWN_OF_SANDBOX = _OWN | {"provoke"}


@dataclass(frozen=True)
class Asked:
    """A call, taken apart. ``kind`` is ``rows``, ``facets``, ``aggregate``, ``schema``, ``openapi`` or ``dataset``: its description."""

    number: int
    kind: str
    form: str
    version: int | None
    pairs: list[tuple[str, str]]


def asked(call: Call) -> Asked:
    """
    Take a call apart.

    :raises NoSuchPath, WrongMethod, NotAcceptable, RowRefusal: if it cannot be answered as it is.
    """
    target = _TARGET.fullmatch(call.path)
    if target is None:
        raise NoSuchPath
    if call.method != b"GET":
        raise WrongMethod
    number = int(target[1])
    pairs = _pairs(call.query)
    names = _OWN_OF_SANDBOX if number == sandbox.NUMBER else _OWN
    own = {name: text for name, text in pairs if name in names}
    if "provoke" in own:
        sandbox.provoke(own["provoke"], now_ns=call.now_ns)
    kind = (target[2] or b"dataset").decode().removesuffix(".json")
    version = _version(own["version"]) if "version" in own else None
    after = next((text for name, text in pairs if name == "after"), "")
    if kind == "rows" and after:
        version = cursors.version_of(after)
    form = _form(call, own.get("format", "")) if kind == "rows" else "json"
    return Asked(number, kind, form, version, [pair for pair in pairs if pair[0] not in own])


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
        if named not in FORMS:
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
