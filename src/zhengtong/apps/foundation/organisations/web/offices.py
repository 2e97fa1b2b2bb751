"""Offices, for the system administrator: list, add, rename, merge, end, history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.foundation.organisations import api
from zhengtong.apps.foundation.organisations.web.access import for_registrars
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn
from zhengtong.toolkit.ui.forms import add_refusal, date_input
from zhengtong.toolkit.ui.paging import page

_LEVELS = [
    (api.Level.NATION.value, _("国家级")),
    (api.Level.PROVINCE.value, _("省级")),
    (api.Level.CITY.value, _("市级")),
    (api.Level.COUNTY.value, _("县级")),
    (api.Level.TOWN.value, _("镇(乡、街道)级")),
    (api.Level.VILLAGE.value, _("村(社区)级")),
]


class OfficeForm(forms.Form):
    """A new office."""

    code = forms.CharField(label=_("统一社会信用代码"), min_length=18, max_length=18)
    name = forms.CharField(label=_("名称"), max_length=200)
    short_name = forms.CharField(label=_("简称"), required=False, max_length=60)
    level = forms.TypedChoiceField(label=_("层级"), coerce=int, choices=_LEVELS)
    region = forms.CharField(label=_("行政区划代码"), help_text=_("2、4、6、9 或 12 位,如 370812。"), max_length=12)
    parent_code = forms.CharField(label=_("上级单位代码"), required=False, max_length=18)
    valid_from = forms.DateField(label=_("设立日期"), widget=date_input())
    is_bureau = forms.BooleanField(label=_("政务数据主管部门"), help_text=_("每个区划只有一个。"), required=False)


class RenameForm(forms.Form):
    """A new name from a day on."""

    name = forms.CharField(label=_("新名称"), max_length=200)
    short_name = forms.CharField(label=_("简称"), required=False, max_length=60)
    since = forms.DateField(label=_("启用日期"), widget=date_input())


class MergeForm(forms.Form):
    """Into which office, from when."""

    into = forms.CharField(label=_("并入单位的代码"), min_length=18, max_length=18)
    on = forms.DateField(label=_("并入日期"), widget=date_input())


class EndForm(forms.Form):
    """From when an office is no more."""

    on = forms.DateField(label=_("撤销日期"), widget=date_input())


@for_registrars
def offices(request: SignedIn) -> HttpResponseBase:
    """All offices, by code."""
    text, region = request.GET.get("q", "").strip(), request.GET.get("region", "").strip()
    ended = request.GET.get("ended") == "1"
    found = page(
        request,
        lambda after, limit: api.search_offices(text, region=region, ended=ended, after=after, limit=limit),
        lambda row: row.code,
    )
    return render(request, "organisations/offices.html", {"page": found, "q": text, "region": region, "ended": ended})


@for_registrars
def detail(request: SignedIn, code: str) -> HttpResponseBase:
    """One office with its history."""
    history = api.office_history(code)
    return render(
        request, "organisations/office.html", {"history": history, "office": history.office, "level": dict(_LEVELS)[history.office.level]}
    )


def _form_page(
    request: SignedIn, form: forms.Form, act: Callable[[dict[str, Any]], api.OfficeView], words: Mapping[str, str | Promise], back: str
) -> HttpResponseBase:
    """Show a form, do the act, and go to the office."""
    if request.method == "POST" and form.is_valid():
        try:
            office = act(form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, str(words["done"]))
            return redirect("organisations:office", office.code)
    context = {"form": form, "back": back, **words}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@for_registrars
def add(request: SignedIn) -> HttpResponseBase:
    """Add an office."""
    words = {"heading": _("新增单位"), "submit": _("新增"), "done": _("单位已新增。")}
    form = OfficeForm(request.POST or None)
    return _form_page(
        request,
        form,
        lambda data: api.add_office(actor=request.actor, now=clock.now(), **data),
        words,
        reverse("organisations:offices"),
    )


@for_registrars
def rename(request: SignedIn, code: str) -> HttpResponseBase:
    """Give an office a new name."""
    office = api.office(code)
    words = {"heading": _("单位更名"), "submit": _("更名"), "done": _("单位已更名,旧名称仍可查到。")}
    form = RenameForm(request.POST or None, initial={"name": office.name, "short_name": office.short_name, "since": clock.today()})
    return _form_page(
        request,
        form,
        lambda data: api.rename_office(code=code, actor=request.actor, now=clock.now(), **data),
        words,
        reverse("organisations:office", args=[code]),
    )


@for_registrars
def merge(request: SignedIn, code: str) -> HttpResponseBase:
    """Merge an office into another."""
    words = {
        "heading": _("并入其他单位"),
        "lead": _("并入后本单位终止;它以前的资源、授权和记录仍属于它。"),
        "submit": _("并入"),
        "done": _("单位已并入。"),
    }
    api.office(code)
    return _form_page(
        request,
        MergeForm(request.POST or None, initial={"on": clock.today()}),
        lambda data: api.merge_office(code=code, actor=request.actor, now=clock.now(), **data),
        words,
        reverse("organisations:office", args=[code]),
    )


@for_registrars
def end(request: SignedIn, code: str) -> HttpResponseBase:
    """End an office without a successor."""
    words = {
        "heading": _("撤销单位"),
        "lead": _("没有承接单位时才撤销;有承接单位的请用「并入其他单位」。"),
        "submit": _("撤销"),
        "done": _("单位已撤销。"),
    }
    api.office(code)
    return _form_page(
        request,
        EndForm(request.POST or None, initial={"on": clock.today()}),
        lambda data: api.end_office(code=code, actor=request.actor, now=clock.now(), **data),
        words,
        reverse("organisations:office", args=[code]),
    )
