"""Pages for stewards, heads and approvers: the worklist, one entry under work or review, acts on one and on several."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.streaming import stream

_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_TONES = {"draft": "", "submitted": "waiting", "approved": "waiting", "published": "done", "withdrawn": "refused"}


def wanted_of(request: HttpRequest) -> api.WorkFilter:
    """What the address narrows the worklist to."""
    asked = request.GET
    return api.WorkFilter(
        text=asked.get("q", "").strip()[:100],
        state=asked.get("state", "") if asked.get("state", "") in set(api.State) else "",
        flagged=asked.get("flagged") == "1",
        fault=asked.get("fault", "") if asked.get("fault", "") in api.fault_labels() else "",
        order="name" if asked.get("order") == "name" else "changed",
    )


@signed_in
def worklist(request: SignedIn) -> HttpResponseBase:
    """The entries that I keep or review."""
    wanted = wanted_of(request)
    counts = api.work_counts(request.actor, wanted)
    context = {
        "wanted": wanted,
        "page": page(request, lambda after, limit: api.worklist(request.actor, wanted, after=after, limit=limit), lambda row: row.key),
        "states": [(state.value, api.STATE_LABELS[state], counts[state.value]) for state in api.State],
        "total": sum(counts.values()),
        "tones": _TONES,
        "faults": api.fault_labels(),
        "labels": {state.value: label for state, label in api.STATE_LABELS.items()},
        "is_steward": request.actor.holds(identity.Role.STEWARD),
        "may_report": bool(api.bureaus_of(request.actor)),
        "may_import": request.actor.holds(identity.Role.STEWARD) or request.actor.holds(identity.Role.BUREAU_APPROVER),
        "acts": _several_acts(request.actor, wanted.state),
    }
    return render(request, "catalog/worklist.html", context)


def _several_acts(actor: identity.Actor, state: str) -> list[tuple[str, str]]:
    """What can be done to several entries at once; those of a state when one is chosen."""
    known = (
        (api.Act.SUBMIT, "draft", identity.Role.STEWARD),
        (api.Act.APPROVE, "submitted", identity.Role.SHARING_HEAD),
        (api.Act.PUBLISH, "approved", identity.Role.BUREAU_APPROVER),
    )
    return [(act.value, api.ACT_LABELS[act]) for act, begins, role in known if state in {"", begins} and actor.holds(role)]


@require_POST
@signed_in
def several(request: SignedIn) -> HttpResponseBase:
    """Submit, approve or publish those that were ticked."""
    ids = [int(number) for number in request.POST.getlist("entry") if number.isdigit()]
    name = request.POST.get("act", "")
    if not ids:
        messages.warning(request, _("没有选中任何目录。"))
        return redirect(f"{request.POST.get('back', '')}" if request.POST.get("back", "").startswith("?") else "catalog:worklist")
    if name not in set(api.Act):
        raise Invalid(str(_("没有这种操作")), field="act")
    outcome = api.act_on_several(actor=request.actor, act=api.Act(name), resource_ids=ids, now=clock.now())
    return render(request, "catalog/several.html", {"outcome": outcome, "act": api.ACT_LABELS[api.Act(name)]})


@signed_in
def copy(request: SignedIn, number: int, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """An entry under work: who holds it, what changed, what is missing, what I may do."""
    view = api.working_copy(number, actor=request.actor)
    acts = api.open_acts(view, actor=request.actor)
    context = {
        "entry": view,
        "content": view.content,
        "tone": _TONES[view.state],
        "state_label": api.STATE_LABELS[api.State(view.state)],
        "difference": api.pending_changes(number, actor=request.actor),
        "gaps": api.missing(view) if view.state in {"draft", "submitted", "approved"} else [],
        "events": api.timeline(number, actor=request.actor),
        "acts": {act.value for act in acts},
        "error": error,
        "insider": True,
        "reason": request.POST.get("reason", ""),
        "upward": api.upward(view.id),
        "review": api.review_clock(view, now=clock.now()),
        "panels": slots.fill(slots.RESOURCE_WORKING, request, view),
    }
    return render(request, "catalog/copy.html", context, status=error.status if error else 200)


_DONE = {
    "submit": _("已提交部门审核。"),
    "recall": _("已撤回。"),
    "approve": _("已审核通过,等待主管部门发布。"),
    "publish": _("已发布。"),
    "return": _("已退回。"),
    "withdraw": _("已下线。"),
    "discard": _("已放弃修改,恢复为上一版。"),
    "delete": _("草稿已删除。"),
}


@require_POST
@signed_in
def act(request: SignedIn, number: int) -> HttpResponseBase:
    """Do one act to an entry."""
    name = request.POST.get("act", "")
    try:
        _do(name, request, number)
    except (api.Incomplete, api.ReasonMissing, api.WrongState, api.ClassCodeInvalid) as exc:
        return copy(request, number, error=exc)
    messages.success(request, _DONE[name])
    return redirect("catalog:worklist") if name == "delete" else redirect("catalog:copy", number)


def _do(name: str, request: SignedIn, number: int) -> None:
    common = {"actor": request.actor, "resource_id": number, "now": clock.now()}
    plain = {
        "submit": api.submit,
        "recall": api.recall,
        "approve": api.approve,
        "publish": api.publish,
        "discard": api.discard_changes,
        "delete": api.delete_draft,
    }
    reasoned = {"return": api.send_back, "withdraw": api.withdraw}
    if name in plain:
        plain[name](**common)
    elif name in reasoned:
        reasoned[name](**common, reason=request.POST.get("reason", ""))
    else:
        raise Invalid(str(_("没有这种操作")), field="act")


@signed_in
def export(request: SignedIn) -> HttpResponseBase:
    """The worklist as a file that leaves while it is made."""
    kind = request.GET.get("kind", "xlsx")
    pieces = api.export_worklist(request.actor, wanted_of(request), kind=kind)
    return stream(request, pieces, content_type=_KINDS[kind], filename=f"catalog.{kind}")
