"""
Pages of passkeys: one's own, and the door that they open.

Threat model: see ``operations.passkeys``. The challenge lies in the session and is taken out before anything is checked, so that no
answer is tried twice on it.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_otp import login as second_factor_login
from django_otp import user_has_device

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.identity.models import Account
from zhengtong.apps.foundation.identity.web.access import Held, home_of, own_account
from zhengtong.apps.foundation.identity.web.sign_in import note_refusal, target
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal

_CHALLENGE = "passkey_challenge"
_LONGEST = 20_000


class PasskeyForm(forms.Form):
    """What to call it; the password, unless a second factor was used in this session."""

    name = forms.CharField(label=_("名称"), help_text=_("便于辨认,例如“我的手机”。"), max_length=64)
    password = forms.CharField(label=_("现在的密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    credential = forms.CharField(max_length=_LONGEST, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, ask_password: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not ask_password:
            del self.fields["password"]


def _site(request: HttpRequest) -> api.Site:
    scheme = "https" if settings.ENVIRONMENT.https else request.scheme
    origin = f"{scheme}://{request.get_host()}"
    return api.Site(urlsplit(origin).hostname or "", origin)


def _new(request: HttpRequest) -> api.Challenge:
    made = api.Challenge.made(now=clock.now())
    request.session[_CHALLENGE] = [made.text, made.at.isoformat()]
    return made


def _taken(request: HttpRequest) -> api.Challenge:
    """The challenge of this browser, which is good no more."""
    kept = request.session.pop(_CHALLENGE, None)
    if kept is None:
        raise api.PasskeyRefused("等待时间过长,请再试一次")
    return api.Challenge(kept[0], datetime.fromisoformat(kept[1]))


def _unproven(request: Held) -> HttpResponse | None:
    """To the second factor, where there is one that was not used in this session."""
    verified = getattr(request.user, "is_verified", None)
    if user_has_device(request.user) and not (verified and verified()):
        return redirect(f"{reverse('identity:step-up')}?{urlencode({'next': reverse('identity:passkeys')})}")
    return None


@own_account
@sensitive_post_parameters("password")
def passkeys(request: Held) -> HttpResponseBase:
    """My passkeys, and a new one."""
    unproven = _unproven(request)
    if unproven is not None:
        return unproven
    user = request.user
    form = PasskeyForm(request.POST or None, ask_password=not user_has_device(user))
    if request.method == "POST" and form.is_valid() and isinstance(user, Account):
        given = form.cleaned_data
        if "password" in given and not user.check_password(given["password"]):
            form.add_error("password", _("现在的密码不对。"))
        else:
            try:
                api.add_passkey(
                    actor=request.holder,
                    name=given["name"],
                    credential=given["credential"],
                    site=_site(request),
                    challenge=_taken(request),
                    now=clock.now(),
                )
            except ZhengtongError as exc:
                add_refusal(form, exc)
            else:
                messages.success(request, _("通行密钥已登记,可以用它登录。"))
                return redirect(home_of(request))
    context = {
        "form": form,
        "passkeys": api.passkeys(request.holder.account_id),
        "options": api.creation_options(actor=request.holder, site=_site(request), challenge=_new(request)),
        "back": home_of(request),
    }
    return render(request, "identity/passkeys.html", context, status=422 if form.errors else 200)


@require_POST
@own_account
def remove(request: Held, passkey_id: int) -> HttpResponseBase:
    """Forget a passkey of mine."""
    unproven = _unproven(request)
    if unproven is not None:
        return unproven
    api.remove_passkey(actor=request.holder, passkey_id=passkey_id, now=clock.now())
    messages.success(request, _("通行密钥已删除。"))
    return redirect(home_of(request))


@never_cache
def passkey(request: HttpRequest) -> HttpResponseBase:
    """Sign in with a passkey alone, as the second step, or because a page asks for the second factor."""
    now = clock.now()
    holder: api.Actor | None = getattr(request, "holder", None)
    awaited = api.awaited(request, now=now)
    account_id = holder.account_id if holder is not None else awaited.pk if awaited is not None else None
    wrong = ""
    if request.method == "POST":
        try:
            used = api.use_passkey(
                credential=request.POST.get("credential", "")[:_LONGEST],
                account_id=account_id,
                site=_site(request),
                challenge=_taken(request),
                now=now,
            )
            if used.user.is_demo and not settings.ENVIRONMENT.demo:
                raise api.PasskeyRefused
        except ZhengtongError as exc:
            wrong = exc.sentence
            if awaited is not None:
                note_refusal(request, awaited.username, "passkey-wrong")
        else:
            leads_to = target(request)
            if holder is None:
                api.enter(request, used.user_id, now=now)
            second_factor_login(request, used)
            return redirect(leads_to)
    options = api.request_options(account_id=account_id, site=_site(request), challenge=_new(request))
    context = {"options": options, "next": target(request), "wrong": wrong}
    return render(request, "identity/passkey.html", context, status=422 if wrong else 200)
