"""Pages of officials: sources for the operator, contradictions for stewards, files for who holds a case."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhengtong.apps.affairs.filing import api
from zhengtong.apps.affairs.filing.web.filling import handed_out
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal


class SystemForm(forms.Form):
    """As which calling system sources are asked."""

    system = forms.CharField(
        label=gettext_lazy("调用系统标识"), help_text=gettext_lazy("本平台自己的调用系统,须有有效的 HMAC 密钥。"), max_length=40
    )
    purpose = forms.CharField(
        label=gettext_lazy("用途代码"), help_text=gettext_lazy("授权中列明的用途,例如 service-filing。"), max_length=40
    )


@never_cache
@signed_in
@require_GET
def sources(request: SignedIn) -> HttpResponseBase:
    """Which sources are connected, and which answer."""
    identity.require(request.actor, identity.Act.MANAGE_ACCOUNTS)
    rows = api.sources(now=clock.now())
    context = {
        "setting": api.setting(),
        "rows": [(one, api.MEANING_LABELS.get(one.meaning, "") if one.meaning else "") for one in rows],
        "silent": sum(one.silent for one in rows),
    }
    return render(request, "filing/sources.html", context)


@never_cache
@signed_in
def connect(request: SignedIn) -> HttpResponseBase:
    """Say as which calling system sources are asked."""
    identity.require(request.actor, identity.Act.MANAGE_ACCOUNTS)
    there = api.setting()
    initial = {"system": there.system, "purpose": there.purpose} if there else {}
    form = SystemForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            api.connect(by=request.actor, now=clock.now(), **form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已保存。"))
            return redirect("filing:sources")
    context = {"form": form, "heading": _("申报取数的调用系统"), "submit": _("保存"), "back": reverse("filing:sources")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@signed_in
@require_GET
def corrections(request: SignedIn) -> HttpResponseBase:
    """What applicants say is wrong in my office's registers."""
    return render(request, "filing/corrections.html", {"rows": api.contradictions(request.actor)})


@never_cache
@signed_in
@require_GET
def case_file(request: SignedIn, number: str, upload: UUID) -> HttpResponseBase:
    """A file of a case, for whoever holds it."""
    return handed_out(api.file_of_case(actor=request.actor, number=number, upload=upload, now=clock.now()))
