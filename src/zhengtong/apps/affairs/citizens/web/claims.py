"""The window's list of guardianships that no register bears out, and the page of one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.citizens import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page


class SettleForm(forms.Form):
    """What was seen, and whether it holds."""

    why = forms.CharField(
        label=_("核对情况"),
        help_text=_("写明看到的原件和文号;不予确认的,写明理由。当事人会看到。"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@never_cache
@signed_in
@require_GET
def claims(request: SignedIn) -> HttpResponseBase:
    """What waits, longest waiting first; masked."""
    api.require_clerk(request.actor)
    found = page(request, lambda after, limit: api.claims(on=clock.today(), after=after, limit=limit), lambda row: str(row.id))
    return render(request, "citizens/claims.html", {"page": found})


@never_cache
@signed_in
def claim(request: SignedIn, right_id: int) -> HttpResponseBase:
    """One claim in full, which leaves a trace; confirm or refuse."""
    now = clock.now()
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirm = request.POST.get("act") == "confirm"
        try:
            api.settle_claim(actor=request.actor, right_id=right_id, confirm=confirm, why=form.cleaned_data["why"], now=now)
        except api.RightUnknown:
            raise
        except ZhengtongError as exc:
            if exc.field != "why":
                raise
            add_refusal(form, exc)
        else:
            messages.success(request, _("已确认,当事人会收到通知。") if confirm else _("已退回,当事人会收到通知。"))
            return redirect("citizens:claims")
    opened = api.open_claim(actor=request.actor, right_id=right_id, now=now)
    waits = opened.claim.state is api.RightState.CLAIMED
    context = {"one": opened.claim, "holder": opened.holder, "form": form, "waits": waits}
    return render(request, "citizens/claim.html", context, status=422 if form.errors else 200)
