"""
Places on a page that apps further up fill, so that a lower app's page can carry their buttons and panels without knowing them.

The lower app names the place and passes what it shows; an upper app registers a callable at start-up (in its ``AppConfig.ready``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

#: Gets the request and what the page shows; returns safe HTML, or None to leave the place as it is.
Filler = Callable[[HttpRequest, Any], SafeString | None]

#: Buttons in the head of an entry's page; gets a ``catalog.api.ResourceView``.
RESOURCE_ACTIONS = "catalog.resource.actions"
#: Panels below an entry's elements; gets a ``catalog.api.ResourceView``.
RESOURCE_PANELS = "catalog.resource.panels"
#: Panels on the page of an entry under work or review; gets a ``catalog.api.ResourceView`` of the working copy.
RESOURCE_WORKING = "catalog.resource.working"
#: What stands below the name in the form of an entry; gets the ``catalog.api.ResourceView`` of the working copy, None for a new one.
RESOURCE_WRITING = "catalog.resource.writing"

#: What others say about an open dataset, at the foot of its page; gets an ``opendata.api.DatasetView``.
DATASET_PANELS = "opendata.dataset.panels"

#: Panels on the page of one's own account; gets None.
ACCOUNT_PANELS = "identity.account.panels"
#: Panels of a citizen's own space; gets a ``citizens.web.access.Citizen``.
OWN_SPACE = "citizens.home"

#: Panels beside the papers of a case; gets a ``cases.api.CaseView``.
CASE_PANELS = "cases.case.panels"

#: What can be done with a service item from its guide page; gets a ``services.api.ItemView``.
ITEM_ACTIONS = "services.item.actions"

#: Panels on the page of a case of one's own; gets the case's number.
OWN_CASE = "cases.own"

#: Below the short facts of an item in the public guide; gets a ``services.api.ItemView``.
GUIDE_FACTS = "services.guide.facts"

#: Which running periods a change of the working-day calendar would move; gets a ``calendar.api.Proposal``.
CALENDAR_PREVIEW = "calendar.preview"

_fillers: dict[str, list[tuple[int, str, Filler]]] = defaultdict(list)


def register(slot: str, filler: Filler, *, order: int = 0) -> None:
    """Let ``filler`` fill ``slot``, after those with a smaller ``order``; registering the same one again changes nothing."""
    name = f"{filler.__module__}.{filler.__qualname__}"
    kept = [one for one in _fillers[slot] if one[1] != name]
    _fillers[slot] = sorted([*kept, (order, name, filler)], key=lambda one: one[:2])


def fill(slot: str, request: HttpRequest, shown: Any) -> list[SafeString]:
    """What the registered callables put into a place, in order."""
    parts = [filler(request, shown) for _order, _name, filler in _fillers[slot]]
    return [mark_safe(part) for part in parts if part]  # noqa: S308 - fillers return safe HTML
