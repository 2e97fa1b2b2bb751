"""Pages of what items of different offices have in common: the bureau's worklist, and one comparison."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhengtong.apps.resources.quality import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page


@signed_in
def listed(request: SignedIn) -> HttpResponseBase:
    """Same content under different names, or the same name for different content; what concerns me."""
    kind = api.Content.APART if request.GET.get("kind") == api.Content.APART else api.Content.ALIKE
    wanted = api.ContentFilter(kind, settled=request.GET.get("settled") == "1")
    shown = page(request, lambda after, limit: api.comparisons(request.actor, wanted, after=after, limit=limit), lambda one: one.key)
    kinds = [(one.value, api.CONTENT_LABELS[one]) for one in (api.Content.ALIKE, api.Content.APART)]
    return render(request, "quality/contents.html", {"page": shown, "wanted": wanted, "kinds": kinds, "all": api.may_keep(request.actor)})


@signed_in
def detail(request: SignedIn, one: int, other: int, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """What two items have in common, how that was found, and what the bureau said."""
    found = api.comparison(request.actor, one, other)
    context = {
        "found": found,
        "kind": api.CONTENT_LABELS[found.kind],
        "sides": (found.first, found.second),
        "verdict": api.content_verdict(one, other),
        "may_keep": api.may_keep(request.actor),
        "reason": request.POST.get("reason", ""),
        "error": error,
        "size": api.SAMPLE_SIZE,
    }
    return render(request, "quality/content.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def decide(request: SignedIn, one: int, other: int) -> HttpResponseBase:
    """Say why it is no matter, or take that back."""
    try:
        if request.POST.get("act") == "reopen":
            api.reopen_content(actor=request.actor, one=one, other=other, now=clock.now())
        else:
            api.settle_content(actor=request.actor, one=one, other=other, reason=request.POST.get("reason", ""), now=clock.now())
    except api.ContentInvalid as exc:
        return detail(request, one, other, error=exc)
    messages.success(request, _("已记录。"))
    return redirect("quality:content", one, other)
