"""
Cursors: where a page ended, closed so that a caller can neither read nor change nor lend it.

A cursor holds raw key values, which a mask may hide from the caller, so it is encrypted, and bound to caller, grant and question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.crypto.sealing import SealBroken, SealCipher, seal, unseal
from zhengtong.gateway.refusals import BadCursor

_LONGEST = 4_096


class Cursors:
    """Makes and reads cursors under a key derived from the seal key."""

    def __init__(self, seal_key: bytes, cipher: SealCipher = SealCipher.AES256_GCM) -> None:
        self._key = Digest.SHA256.keyed(seal_key, b"zhengtong-gateway-cursor")
        self._cipher = cipher

    def write(self, position: Sequence[str], binding: Sequence[str]) -> str:
        """The cursor for the page that follows ``position``, the key values of the last row."""
        return seal(self._key, msgspec.json.encode(list(position)), _context(binding), self._cipher)

    def read(self, cursor: str, binding: Sequence[str], width: int) -> list[str]:
        """
        The position in a cursor, ``width`` values.

        :raises BadCursor: if it was changed, or belongs to another caller, grant or question.
        """
        try:
            if len(cursor) > _LONGEST:
                raise BadCursor(field="after")
            position = msgspec.json.decode(unseal(self._key, cursor, _context(binding)), type=list[str])
        except (SealBroken, msgspec.MsgspecError):
            raise BadCursor(field="after", remedy="从第一页重新开始") from None
        if len(position) != width:
            raise BadCursor(field="after")
        return position


def _context(binding: Sequence[str]) -> str:
    return hashlib.sha256(msgspec.json.encode(list(binding))).hexdigest()
