"""How published rows are laid down as a table: the kind of each column, and which columns have an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.engines.rowquery.table import NUMBERS, Kind

#: how coordinates are called in catalogs
_PLACES = frozenset({"lon", "lng", "longitude", "jd", "jingdu", "x", "lat", "latitude", "wd", "weidu", "y"})
_TIMES = frozenset({Kind.DATE, Kind.MOMENT})


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
