"""
Administration of relying systems: one administrator proposes, the other approves.

Threat model: see ``operations.systems``. A secret is shown once, on a page that nothing keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.signon import api
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import said

_LONGEST_OVERLAP = 90
_WORDS = {
    "client_id": _("标识"),
    "name": _("名称"),
    "office": _("单位代码"),
    "redirect_uris": _("回调地址"),
    "post_logout_redirect_uris": _("退出后的地址"),
    "scopes": _("可以知道的内容"),
    "sector": _("编号范围"),
    "asks_consent": _("登录前请本人同意"),
}


def _for(*acts: identity.Act) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page for administrators who may do one of these; strangers go to sign-in, others see why not."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @never_cache
        @signed_in
        @wraps(view)
        def guarded(request: Any, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(identity.may(request.actor, act) for act in acts):
                identity.require(request.actor, acts[0])
            return view(request, *args, **kwargs)

        return guarded

    return decorate


_proposers = _for(identity.Act.PROPOSE_SIGN_ON)
_approvers = _for(identity.Act.APPROVE_SIGN_ON)
_both = _for(identity.Act.PROPOSE_SIGN_ON, identity.Act.APPROVE_SIGN_ON)


class SystemForm(forms.Form):
    """A relying system as it is to be."""

    client_id = forms.CharField(
        label=_WORDS["client_id"], help_text=_("即 client_id。小写字母开头,只含小写字母、数字和连字符,3 至 40 位;定后不改。"), max_length=40
    )
    name = forms.CharField(label=_WORDS["name"], help_text=_("登录的人会看到它。"), max_length=120)
    office = forms.CharField(label=_WORDS["office"], help_text=_("管理该系统的单位的 18 位统一社会信用代码。"), max_length=18)
    redirect_uris = forms.CharField(
        label=_WORDS["redirect_uris"],
        help_text=_("每行一个完整的 https 地址;登录结果只送到这里,一个字符也不能差。"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    post_logout_redirect_uris = forms.CharField(
        label=_WORDS["post_logout_redirect_uris"],
        help_text=_("每行一个;不填则退出后留在本平台。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_WORDS["scopes"],
        help_text=_("只勾选办事用得着的;识别编号总是提供。"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(one, said(label)) for one, label in api.SCOPE_LABELS.items() if one != "openid"],
    )
    sector = forms.CharField(
        label=_WORDS["sector"],
        help_text=_("同一范围内的系统看到同一个编号,不同范围互不相识。不填则为回调地址的主机名;定后不改。"),
        required=False,
        max_length=120,
    )
    asks_consent = forms.BooleanField(
        label=_WORDS["asks_consent"], help_text=_("面向群众的系统应当勾选;单位自己的工作系统不必。"), required=False
    )

    def wanted(self) -> dict[str, Any]:
        """What was written, as the operation takes it."""
        data = self.cleaned_data
        lines = {name: tuple(data[name].split()) for name in ("redirect_uris", "post_logout_redirect_uris")}
        return data | lines | {"scopes": tuple(data["scopes"])}


class SecretForm(forms.Form):
    """For how long the older secrets go on."""

    overlap = forms.IntegerField(
        label=_("旧密钥继续有效的天数"),
        help_text=_("轮换期间新旧并用;0 为立即失效,不填则旧密钥不变。"),
        required=False,
        min_value=0,
        max_value=_LONGEST_OVERLAP,
    )


@_both
def systems(request: SignedIn) -> HttpResponseBase:
    """Relying systems and what waits for approval."""
    return render(request, "signon/systems.html", {"systems": api.systems(), "proposals": api.open_proposals(), **_rights(request)})


def _rights(request: SignedIn) -> dict[str, bool]:
    return {
        "proposes": identity.may(request.actor, identity.Act.PROPOSE_SIGN_ON),
        "approves": identity.may(request.actor, identity.Act.APPROVE_SIGN_ON),
    }


@_both
def system(request: SignedIn, client_id: str) -> HttpResponseBase:
    """One system as approved, what waits, and what was decided before."""
    return _system(request, client_id)


def _system(request: SignedIn, client_id: str, *, wrong: str = "", status: int = 200) -> HttpResponse:
    history = api.proposals_of(client_id)
    found = next((one for one in api.systems() if one.client_id == client_id), None)
    if found is None and not history:
        raise api.SystemUnknown
    waiting = next((one for one in history if not one.outcome), None)
    context = {
        "system": found,
        "client_id": client_id,
        "name": found.name if found else history[0].name,
        "waiting": waiting,
        "changes": _changes(found, waiting) if waiting else [],
        "facts": _facts(found) if found else [],
        "history": [one for one in history if one.outcome],
        "wrong": wrong,
        "now": clock.now(),
    }
    return render(request, "signon/system.html", context | _rights(request), status=status)


def _facts(shown: api.SystemView | api.ProposalView) -> list[tuple[object, list[str]]]:
    """What a system is, in words and lines."""
    return [
        (_WORDS["name"], [shown.name]),
        (_("单位"), [shown.office_name]),
        (_WORDS["redirect_uris"], list(shown.redirect_uris)),
        (_WORDS["post_logout_redirect_uris"], list(shown.post_logout_redirect_uris)),
        (_WORDS["scopes"], [said(api.SCOPE_LABELS[one]) for one in shown.scopes]),
        (_WORDS["sector"], [shown.sector]),
        (_WORDS["asks_consent"], [str(_("是") if shown.asks_consent else _("否"))]),
    ]


def _changes(found: api.SystemView | None, waiting: api.ProposalView) -> list[tuple[object, list[str], list[str]]]:
    """What would be different: word, before, after."""
    after = _facts(waiting)
    before = _facts(found) if found else [(label, list[str]()) for label, _lines in after]
    return [(label, old, new) for (label, old), (_same, new) in zip(before, after, strict=True) if old != new]


@_proposers
def propose(request: SignedIn, client_id: str = "") -> HttpResponseBase:
    """Propose a new system, or how one should be."""
    initial: dict[str, Any] = {"scopes": ["profile"]}
    if client_id:
        now = api.system(client_id)
        initial = vars(now) | {name: "\n".join(getattr(now, name)) for name in ("redirect_uris", "post_logout_redirect_uris")}
    form = SystemForm(request.POST or None, initial=initial)
    for name in ("client_id", "sector") if client_id else ():
        form.fields[name].disabled = True
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        try:
            api.propose(actor=request.actor, now=clock.now(), **wanted)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已提交,由安全管理员审核。"))
            return redirect("signon:system", wanted["client_id"])
    heading = _("变更登录接入系统") if client_id else _("登记登录接入系统")
    back = reverse("signon:system", args=[client_id]) if client_id else reverse("signon:systems")
    context = {"form": form, "heading": heading, "submit": _("提交审核"), "back": back}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@require_POST
@_proposers
def withdraw(request: SignedIn, client_id: str, proposal_id: int) -> HttpResponseBase:
    """Take a proposal back."""
    api.withdraw(actor=request.actor, proposal_id=proposal_id, now=clock.now())
    messages.success(request, _("变更已撤回。"))
    known = any(one.client_id == client_id for one in api.systems())
    return redirect("signon:system", client_id) if known else redirect("signon:systems")


@require_POST
@_approvers
def decide(request: SignedIn, client_id: str, proposal_id: int) -> HttpResponseBase:
    """Approve or refuse a proposal."""
    approve = request.POST.get("decision") == "approve"
    try:
        api.decide(
            actor=request.actor, proposal_id=proposal_id, approve=approve, reason=request.POST.get("reason", "")[:200], now=clock.now()
        )
    except ZhengtongError as exc:
        return _system(request, client_id, wrong=said(exc.sentence), status=exc.status)
    messages.success(request, _("已同意,即时生效。") if approve else _("已退回。"))
    return redirect("signon:system", client_id)


@require_POST
@_both
def set_active(request: SignedIn, client_id: str) -> HttpResponseBase:
    """Suspend a system or let it go on."""
    active = request.POST.get("active") == "1"
    api.set_active(actor=request.actor, client_id=client_id, active=active, now=clock.now())
    messages.success(request, _("已恢复。") if active else _("已暂停,它的全部登录即时失效。"))
    return redirect("signon:system", client_id)


@_proposers
def add_secret(request: SignedIn, client_id: str) -> HttpResponseBase:
    """A new secret, shown once."""
    shown = api.system(client_id)
    form = SecretForm(request.POST if request.method == "POST" else None)
    back = reverse("signon:system", args=[client_id])
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["overlap"]
        overlap = None if days is None else timedelta(days=days)
        made = api.add_secret(by=request.actor, client_id=client_id, overlap=overlap, now=clock.now())
        context = {
            "heading": _("密钥已生成"),
            "lead": _("请交给该系统的管理单位,离开本页后无法再查看。"),
            "facts": [("client_id", client_id), (_("密钥标识"), made.id)],
            "secret": made.secret,
            "back": back,
        }
        return render(request, "ui/secret_once.html", context)
    lead = _("为“%(system)s”生成新的 client_secret。") % {"system": shown.name}
    context = {"form": form, "heading": _("添加或轮换密钥"), "lead": lead, "submit": _("生成"), "back": back}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@require_POST
@_both
def revoke_secret(request: SignedIn, client_id: str, secret_id: str) -> HttpResponseBase:
    """End a secret at once."""
    api.revoke_secret(actor=request.actor, client_id=client_id, secret_id=secret_id, now=clock.now())
    messages.success(request, _("密钥已吊销,用它取得的登录同时失效。"))
    return redirect("signon:system", client_id)
