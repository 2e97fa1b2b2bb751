"""
Receipts: a number that may be told to anybody, and a secret that opens the private page.

The same form sent twice (a double click, a reload, two tabs at once) is one thing with one receipt: the form carries a token, and the
secret is derived of token and content with a key of the node. The table keeps a digest.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

from zhengtong.apps.flow.participation.rules.vocabulary import Subject

_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_SIGNS_IN_NUMBER = 8


def once(subject: Subject, token: str, *content: str) -> str:
    """What is the same for the same form with the same content, and nothing else."""
    return hashlib.sha256("\x1f".join((subject.value, token, *content)).encode()).hexdigest()


def number(subject: Subject, day: date, seed: str) -> str:
    """A receipt number that can be read out: ``XQ20261122-7K3M9QRT``."""
    value = int(hashlib.sha256(f"number:{seed}".encode()).hexdigest(), 16)
    signs = ""
    for _ in range(_SIGNS_IN_NUMBER):
        value, place = divmod(value, len(_SIGNS))
        signs += _SIGNS[place]
    return f"{subject.value}{day:%Y%m%d}-{signs}"


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def opens(secret: str, kept: str) -> bool:
    """Whether a secret is the one whose digest is kept; takes as long for a wrong one."""
    return hmac.compare_digest(digest(secret), kept)
