"""What participation puts on pages of apps below it: voices at the foot of a dataset's page, periods that a calendar would move."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.kernel import clock
from zhengtong.toolkit.ui import slots

_COMMENTS, _USES = 3, 5
#: so many moved periods a preview names; it counts them all
_SHOWN = 50


def register() -> None:
    """Fill the places of lower apps; called once at start-up."""
    slots.register(slots.DATASET_PANELS, dataset_voices, order=5)
    slots.register(slots.CALENDAR_PREVIEW, calendar_preview, order=2)


def dataset_voices(request: HttpRequest, view: opendata.DatasetView) -> SafeString:
    """Stars, comments, accepted corrections and uses of a dataset."""
    label = visitors.label_of(request)
    context = {
        "dataset": view,
        "counts": api.counts([view.id])[view.id],
        "stars": api.stars_of(view.id, api.visitor_key(label)) if label else 0,
        "choices": range(1, 6),
        "comments": api.comments(view.id, limit=_COMMENTS),
        "notes": api.notes(view.id),
        "uses": api.reuses(dataset=view.id, limit=_USES),
    }
    return render_to_string("participation/parts/dataset.html", context, request)


def calendar_preview(request: HttpRequest, proposal: working_days.Proposal) -> SafeString | None:
    """Which due dates of demands and corrections a change of the calendar would move: numbers, holders and days alone."""
    moves = list(api.moves(proposal.before, proposal.after, now=clock.now()))
    if not moves:
        return None
    context = {"moves": moves[:_SHOWN], "count": len(moves), "more": max(0, len(moves) - _SHOWN)}
    return render_to_string("participation/calendar_preview.html", context, request=request)
