"""The desk of offices and the bureau: the list of items, one item, what may be done to it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.services import api
from zhengtong.apps.affairs.services.web.simulating import rows_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import refusal, said
from zhengtong.toolkit.ui.streaming import stream

words = api.vocabulary
_MOST_AT_ONCE = 500
_EVENT_LABELS = {
    "created": "建立",
    "edited": "编辑",
    "discarded": "放弃修改",
    "imported": "导入",
    "submitted": "提交审核",
    "recalled": "撤回",
    "published": "发布",
    "returned": "退回",
    "suspended": "挂起",
    "resumed": "恢复使用",
    "cancelled": "取消事项",
    "form": "改表单",
}
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked(request: SignedIn) -> api.WorkFilter:
    order, state, version, type_ = (request.GET.get(name, "") for name in ("order", "state", "version", "type"))
    return api.WorkFilter(
        text=request.GET.get("q", "").strip()[:100],
        office=request.GET.get("office", "")[:18],
        state=state if state in {str(one.value) for one in api.State} else "",
        version=version if version in set(api.VersionState) else "",
        type=type_ if type_ in words.TYPE_LABELS else "",
        order=order if order in api.ORDERS else "changed",
    )


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """Items of my offices and of the regions I approve for."""
    chosen = _asked(request)

    def fetch(after: str, limit: int) -> Sequence[api.ItemRow]:
        return api.worklist(request.actor, chosen, after=after, limit=limit)

    steward = bool(request.actor.offices(identity.Role.STEWARD))
    approver = request.actor.holds(identity.Role.BUREAU_APPROVER)
    acts = [api.Act.SUBMIT] * steward + [api.Act.PUBLISH, api.Act.RETURN, api.Act.SUSPEND, api.Act.RESUME] * approver
    context = {
        "chosen": chosen,
        "page": page(request, fetch, lambda row: row.cursor),
        "total": api.work_count(request.actor, chosen),
        "offices": api.work_offices(request.actor),
        "states": [(str(code), _(label)) for code, label in words.STATE_LABELS.items()],
        "versions": [(code, _(label)) for code, label in words.VERSION_LABELS.items() if code != "replaced"],
        "types": words.TYPE_LABELS,
        "orders": [("changed", _("最近改动")), ("name", _("名称")), ("code", _("编码"))],
        "narrowed": any((chosen.text, chosen.office, chosen.state, chosen.version, chosen.type)),
        "acts": [(act.value, _(api.ACT_LABELS[act])) for act in acts],
        "steward": steward,
        "works": steward or approver,
    }
    return render(request, "services/items.html", context)


@signed_in
@require_GET
def export(request: SignedIn) -> HttpResponseBase:
    """The list as a workbook of all tables, or as CSV of the elements."""
    chosen = _asked(request)
    if request.GET.get("form") == "xlsx":
        disposition = {"Content-Disposition": 'attachment; filename="service-items.xlsx"', "Cache-Control": "no-store"}
        return HttpResponse(api.export_xlsx(request.actor, chosen), content_type=_SHEET, headers=disposition)

    def pieces() -> Generator[bytes, None, None]:
        yield from api.export_csv(request.actor, chosen)

    return stream(request, pieces(), content_type="text/csv; charset=utf-8", filename="service-items.csv")


@signed_in
@require_POST
def several(request: SignedIn) -> HttpResponseBase:
    """One act on the items that were ticked."""
    name = request.POST.get("act", "")
    numbers = [int(one) for one in request.POST.getlist("item")[:_MOST_AT_ONCE] if one.isascii() and one.isdecimal() and len(one) < 19]  # noqa: PLR2004 - a bigint has no more digits
    if name not in set(api.Act):
        raise Invalid("没有这种操作", field="act", remedy="从列表里选一种操作")
    if not numbers:
        raise Invalid("请先勾选事项", field="item", remedy="在列表里勾选要办理的事项")
    done = api.act_on_items(
        actor=request.actor, item_ids=numbers, act=api.Act(name), reason=request.POST.get("reason", ""), now=clock.now()
    )
    if not done.done and done.refused:
        raise done.refused[0][1]
    count = len(done.done)
    messages.success(request, ngettext("已办理 %(count)s 个事项。", "已办理 %(count)s 个事项。", count) % {"count": count})
    for number, error in done.refused[:10]:
        name = api.own_item(number, request.actor).name if not isinstance(error, api.ItemUnknown) else str(number)
        messages.warning(request, f"{name} {refusal(error)}")
    return redirect("services:items")


def item_page(request: SignedIn, number: int, error: ZhengtongError | None = None) -> HttpResponseBase:
    """One item with its findings, changes, versions and history."""
    view = api.own_item(number, request.actor)
    request.standing = "/work/items/"
    lines = api.versions(number)
    simulated = api.latest_simulation(view) if view.content.form else None
    before, after = (request.GET.get(name, "") for name in ("before", "after"))
    compared = before.isdecimal() and after.isdecimal() and len(before + after) < 10  # noqa: PLR2004 - numbers of versions are small
    context = {
        "item": view,
        "type": words.TYPE_LABELS.get(view.type, ""),
        "level": words.LEVEL_LABELS.get(view.level, ""),
        "acts": [(act.value, _(api.ACT_LABELS[act]), act in api.REASONED) for act in api.acts(view, request.actor)],
        "may": api.acts(view, request.actor),
        "findings": api.findings(view),
        "changes": api.pending_changes(view) if view.served else (),
        "groups": _told(view.content),
        "sources": words.SOURCE_LABELS,
        "supplies": api.supplies(one.material_name for one in view.content.materials),
        "versions": lines,
        "simulation": simulated,
        "figures": rows_of([simulated.report]) if simulated and simulated.report else [],
        "events": api.events(number),
        "events_labels": _EVENT_LABELS,
        "error": error,
        "reason": request.POST.get("reason", ""),
        "compared": api.difference(number, int(before), int(after), request.actor) if compared else None,
        "before": before,
        "after": after,
    }
    return render(request, "services/item.html", context, status=error.status if error else 200)


def _told(content: api.Content) -> list[tuple[str, list[tuple[str, Any]]]]:
    """The elements that say something, group by group."""
    groups = []
    for name, columns in api.elements.GROUPS.items():
        told = [(_(one.label), said(api.in_words(one, getattr(content, one.name)))) for one in columns]
        groups.append((_(api.elements.GROUP_LABELS[name]), [(label, text) for label, text in told if text]))
    return [(label, rows) for label, rows in groups if rows]


@signed_in
@require_GET
def item(request: SignedIn, number: int) -> HttpResponseBase:
    """One item, wherever it stands."""
    return item_page(request, number)


@signed_in
@require_POST
def act(request: SignedIn, number: int) -> HttpResponseBase:
    """Hand in, publish, return, suspend, resume, cancel, throw away."""
    name = request.POST.get("act", "")
    # whoever has no part in it learns nothing, whatever they sent
    api.own_item(number, request.actor)
    if name not in set(api.Act) or name == api.Act.EDIT:
        raise Invalid("没有这种操作", field="act")
    try:
        if name == api.Act.DISCARD:
            if not api.discard_item(actor=request.actor, item_id=number, now=clock.now()):
                messages.success(request, _("已删去这个事项。"))
                return redirect("services:items")
        else:
            api.act_on_item(actor=request.actor, item_id=number, act=api.Act(name), reason=request.POST.get("reason", ""), now=clock.now())
    except (Invalid, Conflict) as exc:
        return item_page(request, number, exc)
    messages.success(request, _("已办理。"))
    return redirect("services:item", number)
