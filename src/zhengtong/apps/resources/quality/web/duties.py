"""Pages of duties: how much of them each office has catalogued, and what is missing."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.quality import api
from zhengtong.apps.resources.quality.web.scores import csv_answer
from zhengtong.kernel import clock
from zhengtong.toolkit import csv_text
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import refusal


class DutiesForm(forms.Form):
    """A file of duties."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("CSV 文件"), help_text=_("表头:单位代码、序号、职责、依据。序号已有的改写,没有的新增;不合要求的行不导入,逐行列出。")
    )


@signed_in
def listed(request: SignedIn) -> HttpResponseBase:
    """Offices by how much of their duties is catalogued, least first."""
    text = request.GET.get("q", "").strip()[:60]
    shown = page(request, lambda after, limit: api.coverages(text=text, after=after, limit=limit), lambda one: one.key)
    return render(request, "quality/duties.html", {"page": shown, "q": text, "may_keep": api.may_keep(request.actor)})


@signed_in
def listed_csv(request: SignedIn) -> HttpResponseBase:
    """The list as a file."""
    head = [_now("单位"), _now("单位代码"), _now("职责"), _now("已编目"), _now("覆盖百分比")]
    every = api.every_coverage(text=request.GET.get("q", "").strip()[:60])
    rows = ([one.name, one.office, one.duties, one.documented, round(one.share, 1)] for one in every)
    return csv_answer(csv_text.encode([head, *rows]), "duties.csv")


@signed_in
def take(request: SignedIn) -> HttpResponseBase:
    """Import a file of duties."""
    api.require_to_keep(request.actor)
    form = DutiesForm(request.POST or None, request.FILES or None)
    done = None
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data["file"].read(api.MOST_BYTES + 1)
            done = api.import_duties(actor=request.actor, data=data, now=clock.now())
        except (api.DutyInvalid, api.StandardInvalid) as exc:
            add_refusal(form, exc)
    return render(request, "quality/duties_import.html", {"form": form, "done": done}, status=422 if form.errors else 200)


@signed_in
def office(request: SignedIn, code: str) -> HttpResponseBase:
    """An office's duties, with the entries that document them."""
    place = organisations.office(code)
    gaps = request.GET.get("gaps") == "1"
    context = {
        "place": place,
        "coverage": api.coverage(code),
        "gaps": gaps,
        "links": request.actor.has(identity.Role.STEWARD, code),
        "page": page(request, lambda after, limit: api.duties(code, gaps=gaps, after=after, limit=limit), lambda one: one.number),
    }
    return render(request, "quality/duties_office.html", context)


@signed_in
@require_POST
def link(request: SignedIn, code: str, number: int) -> HttpResponseBase:
    """Link an entry to a duty, or take the link back."""
    gone = request.POST.get("entry", "")
    try:
        if gone.isdigit():
            api.unlink_duty(actor=request.actor, duty_id=number, resource_id=int(gone[:18]), now=clock.now())
        else:
            api.link_duty(actor=request.actor, duty_id=number, code=request.POST.get("code", "")[:80], now=clock.now())
    except api.DutyInvalid as exc:
        messages.error(request, refusal(exc))
    else:
        messages.success(request, _now("已取消关联。") if gone else _now("已关联。"))
    return redirect("quality:duties-office", code)
