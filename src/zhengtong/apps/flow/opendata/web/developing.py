"""Pages for developers without an account: register, their keys and their use; and the bureau's desk of developers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.opendata.web.private import MachineTrap, PrivateDoor
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, Refused, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page

_DOOR = PrivateDoor(
    session="open-developers",
    own="opendata:own-developer",
    way_in="opendata:developer-enter",
    back="opendata:developers",
    number_label=_("登记编号"),
    heading=_("我的密钥和用量"),
    admit=api.enter_developer,
)


class RegisterForm(MachineTrap):
    """A registration."""

    name = forms.CharField(label=_("单位名称或个人姓名"), max_length=120)
    contact = forms.CharField(label=_("联系电话或邮箱"), help_text=_("密钥出问题时主管部门用它联系您。"), max_length=120)
    purpose = forms.CharField(label=_("用途"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


@never_cache
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponseBase:
    """Register as a developer."""
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("name", "contact", "purpose")}
        try:
            number, secret = api.register(
                registration=api.Registration(**facts), address=request.META.get("REMOTE_ADDR", ""), now=clock.now()
            )
        except (Invalid, Refused) as exc:
            add_refusal(form, exc)
        else:
            lead = _now("请保存专用链接:取密钥、换密钥、看用量都用它。")
            return _DOOR.handed_out(request, number, secret, heading=_now("已登记"), lead=lead)
    context = {
        "form": form,
        "heading": _now("登记为开发者"),
        "lead": _now("不用注册账号。登记后得到编号和专用链接,凭它取得密钥、查看用量。"),
        "submit": _now("登记"),
        "back": reverse("opendata:developers"),
    }
    return render(request, "ui/form_page.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """Come back by number and code."""
    return _DOOR.enter(request)


@never_cache
@require_GET
def own(request: HttpRequest, number: str) -> HttpResponseBase:
    """A developer's keys and use; the code leaves the address as soon as it was read."""
    if code := request.GET.get("code", ""):
        return _DOOR.by_code(request, number, code)
    return _own(request, number)


def _own(request: HttpRequest, number: str, error: ZhengtongError | None = None) -> HttpResponseBase:
    proven = _DOOR.proven(request, number)
    if not proven:
        return _DOOR.turned_away(number)
    view = api.own_developer(number, proven, now=clock.now())
    context = {"one": view, "error": error, "typed": request.POST, "most": api.MOST_KEYS}
    return render(request, "opendata/own_developer.html", context, status=error.status if error else 200)


_DONE = {"rename": _("已改名。"), "revoke": _("密钥已注销。")}


@never_cache
@require_POST
def own_act(request: HttpRequest, number: str) -> HttpResponseBase:
    """Make, replace, rename, end a key."""
    act, proven = request.POST.get("act", ""), _DOOR.proven(request, number)
    if not proven:
        return _DOOR.turned_away(number)
    common: dict[str, Any] = {"number": number, "proven": proven, "now": clock.now()}
    name, key = request.POST.get("name", ""), _number(request.POST.get("key", ""))
    try:
        made = _done(act, common, name, key)
    except (Invalid, Conflict, Refused) as exc:
        return _own(request, number, exc)
    if made:
        lead = _now("放在请求头 Authorization: Bearer 后面;不要写进公开的代码。换新密钥后,旧密钥还能用 7 天。")
        return _DOOR.key_shown(request, number, made, lead=lead)
    messages.success(request, _DONE[act])
    return redirect("opendata:own-developer", number)


def _done(act: str, common: dict[str, Any], name: str, key: int) -> str:
    """Do an act; the text of a new key, if it made one."""
    match act:
        case "make":
            return api.make_developer_key(**common, name=name)
        case "replace":
            return api.replace_developer_key(**common, key=key)
        case "rename":
            api.rename_developer_key(**common, key=key, name=name)
        case "revoke":
            api.revoke_developer_key(**common, key=key)
        case _:
            raise Invalid(_now("没有这种操作"), field="act")
    return ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004 - a bigint's digits


# --------------------------------------------------------------------------- the bureau's desk
_DESK_DONE = {"quota": _("配额已调整。"), "block": _("已停用,立即生效。"), "unblock": _("已恢复。")}


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """All developers, masked."""
    now = clock.now()

    def fetch(after: str, limit: int) -> Sequence[api.DeveloperView]:
        return api.developers(request.actor, now=now, after=after, limit=limit)

    return render(request, "opendata/developer_list.html", {"page": page(request, fetch, lambda row: row.id)})


@signed_in
def detail(request: SignedIn, number: str, *, error: ZhengtongError | None = None, opened: bool = False) -> HttpResponseBase:
    """One developer: keys, use, quota."""
    view = api.developer(number, request.actor, now=clock.now(), opened=opened)
    context = {"one": view, "error": error, "typed": request.POST, "opened": opened}
    return render(request, "opendata/developer.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def act(request: SignedIn, number: str) -> HttpResponseBase:
    """Set the quota, block, unblock, read the contact."""
    name = request.POST.get("act", "")
    common: dict[str, Any] = {"actor": request.actor, "number": number, "now": clock.now()}
    if name == "contact":
        api.read_developer_contact(**common)
        return detail(request, number, opened=True)
    try:
        _decide(name, request, common)
    except Invalid as exc:
        return detail(request, number, error=exc)
    messages.success(request, _DESK_DONE[name])
    return redirect("opendata:developer-desk", number)


def _decide(name: str, request: HttpRequest, common: dict[str, Any]) -> None:
    reason, key = request.POST.get("reason", ""), request.POST.get("key", "")
    which = _number(key) if key else None
    match name:
        case "quota":
            rates: dict[str, Any] = {one: _number(request.POST.get(one, "")) for one in ("per_second", "per_day")}
            api.set_quota(**common, **rates, reason=reason)
        case "block":
            api.block(**common, key=which, reason=reason)
        case "unblock":
            api.unblock(**common, key=which)
        case _:
            raise Invalid(_now("没有这种操作"), field="act")
