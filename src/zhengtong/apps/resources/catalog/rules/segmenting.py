"""
Chinese text for an index: words decide the rank, pairs of signs decide what is found.

A segmenter may cut the same phrase differently in a title and in a question; pairs of neighbouring signs do not depend on it, so a two-sign
word is found wherever it stands. Both sides of the index use these functions.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import rjieba

_RUNS = re.compile(r"[a-z0-9]+(?:[./_-][a-z0-9]+)*|[㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f]+")
_PARTS = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"[a-z0-9]*[0-9]/[0-9]+")
_NARROW = 3
_JOINING = frozenset("和与及")
#: runs up to so many signs are remembered: names of items and of offices come again and again
_OFTEN = 16


def _runs(text: str) -> list[str]:
    return _RUNS.findall(unicodedata.normalize("NFKC", text).lower())


def _is_latin(run: str) -> bool:
    return run[0].isascii()


def words(text: str) -> list[str]:
    """The words of a text, long ones also in their parts, for BM25."""
    found = list[str]()
    for run in _runs(text):
        found += _known_words(run) if len(run) <= _OFTEN else _words(run)
    return found


def _words(run: str) -> tuple[str, ...]:
    return tuple({run, *_PARTS.findall(run)} if _is_latin(run) else rjieba.cut_for_search(run))


_known_words = lru_cache(maxsize=100_000)(_words)


def marks(text: str) -> set[str]:
    """What a text can be found by: its signs, its pairs of neighbouring signs, its Latin words and their beginnings."""
    found = set[str]()
    for run in _runs(text):
        if _is_latin(run):
            for part in {run, *_PARTS.findall(run)}:
                found.add(part)
                found.update(part[:length] for length in range(_NARROW, len(part)))
        else:
            found.update(run)
            found.update(pairs(run))
    return found


def chinese_runs(text: str) -> list[str]:
    """The Chinese parts of a text."""
    return [run for run in _runs(text) if not _is_latin(run)]


def latin_runs(text: str) -> list[str]:
    """The parts of a text in Latin letters and digits, small."""
    return [run for run in _runs(text) if _is_latin(run)]


@lru_cache(maxsize=20_000)
def shortened(name: str) -> frozenset[str]:
    """
    Pairs of the first signs of a name's words, by which it is called for short: 人社 and 社局 of 人力资源和社会保障局.
    """
    first = []
    for run in chinese_runs(name):
        words_here = [word[start : start + 2] for word in rjieba.cut(run) for start in range(0, len(word), 2)]
        first += [word[0] for word in words_here if word not in _JOINING]
    return frozenset(before + after for place, before in enumerate(first) for after in first[place + 1 :])


def runs_in_words(text: str) -> list[tuple[str, list[str]]]:
    """The Chinese parts of a text, each with the words it is cut into."""
    return [(run, list(rjieba.cut(run))) for run in _runs(text) if not _is_latin(run)]


def pairs(run: str) -> list[str]:
    """The pairs of neighbouring signs of a run."""
    return [run[start : start + 2] for start in range(len(run) - 1)]


def question(text: str) -> list[list[str]]:
    """
    What somebody asks for: each word as the marks that a text must all have to hold it.

    A sign that the segmenter leaves alone is joined to the word before it, so that names are not torn apart.
    """
    asked = list[list[str]]()
    for run in _runs(text):
        if _is_latin(run):
            asked += [[run]] if "/" not in run or _CODE.fullmatch(run) else [[part] for part in _PARTS.findall(run)]
            continue
        joined = list[str]()
        for word in rjieba.cut(run):
            if joined and len(word) == 1:
                joined[-1] += word
            else:
                joined.append(word)
        asked += [pairs(word) or [word] for word in joined]
    return asked


def asked_words(text: str) -> list[str]:
    """The words to mark in results: as they were asked, longest first."""
    found = set(_runs(text))
    found.update(word for run in list(found) if not _is_latin(run) for word in rjieba.cut(run) if len(word) > 1)
    return sorted(found, key=lambda word: (-len(word), word))
