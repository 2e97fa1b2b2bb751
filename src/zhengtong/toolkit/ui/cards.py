"""Answers with the picture that social media show beside an address."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags

from zhengtong.toolkit import pictures

#: an hour: a card may be a little behind what it tells of, and a withdrawal reaches it as fast
_KEPT = "public, max-age=3600"
_BRAND = "政府开放数据"  # data: cards are Chinese, as what they tell of is


def answered(request: HttpRequest, title: str, lines: tuple[str, ...]) -> HttpResponseBase:
    """A card of the open portal, or that the asker has it already. The words are those of published records."""
    tag = f'"{hashlib.sha256(repr((title, lines)).encode()).hexdigest()[:32]}"'
    known = tag in parse_etags(request.headers.get("If-None-Match", ""))
    answer = HttpResponseNotModified() if known else HttpResponse(pictures.card(_BRAND, title, lines), content_type="image/png")
    answer["ETag"], answer["Cache-Control"], answer["X-Content-Type-Options"] = tag, _KEPT, "nosniff"
    return answer
