"""What the portal says about itself: its figures, help for everybody, pages for developers, two versions beside each other."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.web import clients
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.speech import as_told, said

#: datasets among which one to show is looked for
_LOOKED_AT = 20
#: how high a day without a download stands in a drawing of 60, so that one sees the axis
_BASELINE = 0.6
_HEAD = ("kind", "code", "name", "datasets", "rows", "downloads", "on_time", "late")
_FACT_LABELS = {
    "title": "数据集名称",
    "summary": "一句话说明",
    "theme": "主题",
    "licence": "许可协议",
    "attribution": "署名方式",
    "contact": "联系方式",
    "office_name": "提供单位",
    "update_cycle": "更新周期",
}


@require_safe
def statistics(request: HttpRequest) -> HttpResponseBase:
    """How much is open, whether it is on time, how often it is taken."""
    found = api.statistics(now=clock.now())
    most = max((downloads for _day, downloads in found.days), default=0) or 1
    bars = [
        {"day": day, "downloads": count, "x": 10 * place, "y": round(60 - height, 1), "height": round(height, 1)}
        for place, (day, count) in enumerate(found.days)
        for height in [max(_BASELINE, 60 * count / most)]
    ]
    return render(request, "opendata/statistics.html", {"found": found, "bars": bars, "width": 10 * len(bars)})


@require_safe
def statistics_csv(_request: HttpRequest) -> HttpResponseBase:
    """The same figures by theme and office, as CSV."""
    found = api.statistics(now=clock.now())
    lines: list[list[Any]] = []
    for kind, group in (("total", (found.total,)), ("theme", found.themes), ("office", found.offices)):
        lines += [[kind, one.value, as_told(one.label), one.datasets, one.rows, one.downloads, one.on_time, one.late] for one in group]
    lines += [["day", day.isoformat(), "", "", "", downloads, "", ""] for day, downloads in found.days]
    answer = HttpResponse(csv_text.MARK + csv_text.encode([_HEAD, *lines]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="statistics.csv"'
    return answer


@require_safe
def helping(request: HttpRequest) -> HttpResponseBase:
    """Open data in plain words."""
    return render(request, "opendata/help.html", {"licences": api.LICENCES.values()})


@require_safe
def developers(request: HttpRequest) -> HttpResponseBase:
    """How programs read the portal, with an example that is there."""
    cards = api.search(api.Question(order="downloads"), limit=_LOOKED_AT)
    views = (api.dataset(one.id, now=clock.now()) for one in cards if not one.conditional)
    example = next((one for one in views if one.version.open_to_all), None)
    here = request.build_absolute_uri("/").rstrip("/")
    context = {
        "here": here,
        "example": example,
        "clients": list(clients.FILES),
        "sandbox_recipes": clients.sandbox_recipes(here),
        "free": api.FREE_SHARE,
        "keyed": api.KEYED_SHARE,
        "provoked": list(clients.PROVOKED_LABELS.items()),
        "recipes": clients.recipes(here, example.id, example.version.columns[0]["key"]) if example else [],
        "column": example.version.columns[0]["key"] if example else "",
        "file": reverse("opendata:file", args=[example.id, example.version.number, "data.csv"]) if example else "",
    }
    return render(request, "opendata/developers.html", context)


@require_safe
def compare(request: HttpRequest, number: int) -> HttpResponseBase:
    """Two versions of a dataset beside each other; without a choice the newest and the one before."""
    view = api.dataset(number, now=clock.now())
    numbers = [one[0] for one in view.versions]
    newer = _chosen(request, "to", numbers, view.newest)
    older = _chosen(request, "from", numbers, max((one for one in numbers if one < newer), default=newer))
    before, after = (api.dataset(number, version=one, now=clock.now()).version for one in (older, newer))
    follows = newer == min((one for one in numbers if one > older), default=0)
    delta = next((one.name for one in after.files if one.form is api.Form.DELTA), "") if follows else ""
    context = {
        "dataset": view,
        "numbers": numbers,
        "before": before,
        "after": after,
        "facts": [
            (said(label), _fact(name, before), _fact(name, after))
            for name, label in _FACT_LABELS.items()
            if before.facts.get(name) != after.facts.get(name)
        ],
        "columns": _columns(before, after),
        "delta": delta,
        "counts": after.delta if follows else {},
    }
    return render(request, "opendata/compare.html", context)


def _fact(name: str, version: api.VersionView) -> str:
    value = version.facts.get(name, "")
    match name:
        case "theme":
            return said(api.THEME_LABELS.get(value, value))
        case "licence":
            return api.LICENCES[value].name if value in api.LICENCES else value
        case "update_cycle":
            return said(catalog.CYCLE_LABELS.get(value, value))  # type: ignore[call-overload]  # codes are texts
        case _:
            return value


def _chosen(request: HttpRequest, name: str, numbers: list[int], otherwise: int) -> int:
    text = request.GET.get(name, "")
    if not text:
        return otherwise
    if not text.isdecimal() or int(text) not in numbers:
        raise Invalid(_("没有这个版本"), field=name, remedy=_("在下拉框中选择"))
    return int(text)


def _columns(before: api.VersionView, after: api.VersionView) -> list[dict[str, Any]]:
    """Every column of either version with its filled share and number of values in both."""
    sides = [{one["key"]: one for one in version.profile} for version in (before, after)]
    names = {one["key"]: one["name"] for version in (before, after) for one in version.columns}
    return [{"key": key, "name": name, "before": sides[0].get(key), "after": sides[1].get(key)} for key, name in names.items()]
