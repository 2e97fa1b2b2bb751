"""Pages of the dictionary of standard items, and of the links to it."""

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
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api
from zhengtong.apps.resources.quality.web.scores import csv_answer
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page

_SHOWN = 50


class ContentForm(forms.Form):
    """What a standard item says."""

    use_required_attribute = False
    name = forms.CharField(label=_("名称"), max_length=100)
    synonyms = forms.CharField(label=_("同义词"), required=False, max_length=600, help_text=_("用顿号隔开。"))
    data_type = forms.ChoiceField(label=_("数据类型"))
    length = forms.IntegerField(label=_("数据长度"), required=False, min_value=1, max_value=1_000_000)
    code_list = forms.CharField(label=_("代码集"), required=False, max_length=100, help_text=_("取值来自的代码表,例如 GB/T 2261.1。"))
    sensitivity = forms.ChoiceField(label=_("敏感类别"), required=False)
    definition = forms.CharField(label=_("定义"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    source = forms.CharField(label=_("来源标准"), required=False, max_length=100)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["data_type"].choices = [  # type: ignore[attr-defined]  # the field is one of choices
            (one.value, f"{_now(label)} {one.value}") for one, label in catalog.DATA_TYPE_LABELS.items()
        ]
        self.fields["sensitivity"].choices = [  # type: ignore[attr-defined]
            (one.value, _now(label)) for one, label in catalog.SENSITIVITY_LABELS.items()
        ]

    def content(self) -> api.StandardContent:
        """What was filled in."""
        said = self.cleaned_data
        return api.StandardContent(
            name=said["name"],
            data_type=said["data_type"],
            definition=said["definition"],
            synonyms=api.split(said["synonyms"]),
            length=said["length"],
            code_list=said["code_list"],
            sensitivity=said["sensitivity"],
            source=said["source"],
        )


class NewForm(ContentForm):
    """A new standard item."""

    code = forms.CharField(label=_("代码"), max_length=20, help_text=_("大写字母开头,例如 DE0101;以后不能改。"))
    field_order = ("code",)


class ChangeForm(ContentForm):
    """Another version of a standard item."""

    reason = forms.CharField(label=_("修改理由"), required=False, max_length=300)


class FileForm(forms.Form):
    """A file of standard items."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("CSV 文件"), help_text=_("按导出的表头填写,最大 4 MB。代码已有的修改,没有的新增;不合要求的行不导入,逐行列出。")
    )


@signed_in
def listed(request: SignedIn) -> HttpResponseBase:
    """The dictionary."""
    text = request.GET.get("q", "").strip()[:60]
    shown = page(request, lambda after, limit: api.standards(text=text, after=after, limit=limit), lambda one: one.code)
    context = {"page": shown, "q": text, "may_keep": api.may_keep(request.actor), "types": catalog.DATA_TYPE_LABELS}
    return render(request, "quality/standards.html", context)


@signed_in
def listed_csv(request: SignedIn) -> HttpResponseBase:
    """The dictionary as a file, which can be imported again as it is."""
    rows = (
        [
            *(one.code, one.content.name, "、".join(one.content.synonyms), one.content.data_type, one.content.length),
            *(one.content.code_list, one.content.sensitivity, one.content.definition, one.content.source),
        ]
        for one in api.every_standard(text=request.GET.get("q", "").strip()[:60])
    )
    return csv_answer(csv_text.encode([list(api.COLUMNS.values()), *rows]), "standards.csv")


@signed_in
def add(request: SignedIn) -> HttpResponseBase:
    """Add a standard item."""
    api.require_to_keep(request.actor)
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            number = api.add_standard(actor=request.actor, code=form.cleaned_data["code"], content=form.content(), now=clock.now())
        except (api.StandardInvalid, api.StandardTaken) as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已新增。同名的信息项会在几秒内列为待确认。"))
            return redirect("quality:standard", number)
    return render(request, "quality/standard_form.html", {"form": form}, status=422 if form.errors else 200)


@signed_in
def change(request: SignedIn, number: int) -> HttpResponseBase:
    """Change a standard item."""
    api.require_to_keep(request.actor)
    view = api.standard(number)
    said = view.content
    initial = said.document() | {"synonyms": "、".join(said.synonyms)}
    form = ChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            api.change_standard(actor=request.actor, standard_id=number, content=form.content(), reason=reason, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已保存。"))
            return redirect("quality:standard", number)
    return render(request, "quality/standard_form.html", {"form": form, "view": view}, status=422 if form.errors else 200)


@signed_in
def take(request: SignedIn) -> HttpResponseBase:
    """Import a file."""
    api.require_to_keep(request.actor)
    starts = request.POST.get("act") == "starter"
    form = FileForm(None if starts else request.POST or None, request.FILES or None)
    done = None
    if request.method == "POST" and (starts or form.is_valid()):
        try:
            data = api.starter() if starts else form.cleaned_data["file"].read(api.MOST_BYTES + 1)
            done = api.import_standards(actor=request.actor, data=data, now=clock.now())
        except api.StandardInvalid as exc:
            add_refusal(form, exc)
    return render(request, "quality/standards_import.html", {"form": form, "done": done}, status=422 if form.errors else 200)


@signed_in
def detail(request: SignedIn, number: int, *, error: ZhengtongError | None = None) -> HttpResponseBase:
    """A standard item, its versions, and the items that are it."""
    view = api.standard(number)
    context = {
        "view": view,
        "versions": api.standard_versions(number),
        "uses": api.uses_of_group(view.group, limit=_SHOWN) if view.group else [],
        "shown": min(_SHOWN, view.uses),
        "case": api.source_case(view.group) if view.group else None,
        "may_keep": api.may_keep(request.actor),
        "error": error,
        "reason": request.POST.get("reason", ""),
        "deviations": api.DEVIATION_LABELS,
        "types": catalog.DATA_TYPE_LABELS,
        "sensitivities": catalog.SENSITIVITY_LABELS,
    }
    return render(request, "quality/standard.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def withdraw(request: SignedIn, number: int) -> HttpResponseBase:
    """Put a standard item out of force."""
    try:
        api.withdraw_standard(actor=request.actor, standard_id=number, reason=request.POST.get("reason", ""), now=clock.now())
    except (api.StandardInvalid, api.StandardWithdrawn) as exc:
        return detail(request, number, error=exc)
    messages.success(request, _now("已废止。"))
    return redirect("quality:standard", number)


@signed_in
def links(request: SignedIn) -> HttpResponseBase:
    """The items of my office for which a standard item is proposed; confirm or refuse those that are ticked."""
    if not request.actor.holds(identity.Role.STEWARD):
        raise api.NotAllowed(_now("需要本单位数据专员角色"))
    if request.method == "POST":
        ids = [int(number) for number in request.POST.getlist("use") if number.isdigit() and len(number) < 19]  # noqa: PLR2004 - a bigint
        confirmed = request.POST.get("act") == "confirm"
        count = api.decide_links(actor=request.actor, use_ids=ids, confirmed=confirmed, now=clock.now())
        if count:
            messages.success(request, _now("已办理 %d 项。") % count)
        else:
            messages.warning(request, _now("没有选中待确认的信息项。"))
        return redirect("quality:links")
    shown = page(request, lambda after, limit: api.proposals(request.actor, after=after, limit=limit), lambda one: one.id)
    context = {"page": shown, "deviations": api.DEVIATION_LABELS, "types": catalog.DATA_TYPE_LABELS}
    return render(request, "quality/links.html", context)
