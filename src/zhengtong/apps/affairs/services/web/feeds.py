"""What programs follow: the items in use as a sitemap, and those published last as an Atom feed."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhengtong.apps.affairs.services import api

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """The guide's pages and every item in use."""
    lines = [f"<url><loc>{escape(request.build_absolute_uri(reverse(name)))}</loc></url>" for name in ("services:front", "services:for-me")]
    for code, changed in api.sitemap():
        address = request.build_absolute_uri(reverse("services:guide-item", args=[code]))
        lines.append(f"<url><loc>{escape(address)}</loc><lastmod>{changed.isoformat()}</lastmod></url>")
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{_NAMESPACE}">{"".join(lines)}</urlset>'
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


@require_safe
def feed(request: HttpRequest) -> HttpResponseBase:
    """The items published last."""
    made = Atom1Feed(
        title=_("办事指南:新发布的事项"),
        link=request.build_absolute_uri(reverse("services:front")),
        feed_url=request.build_absolute_uri(),
        description=_("办事指南:新发布的事项"),
        language="zh-CN",
    )
    for one in api.updates():
        address = request.build_absolute_uri(reverse("services:guide-item", args=[one.code]))
        made.add_item(
            title=one.name,
            link=address,
            unique_id=f"{address}#{one.at.isoformat()}",
            description=escape(one.summary),
            author_name=one.office_name,
            pubdate=one.at,
            updateddate=one.at,
        )
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
