"""What is there already for somebody who describes a need: open datasets for everybody, catalog entries for officials."""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.resources.catalog import api as catalog

_MOST = 5
_LONGEST = 80


@dataclass(frozen=True)
class Suggestion:
    """Something that may be what is asked for; exactly one of ``dataset`` and ``resource`` is set."""

    title: str
    summary: str
    office_name: str
    dataset: int | None = None
    resource: int | None = None


def suggestions(text: str, *, official: bool) -> list[Suggestion]:
    """
    At most five datasets, and at most five entries for officials, nearest first; strangers never learn of entries that are not open.

    Datasets are tried with all words, then with the longest ones alone, because a need is worded otherwise than a title.
    """
    words = text.strip()[:_LONGEST]
    if not words:
        return []
    found = {one.id: one for attempt in _attempts(words) for one in opendata.search(opendata.Question(attempt), limit=_MOST)}
    datasets = [Suggestion(one.title, one.summary, one.office_name, dataset=one.id) for one in list(found.values())[:_MOST]]
    if not official:
        return datasets
    try:
        hits = catalog.search(catalog.SearchQuestion(words), size=_MOST, facets=False).hits
    except catalog.IndexMissing:
        return datasets
    return datasets + [Suggestion(one.name, str(one.excerpt_html), one.office_name, resource=one.id) for one in hits]


_FILLERS = "的和与及或在为了对于有关关于希望需要获取了解想要请问能否开放共享提供数据信息情况名单全市本市我市各"
_PIECE = 2


def _attempts(words: str) -> list[str]:
    """The words as they are, then each stretch between filler words, longest first, then its first half."""
    plain = "".join(" " if one in _FILLERS or not one.isalnum() else one for one in words)
    pieces = sorted({one for one in plain.split() if len(one) >= _PIECE}, key=lambda one: (-len(one), one))
    halves = [part for one in pieces if len(one) > 2 * _PIECE - 1 for part in (one[: len(one) // 2], one[len(one) // 2 :])]
    return list(dict.fromkeys([words, *pieces, *(one for one in halves if len(one) >= _PIECE)]))[:8]
