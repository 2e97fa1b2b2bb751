"""What opening data puts on pages of apps below it: the way from an entry to its dataset, answers that a calendar would move."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata import api
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.kernel import clock
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui import slots

#: so many moved periods a preview names; it counts them all
_SHOWN = 50


def register() -> None:
    """Fill the places of lower apps; called once at start-up."""
    slots.register(slots.RESOURCE_ACTIONS, dataset_link, order=2)
    slots.register(slots.CALENDAR_PREVIEW, calendar_preview, order=1)
    quality.register_edges(quality.Way.DOWN, opened, order=1)


def opened(resource_id: int, _limit: int) -> quality.Edges:
    """The open dataset as the way that the data of an entry go; at most one."""
    found = api.of_resource(resource_id)
    if found is None or found[1] is not api.State.OPEN:
        return quality.Edges(say("开放数据集"), 0, ())
    edge = quality.Edge(say("开放门户上的数据集"), address=reverse("opendata:dataset", args=[found[0]]))
    return quality.Edges(say("开放数据集"), 1, (edge,))


def dataset_link(request: HttpRequest, resource: catalog.ResourceView) -> SafeString | None:
    """To the open dataset for everybody; to the proposal for those who may make one."""
    found = api.of_resource(resource.id)
    if found is not None and found[1] is api.State.OPEN:
        return _button(reverse("opendata:dataset", args=[found[0]]), _("开放数据"))
    actor = getattr(request, "actor", None)
    if actor is None or not actor.has(identity.Role.STEWARD, resource.office):
        return None
    if found is not None:
        return _button(reverse("opendata:opening", args=[found[0]]), _("开放办理"))
    if resource.content.sharing_type == catalog.SharingType.NOT_SHARED or not exchange.landed([resource.id]):
        return None
    return _button(reverse("opendata:propose", args=[resource.id]), _("提议开放"))


def _button(address: str, label: str) -> SafeString:
    return format_html('<a class="btn btn-outline-primary" href="{}">{}</a>', address, label)


def calendar_preview(request: HttpRequest, proposal: working_days.Proposal) -> SafeString | None:
    """Which answers to requests a change of the calendar would make due on another day: numbers, offices and days alone."""
    moves = list(api.request_moves(proposal.before, proposal.after, now=clock.now()))
    if not moves:
        return None
    context = {"moves": moves[:_SHOWN], "count": len(moves), "more": max(0, len(moves) - _SHOWN)}
    return render_to_string("opendata/parts/calendar_preview.html", context, request=request)
