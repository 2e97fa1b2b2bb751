"""What quality puts on the page of an entry: its score, and the source of each item."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api
from zhengtong.apps.resources.quality.web import alike
from zhengtong.apps.resources.quality.web.scores import words
from zhengtong.kernel import clock
from zhengtong.toolkit.ui import slots

_ITEMS_SHOWN = 30


def register() -> None:
    """Fill the places of the catalog's page; called once at start-up."""
    slots.register(slots.RESOURCE_PANELS, quality_panel, order=5)
    catalog.register_faults(api.RULE_LABELS, api.faulty)
    slots.register(slots.RESOURCE_WORKING, alike.working_panel)
    slots.register(slots.RESOURCE_WRITING, alike.writing_panel)


def quality_panel(request: HttpRequest, resource: catalog.ResourceView) -> SafeString | None:
    """Score, due date and sources for every official; the faults for those who mend them."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return None
    insider = api.is_insider(resource, actor)
    score = api.entry_score(resource.id, faults=insider)
    if score is None:
        return None
    items = api.item_sources(resource.id)
    context = {
        "entry": resource,
        "score": score,
        "items": items[:_ITEMS_SHOWN],
        "item_count": len(items),
        "insider": insider,
        "alike": [(one, one.other(resource.id)) for one in api.alike_of(resource.id)] if insider else [],
        "edits": actor.has(identity.Role.STEWARD, resource.office),
        "today": clock.local_date(clock.now()),
        "deviations": api.DEVIATION_LABELS,
        **words(),
    }
    return render_to_string("quality/parts/panel.html", context, request=request)
