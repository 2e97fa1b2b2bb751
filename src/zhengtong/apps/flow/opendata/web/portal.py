"""The public portal: front page, list, dataset. No account is needed for any of it."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.web import areas, charts, regionmap, rows
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said
from zhengtong.toolkit.ui.streaming import stream

_NEWEST, _OFFICES, _PAGE, _SUGGESTED, _NEWS = 6, 12, 20, 8, 3
_LIST_HEAD = ("number", "title", "summary", "theme", "office", "rows", "columns", "version", "made", "downloads", "address")
_LONGEST_WORDS = 100


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """What there is: search, themes, offices, the newest datasets."""
    facets = api.facets(api.Question())
    context = {
        "figures": api.figures(),
        "themes": api.themes(),
        "offices": facets["office"][:_OFFICES],
        "regions": facets["region"],
        "region_map": regionmap.drawing(api.districts()),
        "cards": api.search(api.Question(), limit=_NEWEST),
        "most_used": api.search(api.Question(order="downloads"), limit=_NEWEST),
        "news": api.news(now=clock.now(), limit=_NEWS),
        "linked": _embedded(_catalog(request)),
        "canonical": request.build_absolute_uri(reverse("opendata:front")),
        "card": request.build_absolute_uri(reverse("opendata:card")),
        "themes_by_code": api.THEME_LABELS,
    }
    return render(request, "opendata/front.html", context)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponseBase:
    """Titles that the words typed so far may mean, as options of the search box."""
    words = request.GET.get("q", "").strip()[:_LONGEST_WORDS]
    cards = api.search(api.Question(words, {}, "downloads"), limit=_SUGGESTED) if len(words) > 1 else []
    return render(request, "opendata/parts/suggestions.html", {"cards": cards})


def _question(request: HttpRequest) -> api.Question:
    chosen = {name: request.GET[name][:40] for name in api.FACET_LABELS if request.GET.get(name)}
    order = request.GET.get("order", "newest")
    words = request.GET.get("q", "").strip()[:_LONGEST_WORDS]
    return api.Question(words, chosen, order if order in api.ORDERS else "newest")


@require_safe
def listed_csv(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV: all that match, with the address of each."""
    question = _question(request)

    def pieces() -> Generator[bytes, None, None]:
        yield csv_text.MARK + csv_text.encode([_LIST_HEAD])
        for card in api.all_cards(question):
            address = request.build_absolute_uri(reverse("opendata:dataset", args=[card.id]))
            facts = (card.id, card.title, card.summary, said(api.THEME_LABELS.get(card.theme, card.theme)), card.office_name)
            yield csv_text.encode([(*facts, card.rows, card.columns, card.version, card.made_at, card.downloads, address)])

    return stream(request, pieces(), content_type="text/csv; charset=utf-8", filename="datasets.csv")


@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """Open datasets by words, facets and order; every choice is in the address."""
    question = _question(request)

    def fetch(after: str, limit: int) -> Sequence[api.Card]:
        return api.search(question, after=after, limit=limit)

    facets = [(name, label, values) for (name, label), values in zip(api.FACET_LABELS.items(), api.facets(question).values(), strict=True)]
    context = {
        "q": question.text,
        "order": question.order,
        "total": api.count(question),
        "page": page(request, fetch, lambda row: row.cursor, size=_PAGE),
        "facets": [one for one in facets if one[2]],
        "chips": [(name, label, value) for name, label, values in facets for value in values if value.chosen],
        "themes_by_code": api.THEME_LABELS,
    }
    return render(request, "opendata/datasets.html", context)


@require_safe
def dataset(request: HttpRequest, number: int) -> HttpResponseBase:
    """The newest version of a dataset."""
    return _shown(request, api.dataset(number, now=clock.now()))


@require_safe
def version(request: HttpRequest, number: int, version: int) -> HttpResponseBase:
    """An earlier version of a dataset."""
    return _shown(request, api.dataset(number, version=version, now=clock.now()))


def _shown(request: HttpRequest, view: api.DatasetView) -> HttpResponseBase:
    shown = view.version
    names = {column["key"]: column["name"] for column in shown.columns}
    context = {
        "dataset": view,
        "shown": shown,
        "facts": shown.facts,
        "columns": list(zip(shown.columns, map(_profiled, shown.profile), strict=True)),
        "drawing": charts.first(request, view),
        "row_files": [one for one in shown.files if one.form in api.ROW_FORMS],
        "other_files": [one for one in shown.files if one.form not in api.ROW_FORMS],
        "forms": api.FORM_LABELS,
        "masks": api.MASK_LABELS,
        "passed": [(api.GATE_LABELS[one["gate"]], names.get(one["column"], ""), one["count"], one["reason"]) for one in shown.passed],
        "keys": [names[key] for key in shown.keys],
        "linked": _linked(request, view),
        "conditions": view.conditions,
        "audience": api.AUDIENCE_LABELS[view.conditions.audience] if view.conditions else "",
        "earlier": shown.number != view.newest,
        "canonical": request.build_absolute_uri(reverse("opendata:dataset", args=[view.id])),
        # the version in the address makes social media look again when there is a new one
        "card": request.build_absolute_uri(f"{reverse('opendata:dataset-card', args=[view.id])}?v={view.newest}"),
        "panels": slots.fill(slots.DATASET_PANELS, request, view),
    }
    context |= _rows(request, view)
    return render(request, "opendata/dataset.html", context)


def _rows(request: HttpRequest, view: api.DatasetView) -> dict[str, Any]:
    """The table of rows, and where programs find them."""
    base = request.build_absolute_uri(f"/open/v1/datasets/{view.id}")
    first = view.version.columns[0]["key"]
    newest = view.version.open_to_all and view.version.number == view.newest
    place = api.declared_place(view.version.facts) if newest else None
    placed = [one for one in view.version.files if one.form is api.Form.GEOJSON] if place else []
    table = rows.table_of(request, view) if view.version.open_to_all else None
    shaded = areas.section(api.row_schema(view.id), place) if table and isinstance(place, api.Area) else {}
    return {
        "table": table,
        **shaded,
        "geojson": placed[0] if placed else None,
        "coordinates": api.COORDINATE_LABELS.get(view.version.facts.get("coordinates", ""), ""),
        "operators": list(rows.OPERATOR_LABELS.items()),
        "interface_base": base,
        "interface": f"{base}/rows",
        "example": f"{base}/rows?limit=10&sort=-{first}",
    }


def _profiled(profile: dict[str, Any]) -> dict[str, Any]:
    """A column's profile, with its bars as they stand in a drawing of 120 by 30."""
    tallest = max((rows for _least, _greatest, rows in profile.get("bars", ())), default=0) or 1
    bars = [
        {"x": 10 * place, "y": round(30 - high, 1), "height": round(high, 1), "name": f"{least} – {greatest}: {rows}"}
        for place, (least, greatest, rows) in enumerate(profile.get("bars", ()))
        for high in [max(1.0 if rows else 0.0, 30 * rows / tallest)]
    ]
    return {**profile, "bars": bars}


def _linked(request: HttpRequest, view: api.DatasetView) -> SafeString:
    """schema.org as JSON-LD, safe inside of a script element (https://schema.org/Dataset)."""
    facts = view.version.facts
    here = request.build_absolute_uri(reverse("opendata:dataset", args=[view.id]))
    document: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": here,
        "url": here,
        "name": facts["title"],
        "description": facts["summary"],
        "inLanguage": "zh-CN",
        "isAccessibleForFree": True,
        **({} if view.conditions is None else {"conditionsOfAccess": view.conditions.purposes}),
        "license": view.licence.url,
        "creditText": facts["attribution"],
        "keywords": [said(view.theme_label)],
        "version": str(view.version.number),
        "datePublished": view.published_at.date().isoformat(),
        "dateModified": view.version.made_at.date().isoformat(),
        "publisher": {"@type": "GovernmentOrganization", "name": facts["office_name"], "identifier": facts["office"]},
        "variableMeasured": [{"@type": "PropertyValue", "name": one["key"], "description": one["name"]} for one in view.version.columns],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": one.media_type.partition(";")[0],
                "contentSize": f"{one.size} B",
                "sha256": one.sha256,
                "contentUrl": request.build_absolute_uri(reverse("opendata:file", args=[view.id, view.version.number, one.name])),
            }
            for one in view.version.files
            if one.form in api.ROW_FORMS
        ],
    }
    return _embedded(document)


def _catalog(request: HttpRequest) -> dict[str, Any]:
    """The portal as a catalog (https://schema.org/DataCatalog)."""
    here = request.build_absolute_uri(reverse("opendata:front"))
    found = request.build_absolute_uri(reverse("opendata:datasets"))
    search = {"@type": "SearchAction", "target": f"{found}?q={{words}}", "query-input": "required name=words"}
    return {
        "@context": "https://schema.org/",
        "@type": "DataCatalog",
        "@id": here,
        "url": here,
        "name": said("开放数据"),
        "inLanguage": "zh-CN",
        "isAccessibleForFree": True,
        "potentialAction": search,
    }


def _embedded(document: dict[str, Any]) -> SafeString:
    text = json.dumps(document, ensure_ascii=False)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(sign, escaped)
    return mark_safe(text)  # noqa: S308 - JSON whose signs of markup are escaped
