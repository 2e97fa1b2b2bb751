"""
Pages of somebody's own space, whichever app they belong to.

One app knows who has signed in as a citizen and registers its guard at start-up; the pages of others ask for it here, so that they need not
know that app's pages. Without a registered guard every such page is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase

from zhengtong.kernel.errors import Refused

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[Any, Parameters], HttpResponseBase]
Guard = Callable[[int], Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]]
_guards: list[Guard] = []


class OfPerson(HttpRequest):
    """A request behind which a citizen stands: ``citizen`` has ``person``, ``level`` and ``acting``, ``holder`` the account."""

    citizen: Any
    holder: Any


def provide(guard: Guard) -> None:
    """Let ``guard``, called with a level of assurance, make the decorator of such pages."""
    _guards[:] = [guard]


def for_persons(level: int = 1) -> Callable[[View[Parameters]], View[Parameters]]:
    """A page for citizens who are known at least as surely as ``level``."""

    def decorate(view: View[Parameters]) -> View[Parameters]:
        @wraps(view)
        def guarded(request: Any, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
            if not _guards:
                raise Refused
            return _guards[0](level)(view)(request, *args, **kwargs)

        return guarded

    return decorate
