"""Calling systems and their keys, for the developers and stewards of their office."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from zhengtong.apps.foundation.identity import api
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal

_LONGEST_OVERLAP = 90


class SystemForm(forms.Form):
    """A new calling system."""

    office = forms.ChoiceField()
    system_id = forms.CharField(
        label=_("标识"), help_text=_("小写字母开头,只含小写字母、数字、连字符和下划线,3 至 31 位;定后不改。"), max_length=31
    )
    name = forms.CharField(label=_("名称"), max_length=120)
    networks = forms.CharField(
        label=_("允许的网段"),
        help_text=_("每行一个,如 10.1.2.0/24;不填则不限来源。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: object, offices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["office"] = forms.ChoiceField(label=_("单位"), choices=offices)


class KeyForm(forms.Form):
    """A new key, and for how long the older ones go on."""

    algorithm = forms.ChoiceField(
        label=_("算法"),
        help_text=_("共享密钥由平台生成并只显示一次;公私钥由系统自己生成,只提交公钥。"),
        choices=[
            ("hmac-sha256", _("HMAC-SHA256(共享密钥)")),
            ("hmac-sm3", _("HMAC-SM3(共享密钥)")),
            ("ed25519", _("Ed25519(公钥)")),
            ("sm2-sm3", _("SM2(公钥)")),
        ],
    )
    public = forms.CharField(
        label=_("公钥"),
        help_text=_("Base64 编码的原始公钥:Ed25519 为 32 字节,SM2 为 64 字节(X‖Y)。只在选公钥算法时填写。"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    overlap = forms.IntegerField(
        label=_("旧密钥继续有效的天数"),
        help_text=_("轮换期间新旧并用;0 为立即失效,不填则旧密钥不变。"),
        required=False,
        min_value=0,
        max_value=_LONGEST_OVERLAP,
    )


class NetworksForm(forms.Form):
    """Where a system may call from."""

    networks = forms.CharField(
        label=_("允许的网段"),
        help_text=_("每行一个,如 10.1.2.0/24;不填则不限来源。"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@signed_in
def systems(request: SignedIn) -> HttpResponseBase:
    """The calling systems of the offices for which I am developer or steward."""
    return render(request, "identity/systems.html", {"systems": api.systems_of(request.actor)})


@signed_in
def add(request: SignedIn) -> HttpResponseBase:
    """Register a calling system."""
    codes = request.actor.offices(api.Role.DEVELOPER, api.Role.STEWARD)
    offices = sorted((code, office.name) for code, office in organisations.offices_by_code(codes).items())
    if not offices:
        raise api.NotYours(str(_("需要本单位开发人员或数据专员角色")))
    form = SystemForm(request.POST or None, offices=offices)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"networks": tuple(form.cleaned_data["networks"].splitlines())}
        try:
            api.add_system(by=request.actor, now=clock.now(), **data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("调用系统已登记。下一步:添加密钥。"))
            return redirect("identity:system", data["system_id"])
    context = {"form": form, "heading": _("登记调用系统"), "submit": _("登记"), "back": reverse("identity:systems")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@signed_in
def detail(request: SignedIn, system_id: str) -> HttpResponseBase:
    """One calling system with its keys."""
    return render(request, "identity/system.html", {"system": api.system_of(request.actor, system_id), "now": clock.now()})


@never_cache
@signed_in
def add_key(request: SignedIn, system_id: str) -> HttpResponseBase:
    """A new key; a secret is shown once."""
    system = api.system_of(request.actor, system_id)
    form = KeyForm(request.POST or None)
    back = reverse("identity:system", args=[system_id])
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["overlap"]
        overlap = None if days is None else timedelta(days=days)
        given = {"algorithm": form.cleaned_data["algorithm"], "public": form.cleaned_data["public"].strip()}
        try:
            key = api.add_key(by=request.actor, system_id=system_id, overlap=overlap, now=clock.now(), **given)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            if not key.secret:
                messages.success(request, _("公钥已登记。"))
                return redirect(back)
            facts = [(_("调用系统"), system.id), (_("密钥标识"), key.key_id), (_("算法"), key.algorithm)]
            lead = _("请立即存入调用系统的密钥库;遗失只能轮换。")
            context = {"heading": _("新密钥"), "lead": lead, "facts": facts, "secret": key.secret, "back": back}
            return render(request, "ui/secret_once.html", context)
    context = {"form": form, "heading": _("添加密钥"), "lead": system.name, "submit": _("添加"), "back": back}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@signed_in
def revoke_key(request: SignedIn, system_id: str, key_id: str) -> HttpResponseBase:
    """End a key at once; it cannot be undone, so it is asked first."""
    if request.method != "POST":
        system = api.system_of(request.actor, system_id)
        sentence = _("吊销后不能恢复:“%(system)s”用密钥 %(key)s 签名的调用数秒内全部被拒绝。要不间断地更换,请先添加新密钥。")
        lead = sentence % {"system": system.name, "key": key_id}
        return _asked(request, system_id, _("吊销密钥"), lead, _("吊销"))
    api.revoke_key(actor=request.actor, key_id=key_id, now=clock.now())
    messages.success(request, _("密钥已吊销,网关数秒内生效。"))
    return redirect("identity:system", system_id)


@signed_in
def networks(request: SignedIn, system_id: str) -> HttpResponseBase:
    """Where a system may call from."""
    system = api.system_of(request.actor, system_id)
    form = NetworksForm(request.POST or None, initial={"networks": "\n".join(system.networks)})
    if request.method == "POST" and form.is_valid():
        lines = tuple(form.cleaned_data["networks"].splitlines())
        try:
            api.set_networks(by=request.actor, system_id=system_id, networks=lines, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("网段已更新,网关数秒内生效。"))
            return redirect("identity:system", system_id)
    back = reverse("identity:system", args=[system_id])
    context = {"form": form, "heading": _("允许的网段"), "lead": system.name, "submit": _("保存"), "back": back}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@signed_in
def set_active(request: SignedIn, system_id: str) -> HttpResponseBase:
    """Stop a system from calling, which is asked first, or let it call again."""
    if request.method != "POST":
        system = api.system_of(request.actor, system_id)
        lead = _("停用后,“%(system)s”的全部调用数秒内被拒绝,依靠它办的事会中断;可以再启用。") % {"system": system.name}
        return _asked(request, system_id, _("停用调用系统"), lead, _("停用"))
    active = request.POST.get("active") == "1"
    api.set_system_active(by=request.actor, system_id=system_id, active=active, now=clock.now())
    messages.success(request, _("调用系统已启用。") if active else _("调用系统已停用,网关数秒内生效。"))
    return redirect("identity:system", system_id)


def _asked(request: SignedIn, system_id: str, heading: object, lead: object, submit: object) -> HttpResponse:
    """A page that asks before something stops working."""
    back = reverse("identity:system", args=[system_id])
    context = {"form": forms.Form(), "heading": heading, "lead": lead, "submit": submit, "tone": "btn-danger", "back": back}
    return render(request, "ui/form_page.html", context)


@signed_in
def notes(request: SignedIn, system_id: str) -> HttpResponseBase:
    """Connection notes for the developers of a system, to read here or to download; without secrets."""
    system, now = api.system_of(request.actor, system_id), clock.now()
    usable = [key.key_id for key in system.keys if not key.revoked_at and (key.not_after is None or key.not_after > now)]
    base = request.build_absolute_uri("/").rstrip("/")
    context = {"system": system, "base": base, "key_id": usable[0] if usable else "", "usable": usable}
    text = render_to_string("identity/connection_notes.txt", context)
    if request.GET.get("download"):
        headers = {"Content-Disposition": f'attachment; filename="connection-{system_id}.md"'}
        return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)
    return render(request, "identity/notes.html", context | {"text": text})
