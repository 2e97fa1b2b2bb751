"""The private page of whatever was handed in: whoever has the link sees where it stands, and acts as its author."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError


@require_safe
def shown(request: HttpRequest, number: str, secret: str) -> HttpResponseBase:
    """Where it stands."""
    return _shown(request, number, secret)


def _shown(request: HttpRequest, number: str, secret: str, error: ZhengtongError | None = None) -> HttpResponseBase:
    now = clock.now()
    context: dict[str, Any] = {"number": number, "secret": secret, "link": request.build_absolute_uri(request.path), "error": error}
    if number.startswith(api.Subject.DEMAND.value):
        view = api.own_demand(number, secret, now=now)
        official = visitors.actor_of(request) is not None
        changeable = view.state in {*api.RUNNING, api.DemandState.PROMISED}
        found = api.suggestions(view.title, official=official) if changeable else []
        context |= {"demand": view, "changeable": changeable, "suggestions": found}
    else:
        voice = api.own_voice(number, secret, now=now)
        if voice is None:
            raise api.VoiceUnknown
        context["voice"] = voice
    context |= {"events": [one for one in api.trail(number) if one.kind != "contact-read"], "events_labels": api.EVENT_LABELS}
    answer = render(request, "participation/receipt.html", context, status=error.status if error else 200)
    # the address is the key: it is given to nobody and kept by nobody on the way
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@require_POST
def take(request: HttpRequest, number: str, secret: str) -> HttpResponseBase:
    """Close the demand with what is there: this is it."""
    visitors.begin(request, "support")
    picked = {name: _whole(request.POST.get(name, "")) for name in ("dataset", "resource")}
    try:
        api.take(number=number, secret=secret, actor=visitors.actor_of(request), now=clock.now(), **picked)
    except (Invalid, Conflict) as exc:
        return _shown(request, number, secret, exc)
    messages.success(request, _("已办结:现有数据满足需求。"))
    return redirect("participation:receipt", number, secret)


@require_POST
def withdraw(request: HttpRequest, number: str, secret: str) -> HttpResponseBase:
    """Take the demand back."""
    visitors.begin(request, "support")
    try:
        api.withdraw_demand(number=number, secret=secret, actor=visitors.actor_of(request), now=clock.now())
    except Conflict as exc:
        return _shown(request, number, secret, exc)
    messages.success(request, _("已撤回。"))
    return redirect("participation:receipt", number, secret)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None  # noqa: PLR2004 - a bigint has no more
