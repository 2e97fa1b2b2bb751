"""Who may open the pages of administration: asked of ``rules.require`` in one place, before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache

from zhengtong.apps.foundation.identity import api
from zhengtong.kernel import clock
from zhengtong.toolkit.ui import keeping
from zhengtong.toolkit.ui.access import signed_in

Parameters = ParamSpec("Parameters")


class Held(HttpRequest):
    """A request of whoever has signed in, official or citizen; only pages of one's own account take it."""

    holder: api.Actor
    actor: api.Actor | None


View = Callable[Concatenate[Any, Parameters], HttpResponseBase]


def administers(act: api.Act) -> Callable[[View[Parameters]], View[Parameters]]:
    """A page for those who may do ``act``; strangers go to sign-in, others see why not. Never kept by a browser or a proxy."""

    def decorate(view: View[Parameters]) -> View[Parameters]:
        @never_cache
        @signed_in
        @wraps(view)
        def guarded(request: Any, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
            api.require(request.actor, act)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def own_account(view: View[Parameters]) -> View[Parameters]:
    """A page of one's own account, of officials and citizens alike; strangers go to sign-in. Never kept by a browser or a proxy."""

    @never_cache
    @wraps(view)
    def guarded(request: Any, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        if getattr(request, "holder", None) is None:
            keeping.keep(request, account=None, now=clock.now())
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def home_of(request: Held) -> str:
    """Where the pages of one's own account lead back to."""
    return reverse("identity:account" if request.actor is not None else settings.SECURITY_URL_OF_PERSONS)
