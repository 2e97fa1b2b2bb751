"""Docking: which offices work in systems of their own, what could not be handed over, where both sides differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.cases import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal


class New(forms.Form):
    """A system that docks; its office is the one that it belongs to."""

    use_required_attribute = False
    system = forms.ChoiceField(label=_("调用系统"), help_text=_("由其所属单位登记,并有共享密钥;该单位的环节送到这个系统办理。"))
    address = forms.URLField(
        label=_("地址"), max_length=300, assume_scheme="https", help_text=_("平台向“地址/visits”发送,并在那里核对在办清单。")
    )
    fields_granted = forms.MultipleChoiceField(
        label=_("可以读取的申请内容"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("每次读取都要签名、写明用途并留痕。"),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["system"].choices = [(one.id, f"{one.office_name} · {one.name}") for one in identity.systems(active=True)]  # type: ignore[attr-defined]
        self.fields["fields_granted"].choices = [(name, _now(label)) for name, label in api.FIELD_LABELS.items()]  # type: ignore[attr-defined]


@signed_in
@require_GET
def listed(request: SignedIn) -> HttpResponseBase:
    """What the actor may see of it."""
    actor = request.actor
    context = {
        "dockings": [(one, [api.FIELD_LABELS[name] for name in one.fields]) for one in api.dockings(actor)],
        "pending": api.docking_pending(actor),
        "differences": api.docking_differences(actor),
        "author": actor.holds(identity.Role.BUREAU_APPROVER),
    }
    return render(request, "cases/docking.html", context)


@signed_in
def new(request: SignedIn) -> HttpResponseBase:
    """Let a system dock."""
    api.require_author(request.actor)
    form = New(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            api.dock(
                actor=request.actor,
                office=identity.system(facts["system"]).office,
                system=facts["system"],
                address=facts["address"],
                fields=facts["fields_granted"],
                now=clock.now(),
            )
        except api.DockingRefused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _now("已对接。在办的环节随即送出。"))
            return redirect("cases:docking")
    context = {"form": form, "heading": _now("对接部门系统"), "submit": _now("对接"), "lead": _now("本平台受理,部门系统办理,结果回传。")}
    return render(request, "ui/form_page.html", context, status=422 if form.is_bound and form.errors else 200)


@signed_in
@require_POST
def end(request: SignedIn, docking: int) -> HttpResponseBase:
    """End a docking."""
    return _done(
        request, lambda: api.undock(actor=request.actor, docking=docking, now=clock.now()), _now("对接已结束,由工作人员在本平台办理。")
    )


@signed_in
@require_POST
def send(request: SignedIn, delivery: int) -> HttpResponseBase:
    """Hand something over once more."""
    return _done(request, lambda: api.send_again(actor=request.actor, delivery=delivery, now=clock.now()), _now("随即重新发送。"))


def _done(request: SignedIn, act: Callable[[], None], text: str) -> HttpResponseBase:
    try:
        act()
    except api.NotDocked as refused:
        messages.error(request, str(refused.sentence))
    else:
        messages.success(request, text)
    return redirect("cases:docking")
