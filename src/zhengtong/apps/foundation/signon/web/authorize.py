"""
Where a system sends a person to sign in, and where the answer goes back.

Threat model. Open redirect: an answer, also a refusal, goes to an address that was approved for that system, to the letter, or nowhere.
Mix-up: every answer names us (RFC 9207). Code injection: no code without an S256 challenge. Sign-in forgery: a system's ``state`` and
``nonce`` go back as they came. Consent phishing: the page is ours, cannot be framed, names system, office and each item, and its form
carries our token against forgery; ``prompt=none`` never agrees for anybody. Session fixation: signing in makes a new key
(``identity``). A link that pretends somebody has just proven who they are: the moment at which they were sent to do so is signed and bound
to the request. Leaks of the answer: pages send no referrer to other hosts and are not kept.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.oauth2 import OAuth2Error

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.signon import api, rules
from zhengtong.kernel import clock
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.ui.speech import said

_ASKED = "asked"
_SALT = "sign-on.asked"


class RequestUnknown(Invalid):
    """这个登录请求不对,没有跳转。"""

    code = "sign-on-request-unknown"
    status = 400


class _Server(OAuthLibMixin):  # type: ignore[misc]  # the toolkit has no types
    """The toolkit's server, without its pages."""


def whoever(request: HttpRequest) -> Actor | None:
    """Who has signed in, official or citizen."""
    found = getattr(request, "holder", None) or getattr(request, "actor", None)
    return found if isinstance(found, Actor) else None


@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Answer a system's request (OpenID Connect Core §3.1.2): sign in, agree where that is needed, go back with a code."""
    try:
        asked = _asked_for(request)
    except _Refusal as refusal:
        return _back(request, refusal.url, via_form=False)
    try:
        wish = rules.wish(request.GET.get("prompt", ""), request.GET.get("max_age", ""))
    except Invalid as exc:
        return _refuse(request, asked, "invalid_request", str(exc.sentence))
    person = whoever(request)
    session = identity.open_session(key=request.session.session_key or "") if person else None
    if person is None or session is None or not _is_whom(request, asked, person) or not _is_fresh(request, wish, session):
        return _refuse(request, asked, "login_required") if wish.silent else _to_sign_in(request)
    system = api.system(asked["client_id"])
    if system.asks_consent and (page := _consent(request, asked, wish, person, system)):
        return page
    return _with_code(request, asked, session, system)


def _is_fresh(request: HttpRequest, wish: rules.Wish, session: identity.OpenSession) -> bool:
    return wish.satisfied(signed_in_at=session.started_at, now=clock.now(), asked_at=_sent_at(request))


def _consent(request: HttpRequest, asked: dict[str, Any], wish: rules.Wish, person: Actor, system: api.SystemView) -> HttpResponse | None:
    """The page that asks, or what its refusal leads to; None once somebody has agreed."""
    if request.method == "POST":
        if "agree" not in request.POST:
            return _refuse(request, asked, "access_denied", via_form=True)
        api.give_consent(actor=person, client_id=system.client_id, scopes=asked["scopes"], now=clock.now())
        return None
    if not wish.consent and api.consented(person.account_id, system.client_id, asked["scopes"]):
        return None
    if wish.silent:
        return _refuse(request, asked, "consent_required")
    context = {"system": system, "items": [said(rules.SCOPE_LABELS[one]) for one in asked["scopes"]], "person": person}
    return render(request, "signon/consent.html", context)


def _with_code(request: HttpRequest, asked: dict[str, Any], session: identity.OpenSession, system: api.SystemView) -> HttpResponse:
    credentials = asked["credentials"] | {"house_session": session.handle, "signed_in_at": session.started_at}
    try:
        url, *_rest = _Server().create_authorization_response(request, " ".join(asked["scopes"]), credentials, allow=True)
    except OAuthToolkitError as exc:
        return _refuse(request, asked, exc.oauthlib_error.error, exc.oauthlib_error.description or "")
    return _back(request, url, via_form=_sent_at(request) is not None or request.method == "POST", name=system.name)


def refuse_silently(request: HttpRequest) -> HttpResponse | None:
    """The answer to ``prompt=none`` where some page stands between a person and the answer; None if the request itself is wrong."""
    try:
        return _refuse(request, _asked_for(request), "login_required")
    except (_Refusal, RequestUnknown):
        return None


class _Refusal(Exception):
    """The request is refused, and may be answered at this address."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    """
    A request that was checked: ``client_id``, ``redirect_uri``, ``state``, ``scopes``, and ``credentials`` for the toolkit.

    :raises RequestUnknown: if there is nobody to answer to: no such system, or not this address.
    :raises _Refusal: if the system is to be told what was wrong.
    """
    try:
        scopes, credentials = _Server().validate_authorization_request(request)
    except FatalClientError as exc:
        raise RequestUnknown(remedy="请从该系统重新进入;仍不行时请联系该系统的管理单位") from exc
    except OAuthToolkitError as exc:
        error: OAuth2Error = exc.oauthlib_error
        if not error.redirect_uri:
            raise RequestUnknown(remedy="请从该系统重新进入;仍不行时请联系该系统的管理单位") from exc
        raise _Refusal(error.in_uri(error.redirect_uri)) from exc
    if isinstance(credentials.get("ui_locales"), list):
        credentials["ui_locales"] = " ".join(credentials["ui_locales"])
    asked = {
        "client_id": credentials["client_id"],
        "redirect_uri": credentials["redirect_uri"],
        "state": credentials.get("state") or "",
        "scopes": [one for one in rules.SCOPE_LABELS if one in scopes],
        "credentials": credentials,
    }
    if "openid" not in scopes:
        raise _Refusal(_with(asked, "invalid_scope", "scope must contain openid"))
    if credentials.get("code_challenge_method") != "S256":
        raise _Refusal(_with(asked, "invalid_request", "code_challenge_method must be S256"))
    if "request" in request.GET:
        raise _Refusal(_with(asked, "request_not_supported", ""))
    if "request_uri" in request.GET:
        raise _Refusal(_with(asked, "request_uri_not_supported", ""))
    return asked


def _is_whom(request: HttpRequest, asked: dict[str, Any], person: Actor) -> bool:
    """Whether this is the person of whom the system speaks, if it speaks of one."""
    text = request.GET.get("id_token_hint", "")
    if not text:
        return True
    hint = api.read_hint(text, issuer=api.issuer(request))
    within = api.system(asked["client_id"]).sector
    return hint is not None and hint.subject == rules.subject(node_keys().subject, within, person.account_id)


# ---------------------------------------------------------------------- to the sign-in page and back
def _digest(query: list[tuple[str, str]]) -> str:
    return hashlib.sha256(urlencode([one for one in query if one[0] != _ASKED]).encode()).hexdigest()


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    parts = urlsplit(request.get_full_path())
    query = [one for one in parse_qsl(parts.query, keep_blank_values=True) if one[0] != _ASKED]
    mark = signing.dumps([clock.now().timestamp(), _digest(query)], salt=_SALT)
    return redirect_to_login(urlunsplit(("", "", parts.path, urlencode([*query, (_ASKED, mark)]), "")))


def _sent_at(request: HttpRequest) -> datetime | None:
    """When this very request sent its person to the sign-in page, if it did."""
    try:
        moment, digest = signing.loads(request.GET.get(_ASKED, ""), salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    query = parse_qsl(urlsplit(request.get_full_path()).query, keep_blank_values=True)
    return datetime.fromtimestamp(moment, tz=UTC) if digest == _digest(query) else None


# ---------------------------------------------------------------------- answers
def _with(asked: dict[str, Any], error: str, description: str) -> str:
    told = (
        {"error": error}
        | ({"error_description": description} if description else {})
        | ({"state": asked["state"]} if asked["state"] else {})
    )
    return f"{asked['redirect_uri']}{'&' if '?' in asked['redirect_uri'] else '?'}{urlencode(told)}"


def _refuse(request: HttpRequest, asked: dict[str, Any], error: str, description: str = "", *, via_form: bool = False) -> HttpResponse:
    return _back(request, _with(asked, error, description), via_form=via_form)


def _back(request: HttpRequest, url: str, *, via_form: bool, name: str = "") -> HttpResponse:
    """
    Go to an approved address, naming ourselves (RFC 9207).

    After one of our forms by way of a page: browsers hold the forms of our pages to this host (``form-action``), and all that a form's
    answer redirects to.
    """
    parts = urlsplit(url)
    query = [one for one in parse_qsl(parts.query, keep_blank_values=True) if one[0] != "iss"]
    address = urlunsplit(parts._replace(query=urlencode([*query, ("iss", api.issuer(request))])))
    return leave(request, address, via_form=via_form, name=name)


def leave(request: HttpRequest, address: str, *, via_form: bool, name: str = "") -> HttpResponse:
    """Send a browser to another system, by way of a page after a form of ours."""
    if not via_form:
        return HttpResponseRedirect(address)
    return render(request, "signon/leaving.html", {"address": address, "name": name or urlsplit(address).hostname})
