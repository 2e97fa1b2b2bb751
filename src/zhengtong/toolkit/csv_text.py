"""CSV that a spreadsheet shows as it is and never runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

#: what makes a spreadsheet read a cell as a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: the mark by which Excel knows UTF-8
MARK = "\ufeff".encode()


def cell(value: Any) -> str:
    """A value as text; a text that a spreadsheet would run as a formula begins with an apostrophe."""
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


def encode(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as lines of CSV (RFC 4180) in UTF-8, without the mark."""
    text = io.StringIO()
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode()
