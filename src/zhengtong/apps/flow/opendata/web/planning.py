"""Opening plans: at the desk, and for the public against what was opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page

_OUTCOME_TONES = {"in-time": "done", "late": "waiting", "pending": "active", "overdue": "refused"}
_STATE_TONES = {
    api.PlanState.DRAFT: "active",
    api.PlanState.SUBMITTED: "waiting",
    api.PlanState.APPROVED: "waiting",
    api.PlanState.PUBLISHED: "done",
}
_DONE = {
    "submit": _("已提交本单位负责人审核。"),
    "approve": _("已审核通过,等待主管部门发布。"),
    "publish": _("计划已发布。"),
    "return": _("已退回修改。"),
}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004 - a bigint has no more digits


@require_safe
def this_year(_request: HttpRequest) -> HttpResponseBase:
    """On to the present year."""
    return redirect("opendata:public-plan", clock.local_date(clock.now()).year)


@require_safe
def public(request: HttpRequest, year: int) -> HttpResponseBase:
    """The published plans of a year against what was opened in time, late, or not at all."""
    office, today = request.GET.get("office", "")[:18], clock.local_date(clock.now())

    def fetch(after: str, limit: int) -> Sequence[api.LineView]:
        return api.public_plan(year, today=today, office=office, after=after, limit=limit)

    figures = api.plan_figures(year, today=today, office=office)
    context = {
        "year": year,
        "years": sorted({*api.plan_years(), today.year}, reverse=True),
        "office": office,
        "offices": api.plan_offices(year),
        "page": page(request, fetch, lambda row: row.id, size=100),
        "figures": [(label, figures[outcome]) for outcome, label in api.OUTCOME_LABELS.items()],
        "tones": _OUTCOME_TONES,
    }
    return render(request, "opendata/public_plan.html", context)


@require_safe
def export(request: HttpRequest, year: int) -> HttpResponseBase:
    """The same as CSV."""
    data = api.export_plan(year, today=clock.local_date(clock.now()), office=request.GET.get("office", "")[:18])
    headers = {"Content-Disposition": f'attachment; filename="opening-plan-{year}.csv"'}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


@signed_in
@require_http_methods(["GET", "POST"])
def listed(request: SignedIn) -> HttpResponseBase:
    """Plans of my offices and regions; a steward begins one."""
    error: ZhengtongError | None = None
    if request.method == "POST":
        office, year = request.POST.get("office", ""), _number(request.POST.get("year", ""))
        try:
            return redirect("opendata:plan", api.begin_plan(actor=request.actor, office=office, year=year, now=clock.now()))
        except (Invalid, Conflict) as exc:
            error = exc

    def fetch(after: str, limit: int) -> Sequence[api.PlanView]:
        return api.plans_of(request.actor, after=after, limit=limit)

    mine = organisations.offices_by_code(request.actor.offices(identity.Role.STEWARD)).values()
    context = {
        "page": page(request, fetch, lambda row: row.id),
        "tones": _STATE_TONES,
        "offices": mine,
        "year": clock.local_date(clock.now()).year,
        "error": error,
    }
    return render(request, "opendata/plans.html", context, status=error.status if error else 200)


@signed_in
def detail(request: SignedIn, number: int, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """One plan with its lines."""
    context = {
        "plan": api.plan(number, actor=request.actor),
        "lines": api.plan_lines(number, actor=request.actor, today=clock.local_date(clock.now())),
        "events": api.plan_timeline(number, actor=request.actor),
        "tones": _STATE_TONES,
        "outcome_tones": _OUTCOME_TONES,
        "error": error,
        "typed": request.POST,
    }
    return render(request, "opendata/plan.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def act(request: SignedIn, number: int) -> HttpResponseBase:
    """Add or remove a line, submit, approve, publish, return."""
    name = request.POST.get("act", "")
    try:
        _do(name, request, number)
    except (Invalid, Conflict) as exc:
        return detail(request, number, error=exc)
    if name in _DONE:
        messages.success(request, _DONE[name])
    return redirect("opendata:plan", number)


def _do(name: str, request: SignedIn, number: int) -> None:
    common: dict[str, Any] = {"actor": request.actor, "number": number}
    if name == "add":
        sent: dict[str, Any] = {"code": request.POST.get("code", ""), "quarter": _number(request.POST.get("quarter", ""))}
        api.add_line(**common, **sent, conditional=request.POST.get("conditional") == "yes", now=clock.now())
    elif name == "remove":
        api.remove_line(**common, line=_number(request.POST.get("line", "")))
    elif name in _DONE:
        api.move_plan(**common, act=api.PlanAct(name), reason=request.POST.get("reason", ""), now=clock.now())
    else:
        raise Invalid(_now("没有这种操作"), field="act")


@signed_in
@require_GET
def closed(request: SignedIn, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """Entries marked open that are neither open nor planned."""

    def fetch(after: str, limit: int) -> Sequence[api.ClosedView]:
        return api.closed(request.actor, after=after, limit=limit)

    context = {"page": page(request, fetch, lambda row: row.id), "error": error}
    return render(request, "opendata/closed.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def explain(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Say why one is not open."""
    api.explain_closed(actor=request.actor, resource_id=resource_id, basis=request.POST.get("basis", ""), now=clock.now())
    messages.success(request, _("已记录依据。"))
    return redirect("opendata:closed")
