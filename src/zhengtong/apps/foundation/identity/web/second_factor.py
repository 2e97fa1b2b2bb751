"""
Pages of the second factor.

Threat model: see ``operations.second_factor``. The secret is shown on an uncached page to its owner only, and the QR code is drawn here as
a ``data:`` image, so that no address exists that would give it away.
"""

from __future__ import annotations

import segno
from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import DEVICE_ID_SESSION_KEY

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.identity.web.access import Held, home_of, own_account
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal


class CodeForm(forms.Form):
    """Six digits from the authenticator."""

    code = forms.RegexField(
        r"^\d{6}$",
        label=_("动态口令"),
        help_text=_("身份验证器当前显示的 6 位数字。"),
        max_length=6,
        error_messages={"invalid": _("请输入 6 位数字。")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@own_account
@sensitive_post_parameters("code")
def enrol(request: Held) -> HttpResponseBase:
    """Show the secret, and begin to use it when a first code is right."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = request.session.session_key or ""
        try:
            device = api.confirm_second_factor(actor=request.holder, code=form.cleaned_data["code"], keep_session=key, now=clock.now())
        except api.CodeWrong as exc:
            add_refusal(form, exc)
        else:
            request.session[DEVICE_ID_SESSION_KEY] = device
            messages.success(request, _("动态口令已启用,下次登录时需要输入。"))
            return redirect(home_of(request))
    enrolment = api.begin_second_factor(actor=request.holder)
    image = segno.make(enrolment.address, error="m").svg_data_uri(scale=5, border=4, light="#fff")
    groups = " ".join(enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4))
    context = {"form": form, "image": image, "secret": groups, "back": home_of(request), "required": request.holder.duty is not None}
    return render(request, "identity/second_factor.html", context, status=422 if form.errors else 200)


@own_account
@sensitive_post_parameters("code")
def remove(request: Held) -> HttpResponseBase:
    """Stop asking for one-time passwords; needs the current one."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            api.remove_second_factor(actor=request.holder, code=form.cleaned_data["code"], now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            request.session.pop(DEVICE_ID_SESSION_KEY, None)
            messages.success(request, _("动态口令已停用。"))
            return redirect(home_of(request))
    lead = _("停用后,登录只需要密码。换手机时,先在这里停用,再用新手机启用。")
    context = {
        "form": form,
        "heading": _("停用动态口令"),
        "lead": lead,
        "submit": _("停用"),
        "tone": "btn-danger",
        "back": home_of(request),
    }
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)
