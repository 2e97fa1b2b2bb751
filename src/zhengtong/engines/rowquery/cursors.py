"""Where a page ends, as an opaque text: the version, what was asked, and the values the rows are sorted by."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass

from zhengtong.engines.rowquery.question import Question
from zhengtong.engines.rowquery.refusals import BadCursor

_LONGEST = 6_000


@dataclass(frozen=True)
class Place:
    """The last row of a page: one text for each column of the order, None where the value is missing."""

    version: int
    values: tuple[str | None, ...]


def _asked(question: Question) -> str:
    """What a cursor is bound to: everything that decides which rows come in which order."""
    fields = question.fields if question.distinct else ()
    parts = repr((question.where, question.sort, question.distinct, fields))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def written(place: Place, question: Question) -> str:
    """The cursor behind a row."""
    text = json.dumps([place.version, _asked(question), list(place.values)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(after: str, question: Question) -> Place:
    """
    The place a cursor stands for; the values are checked where they are bound.

    :raises BadCursor: if it is none, or belongs to another question.
    """
    version, asked, values = _parts(after)
    if asked != _asked(question):
        raise BadCursor(field="after", remedy="翻页时不要改变筛选和排序")
    return Place(version, values)


def version_of(after: str) -> int:
    """
    The version of the rows that a cursor goes on in.

    :raises BadCursor: if it is none.
    """
    return _parts(after)[0]


def _parts(after: str) -> tuple[int, str, tuple[str | None, ...]]:
    if len(after) > _LONGEST:
        raise BadCursor(field="after")
    try:
        found = json.loads(base64.b64decode(after.encode("ascii") + b"=" * (-len(after) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor(field="after") from None
    match found:
        case [int(version), str(asked), list(values)] if (
            not isinstance(version, bool) and 0 < version < 2**31 and all(one is None or isinstance(one, str) for one in values)
        ):
            return version, asked, tuple(values)
    raise BadCursor(field="after")
