"""One's own account: password, second factor, sessions, delegation."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.identity.models import Account
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in


class PasswordForm(forms.Form):
    """The old password once, the new one twice."""

    old = forms.CharField(label=_("现在的密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    new = forms.CharField(
        label=_("新密码"),
        help_text=_("至少 10 位,含大写字母、小写字母、数字、符号中的三类;不能用最近 5 次的密码。"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(label=_("再输一次"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))


@signed_in
def account(request: SignedIn) -> HttpResponseBase:
    """Who I am here, where I am signed in."""
    actor: api.Actor = request.actor
    context = {"sessions": api.sessions(actor.account_id), "current": request.session.session_key}
    return render(request, "identity/account.html", context)


@signed_in
def password(request: SignedIn) -> HttpResponseBase:
    """Choose a new password."""
    form = PasswordForm(request.POST or None)
    user = request.user
    if request.method == "POST" and form.is_valid() and isinstance(user, Account):
        if form.cleaned_data["new"] != form.cleaned_data["again"]:
            form.add_error("again", _("两次输入的新密码不一样。"))
        elif not user.check_password(form.cleaned_data["old"]):
            form.add_error("old", _("现在的密码不对。"))
        else:
            try:
                api.change_password(account_id=user.pk, password=form.cleaned_data["new"], now=clock.now())
            except api.PasswordRefused as exc:
                form.add_error("new", exc.sentence)
            else:
                user.refresh_from_db()
                update_session_auth_hash(request, user)
                messages.success(request, _("密码已更改。"))
                return redirect("identity:account")
    return render(request, "identity/password.html", {"form": form}, status=422 if form.errors else 200)
