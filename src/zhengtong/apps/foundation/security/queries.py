"""
Reads of the ledger.

Threat model: see ``rules.access``. Whoever reads for somebody goes through ``search`` and ``find``: their scope is a condition of the
statement. ``entries`` is for the platform itself and for one's own sign-ins. Numbers of persons are turned into keyed digests before
anything else sees them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from zhengtong.apps.foundation.security import rules
from zhengtong.apps.foundation.security.models import LedgerCheck, LedgerExport, State
from zhengtong.contracts import traces
from zhengtong.contracts.traces import Block
from zhengtong.engines.crypto.digests import pseudonym
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Invalid, NotFound
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


_BLOCK_COLUMNS = "chain, height, at, count, digest, previous, hash, scheme, key_id, signature, body"
_BLOCKS = f"""
    select {_BLOCK_COLUMNS} from ledger_block
    where chain = %s and (height, at) > (%s, %s::timestamptz) order by height, at limit %s
"""  # noqa: S608 - fixed words
_BLOCKS_AT_ONCE = 500


def blocks(chain: str, *, after: int = 0) -> Iterator[Block]:
    """
    The blocks of a chain in ascending order behind a height, read in portions, so that no transaction stays open over them.

    Two blocks of one height, which only tampering makes, both come.
    """
    behind: tuple[int, datetime | str] = (after, "infinity")
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_BLOCKS, [chain, *behind, _BLOCKS_AT_ONCE])
            found = [_block(row) for row in cursor.fetchall()]
        yield from found
        if len(found) < _BLOCKS_AT_ONCE:
            return
        behind = (found[-1].height, found[-1].at)


def _block(row: tuple[Any, ...]) -> Block:
    return Block(**dict(zip(Block.__struct_fields__, row, strict=True)))


def block(chain: str, height: int) -> Block | None:
    """One block, None if it is not there."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {_BLOCK_COLUMNS} from ledger_block where chain = %s and height = %s", [chain, height])  # noqa: S608 - fixed words
        row = cursor.fetchone()
    return _block(row) if row else None


_EXPIRIES = f"""
    select {_BLOCK_COLUMNS} from ledger_block where chain = %s and position(%s::bytea in body) > 0 order by height desc limit 20
"""  # noqa: S608 - fixed words


def expired_ends() -> dict[str, tuple[int, str]]:
    """Where the expired part of each chain ends, as the control chain says: a claim until the block that makes it has been checked."""
    claim = claimed_expiry()
    return claim[1] if claim else {}


def claimed_expiry() -> tuple[Block, dict[str, tuple[int, str]]] | None:
    """
    The block of the control chain that records the last expiry, and the ends it names; None if nothing has expired.

    Costs nothing while every chain still has its first block.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from ledger_chain c where height > 0 "
            "and not exists (select from ledger_block b where b.chain = c.chain and b.height = 1))"
        )
        row = cursor.fetchone()
        if not row or not row[0]:
            return None
        cursor.execute(_EXPIRIES, [CONTROL_CHAIN, rules.EXPIRED.encode()])
        found = [_block(row) for row in cursor.fetchall()]
    for one in found:
        ends = ends_in(one)
        if ends is not None:
            return one, ends
    return None


def ends_in(block: Block) -> dict[str, tuple[int, str]] | None:
    """The ends that a block of the control chain records, None if it records no expiry or cannot be read."""
    if not rules.mentions_expiry(block):
        return None
    try:
        return rules.recorded_ends(traces.decode_entries(block.body))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


def months() -> list[str]:
    """The months of which blocks are kept, by name (``202611``), oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select right(c.relname, 6) from pg_inherits i join pg_class c on c.oid = i.inhrelid "
            "where i.inhparent = 'ledger_block'::regclass order by 1"
        )
        return [str(row[0]) for row in cursor.fetchall()]


def subject_digest(kind: str, value: str) -> str:
    """How the ledger names a person (``person``) or company (``company``)."""
    return pseudonym(node_keys().subject, kind, value)


@dataclass(frozen=True)
class EntryFilter:
    """What an auditor looks for; empty means any. ``subject`` is a keyed digest; of several offices, one must be it."""

    event: str = ""
    outcome: str = ""
    actor: str = ""
    office: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
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


def entries(wanted: EntryFilter, *, limit: int = 50, after: str = "", offices: frozenset[str] | None = None) -> list[EntryRow]:
    """
    Entries that match, newest first, at most ``limit``, continuing ``after`` the cursor of a row.

    ``event`` matches by prefix, everything else exactly. With ``offices``, only entries whose office or provider is one of them.

    :raises Invalid: if ``after`` is no cursor.
    """
    where, values = _conditions(wanted)
    if offices is not None:
        where.append("(office = any(%s) or provider = any(%s))")
        values += [sorted(offices), sorted(offices)]
    if after:
        where.append("(at, chain, height, position) < (%s, %s, %s, %s)")
        values += _position(after)
    condition = " and ".join(where) or "true"
    statement = (
        f"select {_ENTRY_COLUMNS} from ledger_entry where {condition} order by at desc, chain desc, height desc, position desc limit %s"  # noqa: S608 - fixed words
    )
    return _rows(statement, [*values, limit])


def _position(cursor: str) -> list[Any]:
    try:
        at, chain, height, position = cursor.split("|")
        return [datetime.fromisoformat(at), chain, int(height), int(position)]
    except ValueError as exc:
        raise Invalid("翻页标记不对", field="after") from exc


def search(reader: Actor, wanted: EntryFilter, *, limit: int = 50, after: str = "") -> list[EntryRow]:
    """
    Entries that match and that the reader may see, newest first, as of :func:`entries`.

    :raises NotAuditor: if the reader may read nothing.
    """
    return entries(wanted, limit=limit, after=after, offices=rules.scope_of(reader).offices)


@dataclass(frozen=True)
class EntryPlace:
    """An entry with the block that holds it, checked now. ``document`` is the entry's JSON as it was hashed."""

    entry: EntryRow
    block: Block
    document: str
    findings: tuple[rules.Finding, ...]
    #: heights of the blocks before and after, None where there is none
    before: int | None
    after: int | None


class EntryUnknown(NotFound):
    """没有这条记录,或您无权查看。"""

    code = "entry-unknown"


def find(reader: Actor, *, chain: str, height: int, position: int) -> EntryPlace:
    """
    One entry with its block.

    :raises EntryUnknown: if there is none there, or the reader may not see it.
    :raises NotAuditor: if the reader may read nothing.
    """
    offices = rules.scope_of(reader).offices
    condition = "chain = %s and height = %s and position = %s"
    values: list[Any] = [chain, height, position]
    if offices is not None:
        condition += " and (office = any(%s) or provider = any(%s))"
        values += [sorted(offices), sorted(offices)]
    held = block(chain, height)
    found = _rows(f"select {_ENTRY_COLUMNS} from ledger_entry where {condition} limit 1", values)  # noqa: S608 - fixed words
    if held is None or not found:
        raise EntryUnknown
    before, after = block(chain, height - 1), block(chain, height + 1)
    # without its predecessor a block can be checked but for its link
    start = (height - 1, before.hash if before else held.previous)
    findings = rules.ChainCheck(chain, node_keys().of_chain(chain), *start).check(held)
    if after is not None and after.previous != held.hash:
        findings.append(rules.Finding(chain, height + 1, "link", "下一块不指向本块"))
    lines = held.body.split(b"\n")
    return EntryPlace(
        entry=found[0],
        block=held,
        document=lines[position].decode() if position < len(lines) else "",
        findings=tuple(findings),
        before=before.height if before else None,
        after=after.height if after else None,
    )


def _rows(statement: str, values: list[Any]) -> list[EntryRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [EntryRow(**dict(zip(_ENTRY_FIELDS, row, strict=True)) | {"detail": _json(row[-1])}) for row in cursor.fetchall()]


def _conditions(wanted: EntryFilter) -> tuple[list[str], list[Any]]:
    exact = {
        "outcome": wanted.outcome,
        "actor": wanted.actor,
        "resource": wanted.resource,
        "grant_number": wanted.grant,
        "purpose": wanted.purpose,
        "case_number": wanted.case,
        "id": wanted.id,
    }
    where = [f"{column} = %s" for column, value in exact.items() if value]
    values: list[Any] = [value for value in exact.values() if value]
    for condition, value in (
        ("office = any(%s)", list(wanted.office)),
        ("provider = any(%s)", list(wanted.provider)),
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


@dataclass(frozen=True)
class WorkView:
    """A check (with ``findings`` and ``wrong``) or an export (with ``file``, ``size`` and ``sha256``) that an auditor asked for."""

    id: int
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    state: str
    total: int
    blocks: int
    wrong: int = 0
    findings: tuple[rules.Finding, ...] = ()
    file: str = ""
    size: int = 0
    sha256: str = ""

    @property
    def percent(self) -> int:
        """How much is done, of a hundred."""
        return 100 if self.state == State.DONE else min(99, self.blocks * 100 // self.total) if self.total else 0


class WorkUnknown(NotFound):
    """没有这次核验或导出。"""

    code = "work-unknown"


def _work(row: LedgerCheck | LedgerExport) -> WorkView:
    common = (row.pk, row.asked_by, row.asked_at, row.started_at, row.ended_at, row.state, row.total, row.blocks)
    if isinstance(row, LedgerCheck):
        return WorkView(*common, wrong=row.wrong, findings=tuple(rules.Finding.of(one) for one in row.findings))
    return WorkView(*common, file=row.file, size=row.size, sha256=row.sha256)


def heads(reader: Actor) -> list[ChainHead]:
    """
    All chains, for the audit administrator.

    :raises NotAuditor: for anybody else.
    """
    rules.require_audit_administrator(reader)
    return chain_heads()


def checks(reader: Actor, *, limit: int = 20) -> list[WorkView]:
    """
    The latest checks, newest first.

    :raises NotAuditor: unless the reader is the audit administrator, as of all reads of work.
    """
    rules.require_audit_administrator(reader)
    return [_work(row) for row in LedgerCheck.objects.all()[:limit]]


def check(reader: Actor, check_id: int) -> WorkView:
    """
    One check with its findings.

    :raises WorkUnknown: if there is none.
    """
    rules.require_audit_administrator(reader)
    found = LedgerCheck.objects.filter(pk=check_id).first()
    if found is None:
        raise WorkUnknown
    return _work(found)


def exports(reader: Actor, *, limit: int = 20) -> list[WorkView]:
    """The latest exports, newest first."""
    rules.require_audit_administrator(reader)
    return [_work(row) for row in LedgerExport.objects.all()[:limit]]


def kept_blocks() -> int:
    """How many blocks the chains should hold: their heights without what has expired."""
    ends = expired_ends()
    return sum(head.height - ends.get(head.chain, (0, ""))[0] for head in chain_heads())
