"""
What everybody may ask: whether a licence is real and in force, and what is needed to find that out without us.

Threat model. Strangers send files and texts; see ``queries.verifying``. Pages answer with the verdict and what stands on the face. The
lists and certificates are the same for everybody and say nothing about who asks.
"""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from zhengtong.apps.affairs.licences import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError

_LONGEST_TEXT, _LISTS_EMBEDDED = 20_000, 16


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponseBase:
    """By file, by text of a QR code or by identifier; the address in the code of a printed face leads here."""
    now = clock.now()
    found: api.Checked | None = None
    error: ZhengtongError | None = None
    text = (request.POST.get("text", "") if request.method == "POST" else request.GET.get("id", "")).strip()[:_LONGEST_TEXT]
    upload = request.FILES.get("file")
    try:
        if upload is not None:
            found = api.by_file(upload.read(api.MOST_BYTES + 1), now=now)
        elif text:
            found = api.by_text(text, now=now)
    except ZhengtongError as refused:
        error = refused
    names = dict(api.METADATA)
    if found and found.licence and found.fields:
        names |= {f"KZ_{one.key}": one.name for one in api.type_view(found.licence.type_code).fields}
    disclosed = [(names.get(key, key), value) for key, value in found.fields.items()] if found else []
    asked = request.method == "POST" and upload is None and not text
    context = {"found": found, "error": error, "typed": text, "disclosed": disclosed, "empty_asked": asked, "at": now}
    return render(request, "licences/verify.html", context, status=error.status if error else 200)


@require_GET
def offline(request: HttpRequest) -> HttpResponseBase:
    """A page that checks presentations by itself: key and status lists came with it."""
    now = clock.now()
    numbers = api.lists()[-_LISTS_EMBEDDED:]
    known = {"keys": api.published_keys(now=now), "lists": [json.loads(api.status_list(one, now=now)) for one in numbers]}
    return render(request, "licences/offline.html", {"known": known, "at": now})


@require_GET
def status_list(_request: HttpRequest, number: int) -> HttpResponseBase:
    """A signed status list."""
    response = HttpResponse(api.status_list(number, now=clock.now()), content_type="application/json")
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_GET
def keys(_request: HttpRequest) -> HttpResponseBase:
    """Certificates and public keys of the installation."""
    response = JsonResponse(api.published_keys(now=clock.now()))
    response["Access-Control-Allow-Origin"] = "*"
    return response
