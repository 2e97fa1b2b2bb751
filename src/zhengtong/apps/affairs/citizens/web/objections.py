"""Objections: from an entry of who read data about me, and the list on which offices and the bureau answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.citizens import api
from zhengtong.apps.affairs.citizens.web import words
from zhengtong.apps.affairs.citizens.web.access import OfCitizen, citizens
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import said

_WORDS = 1000


class WordsForm(forms.Form):
    """What somebody has to say."""

    text = forms.CharField(
        label=gettext_lazy("说明"), max_length=_WORDS, widget=forms.Textarea(attrs={"rows": 4}), help_text=gettext_lazy("4 至 1000 个字。")
    )


class ObjectionForm(WordsForm):
    """What is wrong, and why."""

    ground = forms.ChoiceField(label=gettext_lazy("哪里不对"), widget=forms.RadioSelect)
    field_order = ("ground", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = [(value, said(label)) for value, label in api.GROUND_LABELS.items()]  # type: ignore[attr-defined]


@citizens(api.Level.CHECKED)
def make(request: OfCitizen, entry: str) -> HttpResponseBase:
    """Object to one entry about me."""
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            number = api.make_objection(
                person=request.citizen.person, entry=entry, ground=api.Ground(given["ground"]), text=given["text"], now=clock.now()
            )
        except api.ObjectionUnknown:
            raise
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("异议已提交,单位在期限内答复。"))
            return redirect("citizens:objection", number)
    lead = _("由查询您数据的单位答复;不满意或逾期的,可以提交数据主管部门一次。")
    context = {"form": form, "heading": _("提出异议"), "lead": lead, "submit": _("提交"), "back": reverse("citizens:readers")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@citizens()
@require_GET
def own(request: OfCitizen) -> HttpResponseBase:
    """My objections."""
    person, now = request.citizen.person, clock.now()
    found = page(request, lambda after, limit: api.own_objections(person.id, now=now, after=after, limit=limit), lambda row: row.id)
    return render(request, "citizens/objections.html", {"page": found, "address": "citizens:objection", "own": True})


@citizens()
def one(request: OfCitizen, number: int) -> HttpResponseBase:
    """One of mine; a POST takes it to the bureau."""
    person, now, form = request.citizen.person, clock.now(), WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        api.escalate_objection(person=person, number=number, text=form.cleaned_data["text"], now=now)
        messages.success(request, _("已提交数据主管部门。"))
        return redirect("citizens:objection", number)
    view = api.own_objection(person.id, number, now=now)
    late = view.state is api.Standing.OPEN and view.clock is not None and view.clock.reading.late
    escalates = view.escalated_at is None and (late or view.state is api.Standing.ANSWERED)
    context = {"one": view, "event": words.EVENTS.get(view.event, view.event), "form": form, "own": True, "escalates": escalates}
    return render(request, "citizens/objection.html", context, status=422 if form.errors else 200)


@never_cache
@signed_in
@require_GET
def desk(request: SignedIn) -> HttpResponseBase:
    """What my offices, or the bureau, are to answer, with figures."""
    now, waiting = clock.now(), request.GET.get("done") != "1"

    def fetch(after: str, limit: int) -> list[api.ObjectionView]:
        return api.objections(request.actor, now=now, waiting=waiting, after=after, limit=limit)

    found = page(request, fetch, lambda row: row.id)
    context = {"page": found, "address": "citizens:desk-objection", "waiting": waiting, "figures": api.objection_figures(request.actor)}
    return render(request, "citizens/objections.html", context)


@never_cache
@signed_in
def desk_one(request: SignedIn, number: int) -> HttpResponseBase:
    """One of them; a POST answers."""
    now, form = clock.now(), WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        granted = request.POST.get("act") == "grant"
        api.answer_objection(actor=request.actor, number=number, granted=granted, text=form.cleaned_data["text"], now=now)
        messages.success(request, _("已答复,当事人会收到通知。"))
        return redirect("citizens:desk-objections")
    view = api.objection(request.actor, number, now=now)
    answers = api.may_answer(request.actor, view.office, view.state)
    context = {"one": view, "event": words.EVENTS.get(view.event, view.event), "form": form, "answers": answers}
    return render(request, "citizens/objection.html", context, status=422 if form.errors else 200)
