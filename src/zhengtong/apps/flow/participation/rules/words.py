"""How what was handed in is found: small letters, half width, every word somewhere."""

from __future__ import annotations

import unicodedata


def folded(*texts: str) -> str:
    """Texts as they are compared."""
    return unicodedata.normalize("NFKC", " ".join(texts)).lower()


def asked(text: str, *, most: int = 8) -> list[str]:
    """The words of a question."""
    return folded(text).split()[:most]
