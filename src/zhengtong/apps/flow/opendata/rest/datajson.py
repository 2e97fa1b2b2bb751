"""``/data.json``: all open datasets in one document."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.answers import encoded, kept, site_of

_STRETCH = 500


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The whole catalogue: the schema knows no pages."""
    site = site_of(request)
    total, modified = api.published_state()

    def make() -> bytes:
        whole = api.datajson_head(site)
        whole["dataset"] = []
        for start in range(0, total, _STRETCH):
            found = api.published(api.Selection(order="id"), start=start, limit=_STRETCH)
            whole["dataset"] += api.datajson_datasets(site, found)
        return encoded(whole)

    return kept(request, make, content_type="application/json", of=(total, modified), modified=modified)
