"""Rating one's case: signed in, or with a one-time code. Nothing is chosen beforehand, and no grade is asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.citizens import api as citizens
from zhengtong.apps.affairs.ratings import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import said


class RatingForm(forms.Form):
    """Five grades, reasons, words, and where one wants to be called back."""

    grade = forms.TypedChoiceField(label=gettext_lazy("您对这次办事"), coerce=int, widget=forms.RadioSelect)
    reasons = forms.MultipleChoiceField(
        label=gettext_lazy("具体说的是"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("可以不选,也可以选几项。"),
    )
    text = forms.CharField(
        label=gettext_lazy("您想说的"),
        required=False,
        max_length=api.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("请不要写姓名和号码,被评价的单位看不到是谁评价的。"),
    )
    contact = forms.CharField(
        label=gettext_lazy("回访电话"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("可以不填。填了就是实名评价,不满意的由数据主管部门回访,被评价的单位看不到。"),
    )

    def __init__(self, *args: Any, online: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grade, reasons = self.fields["grade"], self.fields["reasons"]
        if isinstance(grade, forms.TypedChoiceField) and isinstance(reasons, forms.MultipleChoiceField):
            grade.choices = [(one.value, f"{'★' * one.stars}{'☆' * (5 - one.stars)} {said(api.GRADE_LABELS[one])}") for one in api.Grade]
            reasons.choices = [(one.code, said(one.label)) for one in api.offered(online=online)]

    def said(self) -> api.Said:
        """What the form says."""
        facts = self.cleaned_data
        return api.Said(facts["grade"], tuple(facts["reasons"]), facts["text"], facts["contact"].strip())


def _page(request: HttpRequest, errand: cases.Errand, form: RatingForm, given: api.GivenView | None = None) -> HttpResponseBase:
    context = {"errand": errand, "form": form, "given": given, "days": api.CHANGE_DAYS}
    return render(request, "ratings/rate.html", context, status=422 if form.errors else 200)


def _acting_for(request: HttpRequest, person: citizens.PersonView, label: str) -> str:
    """The party for whom somebody acts in this session; themselves once the right is over."""
    try:
        return citizens.acting_as(person, request.session.get(citizens.CHOSEN_RIGHT), label=label, on=clock.today()).digest
    except citizens.RightUnknown:
        return person.digest


@never_cache
def own(request: HttpRequest, number: str) -> HttpResponseBase:
    """Rate my case, or the case of whom I act for."""
    holder = getattr(request, "holder", None)
    if getattr(request, "actor", None) is not None:
        raise identity.NotYours("办件由申请人评价", remedy="工作人员评价个人办件,请退出后用个人账户登录")
    if holder is None:
        return redirect_to_login(request.get_full_path(), login_url=reverse("citizens:login"))
    person = citizens.person_of_account(holder.account_id)
    parties = frozenset({person.digest, _acting_for(request, person, holder.label)})
    errand = api.rateable(number, parties=parties)
    there = api.given(errand.id)
    first = {"grade": there.grade, "reasons": there.reasons, "text": there.text, "contact": there.contact} if there else None
    form = RatingForm(request.POST if request.method == "POST" else None, online=errand.online, initial=first)
    if request.method == "POST" and form.is_valid():
        mobile = "Mobile" in request.headers.get("User-Agent", "")
        channel = api.Channel.MOBILE if mobile else api.Channel.PC
        try:
            api.rate(number=number, parties=parties, rater=person.digest, channel=channel, said=form.said(), now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("谢谢,您的评价已经收到。"))
            return redirect("ratings:rate", number)
    return _page(request, errand, form, there)


@never_cache
def by_link(request: HttpRequest, code: str) -> HttpResponseBase:
    """Rate the case of a one-time code."""
    now = clock.now()
    errand = api.by_link(code, now=now)
    form = RatingForm(request.POST if request.method == "POST" else None, online=errand.online)
    if request.method == "POST" and form.is_valid():
        try:
            api.rate_by_link(code=code, said=form.said(), now=now)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            return redirect("ratings:thanks")
    return _page(request, errand, form)


@require_GET
def thanks(request: HttpRequest) -> HttpResponseBase:
    """It has arrived."""
    return render(request, "ratings/thanks.html")
