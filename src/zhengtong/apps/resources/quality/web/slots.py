"""What quality puts on the page of an entry: its score, and the source of each item."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Sourced:
    """An item with the same item elsewhere."""

    use: api.UseView
    case: api.CaseView | None

    @property
    def is_source(self) -> bool:
        """Whether the entry's own office is the source."""
        return self.case is not None and self.case.lead == self.use.office


def register() -> None:
    """Fill the places of the catalog's page; called once at start-up."""
    slots.register(slots.RESOURCE_PANELS, quality_panel, order=5)
    catalog.register_faults(api.RULE_LABELS, api.faulty)
    slots.register(slots.RESOURCE_WORKING, alike.working_panel)
    slots.register(slots.RESOURCE_WRITING, alike.writing_panel)


def sourced(resource_id: int) -> list[Sourced]:
    """The items of an entry that have a standard item or that other offices collect too, in two queries."""
    uses = api.uses_of_entry(resource_id)
    cases = api.cases_by_id({use.group for use in uses if use.group})
    found = [Sourced(use, cases.get(use.group or 0)) for use in uses]
    return [one for one in found if one.use.standard or (one.case and one.case.offices > 1)]


def quality_panel(request: HttpRequest, resource: catalog.ResourceView) -> SafeString | None:
    """Score, due date and sources for every official; the faults for those who mend them."""
    actor = getattr(request, "actor", None)
    score = api.entry_score(resource.id)
    if actor is None or score is None:
        return None
    items = sourced(resource.id)
    insider = api.is_insider(resource, actor)
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
