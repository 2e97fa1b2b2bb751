"""What programs follow: Atom feeds of new versions, the sitemap, and what robots may read."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui.speech import said

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PORTAL = ("opendata:front", "opendata:datasets", "opendata:statistics", "opendata:help", "opendata:developers", "opendata:news")


@require_safe
def feed(request: HttpRequest) -> HttpResponseBase:
    """New versions of all datasets; of one theme or one office where the address names it."""
    theme, office = request.GET.get("theme", "")[:40], request.GET.get("office", "")[:40]
    title = _("开放数据:新版本")
    if theme in api.THEME_LABELS:
        title = f"{title} · {said(api.THEME_LABELS[theme])}"
    return _atom(request, title, reverse("opendata:datasets"), api.updates(theme=theme, office=office))


@require_safe
def dataset_feed(request: HttpRequest, number: int) -> HttpResponseBase:
    """The versions of one dataset."""
    view = api.dataset(number, now=clock.now())
    return _atom(request, view.version.facts["title"], reverse("opendata:dataset", args=[view.id]), api.updates(dataset=view.id))


def _atom(request: HttpRequest, title: str, address: str, updates: list[api.Update]) -> HttpResponse:
    made = Atom1Feed(
        title=title,
        link=request.build_absolute_uri(address),
        feed_url=request.build_absolute_uri(),
        description=title,
        language="zh-CN",
    )
    for one in updates:
        view = reverse("opendata:version", args=[one.dataset, one.number])
        made.add_item(
            title=said(say("{title} 第 {number} 版", title=one.title, number=one.number)),
            link=request.build_absolute_uri(reverse("opendata:dataset", args=[one.dataset]) if one.newest else view),
            unique_id=request.build_absolute_uri(view),
            description=f"{escape(one.summary)} {said(_changes(one))}",
            author_name=one.office_name,
            categories=[said(api.THEME_LABELS.get(one.theme, one.theme))],
            pubdate=one.made_at,
            updateddate=one.made_at,
        )
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _changes(one: api.Update) -> str:
    if not one.delta:
        return say("共 {rows} 行", rows=one.rows)
    counts = {name: one.delta.get(name, 0) for name in ("added", "removed", "changed")}
    return say("共 {rows} 行,新增 {added},删去 {removed},改动 {changed}", rows=one.rows, **counts)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """The index of the sitemap's pages."""
    parts = [request.build_absolute_uri(reverse("opendata:sitemap-page", args=[place])) for place in api.sitemap_pages()]
    return _xml("sitemapindex", "".join(f"<sitemap><loc>{escape(one)}</loc></sitemap>" for one in parts))


@require_safe
def sitemap_page(request: HttpRequest, place: int) -> HttpResponseBase:
    """A page of the sitemap: datasets by number; the first one also has the portal's own pages."""
    lines = [_place(request, reverse(name)) for name in _PORTAL] if place == 0 else []
    lines += [_place(request, reverse("opendata:dataset", args=[number]), made) for number, made in api.sitemap_page(place)]
    return _xml("urlset", "".join(lines))


def _place(request: HttpRequest, address: str, made: datetime | None = None) -> str:
    last = f"<lastmod>{made.isoformat()}</lastmod>" if made else ""
    return f"<url><loc>{escape(request.build_absolute_uri(address))}</loc>{last}</url>"


def _xml(root: str, inside: str) -> HttpResponse:
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{_SITEMAP}">{inside}</{root}>', content_type="application/xml; charset=utf-8"
    )


@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    """Robots read the portal's pages; files, charts by choice and what needs an account are not for them."""
    lines = ["User-agent: *", *(f"Allow: {one}" for one in ("/open/", "/services/", "/static/", "/data.json"))]
    lines += ["Disallow: /open/datasets/*/versions/*/data.", "Disallow: /open/datasets/*/chart", "Disallow: /"]
    lines += [f"Sitemap: {request.build_absolute_uri(reverse(name))}" for name in ("opendata:sitemap", "services:sitemap")]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
