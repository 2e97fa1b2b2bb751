"""
Writes of the ledger.

Threat model. Somebody with write access to the database changes, removes or reorders what was recorded, or cuts off the end. Blocks are
chained and signed, heads are kept apart, and anchors of every chain go into the control chain, so each of these is found by ``verify``.
Whoever holds the node's key *and* the database can rewrite history from the last exported head on; exports to another place bound that.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection, transaction

from zhengtong.apps.foundation.security import queries, rules
from zhengtong.apps.foundation.security.queries import CONTROL_CHAIN
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Block, Entry
from zhengtong.engines.crypto.digests import Digest
from zhengtong.kernel.errors import Unavailable
from zhengtong.kernel.identifiers import uuid7
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys

_UNFOLD_BLOCKS = 500


class LedgerBusy(Unavailable):
    """The ledger did not take the entry, so the act did not happen; try again."""

    code = "ledger-busy"


def record(event: str, *, at: datetime, **facts: Any) -> str:
    """
    Record one act of the control plane inside the caller's transaction, and return the entry's id.

    ``facts`` are fields of :class:`Entry`. Entry and act commit together or not at all. Writers of the control chain queue at its head.

    :raises LedgerBusy: if the chain moved although its head was locked.
    """
    entry = Entry(id=uuid7(at).hex, at=at, event=event, **facts)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("insert into ledger_chain values (%s, 0, %s, %s) on conflict do nothing", [CONTROL_CHAIN, traces.GENESIS, at])
        cursor.execute("select height, hash from ledger_chain where chain = %s for update", [CONTROL_CHAIN])
        height, previous = cursor.fetchone() or (0, traces.GENESIS)
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


def verify() -> tuple[int, list[rules.Finding]]:
    """Check every chain against hashes, signatures, heads and anchors; returns how many blocks were checked and what is wrong."""
    checked, findings = 0, list[rules.Finding]()
    trusted = node_keys().trusted
    anchors: dict[str, tuple[int, str]] = {}
    heads = sorted(queries.chain_heads(), key=lambda head: head.chain != CONTROL_CHAIN)
    for head in heads:
        check = rules.ChainCheck(head.chain, trusted)
        anchored_height, anchored_hash = anchors.pop(head.chain, (0, traces.GENESIS))
        for block in queries.blocks(head.chain):
            if block.height > head.height:  # written while we read
                break
            checked += 1
            findings += check.check(block)
            if head.chain == CONTROL_CHAIN:
                anchors |= _anchored(block)
            elif block.height == anchored_height and block.hash != anchored_hash:
                findings.append(rules.Finding(head.chain, block.height, "anchor", "与主链锚定的散列不符"))
        findings += check.check_head(head.height, head.hash)
        if check.height < anchored_height:
            findings.append(rules.Finding(head.chain, anchored_height, "missing", "主链锚定过的块不在账本中"))
    findings += [rules.Finding(chain, height, "missing", "主链锚定过的链不在账本中") for chain, (height, _) in anchors.items()]
    return checked, findings


def _anchored(block: Block) -> dict[str, tuple[int, str]]:
    if b'"ledger:heads:anchored"' not in block.body:
        return {}
    try:
        entries = traces.decode_entries(block.body)
    except msgspec.DecodeError:
        return {}
    return {
        chain: (height, hash_)
        for entry in entries
        if entry.event == "ledger:heads:anchored"
        for chain, (height, hash_) in entry.detail["heads"].items()
    }


def export(folder: Path) -> int:
    """
    Write all chains, their heads and the public keys into a folder that ``verify_ledger.py`` checks without this software.

    Returns the number of blocks. Nothing personal is in it that is not in the ledger.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    heads = queries.chain_heads()
    with (folder / "blocks.ndjson").open("wb") as out:
        for head in heads:
            for block in queries.blocks(head.chain):
                if block.height > head.height:
                    break
                document = msgspec.structs.asdict(block)
                document |= {"at": traces.moment_text(block.at), "body": block.body.decode(), "signature": block.signature.hex()}
                out.write(msgspec.json.encode(document) + b"\n")
                count += 1
    (folder / "heads.json").write_bytes(msgspec.json.encode({head.chain: [head.height, head.hash] for head in heads}))
    keys = {key_id: {"scheme": key.scheme, "public": key.raw.hex()} for key_id, key in node_keys().trusted.items()}
    (folder / "keys.json").write_bytes(msgspec.json.encode(keys))
    script = Path(traces.__file__).with_name("verify_ledger.py")
    (folder / "verify_ledger.py").write_bytes(script.read_bytes())
    return count
