"""Names for machines and for sorting, from Chinese ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import lazy_pinyin

_ASCII = re.compile(r"[^a-z0-9]+")
_KEY_LENGTH, _SORT_LENGTH = 60, 200
_INITIALS, _FEWEST_INITIALS = 10, 3


@lru_cache(maxsize=30_000)
def reading(sign: str) -> str:
    """The pinyin of one sign without its tone; anything else as it is, small."""
    return str(lazy_pinyin(sign)[0]).lower()


def sort_key(name: str) -> str:
    """A key that sorts Chinese names by their pinyin, as PostgreSQL without ICU cannot."""
    return " ".join(reading(sign) for sign in name.strip())[:_SORT_LENGTH]


def initials(name: str, words: Iterable[str]) -> set[str]:
    """
    What somebody types who knows the first letters of a name: those of its pinyin from the beginning of each of its ``words`` on.

    ``民政局`` is found by ``mzj``; three letters at least, for two stand for too much.
    """
    letters, begins = "".join(reading(sign)[:1] for sign in name), [0]
    for word in words:
        begins.append(begins[-1] + len(word))
    found = set[str]()
    for begin in begins[:-1]:
        rest = letters[begin : begin + _INITIALS]
        found.update(rest[:length] for length in range(_FEWEST_INITIALS, len(rest) + 1))
    return {one for one in found if one.isascii() and one.isalpha()}


def item_keys(names: Iterable[str], *, taken: Iterable[str] = ()) -> list[str]:
    """A key for each item name: its pinyin in small ascii letters, made different from all others by a number."""
    used, keys = set(taken), []
    for name in names:
        plain = _ASCII.sub("_", "_".join(lazy_pinyin(name)).lower()).strip("_")[: _KEY_LENGTH - 4].strip("_") or "item"
        if not plain[0].isalpha():
            plain = f"f_{plain}"
        key, number = plain, 2
        while key in used:
            key, number = f"{plain}_{number}", number + 1
        used.add(key)
        keys.append(key)
    return keys
