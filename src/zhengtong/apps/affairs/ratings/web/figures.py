"""The public figures: a page, a table to keep, and the same for machines."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import asdict, fields
from datetime import date

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhengtong.apps.affairs.ratings import api
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.streaming import stream

_PAGE, _MOST = 50, 5000
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def _wanted(request: HttpRequest) -> api.Wanted:
    month = _MONTH.fullmatch(request.GET.get("month", ""))
    return api.Wanted(
        office=request.GET.get("office", "")[:18],
        month=date(int(month[1]), int(month[2]), 1) if month else None,
        item=request.GET.get("item", "")[:40],
    )


@require_safe
def page_of(request: HttpRequest) -> HttpResponseBase:
    """The figures, and what each of them means."""
    wanted = _wanted(request)
    seen = int(after) if (after := request.GET.get("after", "")).isdecimal() else 0
    found = page(
        request,
        lambda after, limit: list(enumerate(api.figures(wanted, after=after, limit=limit), start=seen + 1)),
        lambda row: str(row[0]),
        size=_PAGE,
    )
    context = {
        "page": found,
        "total": api.total(wanted),
        "delays": api.delays(wanted),
        "wanted": wanted,
        "months": [f"{one:%Y-%m}" for one in api.months()],
        "month": f"{wanted.month:%Y-%m}" if wanted.month else "",
        "offices": api.offices(),
        "crowd": api.CROWD,
    }
    return render(request, "ratings/figures.html", context)


@require_safe
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """The lines as CSV, under the names that the JSON uses; what is too small is empty."""
    wanted, names = _wanted(request), [one.name for one in fields(api.FigureView)]

    def pieces() -> Generator[bytes, None, None]:
        yield csv_text.MARK + csv_text.encode([names])
        rows = api.figures(wanted, limit=_MOST)
        yield csv_text.encode([getattr(row, name) for name in names] for row in rows)

    return stream(request, pieces(), content_type="text/csv; charset=utf-8", filename="figures.csv")


@require_safe
def as_json(request: HttpRequest) -> HttpResponseBase:
    """The lines, their sum and the cost of delay; what is too small is null."""
    wanted = _wanted(request)
    total = api.total(wanted)
    document = {
        "note": _("少于 5 件的不公布,以 null 表示"),
        "total": asdict(total) if total else None,
        "figures": [asdict(row) for row in api.figures(wanted, limit=_MOST)],
        "delays": [asdict(row) for row in api.delays(wanted)],
    }
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False})
