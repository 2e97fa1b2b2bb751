"""Pages of entries that look the same: the worklist, two side by side, and hints while one is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.paging import page

_MOST_ITEMS = 110


@signed_in
def listed(request: SignedIn) -> HttpResponseBase:
    """The pairs that concern me, the most alike first."""
    asked = request.GET
    wanted = api.AlikeFilter(
        office=asked.get("office", "").strip()[:18], within=asked.get("within") == "1", settled=asked.get("settled") == "1"
    )
    shown = page(request, lambda after, limit: api.alike_pairs(request.actor, wanted, after=after, limit=limit), lambda one: one.key)
    keeps = request.actor.holds(identity.Role.STEWARD) or request.actor.holds(identity.Role.SHARING_HEAD)
    return render(request, "quality/alike.html", {"page": shown, "wanted": wanted, "mine": request.actor.office if keeps else ""})


@dataclass(frozen=True)
class Line:
    """A field of both entries in words."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        """Whether they say something else."""
        return self.first != self.second


@dataclass(frozen=True)
class ItemLine:
    """An item of both, or of one of them (the other is None)."""

    first: catalog.ItemContent | None
    second: catalog.ItemContent | None


def _lines(one: catalog.Content, other: catalog.Content) -> list[Line]:
    first, second = one.document(), other.document()
    pairs = [(catalog.FIELD_LABELS[name], name) for name in catalog.FIELD_LABELS if name in first and name != "items"]
    words = [Line(label, catalog.in_words(name, first.get(name)), catalog.in_words(name, second.get(name))) for label, name in pairs]
    return [line for line in words if line.first or line.second]


def _items(one: catalog.Content, other: catalog.Content) -> list[ItemLine]:
    """Items of both that are the same one beside each other, then what only one has."""
    mine, theirs = api.group_numbers(one.items), api.group_numbers(other.items)
    by_group = {mine[item.key]: item for item in one.items if mine.get(item.key, 0) > 0}
    by_name = {item.name: item for item in one.items}
    paired, lines, left = set[str](), list[ItemLine](), list[ItemLine]()
    for item in other.items:
        match = by_group.get(theirs.get(item.key, 0)) or by_name.get(item.name)
        if match is None or match.key in paired:
            left.append(ItemLine(None, item))
        else:
            paired.add(match.key)
            lines.append(ItemLine(match, item))
    return [*lines, *(ItemLine(item, None) for item in one.items if item.key not in paired), *left]


@signed_in
def compare(request: SignedIn, one: int, other: int, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """Two published entries side by side, and what can be done about them."""
    first, second = catalog.resource(one), catalog.resource(other)
    try:
        pair: api.PairView | None = api.alike_pair(one, other)
    except api.PairUnknown:
        pair = None
    context: dict[str, Any] = {
        "first": first,
        "second": second,
        "pair": pair,
        "lines": _lines(first.content, second.content),
        "items": _items(first.content, second.content),
        "verdict": api.alike_verdict(one, other),
        "may_settle": pair is not None and api.may_settle(request.actor, first, second),
        "keeps_first": request.actor.has(identity.Role.STEWARD, first.office),
        "keeps_second": request.actor.has(identity.Role.STEWARD, second.office),
        "reason": request.POST.get("reason", ""),
        "error": error,
    }
    return render(request, "quality/compare.html", context, status=error.status if error else 200)


@require_POST
@signed_in
def decide(request: SignedIn, one: int, other: int) -> HttpResponseBase:
    """Say that two are not the same, take that back, or propose to merge them."""
    act = request.POST.get("act", "")
    common: dict[str, Any] = {"actor": request.actor, "now": clock.now()}
    try:
        if act in {"keep-first", "keep-second"}:
            keep, drop = (one, other) if act == "keep-first" else (other, one)
            count = api.propose_merge(keep=keep, drop=drop, **common)
            messages.success(request, _("已并入 %(count)d 个信息项,并通知对方单位负责人下线另一条。") % {"count": count})
            return redirect("catalog:copy", keep)
        if act == "reopen":
            api.reopen_alike(one=one, other=other, **common)
            messages.success(request, _("已恢复为疑似重复。"))
        else:
            api.settle_alike(one=one, other=other, reason=request.POST.get("reason", ""), **common)
            messages.success(request, _("已标记为不重复,以后不再提示。"))
    except (api.VerdictInvalid, catalog.WrongState) as exc:
        return compare(request, one, other, error=exc)
    return redirect("quality:compare", one, other)


@require_POST
@signed_in
def hinted(request: SignedIn) -> HttpResponseBase:
    """What the entry that is being written looks like; asked for by the form whenever its name changes."""
    asked = request.POST.get("count", "0")
    count = min(int(asked) if asked.isdigit() else 0, _MOST_ITEMS)
    typed = [
        (request.POST.get(f"item-{number}-name", "").strip(), request.POST.get(f"item-{number}-data_type", "") or "C")
        for number in range(count)
    ]
    items = [catalog.ItemContent(key=f"i{place}", name=name, data_type=kind) for place, (name, kind) in enumerate(typed) if name]
    but = request.GET.get("but", "")
    found = api.alike_hints(request.POST.get("office", ""), request.POST.get("name", "")[:300], items, but=int(but) if but.isdigit() else 0)
    return render(request, "quality/parts/hints.html", {"hints": found, "number": 0})


def working_panel(request: HttpRequest, resource: catalog.ResourceView) -> SafeString | None:
    """On the page of an entry under work or review: what published entries it looks like."""
    found = api.alike_hints(resource.office, resource.name, resource.items, but=resource.id)
    if not found:
        return None
    context = {"hints": found, "number": resource.id if resource.served_version else 0, "panel": True}
    return SafeString(render_to_string("quality/parts/hints.html", context, request=request))


def writing_panel(request: HttpRequest, resource: catalog.ResourceView | None) -> SafeString | None:
    """In the form of an entry: the place where hints appear while it is filled in."""
    found = api.alike_hints(resource.office, resource.name, resource.items, but=resource.id) if resource else []
    context = {"hints": found, "number": 0, "but": resource.id if resource else 0}
    return SafeString(render_to_string("quality/parts/writing.html", context, request=request))
