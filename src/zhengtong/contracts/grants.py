"""
The grant 授权: the one document from which route, job, masks, quota and purposes derive.

It is issued once and never changed; a change is a new grant. Its legal frame is 政务数据共享条例 Art. 20–22 and 25: use only within scope,
purpose and term.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

GRANT_FORMAT = "zhengtong-grant/1"


class Channel(StrEnum):
    """How granted data may move (条例 Art. 22: 服务接口, 批量交换, 文件下载)."""

    LOOKUP = "lookup"
    VERIFY = "verify"
    PUSH = "push"
    DOWNLOAD = "download"


class Mask(StrEnum):
    """How a value is shown. Applied in SQL, before the value leaves the database."""

    NONE = "none"
    #: the first character stays: 张**
    NAME = "name"
    #: region and last four stay: 110105**********002X → 110105********002X
    IDENTITY = "identity"
    #: 138****1234
    PHONE = "phone"
    #: the first six characters stay
    ADDRESS = "address"
    #: the last four stay
    ACCOUNT = "account"
    #: a date or moment shrinks to its year
    YEAR = "year"
    #: nothing stays
    HIDDEN = "hidden"


class Operator(StrEnum):
    """A comparison in a row scope or a filter."""

    EQ = "eq"
    IN = "in"
    GTE = "gte"
    LTE = "lte"
    PREFIX = "prefix"


class GrantedItem(msgspec.Struct, frozen=True):
    """A data item that may leave, under its mask. ``filterable`` items may be filtered on; a masked item never is, except by equality."""

    key: str
    mask: Mask = Mask.NONE
    filterable: bool = False


class ScopeRule(msgspec.Struct, frozen=True):
    """One condition that every row must meet; the rules of a grant all hold together."""

    item: str
    operator: Operator
    values: tuple[str, ...]


class Purpose(msgspec.Struct, frozen=True):
    """A use that the grant allows; a call names its ``code``."""

    code: str
    text: str
    legal_basis: str = ""
    scenario: str = ""


class Quota(msgspec.Struct, frozen=True):
    """Limits for one caller under one grant."""

    per_second: int = 200
    per_day: int = 1_000_000
    page_rows: int = 1_000


class Party(msgspec.Struct, frozen=True):
    """An office, by unified social credit code and name."""

    code: str
    name: str


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one consumer may do with one resource, signed by the node that issued it."""

    number: str
    node: str
    issued_at: datetime
    application: str
    resource: str
    resource_name: str
    provider: Party
    consumer: Party
    #: calling systems that may use look-up and verify
    callers: tuple[str, ...]
    channels: tuple[Channel, ...]
    items: tuple[GrantedItem, ...]
    purposes: tuple[Purpose, ...]
    not_before: datetime
    not_after: datetime
    scope: tuple[ScopeRule, ...] = ()
    #: a look-up must give at least one of these items by equality (empty: pages through everything in scope are allowed)
    required_filters: tuple[str, ...] = ()
    quota: Quota = Quota()
    format: str = GRANT_FORMAT


class GrantState(StrEnum):
    """Where a grant stands; only an active one moves data."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


def encode(grant: Grant) -> bytes:
    """The bytes that are signed: JSON with fields in the order of the structure, empty ones left out."""
    return msgspec.json.encode(grant)


def decode(payload: bytes | str) -> Grant:
    """
    Read a grant back.

    :raises msgspec.ValidationError: if it is not a grant of this format.
    """
    grant = msgspec.json.decode(payload, type=Grant)
    if grant.format != GRANT_FORMAT:
        raise msgspec.ValidationError(f"{grant.format!r} is not {GRANT_FORMAT!r}")
    return grant
