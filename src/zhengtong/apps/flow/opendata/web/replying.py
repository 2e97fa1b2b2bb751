"""The desk for requests of conditional opening: list, one of them, acts, export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.web.requesting import TONES
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page

_GRANT_TONES = {"active": "done", "suspended": "refused", "ended": "", "expired": ""}
_DONE = {
    "ask-supplement": _("已告知申请人,期限暂停。"),
    "propose": _("已拟定答复,等待负责人审定。"),
    "reconsider": _("已退回重拟。"),
    "conclude": _("已答复申请人。"),
    "suspend": _("授权已暂停,密钥立即失效。"),
    "resume": _("授权已恢复。"),
    "end": _("授权已终止,密钥立即失效。"),
}


def _state(request: SignedIn) -> str:
    state = request.GET.get("state", "")
    return state if state in set(api.RequestState) else ""


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """Requests to my offices, and in the regions I oversee."""
    state, now = _state(request), clock.now()

    def fetch(after: str, limit: int) -> Sequence[api.RequestView]:
        return api.requests_of(request.actor, now=now, state=state, after=after, limit=limit)

    rows = page(request, fetch, lambda row: row.id)
    context = {"page": rows, "tones": TONES, "grant_tones": _GRANT_TONES, "state": state, "states": list(api.REQUEST_LABELS.items())}
    return render(request, "opendata/requests.html", context)


@signed_in
@require_GET
def export(request: SignedIn) -> HttpResponseBase:
    """The list as CSV."""
    data = api.export_requests(request.actor, now=clock.now(), state=_state(request))
    headers = {"Content-Disposition": 'attachment; filename="requests.csv"'}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


@signed_in
def detail(request: SignedIn, number: str, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """One request: what was asked, who holds it until when, what I may do."""
    view = api.request(number, actor=request.actor, now=clock.now())
    wanted = set(request.POST.getlist("items")) if error else {key for key, _name in view.items}
    context = {
        "one": view,
        "tones": TONES,
        "grant_tones": _GRANT_TONES,
        "error": error,
        "items": [(key, name, key in wanted) for key, name in view.items],
        "answered": [name for key, name in view.items if key in view.answer.get("items", [])],
        "typed": request.POST,
    }
    return render(request, "opendata/request.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def act(request: SignedIn, number: str) -> HttpResponseBase:
    """Do one act to a request or its grant."""
    name = request.POST.get("act", "")
    if name not in _DONE:
        raise Invalid(_now("没有这种操作"), field="act")
    try:
        _do(name, request, number)
    except (Invalid, Conflict) as exc:
        return detail(request, number, error=exc)
    messages.success(request, _DONE[name])
    return redirect("opendata:request", number)


def _do(name: str, request: SignedIn, number: str) -> None:
    common: dict[str, Any] = {"actor": request.actor, "number": number, "now": clock.now()}
    reason = request.POST.get("reason", "")
    match name:
        case "ask-supplement":
            api.ask_supplement(**common, missing=reason)
        case "propose":
            agree, items = request.POST.get("agree") == "yes", request.POST.getlist("items")
            api.propose_answer(**common, agree=agree, items=items, days=_days(request.POST.get("days", "")), reason=reason)
        case "reconsider":
            api.reconsider(**common, reason=reason)
        case "conclude":
            api.conclude(**common)
        case _:
            api.change_grant(**common, act=api.RequestAct(name), reason=reason)


def _days(text: str) -> int:
    # no term is longer than five digits
    return int(text) if text.isdecimal() and len(text) < 6 else 0  # noqa: PLR2004 - as above
