"""What exchange puts on the pages of apps below it: pushes and downloads on a grant, the binding on an entry."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zhengtong.apps.flow.exchange import api
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality
from zhengtong.contracts.grants import Channel
from zhengtong.kernel import clock
from zhengtong.toolkit.ui import slots

#: the place that the page of a grant keeps for us
GRANT_PANELS = "sharing.grant.panels"
_RUNS_SHOWN = 5


def register() -> None:
    """Fill the places of lower apps, and tell quality what is bound and what its columns hold; called once at start-up."""
    slots.register(GRANT_PANELS, grant_panel)
    slots.register(slots.RESOURCE_ACTIONS, binding_link, order=1)
    quality.register_bindings(api.bound)
    quality.register_sampler(api.samples)
    quality.register_edges(quality.Way.UP, api.origin)


def binding_link(request: HttpRequest, resource: catalog.ResourceView) -> SafeString | None:
    """The way to an entry's binding, for those who keep it."""
    actor = getattr(request, "actor", None)
    if actor is None or not api.may_operate(actor, resource.office):
        return None
    return format_html(
        '<a class="btn btn-outline-primary" href="{}">{}</a>', reverse("exchange:binding", args=[resource.id]), _("挂接与归集")
    )


def grant_panel(request: HttpRequest, grant: sharing.GrantView) -> SafeString | None:
    """Push and download under a grant, for people of its consumer; others see which runs there were."""
    channels = set(grant.document.channels)
    if not {Channel.PUSH, Channel.DOWNLOAD} & channels:
        return None
    actor = getattr(request, "actor", None)
    if actor is None:
        return None
    push = api.push_of_grant(grant.number) if Channel.PUSH in channels else None
    context = {
        "grant": grant,
        "in_force": grant.in_force(clock.now()),
        "operates": api.may_operate(actor, grant.document.consumer.code),
        "pushes": Channel.PUSH in channels,
        "downloads": Channel.DOWNLOAD in channels,
        "landed": bool(api.landed([grant.resource_id])),
        "push": push,
        "runs": api.runs(actor, push_id=push.id, limit=_RUNS_SHOWN) if push else [],
    }
    return render_to_string("exchange/parts/grant_panel.html", context, request=request)
