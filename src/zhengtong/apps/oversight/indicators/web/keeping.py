"""Papers on record, kept by the bureau."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.oversight.indicators import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal, date_input


class EvidenceForm(forms.Form):
    """A paper."""

    use_required_attribute = False
    indicator = forms.ChoiceField(label=_("指标"), choices=[(key, _(api.INDICATOR_LABELS[key])) for key in api.BY_EVIDENCE])
    title = forms.CharField(label=_("材料名称"), max_length=200, error_messages={"required": _("请填写材料名称。")})
    issued_on = forms.DateField(label=_("发布日期"), widget=date_input())
    link = forms.URLField(label=_("网址"), required=False, max_length=500, assume_scheme="https")


@signed_in
def evidence(request: SignedIn) -> HttpResponseBase:
    """What is on record, and a form for more."""
    if not api.may_keep_evidence(request.actor):
        raise api.NotAllowed
    form = EvidenceForm(request.POST) if request.method == "POST" else EvidenceForm()
    if request.method == "POST" and form.is_valid():
        try:
            api.add_evidence(actor=request.actor, now=clock.now(), **form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已登记。"))
            return redirect("indicators:evidence")
    rows = [(api.INDICATOR_LABELS[one.indicator], one) for one in api.evidence()]
    return render(request, "indicators/evidence.html", {"form": form, "rows": rows}, status=422 if form.errors else 200)


@signed_in
@require_POST
def remove(request: SignedIn, number: int) -> HttpResponseBase:
    """Take a paper off the record."""
    title = api.remove_evidence(actor=request.actor, evidence_id=number, now=clock.now())
    messages.success(request, _now("已撤下“%s”。") % title)
    return redirect("indicators:evidence")
