"""One level of the data's way: where an entry's data come from, and where they go."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api
from zhengtong.toolkit.ui.access import SignedIn, signed_in

#: so many neighbours of a kind are shown; how many there are is said
_SHOWN = 50


@signed_in
def entry(request: SignedIn, number: int) -> HttpResponseBase:
    """The neighbours of an entry."""
    view = catalog.resource(number)
    items = api.item_sources(number)
    context = {
        "entry": view,
        "up": api.edges(api.Way.UP, number, _SHOWN),
        "down": api.edges(api.Way.DOWN, number, _SHOWN),
        "items": items[:_SHOWN],
        "item_count": len(items),
        "deviations": api.DEVIATION_LABELS,
    }
    return render(request, "quality/lineage.html", context)
