"""Home and workbench."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api as participation
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in

_SHOWN, _NOTICES = 30, 5
#: how far back failed runs are counted
_LATELY = timedelta(days=7)


def home(request: HttpRequest) -> HttpResponseBase:
    """The front of the platform."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return redirect("identity:sign-in")
    return redirect("shell:work" if actor.duty is None else "shell:manage")


@signed_in
@require_GET
def work(request: SignedIn) -> HttpResponseBase:
    """What waits for me, most pressing first."""
    now, actor = clock.now(), request.actor
    waiting = sharing.to_do(actor, now=now)
    grants = sharing.grants_to_do(actor)
    reviews = catalog.reviews_to_do(actor, now=now)
    openings = opendata.waiting(actor)
    demands = participation.waiting(actor, now=now)
    voices = participation.voices_waiting(actor)
    clocks = [*(one.running for one in waiting), *(one.clock for one in reviews), *(one.clock for one in demands)]
    context = {
        "waiting": waiting[:_SHOWN],
        "more": max(0, len(waiting) - _SHOWN),
        "grants": grants,
        "reviews": reviews[:_SHOWN],
        "openings": openings[:_SHOWN],
        "demands": demands[:_SHOWN],
        "voices": voices,
        "more_demands": max(0, len(demands) - _SHOWN),
        "more_openings": max(0, len(openings) - _SHOWN),
        "more_reviews": max(0, len(reviews) - _SHOWN),
        "figures": {
            "waiting": len(waiting) + len(grants) + len(reviews) + len(openings) + len(demands) + voices,
            "overdue": sum(1 for one in clocks if one and one.reading.late),
            "failed": exchange.failed_since(actor, since=now - _LATELY),
            "unread": notices.unread(actor),
        },
        "notices": notices.notices(actor, limit=_NOTICES),
    }
    return render(request, "shell/work.html", context)
