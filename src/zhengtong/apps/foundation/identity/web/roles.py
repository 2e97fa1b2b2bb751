"""Roles, duties, sessions and lock-outs, for the security administrator."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.identity.web.access import administers
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn
from zhengtong.toolkit.ui.forms import add_refusal, date_input
from zhengtong.toolkit.ui.paging import page


class AssignForm(forms.Form):
    """A role for an office, from a day on."""

    role = forms.ChoiceField(label=_("角色"), choices=[(role.value, label) for role, label in api.ROLE_NAMES.items()])
    office = forms.CharField(label=_("单位代码"), help_text=_("18 位统一社会信用代码。"), max_length=18)
    since = forms.DateField(label=_("生效日期"), widget=date_input())
    until = forms.DateField(label=_("截止日期"), help_text=_("含当日;不填则到收回为止。"), required=False, widget=date_input())


class WithdrawForm(forms.Form):
    """Which role ends, and from which day on."""

    role = forms.ChoiceField(choices=[(role.value, label) for role, label in api.ROLE_NAMES.items()])
    office = forms.CharField(max_length=18)
    on = forms.DateField(label=_("自哪天起失效"), widget=date_input())


class DutyForm(forms.Form):
    """One of the three duties, or none."""

    duty = forms.ChoiceField(
        label=_("管理职责"),
        help_text=_("系统、安全、审计三项职责互斥,且不与业务角色并存。变更后该账户须重新登录。"),
        required=False,
        choices=[("", _("无")), *((duty.value, label) for duty, label in api.DUTY_NAMES.items())],
    )


@administers(api.Act.MANAGE_ROLES)
def roles(request: SignedIn) -> HttpResponseBase:
    """Accounts with their roles, by user name."""
    text = request.GET.get("q", "").strip()
    found = page(request, lambda after, limit: api.accounts(text, after=after, limit=limit), lambda row: row.username)
    return render(request, "identity/roles.html", {"page": found, "q": text})


@administers(api.Act.MANAGE_ROLES)
def detail(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Roles and duty of one account, now and before."""
    return _render(request, account_id)


def _render(
    request: SignedIn, account_id: int, *, assign: AssignForm | None = None, duty: DutyForm | None = None, status: int = 200
) -> HttpResponseBase:
    account, today = api.account(account_id), clock.today()
    context = {
        "account": account,
        "history": api.role_history(account_id),
        "today": today,
        "wrong": duty if duty and duty.errors else assign,
        "assign": assign or AssignForm(initial={"office": account.office, "since": today}),
        "duty": duty or DutyForm(initial={"duty": account.duty}),
    }
    return render(request, "identity/role_detail.html", context, status=status)


@require_POST
@administers(api.Act.MANAGE_ROLES)
def assign(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Give a role."""
    form = AssignForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data | {"role": api.Role(form.cleaned_data["role"])}
        try:
            api.assign_role(by=request.actor, account_id=account_id, now=clock.now(), **given)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("角色已授予。"))
            return redirect("identity:role-detail", account_id)
    return _render(request, account_id, assign=form, status=422)


@require_POST
@administers(api.Act.MANAGE_ROLES)
def withdraw(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Take a role back, from a day on."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("没有收回:日期或角色不对。"))
        return redirect("identity:role-detail", account_id)
    taken = form.cleaned_data | {"role": api.Role(form.cleaned_data["role"])}
    api.withdraw_role(actor=request.actor, account_id=account_id, now=clock.now(), **taken)
    messages.success(request, _("角色已收回。"))
    return redirect("identity:role-detail", account_id)


@require_POST
@administers(api.Act.MANAGE_ROLES)
def set_duty(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Appoint or relieve an administrator."""
    form = DutyForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data["duty"]
        try:
            api.set_duty(actor=request.actor, account_id=account_id, duty=api.Duty(chosen) if chosen else None, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("管理职责已变更。"))
            return redirect("identity:role-detail", account_id)
    return _render(request, account_id, duty=form, status=422)


@require_POST
@administers(api.Act.MANAGE_SESSIONS)
def reset_second_factor(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Take away a lost second factor."""
    api.reset_second_factor(actor=request.actor, account_id=account_id, now=clock.now())
    messages.success(request, _("动态口令已重置,该账户的登录已结束。"))
    return redirect("identity:role-detail", account_id)


@administers(api.Act.MANAGE_SESSIONS)
def sessions(request: SignedIn) -> HttpResponseBase:
    """Who is signed in."""
    key = request.session.session_key or ""
    found = page(request, lambda after, limit: api.sessions(current_key=key, after=after, limit=limit), lambda row: row.cursor)
    return render(request, "identity/sessions.html", {"page": found})


@require_POST
@administers(api.Act.MANAGE_SESSIONS)
def end_session(request: SignedIn, handle: str) -> HttpResponseBase:
    """End anybody's session."""
    api.end_session(actor=request.actor, handle=handle, now=clock.now())
    messages.success(request, _("该登录已结束。"))
    return redirect("identity:sessions")


@administers(api.Act.MANAGE_SESSIONS)
def lockouts(request: SignedIn) -> HttpResponseBase:
    """Who is locked out."""
    return render(request, "identity/lockouts.html", {"lockouts": api.lockouts(now=clock.now())})


@require_POST
@administers(api.Act.MANAGE_SESSIONS)
def unlock(request: SignedIn) -> HttpResponseBase:
    """Let an account sign in again."""
    api.unlock(actor=request.actor, username=request.POST.get("username", ""), now=clock.now())
    messages.success(request, _("已解锁。"))
    return redirect("identity:lockouts")
