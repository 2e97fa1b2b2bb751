"""Proving that a phone or address is mine, and a new password with a code."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from zhengtong.apps.affairs.citizens import api
from zhengtong.apps.affairs.citizens.web.access import OfCitizen, address_of, citizens
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal

_HEADINGS = {"phone": _("确认手机号码"), "email": _("确认邮箱")}
_NUMBER = "recovering"


class CodeForm(forms.Form):
    """Six digits."""

    code = forms.CharField(
        label=_("验证码"),
        help_text=_("6 位数字,10 分钟内有效。"),
        max_length=6,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class RecoverForm(forms.Form):
    """Who has forgotten the password."""

    name = forms.CharField(label=_("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    number = forms.CharField(
        label=pgettext_lazy("field", "公民身份号码"), max_length=18, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class NewPasswordForm(CodeForm):
    """The code and a new password."""

    password = forms.CharField(
        label=_("新密码"),
        help_text=_("至少 10 位,含大写字母、小写字母、数字、符号中的三类。"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@citizens()
def contact(request: OfCitizen, channel: str) -> HttpResponseBase:
    """Send a code, then prove with it that the phone or address is mine."""
    if channel not in _HEADINGS:
        raise Http404
    person, sending = request.citizen.person, request.POST.get("act") == "send"
    form = CodeForm(None if sending else request.POST or None)
    if sending:
        api.send_code(person_id=person.id, purpose=channel, now=clock.now())
        messages.success(request, _("验证码已发送。"))
        return redirect("citizens:contact", channel)
    if request.method == "POST" and form.is_valid():
        try:
            api.confirm_contact(person_id=person.id, channel=channel, code=form.cleaned_data["code"], now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已确认,可以用它登录和找回密码。"))
            return redirect("citizens:security")
    to = person.masked_phone if channel == "phone" else person.masked_email
    context = {"form": form, "heading": _HEADINGS[channel], "to": to}
    return render(request, "citizens/contact.html", context, status=422 if form.errors else 200)


@never_cache
def recover(request: HttpRequest) -> HttpResponseBase:
    """Who am I; a code is sent if that is somebody."""
    form = RecoverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            api.begin_recovery(**form.cleaned_data, address=address_of(request), now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            request.session[_NUMBER] = api.sealed("person", form.cleaned_data["number"])
            return redirect("citizens:recover-code")
    lead = _("姓名和号码与账户一致时,验证码发到您确认过的手机或邮箱。没有确认过的,请到政务服务窗口办理。")
    context = {"form": form, "heading": _("找回密码"), "lead": lead, "submit": _("继续"), "back": reverse("citizens:login")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password", "code")
def recover_code(request: HttpRequest) -> HttpResponseBase:
    """The code and a new password."""
    kept = request.session.get(_NUMBER)
    if kept is None:
        return redirect("citizens:recover")
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            api.finish_recovery(number=api.opened("person", kept), **form.cleaned_data, address=address_of(request), now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            del request.session[_NUMBER]
            messages.success(request, _("密码已更改,请用新密码登录。"))
            return redirect("citizens:login")
    lead = _("如果姓名和号码与账户一致,验证码已经发出。")
    context = {"form": form, "heading": _("设置新密码"), "lead": lead, "submit": _("更改密码"), "back": reverse("citizens:recover")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)
