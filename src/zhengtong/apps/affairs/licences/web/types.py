"""Licence types: written by their office, decided by the bureau, read by systems of others under allowances."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhengtong.apps.affairs.licences import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.parties import PartyKind
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal

_COLUMNS = 6


class TypeForm(forms.Form):
    """A licence type as its steward writes it."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    suffix = forms.CharField(
        label=gettext_lazy("类型代码后三位"), max_length=3, help_text=gettext_lazy("与本单位代码一起组成 21 位类型代码")
    )
    holder = forms.ChoiceField(label=gettext_lazy("发给"), choices=[("person", gettext_lazy("个人")), ("company", gettext_lazy("单位"))])
    years = forms.IntegerField(
        label=gettext_lazy("有效期(年)"), min_value=0, max_value=100, initial=0, help_text=gettext_lazy("长期有效填 0")
    )
    expected = forms.IntegerField(
        label=gettext_lazy("应持证主体数"), min_value=0, required=False, help_text=gettext_lazy("按登记簿统计,用来算覆盖率")
    )
    legend = forms.CharField(label=gettext_lazy("照面说明"), max_length=200, required=False)
    fields_text = forms.CharField(
        label=gettext_lazy("字段"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "每行一个:代码,名称,种类(text、date、number、identity、credit_code、choice),必填或选填,照面或内页,个人或公开,选项用 / 隔开"
        ),
    )


def _fields(text: str) -> tuple[api.Field, ...]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = [one.strip() for one in line.replace(",", ",").split(",")]
        if len(cells) < _COLUMNS or cells[2] not in set(api.FieldKind):
            raise Invalid(say("第 {number} 行写得不全或种类不对", number=number), field="fields", remedy="照说明写六项,用逗号隔开")
        key, name, kind, needed, face, personal, *choices = cells
        options = tuple(one.strip() for one in "".join(choices).split("/") if one.strip())
        found.append(api.Field(key, name, api.FieldKind(kind), needed == "必填", face == "照面", personal == "个人", options))
    return tuple(found)


@signed_in
@require_GET
def types(request: SignedIn) -> HttpResponseBase:
    """Every type of every office."""
    text = request.GET.get("q", "").strip()[:60]
    steward, mine = bool(request.actor.offices(identity.Role.STEWARD)), request.actor.offices(*api.ISSUERS, *api.DECIDERS)
    # one's own come first
    kinds = sorted(api.types(text=text), key=lambda one: one.office not in mine)
    return render(request, "licences/types.html", {"types": kinds, "text": text, "steward": steward})


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: SignedIn) -> HttpResponseBase:
    """Write a type, or the next version of one of mine."""
    offices = sorted(request.actor.offices(identity.Role.STEWARD))
    if not offices:
        raise identity.NotYours("证照类型由本单位的数据专员编制")
    form = TypeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            draft = api.TypeDraft(
                given["name"],
                given["suffix"],
                PartyKind(given["holder"]),
                _fields(given["fields_text"]),
                given["years"],
                given["legend"],
                given["expected"],
            )
            code = api.propose_type(actor=request.actor, office=offices[0], draft=draft, now=clock.now())
        except ZhengtongError as error:
            error.field = "fields_text" if error.field == "fields" else error.field
            add_refusal(form, error)
        else:
            messages.success(request, _("已提交数据主管部门审核。"))
            return redirect("licences:type", code)
    return render(request, "licences/type_new.html", {"form": form}, status=422 if form.errors else 200)


@signed_in
@require_GET
def one(request: SignedIn, code: str) -> HttpResponseBase:
    """One type, what waits for the bureau, and who may read its licences."""
    return _one(request, code)


def _one(request: SignedIn, code: str, *, error: ZhengtongError | None = None, key: str = "") -> HttpResponseBase:
    view = api.type_view(code)
    decides = view.office in request.actor.offices(*api.DECIDERS)
    waiting = api.proposed(code)
    context = {
        "type": waiting or view,
        "waiting": waiting,
        "reviews": waiting is not None and request.actor.has(identity.Role.BUREAU_APPROVER, view.bureau),
        "issues": view.published and view.office in request.actor.offices(*api.ISSUERS),
        "decides": decides and view.published,
        "allowances": api.allowances(code) if decides else [],
        "kinds": api.KIND_LABELS,
        "error": error,
        "key": key,
        "offices": [one.name for one in organisations.search_offices(limit=200)] if decides else [],
    }
    request.standing = "/work/licences/types/"
    return render(request, "licences/type.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def decide(request: SignedIn, code: str) -> HttpResponseBase:
    """The bureau publishes the version or sends it back."""
    publish = request.POST.get("act") == "publish"
    try:
        api.decide_type(actor=request.actor, code=code, publish=publish, reason=request.POST.get("reason", ""), now=clock.now())
    except Invalid as error:
        return _one(request, code, error=error)
    messages.success(request, _("已发布。") if publish else _("已退回。"))
    return redirect("licences:type", code)


@signed_in
@require_POST
def allow(request: SignedIn, code: str) -> HttpResponseBase:
    """Let a system of an office read licences of the type; its key is shown once."""
    if api.type_view(code).office not in request.actor.offices(*api.DECIDERS):
        raise identity.NotYours("系统调用许可由颁发机构的负责人或审批人员办理")
    try:
        named = organisations.office_by_name(request.POST.get("office", "").strip())
        if named is None:
            raise _office_unknown()
        per_day = request.POST.get("per_day", "")
        key = api.allow(
            actor=request.actor,
            type_code=code,
            office=named.code,
            system=request.POST.get("system", ""),
            fields=request.POST.getlist("field"),
            personal=request.POST.get("personal") == "1",
            networks=request.POST.get("networks", "").split(),
            per_day=int(per_day) if per_day.isascii() and per_day.isdecimal() and len(per_day) <= 7 else 0,  # noqa: PLR2004
            now=clock.now(),
        )
    except Invalid as error:
        return _one(request, code, error=error)
    return _one(request, code, key=key)


def _office_unknown() -> Invalid:
    return Invalid("没有找到这个单位", field="office", remedy="请写全称")


@signed_in
@require_POST
def end_allowance(request: SignedIn, code: str, number: int) -> HttpResponseBase:
    """A system may not read any more."""
    api.end_allowance(actor=request.actor, number=number, now=clock.now())
    messages.success(request, _("已停止调用。"))
    return redirect("licences:type", code)
