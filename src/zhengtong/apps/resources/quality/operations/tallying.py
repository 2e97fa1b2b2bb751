"""Sums kept by differences: a row that is not there yet begins with nothing, and a sum below nothing is refused by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.db import connection
from psycopg import sql

Key = TypeVar("Key", bound=tuple[object, ...])
#: any number of our own; who holds it is the only one to measure
_LOCK = 7_241_906_113


def one_at_a_time() -> None:
    """Wait until nobody else measures, and keep others waiting until the transaction ends: differences need a still ground."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def add(table: str, keys: Sequence[str], sums: Sequence[str], differences: Mapping[Key, Sequence[int]]) -> None:
    """Add to the sums of rows; ``differences`` is from the values of ``keys`` to those of ``sums``. Two statements, however many rows."""
    wanted = {key: values for key, values in differences.items() if any(values)}
    if not wanted:
        return
    ordered = sorted(wanted, key=str)
    name, conflict = sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, keys))
    places = sql.SQL(", ").join([sql.SQL("%s::{}[]").format(sql.SQL(_type_of(ordered[0][place]))) for place in range(len(keys))])
    zeros = sql.SQL(", ").join([sql.SQL("0")] * len(sums))
    fresh = sql.SQL("insert into {} ({}, {}) select {}, {} from unnest({}) as d({}) on conflict ({}) do nothing").format(
        name, conflict, sql.SQL(", ").join(map(sql.Identifier, sums)), conflict, zeros, places, conflict, conflict
    )
    more = sql.SQL("update {} t set {} from unnest({}, {}) as d({}, {}) where {}").format(
        name,
        sql.SQL(", ").join([sql.SQL("{0} = t.{0} + d.{0}").format(sql.Identifier(one)) for one in sums]),
        places,
        sql.SQL(", ").join([sql.SQL("%s::bigint[]")] * len(sums)),
        conflict,
        sql.SQL(", ").join(map(sql.Identifier, sums)),
        sql.SQL(" and ").join([sql.SQL("t.{0} = d.{0}").format(sql.Identifier(one)) for one in keys]),
    )
    by_key = [[key[place] for key in ordered] for place in range(len(keys))]
    by_sum = [[wanted[key][place] for key in ordered] for place in range(len(sums))]
    with connection.cursor() as cursor:
        cursor.execute(fresh, by_key)
        cursor.execute(more, [*by_key, *by_sum])


def _type_of(value: object) -> str:
    return "bigint" if isinstance(value, int) else "text"
