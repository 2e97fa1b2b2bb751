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

    A batched plan takes one ``text[]`` for each value of a question, then ``constants``; a plain one (``lines``) takes its filter values as
    ``text``, then the position to go on after (if ``after``), then ``limit``, then ``constants``.
    """

    sql: str
    constants: tuple[str, ...]


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
    return Plan(sql, tuple(constants))


def unique_lookup(source: Source, fields: Sequence[GrantedItem], items: Sequence[str]) -> Plan:
    """The one row for a whole unique key: position and JSON bytes; positions without a row do not come back."""
    scope, constants = scope_sql(source.scope, source.columns, first=len(items) + 1)
    conditions = " and ".join(f"{source.reference(item)} = k.v{number}::{source.cast(item)}" for number, item in enumerate(items, start=1))
    sql = (
        f"select k.n, convert_to(row_to_json(r)::text, 'UTF8') from {_positions(len(items))} "  # noqa: S608 - names from the catalog
        f"join {source.relation} on {conditions} and {scope}, lateral (select {select_list(fields, source.columns)}) r"
    )
    return Plan(sql, tuple(constants))


def pages(source: Source, fields: Sequence[GrantedItem], filters: Sequence[Filter], most: int, *, after: bool) -> Plan:
    """
    Pages in the order of the unique key: position, JSON array, number of rows, key of the last row (null if the page is not full).

    A question's values are those of its filters (an ``in`` list joined by commas), the position to go on after (if ``after``), and how many
    rows it wants, at most ``most``. ``most`` stands in the inner query as a number, so that the planner knows that only a page is wanted.
    """
    conditions = [_comparison(source, wanted, f"k.v{number}") for number, wanted in enumerate(filters, start=1)]
    width = len(filters)
    if after:
        unique = source.table.unique
        left = ", ".join(source.reference(item) for item in unique)
        right = ", ".join(f"k.v{number}::{source.cast(item)}" for number, item in enumerate(unique, start=width + 1))
        conditions.append(f"({left}) > ({right})")
        width += len(unique)
    width += 1
    scope, constants = scope_sql(source.scope, source.columns, first=width + 1)
    one = one_page(source, fields, " and ".join([*conditions, scope]), str(most), wanted=f"k.v{width}::bigint")
    sql = f"select k.n, x.body, x.rows, x.last from {_positions(width)} cross join lateral ({one}) x"  # noqa: S608 - names from the catalog
    return Plan(sql, tuple(constants))


def lines(source: Source, fields: Sequence[GrantedItem], filters: Sequence[Filter], *, after: bool, as_json: bool) -> Plan:
    """Rows one by one, for streams: JSON bytes, or the columns themselves for CSV."""
    condition, constants, place = _conditions(source, filters, after=after)
    rows = (
        f"select {select_list(fields, source.columns)} from {source.relation} where {condition} "  # noqa: S608 - names from the catalog
        f"{_order(source)} limit ${place}::bigint"
    )
    sql = f"select convert_to(row_to_json(r)::text || E'\\n', 'UTF8') from ({rows}) r" if as_json else rows  # noqa: S608 - names from the catalog
    return Plan(sql, tuple(constants))


def _positions(width: int) -> str:
    arrays = ", ".join(f"${number}::text[]" for number in range(1, width + 1))
    names = ", ".join(f"v{number}" for number in range(1, width + 1))
    return f"unnest({arrays}) with ordinality k({names}, n)"


def _comparison(source: Source, wanted: Filter, value: str) -> str:
    """A filter as SQL; ``value`` is an SQL text, for ``in`` a list joined by commas (no value holds one: the protocol splits at them)."""
    column, cast = source.reference(wanted.item), source.cast(wanted.item)
    if wanted.operator is Operator.IN:
        return f"{column} = any(string_to_array({value}, ',')::{cast}[])"
    return f"{column} {_COMPARISONS[wanted.operator]} {value}::{cast}"


def _conditions(source: Source, filters: Sequence[Filter], *, after: bool) -> tuple[str, list[str], int]:
    """Filters, position and scope as SQL, the constants, and the number of the parameter ``limit``."""
    parts = [_comparison(source, wanted, f"${number}::text") for number, wanted in enumerate(filters, start=1)]
    number = len(parts) + 1
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


def one_page(source: Source, fields: Sequence[GrantedItem], condition: str, most: str, *, wanted: str) -> str:
    """
    SQL of one row: a page as a JSON array in bytes, its number of rows, and where it ended.

    ``most`` bounds the rows, ``wanted`` of them are taken. Where it ended is a list of one key, because an array of arrays has no single
    elements. Rows keep the order of the inner query: PostgreSQL feeds an aggregate from a sorted subquery in that order.
    """
    unique = source.table.unique
    keys = ", ".join(f"{source.reference(item)}::text" for item in unique)
    rows = (
        f"select row_to_json(r)::text as j, array[{keys}]::text[] as k from {source.relation}, "  # noqa: S608 - names from the catalog
        f"lateral (select {select_list(fields, source.columns)}) r where {condition} {_order(source)} limit {most}"
    )
    last = f"case when count(*) = {wanted} then (array_agg(p.k))[count(*) : count(*)] end" if unique else "null::text[]"
    return (
        "select convert_to('[' || coalesce(string_agg(p.j, ','), '') || ']', 'UTF8') as body, "  # noqa: S608 - names from the catalog
        f"count(*) as rows, {last} as last from (select q.j, q.k from ({rows}) q limit {wanted}) p"
    )
