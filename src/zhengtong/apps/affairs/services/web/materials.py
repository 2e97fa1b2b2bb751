"""The materials ledger: what could be avoided, and which sources supply what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.services import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page


def _require(request: SignedIn) -> None:
    if not api.may_name(request.actor):
        raise api.ItemNotAllowed(_("材料台账由数据专员或主管部门审核员查看"))


@signed_in
@require_GET
def avoidable(request: SignedIn) -> HttpResponseBase:
    """Materials that are asked for although a connected source could supply them, and the planned share of each office."""
    _require(request)
    office = request.GET.get("office", "")[:18]

    def fetch(after: str, limit: int) -> Sequence[api.Avoidable]:
        return api.avoidable(request.actor, office=office, after=after, limit=limit)

    request.standing = "/work/items/"
    context = {"office": office, "page": page(request, fetch, lambda row: row.id, size=30), "shares": api.shares(request.actor)}
    return render(request, "services/materials.html", context)


def _kinds() -> list[tuple[str, str]]:
    labels = api.vocabulary.SOURCE_LABELS
    return [(one.value, _(labels[one])) for one in (api.Source.SHARED, api.Source.LICENCE)]


class SourceForm(forms.Form):
    """A material and the source that supplies it."""

    name = forms.CharField(max_length=200)
    source = forms.ChoiceField(choices=_kinds)
    resource = forms.CharField(max_length=60, required=False)
    resource_item = forms.CharField(max_length=100, required=False)
    licence_type = forms.CharField(max_length=64, required=False)
    note = forms.CharField(max_length=200, required=False)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        named = {name: api.elements.ELEMENT_LABELS[name] for name in ("source", "resource", "resource_item", "licence_type")}
        for name, label in {"name": "材料名称", "note": "备注", **named}.items():
            self.fields[name].label = _(label)


@signed_in
def sources(request: SignedIn) -> HttpResponseBase:
    """The table of named sources, and a new line of it."""
    _require(request)
    form = SourceForm(request.POST or None, initial={"name": request.GET.get("name", "")[:200]})
    if request.method == "POST" and form.is_valid():
        try:
            api.name_source(actor=request.actor, now=clock.now(), **form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已登记。"))
            return redirect("services:sources")
    text = request.GET.get("q", "").strip()[:100]

    def fetch(after: str, limit: int) -> Sequence[api.NamedView]:
        return api.named_sources(text=text, after=after, limit=limit)

    request.standing = "/work/items/"
    name = request.GET.get("name", "")[:200]
    context = {
        "form": form,
        "q": text,
        "page": page(request, fetch, lambda row: row.name, size=30),
        "labels": api.vocabulary.SOURCE_LABELS,
        "name": name,
        "candidates": api.candidates(name) if name else (),
    }
    return render(request, "services/sources.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def remove(request: SignedIn, source: int) -> HttpResponseBase:
    """Take a named source back."""
    api.remove_source(actor=request.actor, source_id=source, now=clock.now())
    messages.success(request, _("已删去。"))
    return redirect("services:sources")
