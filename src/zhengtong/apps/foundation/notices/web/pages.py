"""What I was told."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.foundation.notices import api
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page


@signed_in
@require_GET
def notices(request: SignedIn) -> HttpResponseBase:
    """My notices, newest first."""
    found = page(request, lambda after, limit: api.notices(request.actor, after=after, limit=limit), lambda row: row.id)
    return render(request, "notices/notices.html", {"page": found})


@signed_in
@require_POST
def mark_read(request: SignedIn) -> HttpResponseBase:
    """I have seen them all."""
    api.mark_read(actor=request.actor, now=clock.now())
    return redirect("notices:notices")
