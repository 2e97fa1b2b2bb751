"""Files of open datasets, streamed; a reader who has the file already is told so."""

from __future__ import annotations

from collections.abc import Generator

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.streaming import stream

_BLOCK = 1 << 18


@require_safe
def file(request: HttpRequest, number: int, version: int, name: str) -> HttpResponseBase:
    """One file of one version; counted when it leaves."""
    found, title = api.file(number, version, name)
    tag = f'"{found.sha256}"'
    wanted = parse_etags(request.headers.get("If-None-Match", ""))
    answer: HttpResponseBase
    if tag in wanted or "*" in wanted:
        answer = HttpResponseNotModified()
    elif request.method == "HEAD":
        answer = HttpResponse(content_type=found.media_type)
    else:
        answer = stream(request, _pieces(found.stored), content_type=found.media_type, filename=name)
        api.count_download(found.id, today=clock.local_date(clock.now()))
    if answer.status_code == 200:  # noqa: PLR2004 - what was not modified has no body to describe
        answer["Content-Length"] = str(found.size)
        answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=_named(title, version, name)) or ""
    answer["ETag"] = tag
    # a withdrawal counts from the next request on, so that whoever keeps a copy asks first
    answer["Cache-Control"] = "no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _named(title: str, version: int, name: str) -> str:
    """The file's name on the reader's disk: title, version, and what it is."""
    stem, _, ending = name.rpartition(".")
    kind = "" if stem == "data" else f"-{stem}"
    plain = "".join(one for one in title if one.isalnum() or one in " -_().,、()").strip()[:80]
    return f"{plain or 'dataset'}-v{version}{kind}.{ending}"


def _pieces(stored: str) -> Generator[bytes, None, None]:
    with default_storage.open(stored, "rb") as source:
        while block := source.read(_BLOCK):
            yield block
