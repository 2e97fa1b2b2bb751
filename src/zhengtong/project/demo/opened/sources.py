"""The departments' tables behind the open datasets: one database of the city's cloud, one schema an office."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import psycopg
from psycopg import sql
from pypinyin import Style, lazy_pinyin

from zhengtong.project.demo.opened.columns import Column
from zhengtong.project.demo.opened.declared import Declared

#: the name of the database, beside the departments' own
DATABASE = "cloud"
_UNIT = re.compile(r"\(([^()]*(?:\([^()]*\))?[^()]*)\)$")


@dataclass(frozen=True)
class Item:
    """A column under the key that the catalog gives it, which is its name in the table too."""

    key: str
    column: Column

    @property
    def unit(self) -> str:
        """What its numbers count, where its name says so."""
        found = _UNIT.search(self.column.name)
        return found[1] if found else ""


def items(columns: Sequence[Column]) -> tuple[Item, ...]:
    """Columns under keys of pinyin initials; a key that is taken gets a number."""
    taken: Counter[str] = Counter()
    found = []
    for column in columns:
        initials = "".join(lazy_pinyin(_UNIT.sub("", column.name), style=Style.FIRST_LETTER)).lower()
        key = re.sub(r"[^a-z0-9]", "", initials).lstrip("0123456789") or "x"
        taken[key] += 1
        found.append(Item(key if taken[key] == 1 else f"{key}_{taken[key]}", column))
    return tuple(found)


def there(connection: psycopg.Connection) -> set[str]:
    """``schema.table`` of what was loaded before."""
    rows = connection.execute("select schemaname || '.' || tablename from pg_tables")
    return {str(row[0]) for row in rows}


def load(connection: psycopg.Connection, declared: Declared, listed: Sequence[Item]) -> int:
    """Make a dataset's table with comments, and fill it, in one transaction; returns its rows."""
    frame = pl.DataFrame([item.column.values.alias(item.key) for item in listed])
    name = sql.Identifier(declared.office, declared.table)
    columns = [sql.SQL("{} {}").format(sql.Identifier(item.key), _type(item.column)) for item in listed]
    keys = sql.SQL(", ").join(sql.Identifier(item.key) for item in listed if item.column.key)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(declared.office)))
        cursor.execute(sql.SQL("create table {} ({}, primary key ({}))").format(name, sql.SQL(", ").join(columns), keys))
        cursor.execute(sql.SQL("comment on table {} is {}").format(name, sql.Literal(declared.title)))
        for item in listed:
            where = sql.Identifier(declared.office, declared.table, item.key)
            cursor.execute(sql.SQL("comment on column {} is {}").format(where, sql.Literal(item.column.name)))
        with cursor.copy(sql.SQL("copy {} from stdin (format csv)").format(name)) as pipe:
            pipe.write(frame.write_csv(None, include_header=False))
    return frame.height


def _type(column: Column) -> sql.SQL | sql.Composed:
    plain = {"C": sql.SQL("text"), "I": sql.SQL("bigint"), "D": sql.SQL("date"), "T": sql.SQL("timestamp")}
    if column.letter in plain:
        return plain[column.letter]
    return sql.SQL("numeric({}, {})").format(sql.Literal(column.length or 14), sql.Literal(column.decimals or 0))
