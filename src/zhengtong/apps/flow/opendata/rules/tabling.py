"""How published rows are laid down as a table: the kind of each column, and which columns have an index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl

from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.engines.rowquery.table import NUMBERS, Column, Kind

#: how coordinates are called in catalogs
_PLACES = frozenset({"lon", "lng", "longitude", "jd", "jingdu", "x", "lat", "latitude", "wd", "weidu", "y"})
_TIMES = frozenset({Kind.DATE, Kind.MOMENT})
#: every index of a covered column grows by all the others, so they are few and short (bytes)
_MOST_COVERED, _NARROW = 5, 24


def kind_of(dtype: pl.DataType) -> Kind:
    """What a column of this type holds."""
    if dtype.is_integer():
        return Kind.INTEGER
    if isinstance(dtype, pl.Decimal):
        return Kind.DECIMAL
    if dtype.is_float():
        return Kind.DOUBLE
    if isinstance(dtype, pl.Datetime):
        return Kind.MOMENT
    return {pl.Date(): Kind.DATE, pl.Boolean(): Kind.BOOLEAN}.get(dtype, Kind.TEXT)


def kinds_of(sheet: Sheet) -> dict[str, Kind]:
    """What each column of a sheet holds."""
    schema = sheet.frame.collect_schema()
    return {column.key: kind_of(schema[column.key]) for column in sheet.columns}


def indexed(kinds: Mapping[str, Kind], keys: Collection[str], chosen: Collection[str]) -> tuple[str, ...]:
    """The columns of a large table that get an index: what identifies a row, dates, coordinates, and what was chosen."""
    return tuple(
        key for key, kind in kinds.items() if key in keys or key in chosen or kind in _TIMES or (kind in NUMBERS and key.lower() in _PLACES)
    )


def covered(columns: Iterable[Column], keys: Collection[str], chosen: Sequence[str], widest: Mapping[str, int]) -> tuple[str, ...]:
    """
    The columns that the indexes of each of them hold too: chosen ones first, then dates; short, and none that identifies a row.

    :param widest: bytes of the longest text of each column of texts.
    """
    able = {
        one.key
        for one in columns
        if one.indexed and one.key not in keys and (one.key in chosen or one.kind in _TIMES) and widest.get(one.key, 0) <= _NARROW
    }
    found = sorted(able, key=lambda key: chosen.index(key) if key in chosen else len(chosen))[:_MOST_COVERED]
    return tuple(found) if len(found) > 1 else ()
