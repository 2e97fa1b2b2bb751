"""What participation puts on pages of apps below it: voices at the foot of a dataset's page."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.toolkit.ui import slots

_COMMENTS, _USES = 3, 5


def register() -> None:
    """Fill the places of lower apps; called once at start-up."""
    slots.register(slots.DATASET_PANELS, dataset_voices, order=5)


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
