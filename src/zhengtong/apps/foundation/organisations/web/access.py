"""Who may open these pages: asked of ``rules.registrar`` in one place, before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponseBase
from django.views.decorators.cache import never_cache

from zhengtong.apps.foundation.organisations import api
from zhengtong.toolkit.ui.access import signed_in

Parameters = ParamSpec("Parameters")


def for_registrars(
    view: Callable[Concatenate[Any, Parameters], HttpResponseBase],
) -> Callable[Concatenate[Any, Parameters], HttpResponseBase]:
    """A page for the system administrator; strangers go to sign-in, others see why not."""

    @never_cache
    @signed_in
    @wraps(view)
    def guarded(request: Any, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        api.registrar(request.actor)
        return view(request, *args, **kwargs)

    return guarded
