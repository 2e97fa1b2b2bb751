"""
The ledger 存证账本: entries, and the hash-chained blocks that hold them.

A writer (one gateway, the control plane, one worker) owns a *chain*. It collects entries and commits them as a *block*: the entries as
NDJSON, the hash of the block before, its own hash, and a signature over that hash. What is stored is exactly what was hashed. Entries for
search are unfolded from blocks afterwards and can be thrown away and made again.

The header that is hashed is text, one field a line::

    zhengtong-block/1
    <digest: sha256 or sm3>
    <chain>
    <height, from 1>
    <moment, ISO 8601, UTC, microseconds>
    <number of entries>
    <hash of the block before, hexadecimal; 64 zeros for height 1>
    <hash of the body, hexadecimal>

Block hash = digest(header); the signature is over the 32 bytes of the block hash.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

BLOCK_FORMAT = "zhengtong-block/1"
GENESIS = "0" * 64


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One act. Personal values never appear: people and companies are ``subjects``, keyed digests.

    ``event`` is ``source:subject:action``, for example ``gateway:rows:read`` or ``sharing:grant:issued``; the vocabulary stands in
    ``docs/protocols/ledger-events.md``.
    """

    #: UUIDv7 in hexadecimal; for a call, its request id
    id: str
    at: datetime
    event: str
    #: ``ok`` or the stable code of the refusal
    outcome: str = "ok"
    #: who acted: ``account:<name>``, ``caller:<id>`` or ``process:<name>``
    actor: str = ""
    #: credit code of the office that acted
    office: str = ""
    #: credit code of the office whose data or decision it was
    provider: str = ""
    resource: str = ""
    grant: str = ""
    purpose: str = ""
    case: str = ""
    channel: str = ""
    items: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    rows: int = 0
    address: str = ""
    #: further facts of an act of administration
    detail: dict[str, Any] = {}


class Block(msgspec.Struct, frozen=True):
    """A committed group of entries."""

    chain: str
    height: int
    at: datetime
    count: int
    digest: str
    previous: str
    hash: str
    scheme: str
    key_id: str
    signature: bytes
    body: bytes


def encode_entries(entries: list[Entry]) -> bytes:
    """The body of a block: one entry a line."""
    encoder = msgspec.json.Encoder()
    return b"\n".join([encoder.encode(entry) for entry in entries])


def decode_entries(body: bytes) -> list[Entry]:
    """Read the entries of a block back, in their order."""
    decoder = msgspec.json.Decoder(Entry)
    return [decoder.decode(line) for line in body.split(b"\n")]


def moment_text(at: datetime) -> str:
    """A moment as the header and exports write it: UTC, always six digits of microseconds, ``Z``."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def header(*, digest: str, chain: str, height: int, at: datetime, count: int, previous: str, body_hash: str) -> bytes:
    """The bytes of a block header, to be hashed. ``at`` must be in UTC."""
    fields = (BLOCK_FORMAT, digest, chain, str(height), moment_text(at), str(count), previous, body_hash)
    return "\n".join(fields).encode()
