"""
Chinese text for an index: words decide the rank, pairs of signs decide what is found.

A segmenter may cut the same phrase differently in a title and in a question; pairs of neighbouring signs do not depend on it, so a two-sign
word is found wherever it stands. Both sides of the index use these functions.
"""

from __future__ import annotations

import re
import unicodedata

import rjieba

_RUNS = re.compile(r"[a-z0-9]+(?:[./_-][a-z0-9]+)*|[㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f]+")
_PARTS = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"[a-z0-9]*[0-9]/[0-9]+")
_NARROW = 3


def _runs(text: str) -> list[str]:
    return _RUNS.findall(unicodedata.normalize("NFKC", text).lower())


def _is_latin(run: str) -> bool:
    return run[0].isascii()


def words(text: str) -> list[str]:
    """The words of a text, long ones also in their parts, for BM25."""
    found = list[str]()
    for run in _runs(text):
        if _is_latin(run):
            found += {run, *_PARTS.findall(run)}
        else:
            found += rjieba.cut_for_search(run)
    return found


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
    return sorted(found, key=len, reverse=True)
