"""Values as texts inside of files: expressions over whole columns, so that no row passes through Python."""

from __future__ import annotations

import polars as pl

_ZONE = "Asia/Shanghai"
#: how a text begins that a spreadsheet would run
FORMULA = r"^[=+\-@\t\r\n]"
_NOT_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_TURTLE = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MOMENT = "%Y-%m-%dT%H:%M:%S"


def moment(name: str) -> pl.Expr:
    """A moment in Beijing time, with its fraction where it has one."""
    here = pl.col(name).dt.convert_time_zone(_ZONE)
    fraction = pl.when(here.dt.microsecond() != 0)
    return fraction.then(here.dt.strftime(f"{_MOMENT}%.6f%:z")).otherwise(here.dt.strftime(f"{_MOMENT}%:z")).alias(name)


def written(name: str, kind: pl.DataType) -> pl.Expr:
    """A value of any kind as XML Schema writes it."""
    if isinstance(kind, pl.Datetime):
        return moment(name)
    return pl.col(name).cast(pl.String)


def plain(name: str, kind: pl.DataType) -> pl.Expr:
    """A text that no spreadsheet runs: what begins like a formula has an apostrophe in front."""
    if kind != pl.String():
        return written(name, kind)
    value = pl.col(name)
    return pl.when(value.str.contains(FORMULA)).then(pl.lit("'") + value).otherwise(value).alias(name)


def markup(text: pl.Expr) -> pl.Expr:
    """Escaped for the body of an element; what XML cannot hold is left out."""
    return text.str.replace_all(_NOT_XML, "").str.replace_many(_MARKUP)


def quoted(text: pl.Expr) -> pl.Expr:
    """Escaped for a quoted string of Turtle; control characters are left out."""
    return text.str.replace_all(_NOT_XML, "").str.replace_many(_TURTLE)


def between(before: str, text: pl.Expr, after: str) -> pl.Expr:
    """Absent where the text is."""
    return pl.concat_str(pl.lit(before), text, pl.lit(after))
