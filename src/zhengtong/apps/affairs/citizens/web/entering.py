"""
Registering and signing in.

Threat model. Credential stuffing: failures are counted by account (axes) and by address (``rules.guessing``). Enumeration: an unknown
number costs as much time and gets the same sentence as a wrong password. A demo account in a real installation is refused. Officials'
accounts do not open here, nor citizens' at the officials' door.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import user_has_device

from zhengtong.apps.affairs.citizens import api
from zhengtong.apps.affairs.citizens.web.access import address_of, of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal


class LoginForm(forms.Form):
    """A number that is one's own, and the password."""

    number = forms.CharField(
        label=_("公民身份号码、手机号码或邮箱"),
        help_text=_("手机号码和邮箱确认过才能用来登录。"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(label=_("密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class RegisterForm(forms.Form):
    """Who somebody says they are, and the password they choose."""

    name = forms.CharField(label=_("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    number = forms.CharField(
        label=pgettext_lazy("field", "公民身份号码"),
        help_text=_("18 位,与身份证一致。"),
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=pgettext_lazy("field", "手机号码"),
        max_length=11,
        widget=forms.TextInput(attrs={"autocomplete": "tel-national", "inputmode": "numeric"}),
    )
    email = forms.EmailField(label=_("邮箱"), required=False, max_length=120, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("密码"),
        help_text=_("至少 10 位,含大写字母、小写字母、数字、符号中的三类。"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(label=_("再输一次"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    agreed = forms.BooleanField(label=_("我同意平台为核验实名,向人口库核对我的姓名和公民身份号码"))

    def clean(self) -> dict[str, Any]:
        """The two passwords are the same."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password") and cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", _("两次输入的密码不一样。"))
        return cleaned


def _target(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("citizens:home")


@never_cache
@sensitive_post_parameters("password", "number")
def login(request: HttpRequest) -> HttpResponseBase:
    """First step: a number and the password."""
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entered = _tried(request, form)
        if entered is not None:
            return entered
    context = {"form": form, "next": _target(request), "demo": settings.ENVIRONMENT.demo}
    return render(request, "citizens/login.html", context, status=422 if form.errors else 200)


def _tried(request: HttpRequest, form: LoginForm) -> HttpResponseBase | None:
    """Where a right password leads; None after a wrong one, with the form saying so."""
    now = clock.now()
    username, digest = api.find_account(form.cleaned_data["number"])
    address = address_of(request)
    try:
        api.guard(api.Kind.SIGN_IN, about=digest, address=address, now=now)
    except api.TooManyTries as exc:
        add_refusal(form, exc)
        return None
    found = authenticate(request, username=username, password=form.cleaned_data["password"])
    if found is not None and username.startswith("p-") and (not getattr(found, "is_demo", False) or settings.ENVIRONMENT.demo):
        if user_has_device(found):
            identity.await_second_factor(request, found.pk, now=now)
            return redirect(f"{reverse('identity:second-step')}?{urlencode({'next': _target(request)})}")
        identity.enter(request, found.pk, now=now)
        return redirect(_target(request))
    api.note_failure(api.Kind.SIGN_IN, about=digest, address=address, now=now)
    locked = getattr(request, "axes_locked_out", False)
    identity.note_refusal(username=username, outcome="locked-out" if locked else "password-wrong", address=address, now=now)
    form.add_error(None, _("号码或密码不对,或账户已停用。"))
    return None


@never_cache
@sensitive_post_parameters()
def register(request: HttpRequest) -> HttpResponseBase:
    """Open an account; the register of persons is asked on the way."""
    if of(request) is not None:
        return redirect("citizens:home")
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        stated = api.Registration(**{key: form.cleaned_data[key] for key in ("name", "number", "phone", "email", "password")})
        try:
            person = api.register(stated=stated, address=address_of(request), now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            identity.enter(request, person.account_id, now=clock.now())
            if person.checked_at is None:
                messages.warning(request, _("账户已开通。实名核验暂时不能完成,平台稍后会自动再核验,您不必重新注册。"))
            else:
                messages.success(request, _("账户已开通,实名核验通过。"))
            return redirect("citizens:home")
    return render(request, "citizens/register.html", {"form": form}, status=422 if form.errors else 200)
