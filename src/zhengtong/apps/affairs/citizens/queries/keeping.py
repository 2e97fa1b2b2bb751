"""
How numbers lie at rest, and how they are looked up.

Threat model. Whoever reads the tables, or a backup of them, finds sealed texts and keyed digests: without the node's keys, which are files,
neither opens a number nor tests a guessed one. A sealed text is bound to what it is, so that it cannot stand in another column's place.
"""

from __future__ import annotations

from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal, unseal
from zhengtong.toolkit.keys import node_keys


def digest_of(kind: str, value: str) -> str:
    """The keyed digest of a number; ``kind`` is ``person``, ``company`` (as in the ledger), ``phone``, ``email`` or ``address``."""
    return security.subject_digest(kind, value)


def sealed(kind: str, value: str) -> str:
    """A number sealed for rest; empty stays empty."""
    return seal(node_keys().seal, value.encode(), f"citizen:{kind}") if value else ""


def opened(kind: str, text: str) -> str:
    """
    A sealed number in the clear, for one use.

    :raises SealBroken: if it was changed or sealed as something else.
    """
    return unseal(node_keys().seal, text, f"citizen:{kind}").decode() if text else ""
