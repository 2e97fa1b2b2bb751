"""
Who may open the pages of one's own space, and as whom they act there.

Threat model. An official on a citizen's page, or the other way round: each is refused by the other's guard. A right that was revoked, ended
or went stale while it was chosen: it is asked for anew with every request, and the citizen is back to acting for themselves, and told. A
page of weight opened with a password alone: it names the level it demands and asks for the second factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhengtong.apps.affairs.citizens import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Refused

Parameters = ParamSpec("Parameters")


class CitizensOnly(Refused):
    """这个页面只向群众和企业的个人账户开放。"""

    code = "citizens-only"


@dataclass(frozen=True)
class Citizen:
    """Who has signed in as a citizen: who they are, how surely, and as whom they act in this session."""

    person: api.PersonView
    level: api.Level
    acting: api.ActingAs


class OfCitizen(HttpRequest):
    """A request behind which a citizen stands."""

    citizen: Citizen
    holder: identity.Actor


def of(request: HttpRequest) -> Citizen | None:
    """The citizen behind a request, None for officials and strangers; worked out once for a request."""
    holder = getattr(request, "holder", None)
    if holder is None or getattr(request, "actor", None) is not None:
        return None
    kept: Citizen | None = getattr(request, "citizen", None)
    if kept is None:
        kept = request.citizen = _citizen(request, holder)  # type: ignore[attr-defined]
    return kept


def _citizen(request: HttpRequest, holder: identity.Actor) -> Citizen:
    verified = getattr(request.user, "is_verified", None)  # added by django_otp
    found = api.session_of(holder.account_id, second_factor=bool(verified and verified()))
    return Citizen(found.person, found.level, _acting(request, found.person, holder))


def _acting(request: HttpRequest, person: api.PersonView, holder: identity.Actor) -> api.ActingAs:
    chosen, today = request.session.get(api.CHOSEN_RIGHT), clock.today()
    try:
        return api.acting_as(person, chosen, label=holder.label, on=today)
    except api.RightUnknown:
        request.session.pop(api.CHOSEN_RIGHT, None)
        messages.warning(request, _("您代他人办理的授权已经结束,现在以本人身份办理。"))
        return api.acting_as(person, None, label=holder.label, on=today)


def choose(request: OfCitizen, right_id: int | None) -> api.ActingAs:
    """
    Act with a right from now on, or for oneself again.

    :raises RightUnknown: if the right is not in force.
    """
    acting = api.acting_as(request.citizen.person, right_id, label=request.holder.label, on=clock.today())
    request.session.pop(api.CHOSEN_RIGHT, None)
    if right_id is not None:
        request.session[api.CHOSEN_RIGHT] = right_id
    api.act_as(acting=acting, now=clock.now())
    return acting


def citizens(
    level: api.Level = api.Level.DECLARED,
) -> Callable[[Callable[Concatenate[Any, Parameters], HttpResponseBase]], Callable[Concatenate[Any, Parameters], HttpResponseBase]]:
    """A page (of an :class:`OfCitizen` request) for citizens known at least as surely as ``level``; never kept by a browser or a proxy."""

    def decorate(
        view: Callable[Concatenate[Any, Parameters], HttpResponseBase],
    ) -> Callable[Concatenate[Any, Parameters], HttpResponseBase]:
        @never_cache
        @wraps(view)
        def guarded(request: Any, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
            if getattr(request, "actor", None) is not None:
                raise CitizensOnly(remedy="工作人员办理个人事务,请退出后用个人账户登录")
            found = of(request)
            if found is None:
                return redirect_to_login(request.get_full_path(), login_url=reverse("citizens:login"))
            if found.level < level:
                if found.level is api.Level.CHECKED:
                    return redirect(f"{reverse('identity:step-up')}?{urlencode({'next': request.get_full_path()})}")
                raise api.AssuranceTooLow(level, remedy="实名核验完成后即可办理")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def address_of(request: HttpRequest) -> str:
    """Where a request comes from."""
    return str(request.META.get("REMOTE_ADDR", ""))
