"""Writing an entry."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api
from zhengtong.apps.resources.catalog.web import forms
from zhengtong.kernel import clock
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import advice

#: A form can carry this many items; longer lists come in through the national form.
_MOST_ITEMS = 110
_BLANK_ROWS = 1


@signed_in
def new(request: SignedIn) -> HttpResponseBase:
    """Begin an entry of one of my offices."""
    codes = sorted(request.actor.offices(identity.Role.STEWARD))
    offices = [(office.code, office.name) for office in organisations.offices_by_code(codes).values()]
    if not offices:
        raise api.NotAllowed(_("新建目录需要数据专员角色"))
    chosen = request.POST.get("office") or request.GET.get("office") or offices[0][0]
    return _page(request, None, office=chosen, offices=offices)


@signed_in
def edit(request: SignedIn, number: int) -> HttpResponseBase:
    """Edit a working copy; editing a published entry begins one."""
    view = api.working_copy(number, actor=request.actor)
    api.require_to_edit(view, actor=request.actor)
    if api.Act.EDIT not in api.open_acts(view, actor=request.actor):
        raise api.WrongState(_("该目录现在不能编辑"), remedy=_("审核中的先撤回"))
    return _page(request, view, office=view.office, offices=[])


def _page(request: SignedIn, view: api.ResourceView | None, *, office: str, offices: list[tuple[str, str]]) -> HttpResponseBase:
    posted = request.method == "POST"
    form = forms.ResourceForm(request.POST) if posted else forms.ResourceForm(initial=forms.initial_of(view.content) if view else None)
    items, arranged = _items(request, view)
    if posted and not arranged and form.is_valid() and all([one.is_valid() for one in items]):  # noqa: C419 - every form shows its errors
        try:
            saved = _save(request, view, office, forms.content_from(form, items, view.content if view else None))
        except api.Incomplete as exc:
            for finding in exc.findings:
                form.add_error(
                    finding.field if finding.field in form.fields else None,
                    advice(finding.rule, finding.remedy),
                )
        except (api.ChangedMeanwhile, api.WrongState) as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已保存草稿。"))
            return redirect("catalog:copy", saved.id)
    wrong = posted and not arranged
    if arranged:
        form = forms.ResourceForm(initial=_as_typed(request))
    context = {
        "form": form,
        "entry": view,
        "office": office,
        "offices": offices,
        "revision": request.POST.get("revision") or (view.revision if view else 0),
        "sections": [(heading, [form[name] for name in names]) for heading, names in forms.SECTIONS],
        "items": [_row(one) for one in items],
        "item_errors": [(one, number) for number, one in enumerate(items, start=1) if wrong and one.errors],
        "count": len(items),
        "hints": slots.fill(slots.RESOURCE_WRITING, request, view),
        "full": len(items) >= _MOST_ITEMS,
    }
    return render(request, "catalog/edit.html", context, status=422 if wrong else 200)


def _as_typed(request: SignedIn) -> dict[str, Any]:
    return {
        name: request.POST.getlist(name) if name == "sharing_modes" else request.POST.get(name, "")
        for name in forms.ResourceForm.base_fields
    }


def _row(form: forms.ItemForm) -> dict[str, Any]:
    return {
        "form": form,
        "first": [form[name] for name in forms.ITEM_FIRST],
        "checks": [form[name] for name in forms.ITEM_CHECKS],
        "more": [form[name] for name in forms.ITEM_MORE],
        "open": any(form[name].value() for name in forms.ITEM_MORE) or any(form[name].errors for name in forms.ITEM_MORE),
        "name": form["name"].value() or "",
    }


def _items(request: SignedIn, view: api.ResourceView | None) -> tuple[list[forms.ItemForm], bool]:
    """The item forms, and whether a button only rearranged them."""
    if request.method != "POST":
        known = [forms.item_initial(item) for item in view.content.items] if view else []
        rows: list[dict[str, Any] | None] = [*known, *([None] * (_BLANK_ROWS if not known else 0))]
        return [forms.ItemForm(prefix=f"item-{number}", initial=row) for number, row in enumerate(rows)], False
    asked = request.POST.get("count", "0")
    count = min(int(asked) if asked.isdigit() else 0, _MOST_ITEMS)
    act, _dash, place = request.POST.get("arrange", "").partition("-")
    if not act:
        return [forms.ItemForm(request.POST, prefix=f"item-{number}") for number in range(count)], False
    rows = [_typed(request, number) for number in range(count)]
    index = int(place) if place.isdigit() and int(place) < count else count
    if act == "add" and count < _MOST_ITEMS:
        rows.append(None)
    elif act == "remove" and index < count:
        del rows[index]
    elif act == "up" and 0 < index < count:
        rows[index - 1], rows[index] = rows[index], rows[index - 1]
    elif act == "down" and index < count - 1:
        rows[index + 1], rows[index] = rows[index], rows[index + 1]
    return [forms.ItemForm(prefix=f"item-{number}", initial=row) for number, row in enumerate(rows)], True


def _typed(request: SignedIn, number: int) -> dict[str, Any]:
    typed = {name: request.POST.get(f"item-{number}-{name}", "") for name in forms.ItemForm.base_fields}
    return typed | {name: f"item-{number}-{name}" in request.POST for name in forms.ITEM_CHECKS}


def _save(request: SignedIn, view: api.ResourceView | None, office: str, content: api.Content) -> api.ResourceView:
    if view is None:
        return api.create_draft(actor=request.actor, office=office, content=content, now=clock.now())
    asked = request.POST.get("revision", "")
    revision = int(asked) if asked.isdigit() else -1
    return api.save_draft(actor=request.actor, resource_id=view.id, revision=revision, content=content, now=clock.now())
