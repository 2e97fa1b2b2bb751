"""Rows that lie in regions: shaded areas for the map, and the same figures as a table that needs no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.web import rows
from zhengtong.engines.rowquery.refusals import RowRefusal
from zhengtong.engines.rowquery.table import NUMBERS, Table
from zhengtong.kernel import clock
from zhengtong.kernel.codes.regions import Level
from zhengtong.toolkit.ui.speech import refusal, said

_DO = {"sum": api.Aggregate.SUM, "avg": api.Aggregate.AVERAGE}


@dataclass(frozen=True)
class Choice:
    """What a visitor wants to see: what is worked out, of which column, for regions of which level (0: that of most rows)."""

    aggregate: api.Aggregate
    item: str
    level: int

    @property
    def measure(self) -> str:
        """As the form and the address spell it."""
        return f"{self.aggregate}-{self.item}" if self.item else ""


def measures(table: Table, place: api.Area) -> list[tuple[str, str]]:
    """What can be shown, as choices of a form: the number of rows, then sum and average of every column of numbers."""
    numeric = [one for one in table.columns if one.kind in NUMBERS and one.key not in {place.region_item, *table.keys}]
    words = [(name, said(api.AGGREGATE_LABELS[aggregate])) for name, aggregate in _DO.items()]
    return [("", _("行数")), *((f"{name}-{one.key}", f"{one.name} · {word}") for one in numeric for name, word in words)]


def choice_of(request: HttpRequest, table: Table) -> Choice:
    """
    What the address asks for; what cannot be shown means the number of rows.

    A column by the name of the measure and the level travel in the address beside the filter of the rows.
    """
    name, _dash, item = request.GET.get("measure", "").partition("-")
    column = table.by_key.get(item)
    aggregate = _DO.get(name) if column is not None and column.kind in NUMBERS else None
    level = request.GET.get("level", "")
    return Choice(aggregate or api.Aggregate.COUNT, item if aggregate else "", int(level) if level in {"1", "2", "3", "4", "5"} else 0)


def _place(number: int) -> api.Area:
    place = api.declared_place(api.published_one(number).facts)
    if not isinstance(place, api.Area):
        raise api.RowsUnknown(_("这个数据集没有区划"))
    return place


def _figures(request: HttpRequest, table: Table, place: api.Area) -> tuple[Choice, api.Figures]:
    choice = choice_of(request, table)
    where = rows.where_of(table, *(request.GET.get(name, "") for name in ("item", "op", "value")))
    return choice, api.region_figures(table, place, aggregate=choice.aggregate, item=choice.item, where=where, level=choice.level)


@require_safe
def areas(request: HttpRequest, number: int) -> HttpResponseBase:
    """
    The regions with their figures and classes: ``regions`` have code, name, figure as text, class (from 1; 0 without a figure), rows and
    geometry; ``legend`` says what each class means, ``note`` in words how many rows of how many there are.
    """
    table, place = api.row_schema(number), _place(number)
    try:
        choice, found = _figures(request, table, place)
    except RowRefusal as refused:
        note = " ".join(said(one) for one in (refused.sentence, refused.remedy) if one)
        return JsonResponse({"regions": [], "legend": [], "levels": [], "note": note})
    classes = api.shading.classes([one.value for one in found.regions if one.value is not None])
    regions = [
        {
            "code": one.outline.code,
            "name": one.outline.name,
            "value": _told(one.value),
            "class": 0 if one.value is None else api.shading.class_of(one.value, classes),
            "rows": f"{one.rows:,}",
            "shape": one.outline.drawn,
        }
        for one in found.regions
    ]
    document = {
        "measure": dict(measures(table, place)).get(choice.measure, ""),
        "regions": regions,
        "legend": [_range(*one) for one in classes],
        "levels": [(level, said(Level(level).label), level == found.level) for level in found.levels],
        "note": _note(found),
    }
    return JsonResponse(document)


@require_safe
def table(request: HttpRequest, number: int) -> HttpResponseBase:
    """The map with its figures as a table; every choice is in the address."""
    view = api.dataset(number, now=clock.now())
    schema, place = api.row_schema(number), _place(number)
    context: dict[str, Any] = {"dataset": view, "facts": view.version.facts, **section(schema, place)}
    try:
        choice, found = _figures(request, schema, place)
    except RowRefusal as refused:
        return render(request, "opendata/areas.html", context | {"refusal": refusal(refused)}, status=422)
    ordered = sorted(found.regions, key=lambda one: (one.value is None, -(one.value or 0), one.outline.code))
    context |= {
        "chosen": choice,
        "level": found.level,
        "levels": [(level, said(Level(level).label)) for level in found.levels],
        "measure": dict(context["measures"]).get(choice.measure, ""),
        "regions": [(one.outline.code, one.outline.name, _told(one.value), f"{one.rows:,}") for one in ordered],
        "note": _note(found),
    }
    return render(request, "opendata/areas.html", context)


def section(table: Table, place: api.Area) -> dict[str, Any]:
    """What the part of a page with the map of areas shows."""
    column = table.by_key.get(place.region_item)
    return {"measures": measures(table, place), "region_name": column.name if column else ""}


def _told(value: float | None) -> str:
    return "" if value is None else api.shading.written(value)


def _range(least: float, greatest: float) -> str:
    return _told(least) if least == greatest else f"{_told(least)} – {_told(greatest)}"


def _note(found: api.Figures) -> str:
    parts = [ngettext("%(count)s 个地区", "%(count)s 个地区", len(found.regions)) % {"count": f"{len(found.regions):,}"}]
    if found.left_out:
        parts.append(ngettext("%(count)s 行画不出来", "%(count)s 行画不出来", found.left_out) % {"count": f"{found.left_out:,}"})
    if found.cut:
        parts.append(_("区划代码太多,只统计了前 1,000 个;筛选后可以看到其余的"))
    return _(";").join(parts) + _("。")
