"""Who may open the pages of administration: asked of ``rules.require`` in one place, before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponseBase
from django.views.decorators.cache import never_cache

from zhengtong.apps.foundation.identity import api
from zhengtong.toolkit.ui.access import signed_in

Parameters = ParamSpec("Parameters")
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
