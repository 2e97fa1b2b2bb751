"""
One mask, one scope: a grant as SQL.

Look-up, verification, push, download and preview all read through these two functions, so that no path can show what another hides. Column
names come from the hub table, never from a request; values are always parameters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zhengtong.contracts.grants import Mask, Operator
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhengtong.contracts.grants import GrantedItem, ScopeRule
    from zhengtong.contracts.routing import Column


class UnknownItem(Invalid):
    """授权中的数据项在库表中不存在。"""

    code = "unknown-item"


def quoted(identifier: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


_LENGTH = re.compile(r"\(\s*\d+\s*(?:,\s*-?\d+\s*)?\)")


def comparison_type(column_type: str) -> str:
    """
    The type that a value is cast to before it is compared with a column: the column's type without its length.

    A cast to ``varchar(6)`` would cut a longer value, one to ``numeric(10,2)`` would round it, and the query would then match rows that
    nobody asked for.
    """
    bare = " ".join(_LENGTH.sub(" ", column_type).split()).lower()
    return "bpchar" if bare in {"character", "char"} else bare


_MASKS: dict[Mask, str] = {
    Mask.NAME: "left({c}::text, 1) || repeat('*', greatest(length({c}::text) - 1, 0))",
    Mask.IDENTITY: (
        "case when length({c}::text) >= 15 then left({c}::text, 6) || repeat('*', length({c}::text) - 10) || right({c}::text, 4) "
        "else repeat('*', length({c}::text)) end"
    ),
    Mask.PHONE: (
        "case when length({c}::text) >= 7 then left({c}::text, 3) || repeat('*', length({c}::text) - 7) || right({c}::text, 4) "
        "else repeat('*', length({c}::text)) end"
    ),
    Mask.ADDRESS: "left({c}::text, 6) || case when length({c}::text) > 6 then '****' else '' end",
    Mask.ACCOUNT: (
        "case when length({c}::text) > 8 then repeat('*', length({c}::text) - 4) || right({c}::text, 4) "
        "else repeat('*', length({c}::text)) end"
    ),
    Mask.YEAR: "to_char({c}, 'YYYY')",
    Mask.HIDDEN: "null::text",
}


def masked(column: Column, mask: Mask, *, table: str = "t") -> str:
    """The SQL expression that yields a column under its mask."""
    reference = f"{table}.{quoted(column.column)}"
    return reference if mask is Mask.NONE else "(" + _MASKS[mask].format(c=reference) + ")"


def select_list(items: Iterable[GrantedItem], columns: Mapping[str, Column], *, table: str = "t", alias_by: str = "key") -> str:
    """
    The masked columns as a select list, each named by its item key.

    :raises UnknownItem: if a granted item has no column.
    """
    parts = []
    for item in items:
        column = columns.get(item.key)
        if column is None:
            raise UnknownItem(say("数据项 {key} 不在库表中", key=item.key), field=item.key)
        parts.append(f"{masked(column, item.mask, table=table)} as {quoted(getattr(column, alias_by))}")
    return ", ".join(parts)


def scope_sql(
    rules: Iterable[ScopeRule],
    columns: Mapping[str, Column],
    *,
    first: int = 1,
    table: str = "t",
    style: str = "numeric",
) -> tuple[str, list[str]]:
    """
    The row scope as a condition and its parameters, all text and cast to the column's type in SQL.

    ``style`` is ``numeric`` (``$1``, counted from ``first``) or ``format`` (``%s``). An empty scope is ``true``.

    :raises UnknownItem: if a rule names an item without a column.
    """
    parts: list[str] = []
    values: list[str] = []

    def place(value: str, cast: str) -> str:
        values.append(value)
        mark = f"${first + len(values) - 1}" if style == "numeric" else "%s"
        return f"{mark}::text::{cast}"

    for rule in rules:
        column = columns.get(rule.item)
        if column is None:
            raise UnknownItem(say("行范围中的数据项 {item} 不在库表中", item=rule.item), field=rule.item)
        reference = f"{table}.{quoted(column.column)}"
        match rule.operator:
            case Operator.EQ | Operator.IN:
                marks = ", ".join(place(value, comparison_type(column.type)) for value in rule.values)
                parts.append(f"{reference} in ({marks})")
            case Operator.GTE:
                parts.append(f"{reference} >= {place(rule.values[0], comparison_type(column.type))}")
            case Operator.LTE:
                parts.append(f"{reference} <= {place(rule.values[0], comparison_type(column.type))}")
            case Operator.PREFIX:
                alternatives = " or ".join(f"starts_with({reference}::text, {place(value, 'text')})" for value in rule.values)
                parts.append(f"({alternatives})")
    return " and ".join(parts) or "true", values
