"""What all protocols share: the site as it was addressed, and answers that a client may keep, and any page may fetch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import http_date, parse_etags

from zhengtong.apps.flow.opendata import api
from zhengtong.toolkit.environment import environment

_Answer = TypeVar("_Answer", bound=HttpResponseBase)


def site_of(request: HttpRequest) -> api.Site:
    """This portal under the address by which it was asked."""
    return api.Site(request.build_absolute_uri("/").rstrip("/"), environment().node)


def shared(answer: _Answer) -> _Answer:
    """An answer that pages of every origin may read: there is nothing in it that depends on who asks."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def kept(
    request: HttpRequest, make: Callable[[], bytes], *, content_type: str, of: tuple[object, ...], modified: datetime | None
) -> HttpResponse:
    """
    A document with its ETag; it is not made again for a client that has it.

    :param of: everything that the document depends on besides the address by which it was asked for.
    """
    whole = "|".join(map(str, (request.build_absolute_uri(), content_type, *of)))
    tag = f'W/"{hashlib.sha256(whole.encode()).hexdigest()[:32]}"'
    wanted = parse_etags(request.headers.get("If-None-Match", ""))
    answer = HttpResponseNotModified() if tag in wanted or "*" in wanted else HttpResponse(make(), content_type=content_type)
    answer["ETag"] = tag
    # a withdrawal counts from the next request on, so that whoever keeps a copy asks first
    answer["Cache-Control"] = "no-cache"
    if modified:
        answer["Last-Modified"] = http_date(modified.timestamp())
    return shared(answer)


def encoded(document: Any) -> bytes:
    """JSON as it is sent: Chinese as it is, compact."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str).encode()
