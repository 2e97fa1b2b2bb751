"""Reads of the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from zhengtong.contracts.traces import Block
from zhengtong.engines.crypto.digests import pseudonym
from zhengtong.toolkit.keys import node_keys

CONTROL_CHAIN = "control"


@dataclass(frozen=True)
class ChainHead:
    """Where a chain stands."""

    chain: str
    height: int
    hash: str
    updated_at: datetime


def chain_heads() -> list[ChainHead]:
    """All chains by name."""
    with connection.cursor() as cursor:
        cursor.execute("select chain, height, hash, updated_at from ledger_chain where height > 0 order by chain")
        return [ChainHead(*row) for row in cursor.fetchall()]


_BLOCKS = """
    select chain, height, at, count, digest, previous, hash, scheme, key_id, signature, body
    from ledger_block where chain = %s and height > %s order by height
"""


def blocks(chain: str, *, after: int = 0) -> Iterator[Block]:
    """The blocks of a chain in ascending order, streamed."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_BLOCKS, [chain, after])
        for row in cursor:
            yield Block(**dict(zip(Block.__struct_fields__, row, strict=True)))


def subject_digest(kind: str, value: str) -> str:
    """How the ledger names a person (``person``) or company (``company``)."""
    return pseudonym(node_keys().subject, kind, value)


@dataclass(frozen=True)
class EntryFilter:
    """What an auditor looks for; empty means any. ``subject`` is a keyed digest."""

    event: str = ""
    outcome: str = ""
    actor: str = ""
    office: str = ""
    provider: str = ""
    resource: str = ""
    grant: str = ""
    purpose: str = ""
    case: str = ""
    subject: str = ""
    id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class EntryRow:
    """An entry as it was unfolded for search."""

    at: datetime
    id: str
    chain: str
    height: int
    position: int
    event: str
    outcome: str
    actor: str
    office: str
    provider: str
    resource: str
    grant: str
    purpose: str
    case: str
    channel: str
    items: list[str]
    subjects: list[str]
    rows: int
    address: str
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return f"{self.at.isoformat()}|{self.chain}|{self.height}|{self.position}"


_ENTRY_FIELDS = tuple(one.name for one in fields(EntryRow))
_ENTRY_COLUMNS = (
    "at, id, chain, height, position, event, outcome, actor, office, provider, resource, grant_number, purpose, case_number, "
    "channel, items, subjects, rows, address, detail::text"
)


def entries(wanted: EntryFilter, *, limit: int = 50, after: str = "") -> list[EntryRow]:
    """
    Entries that match, newest first, at most ``limit``, continuing ``after`` the cursor of a row.

    ``event`` matches by prefix, everything else exactly.
    """
    where, values = _conditions(wanted)
    if after:
        at, chain, height, position = after.split("|")
        where.append("(at, chain, height, position) < (%s, %s, %s, %s)")
        values += [datetime.fromisoformat(at), chain, int(height), int(position)]
    condition = " and ".join(where) or "true"
    statement = (
        f"select {_ENTRY_COLUMNS} from ledger_entry where {condition} order by at desc, chain desc, height desc, position desc limit %s"  # noqa: S608 - fixed words
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, limit])
        return [EntryRow(**dict(zip(_ENTRY_FIELDS, row, strict=True)) | {"detail": _json(row[-1])}) for row in cursor.fetchall()]


def _conditions(wanted: EntryFilter) -> tuple[list[str], list[Any]]:
    exact = {
        "outcome": wanted.outcome,
        "actor": wanted.actor,
        "office": wanted.office,
        "provider": wanted.provider,
        "resource": wanted.resource,
        "grant_number": wanted.grant,
        "purpose": wanted.purpose,
        "case_number": wanted.case,
        "id": wanted.id,
    }
    where = [f"{column} = %s" for column, value in exact.items() if value]
    values: list[Any] = [value for value in exact.values() if value]
    for condition, value in (
        ("starts_with(event, %s)", wanted.event),
        ("subjects @> array[%s]", wanted.subject),
        ("at >= %s", wanted.since),
        ("at < %s", wanted.until),
    ):
        if value:
            where.append(condition)
            values.append(value)
    return where, values


def _json(text: str) -> dict[str, Any]:
    document = json.loads(text)
    return document if isinstance(document, dict) else {}


def unfolded_lag() -> int:
    """How many blocks are not yet searchable."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(c.height - coalesce(u.height, 0)), 0) from ledger_chain c left join ledger_unfolded u using (chain)"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
