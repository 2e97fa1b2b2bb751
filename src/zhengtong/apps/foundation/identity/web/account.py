"""One's own account: who I am here, password, delegations, sessions, and when I signed in."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.identity.models import Account
from zhengtong.apps.foundation.identity.web.access import Held, home_of, own_account
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui import slots
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal, date_input
from zhengtong.toolkit.ui.paging import page
from zhengtong.toolkit.ui.speech import refusal

_HISTORY_SHOWN = 5


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


class DelegationForm(forms.Form):
    """To whom, from when, until when."""

    taker = forms.ChoiceField()
    since = forms.DateField(label=_("开始日期"), widget=date_input())
    until = forms.DateField(label=_("结束日期"), help_text=_("含当日;到期自动收回。"), widget=date_input())

    def __init__(self, *args: object, colleagues: list[tuple[str, str]], today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["taker"] = forms.ChoiceField(
            label=_("受托人"),
            help_text=_("本单位的同事。委托期间,对方以您的角色办理,记录中两人的姓名都在。"),
            choices=[("", "—"), *((username, f"{name} ({username})") for username, name in colleagues)],
        )
        self.fields["since"].initial = today


@signed_in
def account(request: SignedIn) -> HttpResponseBase:
    """Who I am here, what I may do, and where I am signed in."""
    actor: api.Actor = request.actor
    today = clock.today()
    context = {
        "duty": api.duty_name(actor.duty or ""),
        "roles": [role for role in api.role_history(actor.account_id) if role.until is None or role.until >= today],
        "manages_systems": bool(actor.offices(api.Role.DEVELOPER, api.Role.STEWARD)),
        "second_factor": api.has_second_factor(actor.account_id),
        "delegations": api.delegations(actor.account_id, on=today),
        "sessions": api.sessions(actor.account_id, current_key=request.session.session_key or "", limit=20),
        "history": security.entries(_own_sign_ins(actor), limit=_HISTORY_SHOWN),
        "panels": slots.fill(slots.ACCOUNT_PANELS, request, None),
    }
    return render(request, "identity/account.html", context)


def _own_sign_ins(actor: api.Actor) -> security.EntryFilter:
    return security.EntryFilter(event="identity:session:", actor=actor.label)


@own_account
def history(request: Held) -> HttpResponseBase:
    """When and from where somebody signed in as me, from the ledger."""
    wanted = _own_sign_ins(request.holder)
    found = page(request, lambda after, limit: security.entries(wanted, after=after, limit=limit), lambda row: row.cursor)
    return render(request, "identity/history.html", {"page": found, "back": home_of(request)})


@own_account
@sensitive_post_parameters()
def password(request: Held) -> HttpResponseBase:
    """Choose a new password."""
    form = PasswordForm(request.POST or None)
    user = request.user
    if request.method == "POST" and form.is_valid() and isinstance(user, Account):
        if form.cleaned_data["new"] != form.cleaned_data["again"]:
            form.add_error("again", _("两次输入的新密码不一样。"))
        elif not user.check_password(form.cleaned_data["old"]):
            form.add_error("old", _("现在的密码不对。"))
        else:
            key = request.session.session_key or ""
            try:
                api.change_password(account_id=user.pk, password=form.cleaned_data["new"], now=clock.now(), keep_session=key)
            except api.PasswordRefused as exc:
                form.add_error("new", refusal(exc))
            else:
                user.refresh_from_db()
                update_session_auth_hash(request, user)
                api.move_session(old_key=key, new_key=request.session.session_key or "")
                messages.success(request, _("密码已更改,其他登录已结束。"))
                return redirect(home_of(request))
    return render(request, "identity/password.html", {"form": form, "back": home_of(request)}, status=422 if form.errors else 200)


@signed_in
def delegate(request: SignedIn) -> HttpResponseBase:
    """Let a colleague act with my roles for some days."""
    form = DelegationForm(request.POST or None, colleagues=api.colleagues(request.actor), today=clock.today())
    if request.method == "POST" and form.is_valid():
        try:
            api.delegate(actor=request.actor, now=clock.now(), **form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已委托。"))
            return redirect("identity:account")
    context = {"form": form, "heading": _("委托同事办理"), "submit": _("委托"), "back": "/account/"}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def end_delegation(request: SignedIn, delegation_id: int) -> HttpResponseBase:
    """Take a delegation back."""
    api.end_delegation(actor=request.actor, delegation_id=delegation_id, now=clock.now())
    messages.success(request, _("委托已收回。"))
    return redirect("identity:account")


@require_POST
@own_account
def end_session(request: Held, handle: str) -> HttpResponseBase:
    """End one session of mine."""
    api.end_session(actor=request.holder, handle=handle, now=clock.now())
    messages.success(request, _("该登录已结束。"))
    return redirect(home_of(request))


@require_POST
@own_account
def end_other_sessions(request: Held) -> HttpResponseBase:
    """End all sessions but this one."""
    count = api.end_other_sessions(actor=request.holder, session_key=request.session.session_key or "", now=clock.now())
    messages.success(request, ngettext("已结束其他 %(count)d 个登录。", "已结束其他 %(count)d 个登录。", count) % {"count": count})
    return redirect(home_of(request))
