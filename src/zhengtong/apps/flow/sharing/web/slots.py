"""What sharing puts on the pages of apps below it."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock

#: Panels below the document on a grant's page; gets a ``sharing.api.GrantView``.
GRANT_PANELS = "sharing.grant.panels"
#: so many moved periods a preview names; it counts them all
_SHOWN = 50


def basket_button(request: HttpRequest, resource_id: int) -> SafeString:
    """The button that lays a resource aside, or says that it lies there; empty for people who cannot apply."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.offices(identity.Role.STEWARD, identity.Role.DEVELOPER):
        return SafeString("")
    context = {"resource_id": resource_id, "inside": api.in_basket(actor, resource_id), "next": request.get_full_path()}
    return render_to_string("sharing/parts/basket_button.html", context, request=request)


def resource_actions(request: HttpRequest, resource: catalog.ResourceView) -> SafeString | None:
    """:func:`basket_button` for an entry that may be shared at all; fills the place that the catalog keeps for actions."""
    return basket_button(request, resource.id) if resource.sharing_type != "3" else None


def calendar_preview(request: HttpRequest, proposal: working_days.Proposal) -> SafeString | None:
    """
    Which due dates of applications a change of the calendar would move.

    Seen by the system administrator, who has no part in them: number, office and days, nothing of what was asked for.
    """
    moves = list(api.moves(proposal.before, proposal.after, now=clock.now()))
    if not moves:
        return None
    context = {"moves": moves[:_SHOWN], "count": len(moves), "more": max(0, len(moves) - _SHOWN)}
    return render_to_string("sharing/parts/calendar_preview.html", context, request=request)
