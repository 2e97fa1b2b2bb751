"""How the portal is doing, for everybody: indicators, offices, datasets, what to mend first."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.oversight.indicators import api
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.paging import page

_WORST = 10


@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """The whole portal."""
    today = clock.local_date(clock.now())
    shown = api.portal(today=today)
    context = {**_context(shown), "offices": api.office_scores(today=today), "trend": api.trend(), "evidence": api.evidence()}
    actor = getattr(request, "actor", None)
    context["may_keep"] = actor is not None and api.may_keep_evidence(actor)
    return render(request, "indicators/overview.html", context)


def _context(shown: api.Portal) -> dict[str, object]:
    layers = [
        (label, shown.layers[layer], [(api.INDICATOR_LABELS[one.key], one) for one in shown.values if one.layer == layer])
        for layer, label in api.LAYER_LABELS.items()
    ]
    return {
        "shown": shown,
        "layers": layers,
        "first": [(api.INDICATOR_LABELS[one.key], one, gain) for one, gain in shown.mend_first],
        "lost": [(key, api.METRIC_LABELS[key], api.REMEDY_LABELS[key], points, count) for key, points, count in shown.lost],
        "most": api.MOST,
        "rating": api.RATING_LABELS[shown.rating] if shown.mqa is not None else "",
    }


@require_safe
def office(request: HttpRequest, code: str) -> HttpResponseBase:
    """One office."""
    place = organisations.offices_by_code([code]).get(code)
    if place is None:
        raise Http404
    shown = api.portal(today=clock.local_date(clock.now()), office=code)
    worst = api.dataset_scores(office=code, limit=_WORST)
    context = {**_context(shown), "office": place, "datasets": _labelled(worst)}
    return render(request, "indicators/office.html", context)


def _labelled(found: list[api.DatasetScoreView]) -> list[tuple[api.DatasetScoreView, list[tuple[str, float]]]]:
    return [(one, [(api.METRIC_LABELS[key], points) for key, points in one.lost]) for one in found]


@require_safe
def datasets(request: HttpRequest) -> HttpResponseBase:
    """Datasets, those that lost most first."""
    code, metric = request.GET.get("office", "")[:18], request.GET.get("metric", "")[:30]
    shown = page(
        request, lambda after, limit: api.dataset_scores(office=code, metric=metric, after=after, limit=limit), lambda one: one.cursor
    )
    context = {
        "page": shown,
        "rows": _labelled(list(shown.rows)),
        "metric": metric if metric in api.METRIC_LABELS else "",
        "metrics": list(api.METRIC_LABELS.items()),
        "office": organisations.offices_by_code([code]).get(code) if code else None,
        "most": api.MOST,
    }
    return render(request, "indicators/datasets.html", context)


@require_safe
def offices_csv(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - a view
    """The offices as a file."""
    head = [_("单位"), _("统一社会信用代码"), _("数据集"), _("行数"), _("元数据质量(MQA)"), _("按周期更新(%)")]
    rows = [
        [one.name, one.code, one.datasets, one.rows, one.points, one.on_time]
        for one in api.office_scores(today=clock.local_date(clock.now()))
    ]
    return HttpResponse(
        csv_text.MARK + csv_text.encode([head, *rows]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="open-data-scores.csv"'},
    )
