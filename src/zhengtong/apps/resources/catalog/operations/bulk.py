"""Many rows at once through COPY, at several times the speed of INSERT; the database's constraints hold as they always do."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, JSONField, Model
from psycopg import sql


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False).replace("\\u0000", "")


def _array(value: Sequence[str] | None) -> str | None:
    if value is None:
        return None
    return "{" + ",".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in value) + "}"


def _same(value: Any) -> Any:
    return value


def _writer(field: Field[Any, Any]) -> Callable[[Any], Any]:
    if isinstance(field, JSONField):
        return _json
    return _array if isinstance(field, ArrayField) else _same


def copy_in(rows: Sequence[Model]) -> None:
    """
    Insert new rows of one model, in order; each gets its number. Arrays are of texts, and fields hold plain values.

    :raises IntegrityError: if a constraint refuses a row; the caller's transaction is then lost.
    """
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001 - Django's documented way to a model's fields
    fields = list(meta.concrete_fields)
    table = sql.Identifier(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)", [meta.db_table, meta.pk.column, len(rows)]
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number
    getters = [(field.attname, _writer(field)) for field in fields]
    columns = sql.SQL(", ").join([sql.Identifier(field.column or field.name) for field in fields])
    statement = sql.SQL("copy {} ({}) from stdin").format(table, columns)
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([write(getattr(row, name)) for name, write in getters])
