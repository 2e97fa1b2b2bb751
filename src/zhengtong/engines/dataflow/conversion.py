"""
Typed values out of what a source gives, without loss, as Polars expressions.

A value that cannot become its item's type exactly becomes null here; ``rules`` tells such a null from a missing value and refuses the row.
Nothing is rounded, cut or guessed: 12.345 does not fit decimal(10,2), and 30 February is no date. Dates and moments (these in UTC) lie in
the years 1 to 9999, which is what those who read the data on can say: the first hours of the year 1 in China lie before it.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import polars.selectors as cs

from zhengtong.engines.dataflow.blanks import BLANKS
from zhengtong.engines.dataflow.items import Item, ItemType

CHINA = "Asia/Shanghai"
#: what stands for a NUL character where it is shown
NUL_SHOWN = "\u2400"
_SEPARATED_DATE = r"^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]+0{1,2}:00(?::00(?:\.0{1,6})?)?)?$"
_COMPACT_DATE = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"
_PLAIN_DATE = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
_MOMENT = (
    r"^(?<y>[0-9]{4})[-/.年](?<m>[0-9]{1,2})[-/.月](?<d>[0-9]{1,2})日?"
    r"(?:[ T]+(?<h>[0-9]{1,2}):(?<i>[0-9]{2})(?::(?<s>[0-9]{2})(?:[.,](?<f>[0-9]{1,6}))?)?)? ?(?<z>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
)
_COMPACT_MOMENT = r"^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})$"
_DOUBLE = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
TRUE_WORDS = ("true", "t", "yes", "y", "1", "是")
FALSE_WORDS = ("false", "f", "no", "n", "0", "否")
_EXACT_FLOAT = 2**53
_HOURS, _MINUTES, _ZONE_HOURS = 24, 60, 15
_LAST_YEAR = 9999


def present(raw: pl.Expr, dtype: pl.DataType, *, blank_is_missing: bool) -> pl.Expr:
    """The raw value, with text of nothing but blanks turned into null where blanks mean "missing"."""
    if dtype != pl.String or not blank_is_missing:
        return raw
    return pl.when(raw.str.strip_chars(BLANKS) != "").then(raw)


def converted(item: Item, raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """
    ``raw`` as the item's type; null where it is missing or does not convert exactly.

    :param dtype: the type ``raw`` has in the frame.
    """
    match item.type:
        case ItemType.TEXT:
            return _text(item, raw, dtype)
        case ItemType.INTEGER:
            return _integer(item, raw, dtype)
        case ItemType.DECIMAL:
            return _decimal(item, raw, dtype)
        case _:
            return _PLAIN[item.type](raw, dtype)


def as_text(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Any value written as text; moments in Beijing time."""
    if dtype == pl.String:
        return raw
    if isinstance(dtype, pl.Datetime):
        local = raw.dt.convert_time_zone(CHINA) if dtype.time_zone else raw
        return local.dt.to_string("%Y-%m-%d %H:%M:%S%.f")
    return raw.cast(pl.String)


def _text(item: Item, raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    text = as_text(raw, dtype)
    return text if item.length is None else pl.when(text.str.len_chars() <= item.length).then(text)


def _integer(item: Item, raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:
        value = raw.str.strip_chars(BLANKS).cast(pl.Int64, strict=False)
    elif dtype.is_float():
        value = pl.when((raw == raw.floor()) & (raw.abs() <= _EXACT_FLOAT)).then(raw).cast(pl.Int64, strict=False)
    elif dtype.is_decimal():
        value = _integer(item, raw.cast(pl.String).str.replace(r"\.0*$", ""), pl.String())
    elif dtype.is_integer() or dtype == pl.Boolean:
        value = raw
    else:
        return pl.lit(None, item.dtype)
    return value.cast(item.dtype, strict=False)


def _decimal(item: Item, raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    precision, scale = item.digits
    if isinstance(dtype, pl.Decimal) and dtype.scale <= scale and dtype.precision - dtype.scale <= precision - scale:
        return raw if dtype == item.dtype else raw.cast(item.dtype, strict=False)
    if not (dtype == pl.String or dtype.is_numeric()):
        return pl.lit(None, item.dtype)
    text = as_text(raw, dtype).str.strip_chars(BLANKS)
    fraction = r"[0-9]+(?:\.0*)?" if scale == 0 else rf"(?:[0-9]+(?:\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{1,{scale}}}0*)"
    return pl.when(text.str.contains(rf"^[+-]?{fraction}$")).then(text).cast(item.dtype, strict=False)


def _date(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Date:
        return raw
    if isinstance(dtype, pl.Datetime):
        local = raw.dt.convert_time_zone(CHINA).dt.replace_time_zone(None) if dtype.time_zone else raw
        return pl.when(local == local.dt.truncate("1d")).then(local.dt.date())
    if dtype != pl.String:
        return pl.lit(None, pl.Date())
    text = raw.str.strip_chars(BLANKS).str.replace(_SEPARATED_DATE, "${1}-${2}-${3}").str.replace(_COMPACT_DATE, "${1}-${2}-${3}")
    date = pl.when(text.str.contains(_PLAIN_DATE)).then(text).str.to_date("%Y-%m-%d", strict=False)
    return _sayable(date)


def _sayable(value: pl.Expr) -> pl.Expr:
    return pl.when(value.dt.year().is_between(1, _LAST_YEAR)).then(value)


def _moment(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return _sayable(_any_moment(raw, dtype))


def _any_moment(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone:
            return raw.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
        return _beijing(raw.dt.cast_time_unit("us"))
    if dtype == pl.Date:
        return _beijing(raw.cast(pl.Datetime("us")))
    if dtype != pl.String:
        return pl.lit(None, pl.Datetime("us", "UTC"))
    text = raw.str.strip_chars(BLANKS)
    text = text.str.replace(_COMPACT_MOMENT, "${1}-${2}-${3} ${4}:${5}:${6}").str.replace(_COMPACT_DATE, "${1}-${2}-${3}")
    parts = text.str.extract_groups(_MOMENT)

    def number(name: str) -> pl.Expr:
        return parts.struct.field(name).cast(pl.Int64).fill_null(0)

    zone, hour, minute, second = parts.struct.field("z"), number("h"), number("i"), number("s")
    micros = parts.struct.field("f").str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    day = pl.concat_str([parts.struct.field(name) for name in "ymd"], separator="-").str.to_date("%Y-%m-%d", strict=False)
    valid = (hour < _HOURS) & (minute < _MINUTES) & (second < _MINUTES) & (day.dt.year() >= 1)
    naive = pl.when(valid).then(day).cast(pl.Datetime("us")) + pl.duration(
        hours=hour, minutes=minute, seconds=second, microseconds=micros, time_unit="us"
    )
    digits = zone.str.replace_all("[+:Z-]", "").str.pad_end(4, "0")
    ahead = digits.str.slice(0, 2).cast(pl.Int64, strict=False)
    further = digits.str.slice(2, 2).cast(pl.Int64, strict=False)
    offset = (ahead * 60 + further) * pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    aware = pl.when((ahead <= _ZONE_HOURS) & (further < _MINUTES)).then(naive - pl.duration(minutes=offset, time_unit="us"))
    return pl.when(zone.is_null()).then(_beijing(naive)).otherwise(aware.dt.replace_time_zone("UTC"))


def _beijing(naive: pl.Expr) -> pl.Expr:
    # summer time 1986-1991: a repeated hour takes its first reading, a skipped one does not exist
    return naive.dt.replace_time_zone(CHINA, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def _boolean(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return raw
    if dtype.is_integer():
        return pl.when(raw.is_in([0, 1])).then(raw == 1)
    if dtype != pl.String:
        return pl.lit(None, pl.Boolean())
    word = raw.str.strip_chars(BLANKS).str.to_lowercase()
    return pl.when(word.is_in(TRUE_WORDS)).then(pl.lit(True)).when(word.is_in(FALSE_WORDS)).then(pl.lit(False))  # noqa: FBT003 - a literal value


def _double(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:
        text = raw.str.strip_chars(BLANKS)
        value = pl.when(text.str.contains(_DOUBLE)).then(text).cast(pl.Float64, strict=False)
    elif dtype.is_numeric():
        value = raw.cast(pl.Float64, strict=False)
    else:
        return pl.lit(None, pl.Float64())
    return pl.when(value.is_finite()).then(value)


def storable(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark NUL characters, which no PostgreSQL text can hold, with U+2400 so that a refused row can still be shown."""
    return frame.with_columns(cs.string().str.replace_all("\0", NUL_SHOWN, literal=True))


_PLAIN: dict[ItemType, Callable[[pl.Expr, pl.DataType], pl.Expr]] = {
    ItemType.DATE: _date,
    ItemType.DATETIME: _moment,
    ItemType.BOOLEAN: _boolean,
    ItemType.DOUBLE: _double,
}
