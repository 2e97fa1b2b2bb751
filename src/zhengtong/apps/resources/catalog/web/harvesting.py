"""Catalogs elsewhere: which are read, when, and what they brought."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said


class SourceForm(forms.Form):
    """A source and how it is taken."""

    use_required_attribute = False
    office = forms.ChoiceField(label=_("导入单位"))
    title = forms.CharField(label=_("来源名称"), max_length=100, help_text=_("例如“省公共数据开放平台”。"))
    kind = forms.ChoiceField(label=_("种类"), choices=[(kind.value, _(label)) for kind, label in api.KIND_LABELS.items()])
    address = forms.URLField(
        label=_("网址"),
        max_length=1000,
        assume_scheme="https",
        help_text=_("CKAN 写门户的根;其他写文件或目录本身的地址。内部网段须由系统管理员先放行。"),
    )
    every_hours = forms.TypedChoiceField(
        label=_("多久采集一次"), coerce=int, initial=24, choices=[(hours, _(label)) for hours, label in api.EVERY_LABELS.items()]
    )
    publish = forms.BooleanField(
        label=_("采集后直接发布"), required=False, help_text=_("仅主管部门审核员可选。不选则进入草稿,由各单位核对后提交。")
    )
    class_code = forms.CharField(label=_("没有分类码的归入"), required=False, max_length=40, initial="307000")

    def __init__(self, *given: Any, offices: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["office"] = forms.ChoiceField(label=_("导入单位"), choices=offices)


def _offices(actor: identity.Actor) -> list[tuple[str, str]]:
    codes = actor.offices(identity.Role.STEWARD, identity.Role.BUREAU_APPROVER)
    found = sorted((office.code, office.name) for office in organisations.offices_by_code(codes).values())
    if not found:
        raise api.NotAllowed(_now("采集目录需要数据专员或主管部门审核员角色"))
    return found


@signed_in
def sources(request: SignedIn) -> HttpResponseBase:
    """The sources of my offices."""
    _offices(request.actor)
    shown = page(request, lambda after, limit: api.harvest_sources(request.actor, after=after, limit=limit), lambda one: one.id)
    return render(request, "catalog/harvests.html", {"page": shown, "states": api.HARVEST_STATE_LABELS, "every": api.EVERY_LABELS})


@signed_in
def add(request: SignedIn) -> HttpResponseBase:
    """A new source."""
    form = SourceForm(request.POST or None, offices=_offices(request.actor))
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            number = api.add_harvest(actor=request.actor, office=facts.pop("office"), facts=facts, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已添加。几分钟内会第一次采集。"))
            return redirect("catalog:harvest", number)
    return render(request, "catalog/harvest_form.html", {"form": form}, status=422 if form.errors else 200)


@signed_in
def source(request: SignedIn, number: int) -> HttpResponseBase:
    """One source, and what its readings brought."""
    return _shown(request, number)


def _shown(request: SignedIn, number: int, **more: Any) -> HttpResponseBase:
    view = api.harvest_source(number, actor=request.actor)
    context = {
        "source": view,
        "state_label": api.HARVEST_STATE_LABELS[view.state],  # type: ignore[index]
        "every_label": api.EVERY_LABELS[view.every_hours],
        "runs": api.harvest_runs(number, actor=request.actor),
        **more,
    }
    return render(request, "catalog/harvest.html", context)


@signed_in
def change(request: SignedIn, number: int) -> HttpResponseBase:
    """Change a source."""
    view = api.harvest_source(number, actor=request.actor)
    known = {name: getattr(view, name) for name in ("office", "title", "kind", "address", "every_hours")}
    options = {name: view.options[name] for name in ("publish", "class_code")}
    form = SourceForm(request.POST or None, initial=known | options, offices=[(view.office, view.office_name)])
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        del facts["office"]
        try:
            api.change_harvest(actor=request.actor, source_id=number, facts=facts, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已保存。"))
            return redirect("catalog:harvest", number)
    return render(request, "catalog/harvest_form.html", {"form": form, "source": view}, status=422 if form.errors else 200)


@signed_in
@require_POST
def look(request: SignedIn, number: int) -> HttpResponseBase:
    """The first records that the source has now; nothing is taken."""
    try:
        found = api.look(actor=request.actor, source_id=number)
    except api.NotAllowed:
        raise
    except ZhengtongError as exc:
        if exc.status == 404:  # noqa: PLR2004 - no such source
            raise
        return _shown(request, number, problem=exc)
    return _shown(
        request,
        number,
        looked=[{"title": one.get("title"), "department": one.get("department"), "id": one.get("source_id")} for one in found],
    )


@signed_in
@require_POST
def read(request: SignedIn, number: int) -> HttpResponseBase:
    """Read a source now."""
    try:
        api.harvest_now(actor=request.actor, source_id=number, whole=request.POST.get("whole") == "1", now=clock.now())
    except api.HarvestBusy as exc:
        messages.warning(request, said(exc.sentence))
    else:
        messages.success(request, _now("已排队,采集在后台进行。"))
    return redirect("catalog:harvest", number)


@signed_in
@require_POST
def remove(request: SignedIn, number: int) -> HttpResponseBase:
    """Read a source no longer."""
    title = api.remove_harvest(actor=request.actor, source_id=number, now=clock.now())
    messages.success(request, _now("已停止采集“%s”,已采集的目录保留。") % title)
    return redirect("catalog:harvests")
