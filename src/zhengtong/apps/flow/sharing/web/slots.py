"""What sharing puts on the pages of apps below it."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog

#: Panels below the document on a grant's page; gets a ``sharing.api.GrantView``.
GRANT_PANELS = "sharing.grant.panels"


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
