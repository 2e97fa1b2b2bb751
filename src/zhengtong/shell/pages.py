"""Home and workbench."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.affairs.services.web.guide import ways_in
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.kernel import clock
from zhengtong.shell import todo
from zhengtong.toolkit.ui.access import SignedIn, signed_in

_SHOWN, _NOTICES = 30, 5
#: how far back failed runs are counted
_LATELY = timedelta(days=7)


def home(request: HttpRequest) -> HttpResponseBase:
    """The public front; whoever has signed in goes to where their work is."""
    actor = getattr(request, "actor", None)
    if actor is not None:
        return redirect("shell:work" if actor.duty is None else "shell:manage")
    if getattr(request, "holder", None) is not None:
        return redirect("citizens:home")
    ways = services.navigation()
    context = {
        "items": ways.total,
        "person_events": ways_in(services.vocabulary.PERSON_EVENT_LABELS, ways.events),
        "company_events": ways_in(services.vocabulary.COMPANY_EVENT_LABELS, ways.events),
        "open": opendata.figures(),
    }
    return render(request, "shell/front.html", context)


@signed_in
@require_GET
def work(request: SignedIn) -> HttpResponseBase:
    """What waits for me, most pressing first."""
    now, actor = clock.now(), request.actor
    waiting = todo.of(actor, now=now)
    pressing = waiting.pressing(_SHOWN)
    context = {
        "waiting": waiting,
        "pressing": pressing,
        "more": waiting.count - waiting.voices - len(pressing),
        "figures": {
            "waiting": waiting.count,
            "overdue": waiting.late,
            "failed": exchange.failed_since(actor, since=now - _LATELY),
            "unread": notices.unread(actor),
        },
        "notices": notices.notices(actor, limit=_NOTICES),
    }
    return render(request, "shell/work.html", context)
