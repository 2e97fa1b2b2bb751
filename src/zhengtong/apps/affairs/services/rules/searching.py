"""How an item is found: folded words, and pairs of neighbouring characters, which Chinese needs because it writes no blanks."""

from __future__ import annotations

import re
import unicodedata

#: a question has at most so many words
_MOST_WORDS = 6
_RUN = re.compile(r"\w+")


def folded(text: str) -> str:
    """A text as it is compared: half width, small letters."""
    return unicodedata.normalize("NFKC", text).lower()


def pairs(text: str) -> list[str]:
    """The pairs of neighbouring characters in a text, each once, in their order."""
    found = (run[place : place + 2] for run in _RUN.findall(folded(text)) for place in range(len(run) - 1))
    return list(dict.fromkeys(found))


def asked(text: str) -> list[str]:
    """The words of a question."""
    return _RUN.findall(folded(text))[:_MOST_WORDS]
