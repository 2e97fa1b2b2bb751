"""Writing an item: a new one, and a version of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zhengtong.apps.affairs.services import api
from zhengtong.apps.affairs.services.web.forms import ContentForm
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal


class NewItemForm(forms.Form):
    """What a new item needs before anything else: whose it is, its code, its name."""

    office = forms.ChoiceField()
    catalog_code = forms.CharField(max_length=12)
    task_handle_item = forms.CharField(max_length=2, required=False)
    task_name = forms.CharField(max_length=200)

    def __init__(self, *arguments: Any, offices: list[tuple[str, str]], **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.fields["office"] = forms.ChoiceField(choices=offices)
        labels = {
            "office": _("实施主体"),
            "catalog_code": _("基本编码"),
            "task_handle_item": _("业务办理项序号"),
            "task_name": _("事项名称"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["catalog_code"].help_text = _("12 位:区划 2、事项类型 2、业务指导部门 2、主项 3、子项 3,例如 370117002011。")
        self.fields["task_handle_item"].help_text = _("同一个事项分几种情形办理时,从 01 起编。")


@signed_in
def new(request: SignedIn) -> HttpResponseBase:
    """Begin an item."""
    mine = request.actor.offices(identity.Role.STEWARD)
    if not mine:
        raise api.ItemNotAllowed(_("事项由本单位数据专员建立"))
    offices = sorted((one.code, one.name) for one in organisations.offices_by_code(mine).values())
    form = NewItemForm(request.POST or None, offices=offices)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = api.create_item(
                actor=request.actor,
                office=told["office"],
                basic=told["catalog_code"].strip().upper(),
                handle=told["task_handle_item"].strip().upper(),
                content=api.Content(task_name=told["task_name"]),
                now=clock.now(),
            )
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            return redirect("services:item-edit", made.id)
    request.standing = "/work/items/"
    context = {"form": form, "heading": _("新建事项"), "submit": _("建立并继续填写"), "back": "/work/items/"}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@signed_in
def edit(request: SignedIn, number: int) -> HttpResponseBase:
    """Write the version that is worked on; the published one stays in force."""
    view = api.own_item(number, request.actor)
    if api.Act.EDIT not in api.acts(view, request.actor):
        if not request.actor.has(identity.Role.STEWARD, view.office):
            raise api.ItemNotAllowed(_("事项由本单位数据专员编辑"))
        raise api.ItemState(_("现在不能编辑:事项正在审核,或已取消"), remedy=_("先撤回,或等审核结束"))
    more = request.POST.get("more", "")
    form = ContentForm(view.content, request.POST if request.method == "POST" else None, more)
    error: ZhengtongError | None = None
    if request.method == "POST" and not form.wrong and not more:
        revision = request.POST.get("revision", "")
        try:
            api.save_item(
                actor=request.actor,
                item_id=number,
                content=form.content(view.content),
                revision=int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 10 else 0,  # noqa: PLR2004
                now=clock.now(),
            )
        except ZhengtongError as exc:
            error = exc
        else:
            messages.success(request, _("已保存。"))
            return redirect("services:item", number)
    request.standing = "/work/items/"
    context = {
        "item": view,
        "form": form,
        "error": error,
        "revision": request.POST.get("revision") or view.revision,
        "findings": api.findings(view) if request.method != "POST" else (),
        "supplies": api.supplies(one.material_name for one in view.content.materials),
        "added": more,
    }
    return render(request, "services/edit.html", context, status=error.status if error else 422 if form.wrong and not more else 200)
