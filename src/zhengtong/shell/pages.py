"""Home and workbench."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.kernel import clock
from zhengtong.shell import todo
from zhengtong.toolkit.ui.access import SignedIn, signed_in

_SHOWN, _NOTICES = 30, 5
#: how far back failed runs are counted
_LATELY = timedelta(days=7)


def home(request: HttpRequest) -> HttpResponseBase:
    """The front of the platform."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return redirect("identity:sign-in" if getattr(request, "holder", None) is None else "citizens:home")
    return redirect("shell:work" if actor.duty is None else "shell:manage")


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
