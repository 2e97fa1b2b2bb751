"""
Status lists: two bits for each licence, compressed, so that a verifier without a connection knows what was suspended or revoked.

After W3C Bitstring Status List 1.0 with a status size of 2: 0 in force, 1 suspended, 2 revoked, 3 expired. Whoever fetches a list learns
nothing about which licence interests them: a list holds 131,072.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable

from zhengtong.apps.affairs.licences.rules.vocabulary import State

#: licences in one list
SIZE = 131_072
PREFIX = b"zhengtong-status/1\n"
_OF_STATE = {State.VALID: 0, State.SUSPENDED: 1, State.EXPIRED: 3}
_REVOKED = 2


def place(index: int) -> tuple[int, int]:
    """The list of a licence and its place in it."""
    return divmod(index, SIZE)


def encode(entries: Iterable[tuple[int, State]]) -> str:
    """The list of which ``entries`` are (place, state) of licences; those left out are in force."""
    bits = bytearray(SIZE // 4)
    for where, state in entries:
        bits[where // 4] |= _OF_STATE.get(state, _REVOKED) << (6 - 2 * (where % 4))
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), 9, mtime=0)).decode().rstrip("=")


def decode(text: str, where: int) -> int:
    """The two bits of a place."""
    raw = text.removeprefix("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    return bits[where // 4] >> (6 - 2 * (where % 4)) & 3
