"""Digests and keyed digests: SHA-256 and SM3 (GM/T 0004-2012, GB/T 32905)."""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum


class Digest(StrEnum):
    """A hash function of 32 bytes."""

    SHA256 = "sha256"
    SM3 = "sm3"

    def of(self, message: bytes) -> bytes:
        """The digest of ``message``, 32 bytes."""
        return hashlib.new(self.value, message).digest()

    def keyed(self, key: bytes, message: bytes) -> bytes:
        """HMAC (RFC 2104) of ``message`` under ``key``, 32 bytes."""
        return hmac.digest(key, message, self.value)


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """
    Name a person or company without revealing it: the same value gives the same 32 hexadecimal digits under one key, and nobody without
    the key can try all identity numbers.

    ``kind`` separates namespaces (``person``, ``company``); ``value`` is stripped and upper-cased first.
    """
    return hmac.digest(key, f"{kind}:{value.strip().upper()}".encode(), "sha256").hex()[:32]


class Pseudonyms:
    """``pseudonym`` under one key, for those who need many: the key is worked in once."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")

    def name(self, kind: str, value: str) -> str:
        """The same as ``pseudonym(key, kind, value)``."""
        keyed = self._keyed.copy()
        keyed.update(f"{kind}:{value.strip().upper()}".encode())
        return keyed.hexdigest()[:32]
