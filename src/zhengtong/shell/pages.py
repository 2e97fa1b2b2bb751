"""Home and workbench."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from zhengtong.toolkit.ui.access import SignedIn, signed_in


def home(request: HttpRequest) -> HttpResponseBase:
    """The front of the platform."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return redirect("identity:sign-in")
    return redirect("shell:work")


@signed_in
def work(request: SignedIn) -> HttpResponseBase:
    """What waits for me."""
    return render(request, "shell/work.html", {})
