"""
When guessing ends.

Threat model. Enumeration: the check of real names answers yes or no about the register, so it could be asked about everybody; wrong tries
are counted for the number asked about and for the address that asks. Credential stuffing: passwords of elsewhere are tried on many
accounts, each once; failures are counted for the address as well as for the account (which axes locks). Not defended: many addresses at
once with one try each on different numbers; the ledger shows them.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from zhengtong.kernel.errors import Refused


class Kind(StrEnum):
    """What was tried and failed."""

    NAME = "name"
    SIGN_IN = "sign-in"
    CODE = "code"


#: what → (the longest time looked back, failures of one thing asked about, failures from one address)
_LIMITS = {
    Kind.NAME: (timedelta(hours=24), 5, 20),
    Kind.SIGN_IN: (timedelta(hours=1), 10, 50),
    Kind.CODE: (timedelta(hours=1), 5, 30),
}


class TooManyTries(Refused):
    """尝试次数过多,已暂时锁定。"""

    code = "too-many-tries"
    status = 429


def span(kind: Kind) -> timedelta:
    """How far back failures count."""
    return _LIMITS[kind][0]


def may_try(kind: Kind, *, about: int, address: int) -> bool:
    """Whether one more try is let through after so many failures about one number and from one address."""
    _span, most_about, most_address = _LIMITS[kind]
    return about < most_about and address < most_address
