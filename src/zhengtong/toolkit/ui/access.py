"""Pages for people who have signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from zhengtong.kernel import clock
from zhengtong.kernel.errors import Refused
from zhengtong.toolkit.ui import keeping

Parameters = ParamSpec("Parameters")


class OfficialsOnly(Refused):
    """这个页面只向工作人员开放。"""

    code = "officials-only"


class SignedIn(HttpRequest):
    """A request behind which an official stands; ``actor`` is the identity app's ``Actor``."""

    actor: Any
    #: the address of the list that a page belongs to for this visitor, where its own address lies behind another door; set by the view
    standing: str


def signed_in(view: Callable[Concatenate[Any, Parameters], HttpResponseBase]) -> Callable[Concatenate[Any, Parameters], HttpResponseBase]:
    """A view (of a :class:`SignedIn` request) that sends strangers to the sign-in page; the operation it calls decides what may be done."""

    @wraps(view)
    def guarded(request: Any, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        if getattr(request, "actor", None) is None:
            if getattr(request, "holder", None) is not None:
                raise OfficialsOnly(remedy="返回“我的空间”办理个人事务")
            if request.headers.get("HX-Request"):
                return HttpResponse(status=401, headers={"HX-Refresh": "true"})
            keeping.keep(request, account=None, now=clock.now())
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded
