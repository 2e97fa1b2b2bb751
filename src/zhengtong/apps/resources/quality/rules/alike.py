"""
When two entries look as if they were the same one 疑似重复.

Only entries of one office, or of offices of one place, are compared: that 137 counties fill in one form is no duplication. Within a place
a name that more than a few offices have is such a form too (行政许可, 预算公开) and tells nothing between offices.

Names are compared by pairs of neighbouring signs, without the place and the office before them and the word for "data" behind. One must
say all that the other says, and may say more (火化登记 and 火化登记历史归档): where signs are replaced (月度 and 年度, 农药 and 兽药)
it is something else. Items are compared by the groups that make them the same item (:mod:`naming`).

Candidates are found by keys: whatever :func:`judge` calls alike shares a key, which is
a theorem and a test, so that nothing has to be compared with everything.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from zhengtong.apps.resources.quality.rules.naming import BRACKETED, NOISE

T = TypeVar("T")
#: hundredths of likeness from which on two entries are alike: of one office …
_NAMES_WITHIN, _ITEMS_WITHIN = 50, 60
#: … of two offices of one place whose names are the same, and where they are not
_ITEMS_SAME_NAME = 50
_SAME = 100
_NAMES_BETWEEN, _ITEMS_BETWEEN = 70, 80
#: so many items must be known of both before they tell anything
FEWEST_ITEMS = 3
#: a name that more offices of a place have is a form that all fill in
MOST_OFFICES = 3
#: words for the holding of data, which do not say of what
_ENDINGS = ("基本信息", "基本情况", "信息表", "数据表", "情况表", "信息", "数据", "情况", "名录", "名单", "名册", "清单", "台账", "表")
_SHORTEST = 2
_LONGEST = 200


def stem(name: str, prefixes: Iterable[str] = ()) -> str:
    """A name without place and office around it (``prefixes``), the word for data behind it, marks and blanks, in small letters."""
    whole = unicodedata.normalize("NFKC", name)
    known = sorted({word for word in map(plain, prefixes) if len(word) >= _SHORTEST}, key=len, reverse=True)
    bare = _bare(plain(BRACKETED.sub("", whole)) or plain(whole), known)
    added = "".join(_bare(plain(one), known) for one in BRACKETED.findall(whole)) if bare else ""
    # brackets say which of several it is, unless they say the place
    return (bare + ("" if added in known else added))[:_LONGEST]


def _bare(left: str, known: list[str]) -> str:
    while found := next((word for word in known if left.startswith(word) and len(left) - len(word) >= _SHORTEST), ""):
        left = left.removeprefix(found)
    while found := next((word for word in known if left.endswith(word) and len(left) - len(word) >= _SHORTEST), ""):
        left = left.removesuffix(found)
    ending = next((word for word in _ENDINGS if left.endswith(word) and len(left) - len(word) >= _SHORTEST), "")
    return left.removesuffix(ending)


def plain(text: str) -> str:
    """A text without marks and blanks, in small letters."""
    return NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


@dataclass(frozen=True)
class Sign:
    """What of an entry is compared: its office and place, the stem of its name, and the groups of its items."""

    office: str
    region: str
    stem: str
    items: frozenset[int]

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Neighbouring signs of the stem."""
        return frozenset(self.stem[place : place + 2] for place in range(max(len(self.stem) - 1, 1)))

    @property
    def stem_key(self) -> int:
        """The key that entries of one place with this stem share."""
        return _number(f"name|{self.region}|{self.stem}")

    def keys(self) -> list[int]:
        """Numbers of which any two entries that are alike share one."""
        found = [_number(f"office|{self.office}"), self.stem_key]
        if len(self.items) >= FEWEST_ITEMS:
            # Dice d is Jaccard d / (2 - d)
            signs = _first(sorted(self.pairs), _NAMES_BETWEEN, 2 * _SAME - _NAMES_BETWEEN)
            items = _first(sorted(self.items, reverse=True), _ITEMS_BETWEEN, _SAME)
            found += [_number(f"both|{self.region}|{one}|{pair}") for one in items for pair in signs]
        return found


def _first(ordered: list[T], part: int, whole: int) -> list[T]:
    """The first |x| - ⌈t·|x|⌉ + 1, of which two sets whose Jaccard likeness is t = part / whole have one in common."""
    return ordered[: len(ordered) + part * -len(ordered) // whole + 1]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


@dataclass(frozen=True)
class Likeness:
    """How alike two entries are: hundredths of their names and items (None where too few are known), and how many items are shared."""

    names: int
    items: int | None
    shared: int

    @property
    def together(self) -> int:
        """What lists are ordered by, 0 to 200."""
        return self.names + (self.items or 0)


def names_alike(one: Sign, other: Sign) -> int:
    """Hundredths of likeness of two names (Dice over pairs of signs)."""
    if one.stem == other.stem:
        return _SAME
    return min(200 * len(one.pairs & other.pairs) // (len(one.pairs) + len(other.pairs)), _SAME - 1)


def says_more(one: str, other: str) -> bool:
    """Whether the longer of two names has all signs of the shorter one, in order."""
    shorter, longer = sorted((one, other), key=len)
    left = iter(longer)
    return all(sign in left for sign in shorter)


def items_alike(one: Collection[int], other: Collection[int]) -> int | None:
    """Hundredths of likeness of two sets of items (Jaccard); None where one is too small."""
    if min(len(one), len(other)) < FEWEST_ITEMS:
        return None
    shared = len(set(one) & set(other))
    return 100 * shared // (len(one) + len(other) - shared)


def judge(one: Sign, other: Sign, *, is_form: bool = False) -> Likeness | None:
    """How alike two entries are, None if they are not; ``is_form`` says that more than a few offices of the place have their name."""
    if one.region != other.region:
        return None
    items = items_alike(one.items, other.items)
    within = one.office == other.office
    if not within and (items is not None and items < _ITEMS_SAME_NAME):
        return None
    if not says_more(one.stem, other.stem):
        return None
    names = names_alike(one, other)
    if within:
        alike = names == _SAME or (names >= _NAMES_WITHIN and items is not None and items >= _ITEMS_WITHIN)
    elif names == _SAME:
        alike = not is_form
    else:
        alike = names >= _NAMES_BETWEEN and items is not None and items >= _ITEMS_BETWEEN
    return Likeness(names, items, len(one.items & other.items)) if alike else None
