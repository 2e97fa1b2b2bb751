"""Sign-in in one or two steps, sign-out, and what a locked-out visitor sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from django_otp import login as second_factor_login
from django_otp import match_token, user_has_device

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.identity.models import Account
from zhengtong.apps.foundation.identity.web.access import Held, own_account
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict
from zhengtong.toolkit.ui import keeping
from zhengtong.toolkit.ui.access import SignedIn, signed_in

#: demo accounts listed; the demo city has fewer
_DEMO_ACCOUNTS = 1000
#: of each role so many are shown at once
_OF_A_KIND = 3
_LONGEST_WORDS = 100


class SignInForm(forms.Form):
    """User name and password."""

    username = forms.CharField(
        label=_("用户名"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(label=_("密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class TokenForm(forms.Form):
    """Six digits from the authenticator."""

    token = forms.CharField(
        label=_("动态口令"),
        help_text=_("打开身份验证器,输入当前显示的 6 位数字。"),
        max_length=6,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


def target(request: HttpRequest) -> str:
    """Where signing in leads: what was asked for, if it is on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("shell:home")


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """First step: user name and password; lock-out by user name and address after five failures."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = authenticate(request, **form.cleaned_data)
        if isinstance(found, Account) and found.kind == api.AccountKind.OFFICIAL and (not found.is_demo or settings.ENVIRONMENT.demo):
            if user_has_device(found):
                api.await_second_factor(request, found.pk, now=clock.now())
                return redirect(f"{reverse('identity:second-step')}?{urlencode({'next': target(request)})}")
            return _enter(request, found)
        locked = getattr(request, "axes_locked_out", False)
        note_refusal(request, form.cleaned_data["username"], "locked-out" if locked else "password-wrong")
        if locked:
            return locked_out(request)
        form.add_error(None, _("用户名或密码不对,或账户已停用。"))
    context: dict[str, Any] = {"form": form, "next": target(request), "persons_login": reverse(settings.LOGIN_URL_OF_PERSONS)}
    if settings.ENVIRONMENT.demo:
        wanted = request.GET.get("account", "").strip()[:_LONGEST_WORDS]
        every = api.accounts(limit=_DEMO_ACCOUNTS, demo=True)
        context |= {
            "demo_accounts": _some_of_each(every),
            "demo_found": api.accounts(wanted, limit=_DEMO_ACCOUNTS, demo=True) if wanted else every,
            "demo_total": len(every),
            "wanted": wanted,
        }
    return render(request, "identity/sign_in.html", context, status=422 if form.errors else 200)


def _some_of_each(every: Sequence[api.AccountView]) -> list[api.AccountView]:
    """Of each kind of work the accounts that were there first: enough to see the whole platform from every side."""
    kinds: dict[str, list[api.AccountView]] = {}
    for one in sorted(every, key=lambda one: one.id):
        kinds.setdefault(one.duty_or_roles, []).append(one)
    return [one for kind in kinds.values() for one in kind[:_OF_A_KIND]]


@never_cache
def second_step(request: HttpRequest) -> HttpResponseBase:
    """Second step: a one-time password, within five minutes of the first; the device itself slows down guessing."""
    account = api.awaited(request, now=clock.now())
    if account is None:
        return redirect("identity:sign-in")
    if not api.has_second_factor(account.pk):
        return redirect(f"{reverse('identity:passkey')}?{urlencode({'next': target(request)})}")
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = match_token(account, form.cleaned_data["token"])
        if device is not None:
            response = _enter(request, account)
            second_factor_login(request, device)
            return response
        note_refusal(request, account.username, "code-wrong")
        form.add_error("token", _("口令不对或已过期,请用最新的 6 位数字。"))
    return _second_step_page(request, form, account)


def _second_step_page(request: HttpRequest, form: forms.Form, account: Account) -> HttpResponseBase:
    context = {"form": form, "next": target(request), "passkeys": bool(api.passkeys(account.pk))}
    return render(request, "identity/second_step.html", context, status=422 if form.errors else 200)


@own_account
def step_up(request: Held) -> HttpResponseBase:
    """The second factor once more or for the first time in this session, because a page asks for it."""
    account = Account.objects.get(pk=request.holder.account_id)
    if not user_has_device(account):
        raise Conflict("这个账户还没有第二因素", remedy="先在账户安全中启用动态口令或通行密钥")
    if not api.has_second_factor(account.pk):
        return redirect(f"{reverse('identity:passkey')}?{urlencode({'next': target(request)})}")
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = match_token(account, form.cleaned_data["token"])
        if device is not None:
            second_factor_login(request, device)
            return redirect(target(request))
        note_refusal(request, account.username, "code-wrong")
        form.add_error("token", _("口令不对或已过期,请用最新的 6 位数字。"))
    return _second_step_page(request, form, account)


def note_refusal(request: HttpRequest, username: str, outcome: str) -> None:
    """Record a failed sign-in as an account that there is."""
    api.note_refusal(username=username, outcome=outcome, address=request.META.get("REMOTE_ADDR", ""), now=clock.now())


def _enter(request: HttpRequest, account: Account) -> HttpResponse:
    leads_to = target(request)
    api.enter(request, account.pk, now=clock.now())
    return redirect("identity:kept" if keeping.holds(request) else leads_to)


@never_cache
@signed_in
@require_GET
def kept(request: SignedIn) -> HttpResponseBase:
    """What was sent when the session had run out, shown once to its writer, who sends it on or not."""
    form = keeping.kept(request, account=request.actor.account_id, now=clock.now())
    keeping.drop(request)
    if form is None:
        return redirect("shell:home")
    return render(request, "ui/kept.html", {"form": form, "typed": keeping.typed(form["fields"]), "back": form["path"]})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    holder, official = getattr(request, "holder", None), getattr(request, "actor", None)
    if holder is not None:
        api.end_session(actor=holder, session_key=request.session.session_key or "", now=clock.now())
    logout(request)
    return redirect(settings.LOGIN_URL_OF_PERSONS if holder is not None and official is None else settings.LOGIN_URL)


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Too many failures; the page says for how long."""
    return render(request, "identity/locked_out.html", {"minutes": int(settings.AXES_COOLOFF_TIME * 60)}, status=429)
