"""The one address of all actions: parameters in, CKAN's envelope out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import BadRequest as DjangoBadRequest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.views.decorators.csrf import csrf_exempt

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.answers import encoded, shared, site_of
from zhengtong.apps.flow.opendata.rest.ckan import catalogue, datastore
from zhengtong.apps.flow.opendata.rest.ckan.errors import BadRequest, CkanError, NotPermitted, NotThere
from zhengtong.apps.flow.opendata.rest.ckan.parameters import Parameters

log = structlog.get_logger()
ACTIONS: dict[str, catalogue.Action] = {**catalogue.ACTIONS, **datastore.ACTIONS}
_WRITING = ("_create", "_update", "_patch", "_delete", "_purge", "_revise", "_upsert", "_submit", "_follow", "_invite")
#: bytes of a request with an action; the longest query is far shorter
LONGEST_BODY = 256 * 1024
_JSON = "application/json;charset=utf-8"


class TooLarge(CkanError):
    """A request that is larger than any question can be."""

    kind, status = "Request Too Large", 413


class WrongMethod(CkanError):
    """Neither GET nor POST."""

    kind, status = "Method Not Allowed", 405


@csrf_exempt  # nothing is changed, and no session is looked at
def action(request: HttpRequest, name: str, version: int = 3) -> HttpResponseBase:  # noqa: ARG001 - CKAN's clients name 1, 2 or 3 and mean the same
    """Carry out an action; every refusal has CKAN's shape."""
    if request.method == "OPTIONS":
        return _allowed(HttpResponse(status=204))
    site = site_of(request)
    answer: dict[str, Any] = {"help": f"{site.base}/api/3/action/help_show?name={name}"}
    status = 200
    try:
        answer |= {"success": True, "result": _carried_out(request, site, name)}
    except BadRequest as exc:  # CKAN has no envelope for these
        return _allowed(HttpResponse(encoded(f"Bad request - {exc.message}"), status=exc.status, content_type=_JSON))
    except CkanError as exc:
        status = exc.status
        answer |= {"success": False, "error": exc.document()}
    response = HttpResponse(encoded(answer), status=status, content_type=_JSON)
    if status == WrongMethod.status:
        response["Allow"] = "GET, HEAD, POST, OPTIONS"
    return _allowed(response)


def _allowed(answer: HttpResponse) -> HttpResponse:
    answer["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    answer["Access-Control-Allow-Headers"] = "Content-Type, Authorization, X-CKAN-API-Key"
    answer["Cache-Control"] = "no-cache"
    return shared(answer)


def _carried_out(request: HttpRequest, site: api.Site, name: str) -> Any:
    if request.method not in {"GET", "HEAD", "POST"}:
        raise WrongMethod("Use GET or POST")
    if name == "help_show":
        return _help(Parameters(_given(request)))
    found = ACTIONS.get(name)
    if found is None:
        if name.endswith(_WRITING):
            raise NotPermitted("Access denied: this portal is read-only, its datasets are opened on the platform")
        raise BadRequest(f"Action name not known: {name[:100]}")
    return found(site, Parameters(_given(request)))


def _help(given: Parameters) -> str:
    name = given.required("name")
    if name not in ACTIONS:
        raise NotThere("Action function not found")
    return " ".join((ACTIONS[name].__doc__ or "").split())


def _given(request: HttpRequest) -> dict[str, Any]:
    if request.method != "POST":
        return _flat(request.GET)
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        raise TooLarge(f"A request has at most {LONGEST_BODY} bytes")
    kind = (request.content_type or "").lower()
    try:
        if kind in {"application/x-www-form-urlencoded", "multipart/form-data"} and request.POST:
            return _flat(request.POST) | {name: value for name, value in _flat(request.GET).items() if name not in request.POST}
        body = request.body if kind != "multipart/form-data" else b""
    except (DjangoBadRequest, RequestDataTooBig, OSError) as exc:
        raise BadRequest("The request cannot be read") from exc
    if len(body) > LONGEST_BODY:
        raise TooLarge(f"A request has at most {LONGEST_BODY} bytes")
    return _parsed(body) if body.strip() else _flat(request.GET)


def _flat(given: QueryDict) -> dict[str, Any]:
    found: dict[str, Any] = {name: values[0] if len(values) == 1 else values for name, values in given.lists()}
    _readable(found)
    return found


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadRequest(f"JSON Error: {str(exc)[:100]}") from exc
    if not isinstance(found, dict):
        raise BadRequest("Request data JSON decoded to a list or a value, but needs to be a dictionary.")
    _readable(found)
    return found


def _readable(found: Mapping[str, Any]) -> None:
    """PostgreSQL keeps no NUL, and half a surrogate is no character."""
    text = json.dumps(found, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise BadRequest("The request holds characters that no text can hold")
