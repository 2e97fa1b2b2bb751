"""
What the columns of a hub table hold, as keyed hashes that are made in SQL, so that no value leaves the table.

Each hash is HMAC-SHA256, shortened to 60 bits, under a key derived from this installation's ``subject.key``. The database gets the derived
key as two parameters bound on the server: it stands in no text of a statement, so neither in the list of activities nor in a log of
statements unless the database's administrator has parameters logged.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from typing import Any

import psycopg
from psycopg import sql

from zhengtong.apps.flow.exchange.models import Binding
from zhengtong.apps.flow.exchange.operations.binding import own_endpoint
from zhengtong.apps.flow.exchange.rules import columns
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.engines.dataflow.connectors.postgresql.config import naming
from zhengtong.engines.dataflow.items import ItemType
from zhengtong.kernel.errors import Party
from zhengtong.toolkit.keys import node_keys

_SECONDS = 30
_LABEL = b"zhengtong:samples:1"
_BLOCK = 64
_COMPARED_TYPES = (ItemType.TEXT, ItemType.INTEGER, ItemType.DATE)

# v: without blanks, in capitals and half width; dates as 2024-01-05. place: a whole number, or a day counted by months of 31
# days, by which it is told how dense values lie. form: digits as 9, letters as A, everything else but marks as 字, long runs shortened.
_COLUMN = sql.SQL(
    r"""
    with plain as (
        select upper(regexp_replace(normalize({column}::text, nfkc), '\s', '', 'g')) as v, count(*) as rows
        from {table} where {column} is not null group by 1
    ), dated as (
        select v, rows, coalesce(
            regexp_match(v, '^(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?$'),
            regexp_match(v, '^((?:19|20)\d{{2}})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$')
        ) as d from plain where v <> ''
    ), one as (
        select case when d is null then v else d[1] || '-' || lpad(d[2], 2, '0') || '-' || lpad(d[3], 2, '0') end as v, sum(rows) as rows,
            max(case when d is not null then d[1]::bigint * 372 + d[2]::bigint * 31 + d[3]::bigint
                when v ~ '^\d{{1,15}}$' then v::bigint end) as place
        from dated group by 1
    ), kept as (
        select v, sha256(%(outer)s || sha256(%(inner)s || convert_to(v, 'UTF8'))) as h from one order by h limit %(size)s
    ), forms as (
        select regexp_replace(regexp_replace(regexp_replace(v, '\d', '9', 'g'), '[A-Z]', 'A', 'g'), '[^\x01-\x7f]', '字', 'g') as form
        from kept
    ), counted as (
        select left(regexp_replace(form, '(.)\1{{7,}}', '\1+', 'g'), 40) as form, count(*) as n from forms
        group by 1 order by n desc, 1 limit 8
    )
    select coalesce(sum(rows), 0)::bigint, count(*),
        case when count(place) * 10 >= count(*) * 9 and count(place) > 0
            then least(100, round(100.0 * count(place) / (max(place) - min(place) + 1)))::int else 0 end,
        array(select ('x' || left(encode(h, 'hex'), 15))::bit(60)::bigint from kept order by 1),
        array(select left(encode(sha256(%(outer)s || sha256(%(inner)s || convert_to('form:' || form, 'UTF8'))), 'hex'), 16) from counted
            order by form),
        array(select round(100.0 * n / (select count(*) from kept))::int from counted order by form)
    from one
    """
)


def samples(resource_id: int, keys: Collection[str]) -> dict[str, quality.Column | quality.Why] | None:
    """
    What the columns of a resource hold in the hub, at most thirty seconds each; one that takes longer ends the reading of the others.

    Returns None before data landed.
    """
    binding = Binding.objects.filter(resource_id=resource_id, landed_at__isnull=False).first()
    if binding is None:
        return None
    if binding.rows > quality.MOST_ROWS:
        return dict.fromkeys(keys, quality.Why.LARGE)
    types = {one.key: columns.column_item(one).type for one in catalog.resource(resource_id).items}
    name = columns.hub_table_name(resource_id)
    found = dict[str, quality.Column | quality.Why]()
    endpoint = own_endpoint()
    with naming(Party.PLATFORM), endpoint.connect(autocommit=True) as hub:
        hub.execute("select set_config('statement_timeout', %s, false)", (f"{_SECONDS}s",))
        there = _columns(hub, name)
        slow = False
        for key in keys:
            if key not in there:
                found[key] = quality.Why.ABSENT
            elif types.get(key) not in _COMPARED_TYPES:
                found[key] = quality.Why.KIND
            elif slow:
                found[key] = quality.Why.SLOW
            else:
                column = _read(hub, name, key)
                slow, found[key] = column is None, column or quality.Why.SLOW
    return found


def _columns(hub: psycopg.Connection[tuple[Any, ...]], table: str) -> set[str]:
    rows = hub.execute(
        "select column_name::text from information_schema.columns where table_schema = %s and table_name = %s", (columns.HUB_SCHEMA, table)
    )
    return {name for (name,) in rows}


def _read(hub: psycopg.Connection[tuple[Any, ...]], table: str, key: str) -> quality.Column | None:
    """One column; None where it takes too long."""
    statement = _COLUMN.format(column=sql.Identifier(key), table=sql.Identifier(columns.HUB_SCHEMA, table))
    try:
        row = hub.execute(statement, {**_pads(), "size": quality.SAMPLE_SIZE}).fetchone()
    except psycopg.errors.QueryCanceled:
        return None
    assert row is not None  # noqa: S101 - a sum has one row
    rows, values, density, hashes, forms, shares = row
    return quality.Column(rows, values, density, tuple(hashes), dict(zip(forms, shares, strict=True)))


def _pads() -> dict[str, bytes]:
    """The derived key as HMAC works it in before and after (RFC 2104 §2)."""
    key = hmac.digest(node_keys().subject, _LABEL, "sha256").ljust(_BLOCK, b"\0")
    return {"inner": bytes(one ^ 0x36 for one in key), "outer": bytes(one ^ 0x5C for one in key)}
