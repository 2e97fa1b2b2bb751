"""
The one way into the ledger from the control plane, and the unfolding of blocks for search.

Threat model. Somebody with write access to the database changes, removes or reorders what was recorded, or cuts off the end. Blocks are
chained and signed, heads are kept apart, and anchors of every chain go into the control chain, so each of these is found by ``verify``.
Whoever holds the node's key *and* the database can rewrite history from the last exported head on; exports and heads that are kept in
another place bound that. A gateway's key counts for gateways' chains only.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from zhengtong.apps.foundation.security import queries, rules
from zhengtong.apps.foundation.security.queries import CONTROL_CHAIN
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Block, Entry
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.signing import PrivateKey, Scheme
from zhengtong.kernel.errors import Unavailable
from zhengtong.kernel.identifiers import uuid7
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys, replace_key, signing_key

_UNFOLD_BLOCKS = 500


class LedgerBusy(Unavailable):
    """存证没有写入,所以没有办理;请再试一次。"""

    code = "ledger-busy"


def record(event: str, *, at: datetime, **facts: Any) -> str:
    """
    Record one act of the control plane inside the caller's transaction, and return the entry's id.

    ``facts`` are fields of :class:`Entry`. Entry and act commit together or not at all. Writers of the control chain queue at its head.

    :raises LedgerBusy: if the chain moved although its head was locked.
    """
    entry = Entry(id=uuid7(at).hex, at=at, event=event, **facts)
    with transaction.atomic(), connection.cursor() as cursor:
        head = _head(cursor)
        if head is None:
            cursor.execute("insert into ledger_chain values (%s, 0, %s, %s) on conflict do nothing", [CONTROL_CHAIN, traces.GENESIS, at])
            head = _head(cursor)
        height, previous = head or (0, traces.GENESIS)
        block = rules.make_block(
            chain=CONTROL_CHAIN,
            height=height + 1,
            previous=previous,
            entries=[entry],
            at=at,
            digest=Digest(environment().digest),
            key=node_keys().signing,
        )
        cursor.execute(
            "select ledger_append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [getattr(block, name) for name in Block.__struct_fields__ if name != "body"] + [block.body],
        )
        taken = cursor.fetchone()
        if not taken or not taken[0]:
            raise LedgerBusy
    return entry.id


def _head(cursor: Any) -> tuple[int, str] | None:
    """Where the control chain stands, held until the transaction ends; None before its first block."""
    cursor.execute("select height, hash from ledger_chain where chain = %s for update", [CONTROL_CHAIN])
    row: tuple[int, str] | None = cursor.fetchone()
    return row


def rotate_key(*, scheme: Scheme, now: datetime, actor: str) -> tuple[str, str]:
    """
    Make a new key for the node's signatures; returns the ids of the old and the new one.

    The old key signs the record that names the new one. Processes that run take the new one up.

    :raises KeysMissing: if there is no key to replace.
    """
    return _rotate("ledger:key:rotated", "node.key", PrivateKey.generate(scheme), now=now, actor=actor)


def rotate_gateway_key(*, scheme: Scheme, now: datetime, actor: str) -> tuple[str, str]:
    """As :func:`rotate_key`, for the key that gateways sign their blocks with; the node's key signs the record."""
    return _rotate("ledger:gateway-key:rotated", "gateway.key", PrivateKey.generate(scheme), now=now, actor=actor)


@transaction.atomic
def _rotate(event: str, name: str, new: PrivateKey, *, now: datetime, actor: str) -> tuple[str, str]:
    folder = environment().keys
    old = signing_key(folder, name)
    detail = {"old": old.key_id, "new": new.key_id, "scheme": new.scheme.value, "public": new.public.raw.hex()}
    record(event, at=now, actor=actor, detail=detail)
    replace_key(folder, name, new)
    return old.key_id, new.key_id


def prepare_month(moment: datetime) -> None:
    """Make the partitions of a month before they are needed."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_month(%s)", [moment])


def anchor(*, at: datetime) -> None:
    """Record where every other chain stands in the control chain, so that a cut-off tail shows even if the heads were cut too."""
    heads = {head.chain: [head.height, head.hash] for head in queries.chain_heads() if head.chain != CONTROL_CHAIN}
    if heads:
        record("ledger:heads:anchored", at=at, actor="process:worker", detail={"heads": heads})


_INSERT_ENTRY = """
    insert into ledger_entry (at, id, chain, height, position, event, outcome, actor, office, provider, resource, grant_number, purpose,
        case_number, channel, items, subjects, rows, address, detail)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""


def unfold() -> int:
    """Make recorded blocks searchable; returns how many entries were unfolded. Safe to call from several workers."""
    total = 0
    for head in queries.chain_heads():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("insert into ledger_unfolded values (%s, 0) on conflict do nothing", [head.chain])
            cursor.execute("select height from ledger_unfolded where chain = %s for update skip locked", [head.chain])
            row = cursor.fetchone()
            if row is None or row[0] >= head.height:
                continue
            cursor.execute(
                "select height, body from ledger_block where chain = %s and height > %s order by height limit %s",
                [head.chain, row[0], _UNFOLD_BLOCKS],
            )
            found = cursor.fetchall()
            if not found:
                continue
            rows = [
                _entry_row(entry, head.chain, height, position)
                for height, body in found
                for position, entry in enumerate(traces.decode_entries(bytes(body)))
            ]
            for moment in {row[0].replace(day=1) for row in rows}:
                cursor.execute("select ledger_month(%s)", [moment])
            cursor.executemany(_INSERT_ENTRY, rows)
            cursor.execute("update ledger_unfolded set height = %s where chain = %s", [found[-1][0], head.chain])
            total += len(rows)
    return total


def _entry_row(entry: Entry, chain: str, height: int, position: int) -> list[Any]:
    return [
        *(entry.at, entry.id, chain, height, position, entry.event, entry.outcome, entry.actor, entry.office, entry.provider),
        *(entry.resource, entry.grant, entry.purpose, entry.case, entry.channel, list(entry.items), list(entry.subjects)),
        *(entry.rows, entry.address, json.dumps(entry.detail, ensure_ascii=False)),
    ]
