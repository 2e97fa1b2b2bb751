"""A published table as the engine knows it: its relation, its exact number of rows, its typed columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from zhengtong.engines.rowquery.refusals import UnknownItem
from zhengtong.kernel.sentences import say

#: the schema that holds published rows and nothing else
SCHEMA = "opened"
#: up to so many rows a table answers every question by reading all of them
SMALL = 100_000
#: values of a column are counted when the table is made if there are no more than this
COUNTED_VALUES = 1_000
#: no key but that of the row number begins with an underscore, so that statements have names of their own for what they make
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}|_row")
_RELATION = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DOUBLE = "double"
    DATE = "date"
    MOMENT = "moment"
    BOOLEAN = "boolean"


#: kind → PostgreSQL type; texts compare by code point, so that every index serves ranges and prefixes and every server sorts alike
SQL_TYPES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "bigint",
    Kind.DECIMAL: "numeric",
    Kind.DOUBLE: "double precision",
    Kind.DATE: "date",
    Kind.MOMENT: "timestamptz",
    Kind.BOOLEAN: "boolean",
}
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.DOUBLE})


@dataclass(frozen=True)
class Column:
    """
    A column. ``indexed`` by a b-tree of it and the row number; ``nulls`` says whether any value is missing, ``formulas`` whether a text may
    begin like a spreadsheet's formula. ``counted`` holds how often each value occurs, most frequent first, as its text (None: missing); it
    is None where there are too many values.
    """

    key: str
    kind: Kind
    name: str = ""
    indexed: bool = False
    nulls: bool = True
    formulas: bool = True
    counted: tuple[tuple[str | None, int], ...] | None = None

    def __post_init__(self) -> None:
        if _KEY.fullmatch(self.key) is None:
            raise ValueError(f"not a column's key: {self.key!r}")

    @property
    def sql(self) -> str:
        """The quoted identifier; the key has no character that could end it."""
        return f'"{self.key}"'

    def text_sql(self, source: str = "") -> str:
        """An expression for the value as text, the same whatever the session's settings are."""
        value = f"{source}{self.sql}"
        match self.kind:
            case Kind.TEXT:
                return value
            case Kind.DATE:
                return f"to_char({value}, 'YYYY-MM-DD')"
            case Kind.MOMENT:
                # ISO 8601 in Beijing time, fractions of a second only where there are any
                return f"((to_json({value} at time zone 'Asia/Shanghai') #>> '{{}}') || '+08:00')"
            case _:
                return f"{value}::text"

    def json_sql(self, source: str = "") -> str:
        """An expression whose JSON loses nothing: decimals are texts, as in the files."""
        return f"{source}{self.sql}" if self.kind in {Kind.TEXT, Kind.INTEGER, Kind.DOUBLE, Kind.BOOLEAN} else self.text_sql(source)


#: the number of a row: 1, 2, … without gaps in the order of the files; unique, never missing, indexed
ROW = Column("_row", Kind.INTEGER, "行号", indexed=True, nulls=False)


@dataclass(frozen=True)
class Table:
    """The rows of one version of a dataset. They never change; a new version is a new table."""

    dataset: int
    version: int
    relation: str
    rows: int
    columns: tuple[Column, ...]
    #: keys of the items that identify a row
    keys: tuple[str, ...] = ()
    title: str = field(default="", compare=False)
    #: keys of the columns that the indexes of each of them hold too, so that a question of them alone reads no row
    covered: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if _RELATION.fullmatch(self.relation) is None:
            raise ValueError(f"not a relation: {self.relation!r}")

    @property
    def sql(self) -> str:
        """The quoted relation."""
        return f'"{SCHEMA}"."{self.relation}"'

    @property
    def small(self) -> bool:
        """Whether every question may read all rows."""
        return self.rows <= SMALL

    @cached_property
    def by_key(self) -> Mapping[str, Column]:
        """Columns by key, the row number among them."""
        return {ROW.key: ROW} | {column.key: column for column in self.columns}

    def column(self, key: str) -> Column:
        """
        A column by its key.

        :raises UnknownItem: if there is none.
        """
        column = self.by_key.get(key)
        if column is None:
            raise UnknownItem(say("这个数据集没有信息项 {item}。", item=key[:60]), field=key[:60], remedy="信息项列在 /schema 中")
        return column

    @cached_property
    def indexed(self) -> tuple[str, ...]:
        """Keys of the columns that have an index."""
        return tuple(column.key for column in self.columns if column.indexed)

    def only(self, keys: Collection[str]) -> Table:
        """The same rows with some of the columns: nothing can be asked of the others, which this table does not know."""
        columns = tuple(column for column in self.columns if column.key in keys)
        return replace(self, columns=columns, keys=tuple(key for key in self.keys if key in keys))

    def document(self) -> dict[str, Any]:
        """The columns as JSON that :meth:`of` reads again."""
        return {
            "columns": [
                {
                    "key": column.key,
                    "kind": column.kind.value,
                    "name": column.name,
                    "indexed": column.indexed,
                    "nulls": column.nulls,
                    "formulas": column.formulas,
                    "counted": column.counted,
                }
                for column in self.columns
            ],
            "keys": list(self.keys),
            "covered": list(self.covered),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any], *, dataset: int, version: int, relation: str, rows: int, title: str = "") -> Table:
        """A table from what was kept of it."""
        columns = tuple(
            Column(
                one["key"],
                Kind(one["kind"]),
                one["name"],
                one["indexed"],
                one["nulls"],
                one.get("formulas", True),
                None if one["counted"] is None else tuple((value, count) for value, count in one["counted"]),
            )
            for one in document["columns"]
        )
        return cls(dataset, version, relation, rows, columns, tuple(document["keys"]), title, tuple(document.get("covered", ())))
