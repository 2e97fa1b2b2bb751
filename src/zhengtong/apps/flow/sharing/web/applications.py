"""Applications: lists, one of them, why it is due when it is, and its receipt."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.web import standing
from zhengtong.apps.flow.sharing.web.acts import pages_of
from zhengtong.apps.flow.sharing.web.shown import words_of
from zhengtong.kernel import clock
from zhengtong.kernel.errors import NotFound
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page

Fetch = Callable[[str, int], list[api.ApplicationView]]


def _state(request: SignedIn) -> str:
    wanted = request.GET.get("state", "")
    return wanted if wanted in set(api.ApplicationState) else ""


@signed_in
@require_GET
def mine(request: SignedIn) -> HttpResponseBase:
    """Applications that my offices made."""
    now, state = clock.now(), _state(request)

    def fetch(after: str, limit: int) -> list[api.ApplicationView]:
        return api.mine(request.actor, now=now, after=after, limit=limit, state=state)

    context = {"page": page(request, fetch, lambda row: row.id), "states": api.APPLICATION_LABELS.items(), "state": state}
    return render(request, "sharing/applications.html", context)


@signed_in
@require_GET
def received(request: SignedIn) -> HttpResponseBase:
    """Applications that were delivered to my offices, or that they oversee."""
    now, state = clock.now(), _state(request)

    def fetch(after: str, limit: int) -> list[api.ApplicationView]:
        return api.received(request.actor, now=now, after=after, limit=limit, state=state)

    states = [one for one in api.APPLICATION_LABELS.items() if one[0] not in {api.ApplicationState.DRAFT, api.ApplicationState.SIGNING}]
    context = {"page": page(request, fetch, lambda row: row.id), "states": states, "state": state}
    return render(request, "sharing/received.html", context)


@signed_in
@require_GET
def detail(request: SignedIn, number: str) -> HttpResponseBase:
    """One application: what was asked, who holds it until when, what I may do."""
    view = api.application(number, actor=request.actor, now=clock.now())
    standing.at_application(request, view)
    context = {**words_of(view), "timeline": api.timeline(view.id), "acts": pages_of(view, request.actor)}
    return render(request, "sharing/application.html", context)


@signed_in
@require_GET
def why(request: SignedIn, number: str) -> HttpResponseBase:
    """Why the answer is due on that day."""
    now = clock.now()
    view = api.application(number, actor=request.actor, now=now)
    standing.at_application(request, view)
    explanation = api.explanation(number, actor=request.actor, now=now)
    if explanation is None:
        raise NotFound(_("申请还没有送达提供方,期限尚未开始"))
    return render(request, "sharing/why.html", {"one": view, "explanation": explanation})


@signed_in
@require_GET
def receipt(request: SignedIn, number: str) -> HttpResponseBase:
    """The receipt 回执, made to be printed."""
    now = clock.now()
    view = api.application(number, actor=request.actor, now=now)
    standing.at_application(request, view)
    return render(request, "sharing/receipt.html", {**words_of(view), "timeline": api.timeline(view.id)[::-1], "printed_at": now})
