"""The system administrator says under which grants registers are asked."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from zhengtong.apps.affairs.citizens import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal

_SOURCES = {api.Source.PERSONS: _("人口登记"), api.Source.COMPANIES: _("企业登记")}
_ITEMS = {
    "number": _("信息项:公民身份号码"),
    "name": _("信息项:姓名或名称"),
    "household": _("信息项:户号"),
    "code": _("信息项:统一社会信用代码"),
    "representative": _("信息项:法定代表人姓名"),
    "representative_number": _("信息项:法定代表人证件号码"),
}


class RegisterForm(forms.Form):
    """Calling system, resource, purpose, and which item is what."""

    system = forms.CharField(label=_("调用系统标识"), help_text=_("本平台自己的调用系统,须有有效的 HMAC 密钥。"), max_length=40)
    resource = forms.CharField(label=_("资源代码"), max_length=80)
    purpose = forms.CharField(label=_("用途代码"), help_text=_("授权中列明的用途,例如 real-name。"), max_length=40)

    def __init__(self, *args: object, source: api.Source, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in api.ITEMS[source]:
            self.fields[f"item_{name}"] = forms.CharField(label=_ITEMS[name], max_length=80)


@never_cache
@signed_in
def registers(request: SignedIn) -> HttpResponseBase:
    """Which registers are asked, and how."""
    identity.require(request.actor, identity.Act.MANAGE_ACCOUNTS)
    there = api.registers()
    return render(request, "citizens/registers.html", {"rows": [(one, label, there.get(one)) for one, label in _SOURCES.items()]})


@never_cache
@signed_in
def set_register(request: SignedIn, source: str) -> HttpResponseBase:
    """Say how one register is asked."""
    identity.require(request.actor, identity.Act.MANAGE_ACCOUNTS)
    if source not in list(api.Source):
        raise Http404
    which = api.Source(source)
    there = api.registers().get(which)
    initial = {"system": there.system, "resource": there.resource, "purpose": there.purpose} if there else {}
    initial |= {f"item_{name}": there.items.get(name, "") for name in api.ITEMS[which]} if there else {}
    form = RegisterForm(request.POST or None, source=which, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        items = {name: given[f"item_{name}"] for name in api.ITEMS[which]}
        try:
            setting = api.RegisterSetting(which, given["system"], given["resource"], given["purpose"], items)
            api.set_register(by=request.actor, setting=setting, now=clock.now())
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已保存。"))
            return redirect("citizens:registers")
    context = {"form": form, "heading": _SOURCES[which], "submit": _("保存"), "back": reverse("citizens:registers")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)
