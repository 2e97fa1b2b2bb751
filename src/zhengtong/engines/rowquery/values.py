"""Values of a question, checked by the kind of the column before they reach the database, which then cannot refuse their cast."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

from zhengtong.engines.rowquery.refusals import BadValue
from zhengtong.engines.rowquery.table import Column, Kind
from zhengtong.kernel.sentences import say

LONGEST = 512
_CHINA = timezone(timedelta(hours=8))
_BIGINT = 2**63
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMERIC = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_DOUBLE = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?")
#: PostgreSQL has neither NUL nor lone surrogates
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_LAST, _SURROGATES, _BEHIND_SURROGATES = 0x10FFFF, 0xD800, 0xE000


def checked(column: Column, text: str) -> str:
    """
    A value as the text that the server casts.

    :raises BadValue: if it is not of the column's kind.
    """
    if len(text) > LONGEST:
        raise BadValue(say("信息项 {item} 的值太长。", item=column.key), field=column.key)
    try:
        found = _CHECKS[column.kind](text)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        wanted = say("应为{kind}。", kind=say(KIND_LABELS[column.kind]))
        raise BadValue(say("信息项 {item} 的值不正确。", item=column.key), field=column.key, remedy=wanted)
    return found


KIND_LABELS = {
    Kind.TEXT: "文字",
    Kind.INTEGER: "整数",
    Kind.DECIMAL: "数",
    Kind.DOUBLE: "数",
    Kind.DATE: "日期,如 2026-03-01",
    Kind.MOMENT: "ISO 8601 时间,如 2026-03-01T08:00:00+08:00",
    Kind.BOOLEAN: "true 或 false",
}


def _text(text: str) -> str | None:
    return None if _UNFIT.search(text) else text


def _integer(text: str) -> str | None:
    return text if _INTEGER.fullmatch(text) and -_BIGINT <= int(text) < _BIGINT else None


def _decimal(text: str) -> str | None:
    return text if _NUMERIC.fullmatch(text) else None


def _double(text: str) -> str | None:
    value = float(text) if _DOUBLE.fullmatch(text) else math.inf
    return repr(value) if math.isfinite(value) else None


def _date(text: str) -> str | None:
    return date.fromisoformat(text).isoformat() if _DATE.fullmatch(text) else None


def _boolean(text: str) -> str | None:
    return text if text in {"true", "false"} else None


def _moment(text: str) -> str | None:
    """With its distance from UTC; a moment without a zone is Beijing time."""
    if not _MOMENT.fullmatch(text):
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=_CHINA)
    return found.isoformat()


def behind_prefix(prefix: str) -> str | None:
    """The least text, by code points, behind all that begin with a prefix; None if there is none."""
    while prefix:
        following = ord(prefix[-1]) + 1
        if following <= _LAST:
            return prefix[:-1] + chr(_BEHIND_SURROGATES if following == _SURROGATES else following)
        prefix = prefix[:-1]
    return None


_CHECKS: dict[Kind, Callable[[str], str | None]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DOUBLE: _double,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.BOOLEAN: _boolean,
}
