"""Rows with a place as points of the map on a dataset's page; the map itself is drawn by the browser."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.web import rows
from zhengtong.engines.rowquery.question import LARGEST_PAGE, Question
from zhengtong.engines.rowquery.refusals import RowRefusal
from zhengtong.engines.rowquery.table import Table
from zhengtong.toolkit.ui.speech import said

#: points that are sent, and items that a point tells of besides
MOST_POINTS, _TOLD = 2_000, 4
_EAST, _NORTH = 180.0, 90.0
_LONGEST = 200


@require_safe
def points(request: HttpRequest, number: int) -> HttpResponseBase:
    """
    The points of the rows that the page's filter (``item``, ``op``, ``value``) lets through: ``heads`` name what a point tells, ``points``
    are longitude, latitude and texts, ``note`` says in words how many of how many there are.
    """
    table = api.row_schema(number)
    place = api.Place.of(api.published_one(number).facts)
    if place is None:
        raise api.RowsUnknown(_("这个数据集没有位置"))
    told = [one for one in table.columns if one.key not in {place.longitude, place.latitude}][:_TOLD]
    try:
        where = rows.where_of(table, request.GET.get("item", ""), request.GET.get("op", ""), request.GET.get("value", ""))
        fields = (place.longitude, place.latitude, *(one.key for one in told))
        read, total = _read(table, Question(where, fields, (), LARGEST_PAGE))
    except RowRefusal as refused:
        return JsonResponse({"heads": [], "points": [], "note": " ".join(said(one) for one in (refused.sentence, refused.remedy) if one)})
    found = [_point(row, place, [one.key for one in told]) for row in read]
    shown = [one for one in found if one is not None]
    return JsonResponse({"heads": [one.name for one in told], "points": shown, "note": _note(len(shown), len(read), total)})


def _read(table: Table, question: Question) -> tuple[list[dict[str, Any]], int | None]:
    """The first rows, as many as the map shows, and how many fit."""
    page = api.rows(table, question)
    read, total = page.records(), page.total
    while page.next and len(read) < MOST_POINTS:
        question = Question(question.where, question.fields, (), min(LARGEST_PAGE, MOST_POINTS - len(read)), page.next)
        page = api.rows(table, question, counted=False)
        read += page.records()
    return read, total


def _point(row: dict[str, Any], place: api.Place, told: list[str]) -> list[Any] | None:
    """A row's longitude, latitude and texts; None if it lies nowhere on earth."""
    if row[place.longitude] is None or row[place.latitude] is None:
        return None
    longitude, latitude = float(row[place.longitude]), float(row[place.latitude])
    if not (-_EAST <= longitude <= _EAST and -_NORTH <= latitude <= _NORTH):
        return None
    return [longitude, latitude, *("" if row[key] is None else str(row[key])[:_LONGEST] for key in told)]


def _note(shown: int, read: int, total: int | None) -> str:
    parts = [ngettext("地图上有 %(count)s 行", "地图上有 %(count)s 行", shown) % {"count": f"{shown:,}"}]
    if read >= MOST_POINTS and total != read:
        parts.append(
            _("符合条件的共 %(total)s 行,只画前 %(most)s 行;筛选后可以看到其余的") % {"total": f"{total:,}", "most": f"{MOST_POINTS:,}"}
            if total is not None
            else _("只画前 %(most)s 行;筛选后可以看到其余的") % {"most": f"{MOST_POINTS:,}"}
        )
    if read > shown:
        parts.append(ngettext("%(count)s 行没有位置", "%(count)s 行没有位置", read - shown) % {"count": f"{read - shown:,}"})
    return _(";").join(parts) + _("。")
