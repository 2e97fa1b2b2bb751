"""
Values that callers send, checked by the type of the column before they reach the database.

A value that PostgreSQL would refuse must never join a batch, where it would fail the look-ups of others, and must never be cut or rounded
by a cast.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from zhengtong.contracts.projection import comparison_type
from zhengtong.gateway.refusals import BadValue
from zhengtong.kernel.sentences import say

Check = Callable[[str], bool]

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMERIC = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?")
#: control characters, and surrogates: bytes that were not UTF-8; PostgreSQL has neither them nor NUL
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _text(value: str) -> bool:
    return _UNFIT.search(value) is None


def _integer(bits: int) -> Check:
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return lambda value: _INTEGER.fullmatch(value) is not None and least <= int(value) <= most


def _numeric(value: str) -> bool:
    try:
        return _NUMERIC.fullmatch(value) is not None and Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _date(value: str) -> bool:
    try:
        return _DATE.fullmatch(value) is not None and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _moment(value: str) -> bool:
    try:
        return _MOMENT.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _boolean(value: str) -> bool:
    return value in {"true", "false"}


def _uuid(value: str) -> bool:
    return _UUID.fullmatch(value) is not None


_CHECKS: dict[str, Check] = {
    "text": _text,
    "varchar": _text,
    "character varying": _text,
    "bpchar": _text,
    "smallint": _integer(16),
    "int2": _integer(16),
    "integer": _integer(32),
    "int": _integer(32),
    "int4": _integer(32),
    "bigint": _integer(64),
    "int8": _integer(64),
    "numeric": _numeric,
    "decimal": _numeric,
    "date": _date,
    "timestamp": _moment,
    "timestamp without time zone": _moment,
    "timestamptz": _moment,
    "timestamp with time zone": _moment,
    "boolean": _boolean,
    "bool": _boolean,
    "uuid": _uuid,
}


def check_for(column_type: str) -> Check | None:
    """The check for values of a PostgreSQL type, or None for a type that cannot be filtered on."""
    return _CHECKS.get(comparison_type(column_type))


def refuse_bad(check: Check, item: str, value: str, longest: int) -> None:
    """
    Check one value.

    :raises BadValue: if it is not of the item's type, or longer than ``longest`` characters.
    """
    if not value or len(value) > longest or not check(value):
        raise BadValue(say("信息项 {item} 的值不正确。", item=item), field=item)
