"""
The routing snapshot: everything a gateway needs to serve, in one signed document.

The control plane publishes a new version whenever a grant, a binding or a calling system changes; gateways check the signature, compile
what changed and swap. A gateway with an older snapshot goes on serving until the snapshot is replaced.

Published snapshots stand in the table ``routing_snapshot`` (``version`` bigint primary key, ``payload`` text, ``scheme``, ``key_id``,
``signature`` bytea, ``published_at``); a NOTIFY on channel ``zhengtong_routing`` carries the version.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from zhengtong.contracts.grants import GrantState
from zhengtong.contracts.signed import SignedDocument

SNAPSHOT_FORMAT = "zhengtong-routing/1"
SNAPSHOT_CHANNEL = "zhengtong_routing"


class CallerKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A key of a calling system.

    ``algorithm`` is ``hmac-sha256``, ``hmac-sm3``, ``ed25519`` or ``sm2``. ``material`` is the public key in base64 for the last two and a
    secret sealed for context ``caller-key:<key_id>`` for the others.
    """

    key_id: str
    algorithm: str
    material: str
    not_after: datetime | None = None


class Caller(msgspec.Struct, frozen=True, omit_defaults=True):
    """A calling system 调用系统 of an office. ``rid`` is its requester id under the national convention."""

    id: str
    name: str
    office: str
    office_name: str
    keys: tuple[CallerKey, ...]
    rid: str = ""
    #: addresses it may call from, CIDR; empty means anywhere
    networks: tuple[str, ...] = ()


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a data item lies: a column of the hub table and its PostgreSQL type."""

    key: str
    column: str
    type: str
    name: str
    description: str = ""
    nullable: bool = True


class Table(msgspec.Struct, frozen=True):
    """A hub table. ``unique`` are the item keys that identify a row, in index order; ``indexed`` the item keys that lead an index."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    indexed: tuple[str, ...]
    #: item keys that name a person or a company: item key → ``person`` or ``company``
    subjects: dict[str, str] = {}


class Route(msgspec.Struct, frozen=True, omit_defaults=True):
    """One grant as the gateway serves it. ``sid`` is the service id under the national convention."""

    grant: SignedDocument
    state: GrantState
    table: Table
    sid: str = ""


class Snapshot(msgspec.Struct, frozen=True):
    """All routes and callers of a node at one moment."""

    version: int
    node: str
    published_at: datetime
    callers: tuple[Caller, ...]
    routes: tuple[Route, ...]
    format: str = SNAPSHOT_FORMAT


def encode(snapshot: Snapshot) -> bytes:
    """The bytes that are signed and stored."""
    return msgspec.json.encode(snapshot)


def decode(payload: bytes | str) -> Snapshot:
    """
    Read a snapshot back.

    :raises msgspec.ValidationError: if it is not a snapshot of this format.
    """
    snapshot = msgspec.json.decode(payload, type=Snapshot)
    if snapshot.format != SNAPSHOT_FORMAT:
        raise msgspec.ValidationError(f"{snapshot.format!r} is not {SNAPSHOT_FORMAT!r}")
    return snapshot
