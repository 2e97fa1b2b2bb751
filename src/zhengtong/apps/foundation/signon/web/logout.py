"""
A system sends a person here to sign out (OpenID Connect RP-Initiated Logout 1.0).

Threat model. Somebody is signed out by a link on a hostile page: without an ID token of this very browser and person they are asked first,
in a form that carries our token. Open redirect: the way back is approved for that system to the letter, else there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import logout as forget
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from oauthlib.common import add_params_to_uri

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.signon import api, rules
from zhengtong.apps.foundation.signon.web.authorize import RequestUnknown, leave, whoever
from zhengtong.kernel import clock
from zhengtong.toolkit.keys import node_keys

_FIELDS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True)
class _Wanted:
    """A checked request: the system, if it says which, its ID token, where to go afterwards."""

    system: api.SystemView | None
    hint: api.Hint | None
    address: str


def _wanted(request: HttpRequest) -> _Wanted:
    given = request.POST if request.method == "POST" else request.GET
    text, client_id, address, state = (given.get(name, "") for name in _FIELDS)
    hint = api.read_hint(text, issuer=api.issuer(request)) if text else None
    if (text and hint is None) or (hint and client_id and client_id != hint.client_id):
        raise RequestUnknown(remedy="请从本页退出登录,或回到该系统再试")
    named = client_id or (hint.client_id if hint else "")
    system = next((one for one in api.systems() if one.client_id == named), None) if named else None
    if (named and system is None) or (address and (system is None or address not in system.post_logout_redirect_uris)):
        raise RequestUnknown(remedy="退出后的地址没有登记;请联系该系统的管理单位")
    return _Wanted(system, hint, add_params_to_uri(address, [("state", state)]) if address and state else address)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out at once if the system shows that it speaks of this browser and person; else ask."""
    wanted = _wanted(request)
    person = whoever(request)
    if person is None:
        return _afterwards(request, wanted, via_form=False)
    session = identity.open_session(key=request.session.session_key or "")
    if wanted.hint and wanted.system and session:
        key, within = node_keys().subject, wanted.system.sector
        same_person = wanted.hint.subject == rules.subject(key, within, person.account_id)
        if same_person and wanted.hint.session == rules.session_name(key, within, session.handle):
            _end(request)
            return _afterwards(request, wanted, via_form=False)
    given = request.POST if request.method == "POST" else request.GET
    context = {"system": wanted.system, "fields": {name: given.get(name, "") for name in _FIELDS}, "person": person}
    return render(request, "signon/logout.html", context)


@never_cache
@require_POST
def confirmed(request: HttpRequest) -> HttpResponse:
    """Sign out because the person says so."""
    wanted = _wanted(request)
    _end(request)
    return _afterwards(request, wanted, via_form=True)


def _end(request: HttpRequest) -> None:
    person = whoever(request)
    if person is not None:
        identity.end_session(actor=person, session_key=request.session.session_key or "", now=clock.now())
    forget(request)


def _afterwards(request: HttpRequest, wanted: _Wanted, *, via_form: bool) -> HttpResponse:
    if not wanted.address:
        return redirect("identity:sign-in")
    return leave(request, wanted.address, via_form=via_form, name=wanted.system.name if wanted.system else "")
