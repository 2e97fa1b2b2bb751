"""DCAT-AP 3: the catalogue in pages, and every dataset, as Turtle, RDF/XML and JSON-LD."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.rest.answers import kept, site_of
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

PAGE = 100


class NoSuchPage(Invalid):
    """目录没有这一页。"""

    code = "no-such-page"
    status = 404


class NoSuchForm(Invalid):
    """没有客户端要的 RDF 形式。"""

    code = "not-acceptable"
    status = 406


@require_safe
def catalogue(request: HttpRequest, ending: str = "") -> HttpResponse:
    """A page of the catalogue: ``page=1`` and so on, linked by Hydra."""
    ending = ending or _negotiated(request)
    site = site_of(request)
    total, modified = api.published_state()
    last = max(1, -(-total // PAGE))
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - no catalogue has that many pages
    if not 1 <= number <= last:
        raise NoSuchPage(say("目录只有 {last} 页", last=last), field="page", remedy="从 page=1 开始,跟着 hydra:next 往下取")

    def make() -> bytes:
        writer = api.DcatWriter(site)
        found = api.published(api.Selection(order="id"), start=(number - 1) * PAGE, limit=PAGE)
        first = min((one.published_at for one in found), default=None)
        writer.catalogue(api.DcatPage(number, last, total, first, modified), found)
        return api.serialised(writer.graph, ending)

    answer = kept(request, make, content_type=api.SERIALISATIONS[ending][1], of=(total, modified, number), modified=modified)
    answer["Link"] = ", ".join(
        f'<{site.address(f"/open/catalog.{ending}")}?page={there}>; rel="{word}"'
        for word, there in (("first", 1), ("last", last), ("prev", number - 1), ("next", number + 1))
        if 1 <= there <= last
    )
    return answer


@require_safe
def dataset(request: HttpRequest, number: int, ending: str = "") -> HttpResponse:
    """One dataset with its versions."""
    ending = ending or _negotiated(request)
    found = api.published_one(number)

    def make() -> bytes:
        writer = api.DcatWriter(site_of(request))
        writer.dataset(found, api.published_versions(number))
        return api.serialised(writer.graph, ending)

    return kept(
        request, make, content_type=api.SERIALISATIONS[ending][1], of=(found.modified_at, found.restricted), modified=found.modified_at
    )


def _negotiated(request: HttpRequest) -> str:
    """The ending of the form that the client would rather have; Turtle for whoever takes anything."""
    types = {kind.partition(";")[0]: ending for ending, (_name, kind) in api.SERIALISATIONS.items()}
    chosen = request.get_preferred_type(list(types))
    if chosen is None:
        raise NoSuchForm(remedy=say("可用:{names}", names=", ".join(types)))
    return types[chosen]
