"""Accounts, for the system administrator: list, add, open and close, one-time passwords."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.identity.web.access import administers
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page

_PASSWORD_LEAD = _("请当面或用可靠的方式交给本人;本人首次登录时必须另设密码。")


class AccountForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=_("用户名"), help_text=_("以小写字母开头,只含小写字母、数字和 _.-,3 至 64 位。"), min_length=3, max_length=64
    )
    name = forms.CharField(label=_("姓名"), max_length=60)
    office = forms.CharField(
        label=_("单位代码"),
        help_text=_("18 位统一社会信用代码;管理员账户可不填。"),
        required=False,
        max_length=18,
    )


@administers(api.Act.MANAGE_ACCOUNTS)
def accounts(request: SignedIn) -> HttpResponseBase:
    """All accounts, by user name."""
    text, office = request.GET.get("q", "").strip(), request.GET.get("office", "").strip()
    found = page(request, lambda after, limit: api.accounts(text, office=office, after=after, limit=limit), lambda row: row.username)
    return render(request, "identity/accounts.html", {"page": found, "q": text, "office": office})


@administers(api.Act.MANAGE_ACCOUNTS)
def add(request: SignedIn) -> HttpResponseBase:
    """Add an account; its one-time password is shown once."""
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account_id, password = api.add_account_with_password(by=request.actor, now=clock.now(), **form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            return _show_password(request, account_id, form.cleaned_data["username"], password)
    context = {"form": form, "heading": _("新增账户"), "submit": _("新增"), "back": reverse("identity:accounts")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


def _show_password(request: HttpRequest, account_id: int, username: str, password: str) -> HttpResponseBase:
    context = {
        "heading": _("一次性密码"),
        "lead": _PASSWORD_LEAD,
        "facts": [(_("用户名"), username)],
        "secret": password,
        "back": reverse("identity:account-detail", args=[account_id]),
    }
    return render(request, "ui/secret_once.html", context)


@administers(api.Act.MANAGE_ACCOUNTS)
def detail(request: SignedIn, account_id: int) -> HttpResponseBase:
    """One account."""
    return render(request, "identity/account_detail.html", {"account": api.account(account_id)})


@require_POST
@administers(api.Act.MANAGE_ACCOUNTS)
def set_active(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Open or close an account."""
    active = request.POST.get("active") == "1"
    api.set_active(actor=request.actor, account_id=account_id, active=active, now=clock.now())
    messages.success(request, _("账户已启用。") if active else _("账户已停用,其登录已结束。"))
    return redirect("identity:account-detail", account_id)


@require_POST
@administers(api.Act.MANAGE_ACCOUNTS)
def reset_password(request: SignedIn, account_id: int) -> HttpResponseBase:
    """Give a one-time password, shown once."""
    password = api.reset_password(actor=request.actor, account_id=account_id, now=clock.now())
    return _show_password(request, account_id, api.account(account_id).username, password)
