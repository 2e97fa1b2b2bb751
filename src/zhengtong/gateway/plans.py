"""
A question of one shape under one grant, compiled to SQL.

The shape is which fields are wanted and which items are filtered on with which operator; the values are parameters. Masks and row scope
come from ``contracts.projection`` and nowhere else. JSON is built by PostgreSQL as bytes and passed through.

Look-ups and verifications take arrays, one element per caller who waits, and answer each by its position; so one round trip serves many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhengtong.contracts.grants import GrantedItem, Operator, ScopeRule
from zhengtong.contracts.projection import comparison_type, quoted, scope_sql, select_list
from zhengtong.contracts.routing import Column, Table

_COMPARISONS = {Operator.EQ: "=", Operator.GTE: ">=", Operator.LTE: "<="}


@dataclass(frozen=True, slots=True)
class Filter:
    """A comparison of an item with a value that the caller gives."""

    item: str
    operator: Operator


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """
    SQL and its constant parameters.

    A batched plan takes one ``text[]`` for each of its ``width`` values, then ``constants``; a plain one takes its filter values (``text``,
    or ``text[]`` for ``in``), then the position to go on after (if ``after``), then ``limit``, then ``constants``.
    """

    sql: str
    constants: tuple[str, ...]
    width: int
    #: at most one row a position (a look-up by the whole unique key)
    single: bool = False
    #: item keys in the order of the answer
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A table and what a grant lets out of it."""

    table: Table
    columns: Mapping[str, Column]
    scope: tuple[ScopeRule, ...]

    @property
    def relation(self) -> str:
        """The table as SQL names it."""
        return f"{quoted(self.table.schema)}.{quoted(self.table.name)} t"

    def reference(self, item: str) -> str:
        """A column of the table as SQL names it."""
        return f"t.{quoted(self.columns[item].column)}"

    def cast(self, item: str) -> str:
        """The type that values for an item are cast to."""
        return comparison_type(self.columns[item].type)


def verification(source: Source, items: Sequence[str]) -> Plan:
    """Whether a row in scope has these values; one boolean a position."""
    scope, constants = scope_sql(source.scope, source.columns, first=len(items) + 1)
    conditions = " and ".join(f"{source.reference(item)} = k.v{number}::{source.cast(item)}" for number, item in enumerate(items, start=1))
    sql = (
        f"select k.n, exists (select 1 from {source.relation} where {conditions} and {scope}) "  # noqa: S608 - names from the catalog
        f"from {_positions(len(items))}"
    )
    return Plan(sql, tuple(constants), len(items))


def unique_lookup(source: Source, fields: Sequence[GrantedItem], items: Sequence[str]) -> Plan:
    """The one row for a whole unique key: position and JSON bytes; positions without a row do not come back."""
    scope, constants = scope_sql(source.scope, source.columns, first=len(items) + 1)
    conditions = " and ".join(f"{source.reference(item)} = k.v{number}::{source.cast(item)}" for number, item in enumerate(items, start=1))
    sql = (
        f"select k.n, convert_to(row_to_json(r)::text, 'UTF8') from {_positions(len(items))} "  # noqa: S608
        f"join {source.relation} on {conditions} and {scope}, lateral (select {select_list(fields, source.columns)}) r"
    )
    return Plan(sql, tuple(constants), len(items), single=True, fields=tuple(item.key for item in fields))


def many_lookup(source: Source, fields: Sequence[GrantedItem], item: str, limit: int) -> Plan:
    """The first ``limit`` rows for a value of an indexed item: position, JSON array, number of rows, key of the last row."""
    scope, constants = scope_sql(source.scope, source.columns, first=2)
    condition = f"{source.reference(item)} = k.v1::{source.cast(item)} and {scope}"
    sql = (
        "select k.n, x.body, x.rows, x.last "  # noqa: S608
        f"from {_positions(1)} cross join lateral ({_page(source, fields, condition, str(limit), str(limit))}) x"
    )
    return Plan(sql, tuple(constants), 1, fields=tuple(granted.key for granted in fields))


def page(source: Source, fields: Sequence[GrantedItem], filters: Sequence[Filter], *, after: bool) -> Plan:
    """A page in the order of the unique key: JSON array, number of rows, key of the last row (null if the page is not full)."""
    condition, constants, place = _conditions(source, filters, after=after)
    sql = _page(source, fields, condition, f"${place}::bigint", f"${place}::bigint")
    return Plan(sql, tuple(constants), place, fields=tuple(item.key for item in fields))


def lines(source: Source, fields: Sequence[GrantedItem], filters: Sequence[Filter], *, after: bool, as_json: bool) -> Plan:
    """Rows one by one, for streams: JSON bytes, or the columns themselves for CSV."""
    condition, constants, place = _conditions(source, filters, after=after)
    rows = (
        f"select {select_list(fields, source.columns)} from {source.relation} where {condition} "  # noqa: S608
        f"{_order(source)} limit ${place}::bigint"
    )
    sql = f"select convert_to(row_to_json(r)::text || E'\\n', 'UTF8') from ({rows}) r" if as_json else rows  # noqa: S608
    return Plan(sql, tuple(constants), place, fields=tuple(item.key for item in fields))


def _positions(width: int) -> str:
    arrays = ", ".join(f"${number}::text[]" for number in range(1, width + 1))
    names = ", ".join(f"v{number}" for number in range(1, width + 1))
    return f"unnest({arrays}) with ordinality k({names}, n)"


def _conditions(source: Source, filters: Sequence[Filter], *, after: bool) -> tuple[str, list[str], int]:
    """Filters, position and scope as SQL, the constants, and the number of the parameter ``limit``."""
    parts, number = [], 1
    for wanted in filters:
        column, cast = source.reference(wanted.item), source.cast(wanted.item)
        if wanted.operator is Operator.IN:
            parts.append(f"{column} = any(${number}::text[]::{cast}[])")
        else:
            parts.append(f"{column} {_COMPARISONS[wanted.operator]} ${number}::text::{cast}")
        number += 1
    if after:
        unique = source.table.unique
        left = ", ".join(source.reference(item) for item in unique)
        right = ", ".join(f"${number + offset}::text::{source.cast(item)}" for offset, item in enumerate(unique))
        parts.append(f"({left}) > ({right})")
        number += len(unique)
    scope, constants = scope_sql(source.scope, source.columns, first=number + 1)
    parts.append(scope)
    return " and ".join(parts), constants, number


def _order(source: Source) -> str:
    unique = source.table.unique
    return "order by " + ", ".join(source.reference(item) for item in unique) if unique else ""


def _page(source: Source, fields: Sequence[GrantedItem], condition: str, limit: str, full: str) -> str:
    """
    One row: the page as a JSON array in bytes, its number of rows, and where it ended.

    Where it ended is a list of one key, because an array of arrays has no single elements. Rows keep the order of the inner query:
    PostgreSQL feeds an aggregate from a sorted subquery in that order.
    """
    unique = source.table.unique
    keys = ", ".join(f"{source.reference(item)}::text" for item in unique)
    rows = (
        f"select row_to_json(r)::text as j, array[{keys}]::text[] as k from {source.relation}, "  # noqa: S608
        f"lateral (select {select_list(fields, source.columns)}) r where {condition} {_order(source)} limit {limit}"
    )
    last = f"case when count(*) = {full} then (array_agg(p.k))[count(*) : count(*)] end" if unique else "null::text[]"
    return (
        "select convert_to('[' || coalesce(string_agg(p.j, ','), '') || ']', 'UTF8') as body, "  # noqa: S608
        f"count(*) as rows, {last} as last from ({rows}) p"
    )
