"""Pages for every official: search, trees, an entry, its versions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.resources.catalog import api
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import Page

_TREES = {"class": _("按分类"), "office": _("按单位"), "region": _("按区划")}
_SHOWN_AT_ONCE = 8


#: answers as they stand on the page, by everything they depend on, the longest unasked first; tens of kilobytes each
_answered: OrderedDict[Hashable, Any] = OrderedDict()
_MOST_ANSWERED = 1000
_Made = TypeVar("_Made")


def _kept(made: Callable[[], _Made], *depends: Hashable) -> _Made:
    """
    What was asked as it stands on the page, which is the same for every reader of a language.

    Most of what is asked is asked again, or by the next one: it is kept as long as what it depends on is the same.
    """
    key = (get_language(), *depends)
    kept: _Made | None = _answered.get(key)
    if kept is None:
        kept = _answered[key] = made()
        while len(_answered) > _MOST_ANSWERED:
            _answered.popitem(last=False)
    else:
        _answered.move_to_end(key)
    return kept


@signed_in
def search(request: SignedIn) -> HttpResponseBase:
    """Find what is published; every choice is in the address."""
    text = request.GET.get("q", "").strip()[:200]
    chosen = {name: request.GET[name][:100] for name in api.FACET_LABELS if request.GET.get(name)}
    order = request.GET.get("order", "relevance")
    after = request.GET.get("after", "")
    question = api.SearchQuestion(text, chosen, order)
    start = int(after) if after.isdigit() else 0
    result, results = _kept(lambda: _made(request, question, start), api.search_state(), start, request.GET.urlencode())
    context = {
        "q": text,
        "order": order,
        "chips": [(name, label, value) for name, label in api.FACET_LABELS.items() for value in result.facets[name] if value.chosen],
        "results": results,
    }
    return render(request, "catalog/search.html", context)


def _made(request: SignedIn, question: api.SearchQuestion, start: int) -> tuple[api.SearchResult, str]:
    result = api.search(question, start=start)
    query = request.GET.copy()
    query.pop("after", None)
    first = query.urlencode()
    query["after"] = str(result.next_start)
    chosen = question.without("")
    context = {
        "request": request,
        "order": question.order,
        "result": result,
        "page": Page(result.hits, query.urlencode() if result.next_start else "", not result.start, first),
        "facets": [
            (name, label, result.facets[name], name in chosen or name in {"sharing", "region"})
            for name, label in api.FACET_LABELS.items()
            if result.facets[name]
        ],
        "shown_at_once": _SHOWN_AT_ONCE,
        "rank": result.start,
    }
    return result, render_to_string("catalog/results.html", context)


@signed_in
def tree(request: SignedIn, facet: str) -> HttpResponseBase:
    """Walk down by classification, office or region."""
    if facet not in _TREES:
        raise Http404
    below = request.GET.get("below", "")[:40]
    context = {
        "facet": facet,
        "below": below,
        "trees": [(name, label, name == facet) for name, label in _TREES.items()],
        "level": _kept(lambda: _level(facet, below), api.tree_state(), facet, below),
        "path": api.branch_path(facet, below),
    }
    return render(request, "catalog/tree.html", context)


def _level(facet: str, below: str) -> str:
    return render_to_string("catalog/level.html", {"facet": facet, "level": api.level(facet, below=below)})


@signed_in
def entry(request: SignedIn, ref: str) -> HttpResponseBase:
    """All elements of a published entry; its own office sees the timeline too."""
    view = api.resource(ref)
    insider = api.is_insider(view, actor=request.actor)
    context = {
        "entry": view,
        "content": view.content,
        "versions": api.versions(view.id),
        "related": list(api.resources_by_code(view.content.related_codes).values()),
        "insider": insider,
        "events": api.timeline(view.id, actor=request.actor, limit=20) if insider else [],
        "actions": slots.fill(slots.RESOURCE_ACTIONS, request, view),
        "panels": slots.fill(slots.RESOURCE_PANELS, request, view),
    }
    return render(request, "catalog/entry.html", context)


@signed_in
def versions(request: SignedIn, number: int) -> HttpResponseBase:
    """What changed between two published versions."""
    view = api.resource(number)
    known = api.versions(number)
    after = _chosen(request.GET.get("after_version", ""), view.served_version or known[0].number)
    before = _chosen(request.GET.get("before_version", ""), max(after - 1, 0))
    error: ZhengtongError | None = None
    try:
        difference = api.difference(number, before, after)
    except api.ResourceUnknown as exc:
        error, difference = exc, api.Difference((), ())
    context = {"entry": view, "versions": known, "before": before, "after": after, "difference": difference, "error": error}
    return render(request, "catalog/versions.html", context, status=404 if error else 200)


def _chosen(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() and len(text) < 9 else otherwise  # noqa: PLR2004 - no entry has that many versions
