"""Bad ratings at work: the office answers and appeals, the bureau calls back and decides; and links for people at the window."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.ratings import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said

_PAGE = 50
_YES_NO = [("yes", gettext_lazy("是")), ("no", gettext_lazy("否"))]


@signed_in
@require_GET
def work(request: SignedIn) -> HttpResponseBase:
    """One of the lists."""
    now, which = clock.now(), request.GET.get("list", "open")
    if which not in api.LIST_LABELS:
        which = "open"
    found = page(
        request,
        lambda after, limit: api.tickets(request.actor, which, now=now, after=after, limit=limit),
        lambda row: row.key,
        size=_PAGE,
    )
    counts = api.counts(request.actor)
    context = {
        "page": found,
        "which": which,
        "lists": [(name, label, counts[name]) for name, label in api.LIST_LABELS.items()],
        "clerk": request.actor.holds(identity.Role.CLERK),
        "bureau": request.actor.holds(identity.Role.BUREAU_APPROVER),
    }
    return render(request, "ratings/work.html", context)


@signed_in
@require_GET
def detail(request: SignedIn, key: str) -> HttpResponseBase:
    """One bad rating, without who and which case."""
    view = api.ticket(request.actor, key, now=clock.now())
    return render(request, "ratings/ticket.html", {"one": view, "acts": [(name, ACTS[name][1]) for name in ACTS if name in view.acts]})


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=api.LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}))


class AnswerForm(forms.Form):
    """What the office made of it."""

    remedy = forms.ChoiceField(label=gettext_lazy("处理结果"), widget=forms.RadioSelect)
    answer = _words(gettext_lazy("答复"), gettext_lazy("评价人能看到。限期整改的写明完成日期。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remedy = self.fields["remedy"]
        if isinstance(remedy, forms.ChoiceField):
            remedy.choices = [(value, said(label)) for value, label in api.REMEDY_LABELS.items()]


class AppealForm(forms.Form):
    """Why it is mistaken."""

    reason = _words(gettext_lazy("理由"), gettext_lazy("例如评价的不是本单位的事。"))


class CallForm(forms.Form):
    """How the call went."""

    reached = forms.ChoiceField(label=gettext_lazy("是否联系上"), choices=_YES_NO, widget=forms.RadioSelect)
    content = forms.ChoiceField(label=gettext_lazy("是否对处理满意"), choices=_YES_NO, widget=forms.RadioSelect, required=False)
    note = _words(gettext_lazy("回访记录"), gettext_lazy("被评价的单位能看到,请不要写姓名和号码。"))


class DecideForm(forms.Form):
    """Whether the appeal holds."""

    uphold = forms.ChoiceField(
        label=gettext_lazy("复核结论"),
        choices=[("yes", gettext_lazy("申诉成立,评价不计入")), ("no", gettext_lazy("申诉不成立"))],
        widget=forms.RadioSelect,
    )
    reason = _words(gettext_lazy("理由"))


class IdentifyForm(forms.Form):
    """What for."""

    purpose = _words(gettext_lazy("查看的用途"), gettext_lazy("先记入存证账本,再显示。"))


def _answer(actor: identity.Actor, key: str, facts: Mapping[str, str]) -> None:
    api.answer(actor=actor, key=key, remedy=facts["remedy"], text=facts["answer"], now=clock.now())


def _appeal(actor: identity.Actor, key: str, facts: Mapping[str, str]) -> None:
    api.appeal(actor=actor, key=key, reason=facts["reason"], now=clock.now())


def _call(actor: identity.Actor, key: str, facts: Mapping[str, str]) -> None:
    reached, content = facts["reached"] == "yes", facts["content"] == "yes"
    api.call_back(actor=actor, key=key, reached=reached, content=content, note=facts["note"], now=clock.now())


def _decide(actor: identity.Actor, key: str, facts: Mapping[str, str]) -> None:
    api.decide(actor=actor, key=key, uphold=facts["uphold"] == "yes", reason=facts["reason"], now=clock.now())


def _identify(actor: identity.Actor, key: str, facts: Mapping[str, str]) -> api.Identity:
    return api.identify(actor=actor, key=key, purpose=facts["purpose"], now=clock.now())


#: act → its form, its name, what it does
ACTS: Mapping[str, tuple[type[forms.Form], Any, Callable[[identity.Actor, str, Mapping[str, str]], api.Identity | None]]] = {
    "answer": (AnswerForm, gettext_lazy("答复"), _answer),
    "appeal": (AppealForm, gettext_lazy("申诉误评"), _appeal),
    "identify": (IdentifyForm, gettext_lazy("查看评价人电话和办件"), _identify),
    "call": (CallForm, gettext_lazy("登记回访"), _call),
    "decide": (DecideForm, gettext_lazy("复核申诉"), _decide),
}


@signed_in
@never_cache
def act(request: SignedIn, key: str, kind: str) -> HttpResponseBase:
    """Do something with a ticket."""
    if kind not in ACTS:
        raise Http404
    view = api.ticket(request.actor, key, now=clock.now())
    if kind not in view.acts:
        raise identity.NotYours("您不能这样办理这张工单")
    form_of, label, doing = ACTS[kind]
    form = form_of(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = doing(request.actor, key, form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            if found is not None:
                return render(request, "ratings/identity.html", {"one": view, "found": found})
            messages.success(request, _("已办理。"))
            return redirect("ratings:ticket", key)
    context = {"form": form, "heading": label, "submit": label, "back": reverse("ratings:ticket", args=[key])}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


class LinkForm(forms.Form):
    """Which case."""

    number = forms.CharField(label=gettext_lazy("办件编号"), max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))


@signed_in
@never_cache
def link(request: SignedIn) -> HttpResponseBase:
    """A code by which whoever stands at the window rates their case on their own phone; shown once."""
    if not request.actor.holds(identity.Role.CLERK):
        raise identity.NotYours("评价二维码由窗口人员出示")
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = api.make_link(actor=request.actor, number=form.cleaned_data["number"].strip(), channel=api.Channel.QR, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            address = request.build_absolute_uri(reverse("ratings:rate-by-link", args=[code]))
            picture = io.BytesIO()
            segno.make(address, error="m", micro=False).save(picture, kind="svg", scale=4, border=4, xmldecl=False, omitsize=True)
            drawn = mark_safe(picture.getvalue().decode())  # noqa: S308 - segno draws squares
            return render(request, "ratings/link.html", {"address": address, "picture": drawn})
    lead = _("办结后出示给申请人,用自己的手机评价。每件一次,30 天内有效。")
    context = {"form": form, "heading": _("评价二维码"), "lead": lead, "submit": _("生成二维码"), "back": reverse("ratings:work")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)
