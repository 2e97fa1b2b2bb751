"""Search over what is published: ranked hits, exact counts by facet, marked words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import tantivy
from django.db.models import F
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from zhengtong.apps.resources.catalog.models import ResourceVersion
from zhengtong.apps.resources.catalog.queries.index import Reader, reader
from zhengtong.apps.resources.catalog.queries.indexable import ITEM_NAMES, WITHOUT_ITEMS
from zhengtong.apps.resources.catalog.queries.wording import synonyms_in_force
from zhengtong.apps.resources.catalog.rules import asking, segmenting
from zhengtong.apps.resources.catalog.rules.asking import SearchQuestion
from zhengtong.apps.resources.catalog.rules.indexed import FACETS, OWN, UNSTATED, class_path, region_path, schema
from zhengtong.apps.resources.catalog.rules.questions import asked_for
from zhengtong.apps.resources.catalog.rules.reasons import Reason, reasons
from zhengtong.apps.resources.catalog.rules.synonyms import Synonyms
from zhengtong.apps.resources.catalog.rules.vocabulary import (
    CYCLE_LABELS,
    FORMAT_LABELS,
    SHARING_LABELS,
    classification_name,
    label,
)
from zhengtong.kernel.sentences import say

PAGE = 20
#: where fewer hold every word, as many as are missing are shown that nearly do
FEW = 10
#: Nobody reads further than this; whoever would narrows the search instead.
MOST_SHOWN = 1000
_MOST_VALUES = 65_000
#: so many nodes of a level are shown, those with the most entries
MOST_BRANCHES = 200
_EXCERPT = 120
_OPEN_LABELS = {"1": "向社会开放", "0": "不开放"}
_LABELS: dict[str, Mapping[Any, str]] = {"sharing": SHARING_LABELS, "cycle": CYCLE_LABELS, "format": FORMAT_LABELS, "open": _OPEN_LABELS}
FACET_LABELS = {
    "sharing": "共享类型",
    "region": "行政区划",
    "office": "提供方",
    "class": "资源分类",
    "theme": "主题",
    "format": "格式",
    "cycle": "更新周期",
    "open": "是否开放",
}


@dataclass(frozen=True)
class FacetValue:
    """A value one can narrow to, and how many entries it leaves with all other choices kept."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class SearchHit:
    """A found entry; ``name_html`` and ``excerpt_html`` have the asked words marked and everything else escaped."""

    id: int
    code: str
    name: str
    name_html: SafeString
    excerpt_html: SafeString
    office: str
    office_name: str
    region_name: str
    sharing_type: str
    update_cycle: str
    update_cycle_text: str
    format_class: str
    is_open: bool | None
    items: int
    found_items: tuple[str, ...]
    #: why it was found, part by part of the question
    reasons: tuple[Reason, ...]
    published_on: date

    @property
    def ref(self) -> str:
        """How addresses name the entry."""
        return self.code


def search_state() -> Hashable:
    """
    What every answer depends on besides the question: while it is the same, the same question has the same answer.

    :raises IndexMissing: before the index is first built.
    """
    now = reader()
    return now.place, now.stamp, synonyms_in_force()


@dataclass(frozen=True)
class SearchResult:
    """
    ``total`` is exact; ``near`` says that nothing held every word, and these hold about half of them.

    ``also`` are a few such where little held every word; they are in no count.
    """

    total: int
    hits: tuple[SearchHit, ...]
    also: tuple[SearchHit, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    near: bool
    start: int
    #: where the next page starts; 0 at the end or where showing ends
    next_start: int


def search(question: SearchQuestion, *, start: int = 0, size: int = PAGE, facets: bool = True) -> SearchResult:
    """
    Find published entries. ``start`` is the rank of the first hit, at most :data:`MOST_SHOWN`.

    :raises IndexMissing: before the index is first built.
    """
    now = reader()
    start = max(0, min(start, MOST_SHOWN - size))
    known = synonyms_in_force()
    base, step = asking.text_query(question.text, known, now.is_common), 0
    chosen = question.without("")
    found = _find(now, asking.combined(base, chosen), question, start, size)
    if base is not None and not found.count:
        for wider in filter(None, (asking.near_query(question.text, known), asking.any_query(question.text))):
            base, step, found = wider, step + 1, _find(now, asking.combined(wider, chosen), question, start, size)
            if found.count:
                break
    also = _also(now, question, known, found) if base is not None and not step and found.count < FEW else ()
    following = start + size
    pieces = known.split(asked_for(question.text))
    hits = _hits((*found.ids, *also), pieces)
    return SearchResult(
        total=found.count,
        hits=tuple(hit for hit in hits if hit.id not in also),
        also=tuple(hit for hit in hits if hit.id in also),
        facets=_facets(now, base, question, (step, known), found.count) if facets else {},
        near=step > 0 and found.count > 0,
        start=start,
        next_start=following if following < min(found.count, MOST_SHOWN) else 0,
    )


def _also(now: Reader, question: SearchQuestion, known: Synonyms, found: _Found) -> tuple[int, ...]:
    """Entries near to the question that fill a page which it left nearly empty."""
    wider = asking.near_query(question.text, known, fewest=2)  # one pair alone is near to nothing but what sounds like it
    if wider is None:
        return ()
    near = _find(now, asking.combined(wider, question.without("")), question, 0, FEW)
    return tuple(number for number in near.ids if number not in found.ids)[: FEW - found.count]


def found_among(question: SearchQuestion, ids: Collection[int]) -> set[int]:
    """
    Those of ``ids`` that a question finds.

    :raises IndexMissing: before the index is first built.
    """
    base = asking.text_query(question.text, synonyms_in_force())
    return _among(asking.combined(base, question.without("")), ids)


def indexed_among(ids: Collection[int]) -> set[int]:
    """Those of ``ids`` that the index holds."""
    return _among(asking.combined(None, {}), ids)


def _among(query: tantivy.Query, ids: Collection[int]) -> set[int]:
    now = reader()
    held = tantivy.Query.boolean_query(
        [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.term_set_query(schema(), "id", sorted(ids)))]
    )
    found = now.searcher.search(held, len(ids))
    numbers = now.searcher.fast_field_values("id", [address for _key, address in found.hits])
    return {int(number) for number in numbers if number is not None}


@dataclass(frozen=True)
class _Found:
    count: int
    ids: tuple[int, ...]


def _find(now: Reader, query: tantivy.Query, question: SearchQuestion, start: int, size: int) -> _Found:
    order = {"newest": ("date", tantivy.Order.Desc), "name": ("name_key", tantivy.Order.Asc)}.get(question.order)
    if order is None and not question.text.strip():
        order = ("date", tantivy.Order.Desc)
    if order is None:
        found = now.searcher.search(query, size, offset=start)
    else:
        found = now.searcher.search(query, size, offset=start, order_by_field=order[0], order=order[1])
    ids = now.searcher.fast_field_values("id", [address for _key, address in found.hits])
    return _Found(int(found.count), tuple(int(number) for number in ids if number is not None))  # type: ignore[attr-defined]


def counts_of(now: Reader, query: tantivy.Query, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Exact counts by value: every value of a tree, the most frequent ones of any other facet."""
    fields = {name: (OWN.get(name, name), _MOST_VALUES if name in OWN else MOST_BRANCHES + 1) for name in names}
    # each segment hands on all its values, so that what is cut off in the end is cut off by exact counts
    asked = {name: {"terms": {"field": field, "size": size, "segment_size": _MOST_VALUES}} for name, (field, size) in fields.items()}
    answer = now.searcher.aggregate(query, asked)
    counts = {name: {str(one["key"]): int(one["doc_count"]) for one in answer[name]["buckets"]} for name in names}
    return {name: _added_up(name, found) if name in OWN else found for name, found in counts.items()}


def _added_up(name: str, counts: dict[str, int]) -> dict[str, int]:
    """The counts of a tree's nodes with those of all below them."""
    path = region_path if name == "region" else class_path
    whole = Counter[str]()
    for value, count in counts.items():
        for node in [UNSTATED] if value == UNSTATED else path(value):
            whole[node] += count
    return dict(whole)


def _facets(
    now: Reader, base: tantivy.Query | None, question: SearchQuestion, made: Hashable, total: int
) -> dict[str, tuple[FacetValue, ...]]:
    """Counts of every facet; ``made`` is what made ``base`` of the question's text."""
    chosen = question.without("")
    counts = dict[str, dict[str, int]]()
    for own in ("", *chosen):
        names = (own,) if own else tuple(name for name in FACETS if name not in chosen)
        narrowed = question.without(own) if own else chosen
        key = (question.text, made, tuple(sorted(narrowed.items())), names)
        counts |= now.remembered(key, partial(counts_of, now, asking.combined(base, narrowed), names))
    return {name: _values(now, name, counts[name], chosen.get(name, ""), total) for name in FACETS}


def _values(now: Reader, facet: str, counts: dict[str, int], chosen: str, total: int, *, most: int = 30) -> tuple[FacetValue, ...]:
    ordered = sorted(counts.items(), key=lambda one: (one[0] == UNSTATED, -one[1], one[0]))
    shown = ordered[:most]
    if chosen and chosen not in dict(shown):
        shown.append((chosen, total))
    names = now.office_names([value for value, _ in shown]) if facet == "office" else {}
    return tuple(FacetValue(value, names.get(value) or value_label(now, facet, value), count, value == chosen) for value, count in shown)


def value_label(now: Reader, facet: str, value: str) -> str:
    """What people call a facet's value."""
    if value == UNSTATED:
        return say("未注明")
    if facet == "region":
        return now.region_name(value)
    if facet == "class":
        name = classification_name(value)
        return say("{name} {code}", name=say(name), code=value) if len(value) > 3 else name or value  # noqa: PLR2004 - 类, 项
    return label(_LABELS.get(facet, {}), value)


_HIT_FIELDS = (
    *("resource_id", WITHOUT_ITEMS, ITEM_NAMES, "resource__code", "resource__office__code", "resource__office__name"),
    *("resource__office__short_name", "resource__office__region__name"),
)


def _hits(ids: tuple[int, ...], pieces: list[tuple[str, ...]]) -> list[SearchHit]:
    rows = ResourceVersion.objects.filter(resource_id__in=ids, number=F("resource__served_version")).values_list(*_HIT_FIELDS)
    found = {number: facts for number, *facts in rows}
    asked = segmenting.asked_words(" ".join(word for piece in pieces for word in piece))
    pattern = re.compile("|".join(re.escape(word) for word in asked), re.IGNORECASE) if asked else None
    return [_hit(number, found[number], pattern, pieces) for number in ids if number in found]


def _hit(number: int, row: Sequence[Any], pattern: re.Pattern[str] | None, pieces: list[tuple[str, ...]]) -> SearchHit:
    says, names, code, office, office_name, short_name, region_name = row
    return SearchHit(
        id=number,
        code=code or "",
        name=says["name"],
        name_html=marked(says["name"], pattern),
        excerpt_html=marked(_excerpt(says["summary"], pattern), pattern),
        office=office,
        office_name=office_name,
        region_name=region_name,
        sharing_type=says["sharing_type"],
        update_cycle=says["update_cycle"],
        update_cycle_text=says["update_cycle_text"],
        format_class=says["format_class"],
        is_open=says["is_open"],
        items=len(names),
        found_items=tuple(name for name in names if pattern and pattern.search(name))[:6],
        reasons=reasons(says, items=names, code=code or "", offices=(office_name, short_name), pieces=pieces),
        published_on=date.fromisoformat(says["published_on"]),
    )


def _excerpt(text: str, pattern: re.Pattern[str] | None) -> str:
    flat = " ".join(text.split())
    if len(flat) <= _EXCERPT:
        return flat
    first = pattern.search(flat) if pattern else None
    begin = max(0, first.start() - _EXCERPT // 3) if first else 0
    return ("…" if begin else "") + flat[begin : begin + _EXCERPT] + ("…" if begin + _EXCERPT < len(flat) else "")


def marked(text: str, pattern: re.Pattern[str] | None) -> SafeString:
    """The text escaped, with every match in a ``<mark>``."""
    if pattern is None:
        return conditional_escape(text)
    parts, end = list[str](), 0
    for match in pattern.finditer(text):
        parts += [conditional_escape(text[end : match.start()]), format_html("<mark>{}</mark>", match.group())]
        end = match.end()
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))  # noqa: S308 - every part is escaped
