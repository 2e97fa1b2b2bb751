"""The desk of those who open data: openings, one of them with findings and timeline, acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page

_TONES = {
    api.State.MEASURING: "active",
    api.State.MEASURED: "waiting",
    api.State.APPROVED: "waiting",
    api.State.RELEASED: "active",
    api.State.OPEN: "done",
    api.State.RETURNED: "refused",
    api.State.WITHDRAWN: "",
}
_DONE = {
    "approve": _("已审核通过,等待主管部门发布。"),
    "publish": _("已同意发布,正在生成文件。"),
    "return": _("已退回。"),
    "withdraw": _("已停止开放。"),
}


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """Openings of my offices, and of the regions I publish for."""
    state = request.GET.get("state", "")
    state = state if state in set(api.State) else ""

    def fetch(after: str, limit: int) -> Sequence[api.OpeningView]:
        return api.openings(request.actor, state=state, after=after, limit=limit)

    rows = page(request, fetch, lambda row: row.id)
    context = {"page": rows, "tones": _TONES, "state": state, "states": list(api.STATE_LABELS.items())}
    context["writes_news"] = request.actor.holds(identity.Role.BUREAU_APPROVER)
    return render(request, "opendata/openings.html", context)


def _progress(request: SignedIn, number: int) -> dict[str, Any]:
    return {"opening": api.opening(number, actor=request.actor), "build": api.last_build(number, actor=request.actor), "tones": _TONES}


@signed_in
@require_GET
def progress(request: SignedIn, number: int) -> HttpResponseBase:
    """How far the worker has come, as a part of the page that asks for itself again; the page comes anew when it has ended."""
    context = _progress(request, number)
    answer = render(request, "opendata/parts/progress.html", context)
    if context["build"] is None or not context["build"].is_open:
        answer["HX-Refresh"] = "true"
    return answer


@signed_in
def detail(request: SignedIn, number: int, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """One opening: where it stands, what the gates found, what I may do."""
    context = _progress(request, number)
    view: api.OpeningView = context["opening"]
    names = _names(view)
    masks = {mask.value: label for mask, label in api.MASK_LABELS.items()}
    context |= {
        "items": [(names.get(item["key"], item["key"]), item["key"], masks[item["mask"]]) for item in view.items],
        "quasi": [names.get(key, key) for key in view.quasi],
        "findings": api.findings(number, names, actor=request.actor),
        "gates": api.GATE_LABELS,
        "events": api.timeline(number, actor=request.actor),
        "theme": api.THEME_LABELS[view.theme],
        "coordinates": api.COORDINATE_LABELS,
        "licence": api.LICENCES[view.licence],
        "error": error,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "opendata/opening.html", context, status=error.status if error else 200)


def _names(view: api.OpeningView) -> dict[str, str]:
    found = catalog.resources_by_id([view.resource_id]).get(view.resource_id)
    return {item.key: item.name for item in found.content.items} if found else {}


@signed_in
@require_POST
def act(request: SignedIn, number: int) -> HttpResponseBase:
    """Approve, publish, send back or withdraw."""
    name = request.POST.get("act", "")
    common = {"actor": request.actor, "number": number, "now": clock.now()}
    plain, reasoned = {"approve": api.approve, "publish": api.publish}, {"return": api.send_back, "withdraw": api.withdraw}
    if name not in _DONE:
        raise Invalid("没有这种操作", field="act")
    try:
        if name in plain:
            plain[name](**common)
        else:
            reasoned[name](**common, reason=request.POST.get("reason", ""))
    except (Invalid, Conflict) as exc:
        return detail(request, number, error=exc)
    messages.success(request, _DONE[name])
    return redirect("opendata:opening", number)


@signed_in
@require_POST
def overrule(request: SignedIn, number: int) -> HttpResponseBase:
    """Let a finding pass, with the reason."""
    facts = {name: request.POST.get(name, "") for name in ("gate", "column", "reason")}
    try:
        api.overrule(actor=request.actor, number=number, now=clock.now(), **facts)
    except (Invalid, Conflict) as exc:
        return detail(request, number, error=exc)
    messages.success(request, _("已放行,理由会随数据集公开。"))
    return redirect("opendata:opening", number)
