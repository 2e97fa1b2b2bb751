"""Pages of 一数一源: items that several offices collect, and the office that each comes from."""

from __future__ import annotations

from collections.abc import Generator
from itertools import islice

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.streaming import stream

_ROWS_AT_ONCE = 1000
_COMPARISONS_SHOWN = 100


def _wanted(request: HttpRequest) -> api.CaseFilter:
    asked = request.GET
    decided = asked.get("decided", "")
    return api.CaseFilter(
        text=asked.get("q", "").strip()[:60],
        decided=decided if decided in {"yes", "no"} else "",
        office=asked.get("office", "").strip()[:18],
    )


@signed_in
def listed(request: SignedIn) -> HttpResponseBase:
    """Items that two offices or more collect, worst first."""
    wanted = _wanted(request)
    shown = page(request, lambda after, limit: api.source_cases(wanted, after=after, limit=limit), lambda one: one.key)
    mine = request.actor.office if request.actor.offices(*identity.Role) else ""
    return render(request, "quality/sources.html", {"page": shown, "wanted": wanted, "mine": mine})


@signed_in
def listed_csv(request: SignedIn) -> HttpResponseBase:
    """The list as a file."""
    wanted = _wanted(request)
    head = [_("信息项"), _("标准数据元"), _("采集单位数"), _("采集处数"), _("数源单位"), _("指定日期")]

    def pieces() -> Generator[bytes, None, None]:
        yield csv_text.MARK + csv_text.encode([head])
        cases = api.every_case(wanted)
        while some := list(islice(cases, _ROWS_AT_ONCE)):
            yield csv_text.encode(
                [one.name, one.standard_code, one.offices, one.uses, one.lead_name, one.decided_at and clock.local_date(one.decided_at)]
                for one in some
            )

    return stream(request, pieces(), content_type="text/csv; charset=utf-8", filename="sources.csv")


@signed_in
def detail(request: SignedIn, number: int, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """Who collects an item and where, what was decided, and where to apply for it."""
    case = api.source_case(number)
    context = {
        "case": case,
        "collectors": api.collectors(number),
        "page": page(request, lambda after, limit: api.uses_of_group(number, after=after, limit=limit), lambda one: one.id),
        "contents": api.contents_of_group(request.actor, number, limit=_COMPARISONS_SHOWN),
        "samples": api.samples_of_group(request.actor, number, limit=_COMPARISONS_SHOWN),
        "most_shown": _COMPARISONS_SHOWN,
        "decisions": api.source_decisions(number),
        "may_keep": api.may_keep(request.actor),
        "error": error,
        "reason": request.POST.get("reason", ""),
        "chosen": request.POST.get("office", case.lead),
        "types": catalog.DATA_TYPE_LABELS,
        "deviations": api.DEVIATION_LABELS,
    }
    return render(request, "quality/source.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def name(request: SignedIn, number: int) -> HttpResponseBase:
    """Name the source."""
    office, reason = request.POST.get("office", ""), request.POST.get("reason", "")
    try:
        api.name_source(actor=request.actor, group_id=number, office=office, reason=reason, now=clock.now())
    except api.SourceInvalid as exc:
        return detail(request, number, error=exc)
    messages.success(request, _("已指定数源单位。"))
    return redirect("quality:source", number)


@signed_in
@require_POST
def take_back(request: SignedIn, number: int) -> HttpResponseBase:
    """Name no source any more."""
    try:
        api.take_back_source(actor=request.actor, group_id=number, reason=request.POST.get("reason", ""), now=clock.now())
    except api.SourceInvalid as exc:
        return detail(request, number, error=exc)
    messages.success(request, _("已撤销指定。"))
    return redirect("quality:source", number)
