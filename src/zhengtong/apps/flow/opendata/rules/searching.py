"""How datasets are found: pairs of characters, because two-character words are the Chinese norm."""

from __future__ import annotations

import re
import unicodedata

_GAPS = re.compile(r"[\s\W_]+")
_PAIR = 2


def plain(text: str) -> str:
    """A text as it is compared: small letters, half width, no gaps."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", text).lower())


def pairs(text: str) -> list[str]:
    """The pairs of neighbouring characters of a text, each once, in order."""
    compared = plain(text)
    return sorted({compared[place : place + _PAIR] for place in range(len(compared) - 1)})
