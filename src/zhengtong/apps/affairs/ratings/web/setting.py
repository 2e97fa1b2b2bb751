"""Days for answers and reasons of the second level; the bureau's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.ratings import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import said


class TermForm(forms.Form):
    """Where, and how many days."""

    place = forms.CharField(
        label=gettext_lazy("单位或区划"), help_text=gettext_lazy("单位的统一社会信用代码,或区划代码的开头。"), max_length=18
    )
    days = forms.IntegerField(label=gettext_lazy("工作日"), help_text=gettext_lazy("填 0 恢复默认。"), min_value=0, max_value=60)


class ReasonForm(forms.Form):
    """A reason, for which cases and grades."""

    code = forms.CharField(label=gettext_lazy("代码"), help_text=gettext_lazy("已有的代码会被修改。"), max_length=20)
    label = forms.CharField(label=gettext_lazy("名称"), max_length=40)
    online = forms.ChoiceField(
        label=gettext_lazy("用于"), choices=[("yes", gettext_lazy("网上办件")), ("no", gettext_lazy("窗口办件"))], widget=forms.RadioSelect
    )
    grades = forms.TypedMultipleChoiceField(
        label=gettext_lazy("用于哪些满意程度"),
        help_text=gettext_lazy("不选就是全部。"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    active = forms.BooleanField(label=gettext_lazy("使用"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grades = self.fields["grades"]
        if isinstance(grades, forms.TypedMultipleChoiceField):
            grades.choices = [(int(grade), said(label)) for grade, label in api.GRADE_LABELS.items()]


def _bureau(request: SignedIn) -> None:
    if not request.actor.holds(identity.Role.BUREAU_APPROVER):
        raise identity.NotYours("好差评的期限和理由由数据主管部门设定")


@signed_in
@require_GET
def settings(request: SignedIn) -> HttpResponseBase:
    """What is set."""
    _bureau(request)
    reasons = [(one, [api.GRADE_LABELS[grade] for grade in one.grades]) for one in api.every()]
    return render(request, "ratings/settings.html", {"terms": api.terms(), "reasons": reasons, "usual": api.USUAL_DAYS})


@signed_in
def term(request: SignedIn) -> HttpResponseBase:
    """Set the days of an office or a region."""
    _bureau(request)
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            api.set_term(actor=request.actor, **form.cleaned_data, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            return _done(request)
    return _form(request, form, _("设定答复期限"))


@signed_in
def reason(request: SignedIn) -> HttpResponseBase:
    """Add, change or end a reason."""
    _bureau(request)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        changed = {**facts, "online": facts["online"] == "yes", "grades": tuple(facts["grades"])}
        try:
            api.set_reason(actor=request.actor, **changed, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            return _done(request)
    return _form(request, form, _("设定评价理由"))


def _done(request: SignedIn) -> HttpResponseBase:
    messages.success(request, _("已保存。"))
    return redirect("ratings:settings")


def _form(request: SignedIn, form: forms.Form, heading: str) -> HttpResponseBase:
    context = {"form": form, "heading": heading, "submit": _("保存"), "back": reverse("ratings:settings")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)
