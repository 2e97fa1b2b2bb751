"""Charts of a dataset, chosen by the visitor: every choice is in the address, every figure in a table beside the drawing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.speech import as_told, refusal, said

_POINTS_SHOWN = 50
#: rows up to which a dataset's own page draws a chart unasked
_AT_ONCE = 500_000


@require_safe
def chart(request: HttpRequest, number: int) -> HttpResponseBase:
    """Choose a chart of the newest version; without a choice one is suggested."""
    view = api.dataset(number, now=clock.now())
    context: dict[str, Any] = {
        "dataset": view,
        "facts": view.version.facts,
        "columns": view.version.columns,
        "numbers": [one for one in view.version.columns if one["data_type"] in api.NUMBERS],
        "kinds": api.KIND_LABELS,
        "aggregates": api.AGGREGATE_LABELS,
        "given": request.GET,
    }
    try:
        chosen = _chosen(request, view)
        if chosen is not None:
            context |= {"given": _parts(chosen), "drawing": shown(request, view, chosen)}
    except (api.ChartInvalid, api.TooLargeToDraw) as exc:
        context["refusal"] = refusal(exc)
        context["wrong"] = exc.field
    return render(request, "opendata/chart.html", context, status=422 if "refusal" in context else 200)


@require_safe
def chart_csv(request: HttpRequest, number: int) -> HttpResponseBase:
    """The figures of a chart as CSV."""
    view = api.dataset(number, now=clock.now())
    chosen = _chosen(request, view) or api.read_chart(request.GET.dict(), view.version.columns)
    head, rows = table(view, chosen, api.drawn(view.version, chosen))
    answer = HttpResponse(csv_text.MARK + csv_text.encode([head, *rows]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{view.version.facts['title']}-chart.csv") or ""
    )
    return answer


def _chosen(request: HttpRequest, view: api.DatasetView) -> api.Chart | None:
    if request.GET.get("x") or request.GET.get("kind"):
        return api.read_chart(request.GET.dict(), view.version.columns)
    return api.suggested_chart(view.version.columns, view.version.profile)


def _parts(chosen: api.Chart) -> dict[str, str]:
    return {
        "kind": chosen.kind,
        "x": chosen.x,
        "do": chosen.aggregate,
        "y": chosen.y,
        "by": chosen.by,
        "where": chosen.where,
        "is": chosen.value,
    }


def first(request: HttpRequest, view: api.DatasetView) -> dict[str, Any] | None:
    """The chart that a dataset's own page shows; none where nothing tells, or where visitors would wait for it."""
    chosen = api.suggested_chart(view.version.columns, view.version.profile)
    return shown(request, view, chosen) if chosen and view.version.open_to_all and view.version.rows <= _AT_ONCE else None


def shown(request: HttpRequest, view: api.DatasetView, chosen: api.Chart) -> dict[str, Any]:
    """What a template shows of a chart: its name, figures for the drawing, the table, its addresses."""
    plot = api.drawn(view.version, chosen)
    head, rows = table(view, chosen, plot)
    names = {one["key"]: one["name"] for one in view.version.columns}
    figures = {
        "kind": chosen.kind,
        "title": view.version.facts["title"],
        "x": names[chosen.x],
        "y": names[chosen.y] if plot.points else measure(names, chosen),
        "source": view.version.facts["attribution"],
        "places": [as_told(one) for one in plot.places],
        "series": [{"name": as_told(one.name), "values": one.values} for one in plot.series],
        "points": [{"name": as_told(name), "values": points} for name, points in plot.points],
    }
    return {
        "plot": plot,
        "figures": figures,
        "name": caption(names, chosen),
        "head": head,
        "rows": rows[:_POINTS_SHOWN] if plot.points else rows,
        "more": max(0, len(rows) - _POINTS_SHOWN) if plot.points else 0,
        "here": request.build_absolute_uri(f"{reverse('opendata:chart', args=[view.id])}?{chosen.query()}"),
        "csv": f"{reverse('opendata:chart-csv', args=[view.id])}?{chosen.query()}",
    }


def measure(names: dict[str, str], chosen: api.Chart) -> str:
    """What the figures are, in words."""
    word = said(api.AGGREGATE_LABELS[chosen.aggregate])
    return f"{names[chosen.y]} · {word}" if chosen.y else word


def caption(names: dict[str, str], chosen: api.Chart) -> str:
    """The chart in one line."""
    parts = [names[chosen.x], names[chosen.y] if chosen.kind == "scatter" else measure(names, chosen)]
    parts += [names[chosen.by]] if chosen.by else []
    filtered = f" ({names[chosen.where]} = {chosen.value})" if chosen.where else ""
    return " × ".join(parts) + filtered


def table(view: api.DatasetView, chosen: api.Chart, plot: api.Plot) -> tuple[list[str], list[list[Any]]]:
    """The figures as a table: its head and its rows."""
    names = {one["key"]: one["name"] for one in view.version.columns}
    if plot.points:
        by = [names[chosen.by]] if chosen.by else []
        rows = [[*([as_told(name)] if by else []), x, y] for name, points in plot.points for x, y in points]
        return [*by, names[chosen.x], names[chosen.y]], rows
    heads = [as_told(one.name) for one in plot.series] if chosen.by else [measure(names, chosen)]
    lines = zip(plot.places, *(one.values for one in plot.series), strict=True)
    return [names[chosen.x], *heads], [[as_told(place), *values] for place, *values in lines]
