"""Changing everything that the worklist finds: what to change, progress, outcome, undoing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api
from zhengtong.apps.resources.catalog.web.forms import NOTHING, choices
from zhengtong.apps.resources.catalog.web.working import wanted_of
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.paging import page

_REPLACED = gettext_lazy("整个换掉。多个用逗号隔开。")
_KEPT = gettext_lazy("其他的不动。多个用逗号隔开。")


class ChangeForm(forms.Form):
    """New values for many entries; what is left empty stays as it is in each."""

    update_cycle = forms.ChoiceField(label=gettext_lazy("更新周期"), required=False, choices=choices(api.BULK_CYCLES))
    data_level = forms.ChoiceField(
        label=gettext_lazy("数据分级"), required=False, choices=[NOTHING, *((one, gettext_lazy(one)) for one in api.DATA_LEVEL_LABELS)]
    )
    contact = forms.CharField(label=gettext_lazy("联系方式"), required=False, max_length=200)
    themes = forms.CharField(label=gettext_lazy("主题"), required=False, help_text=_REPLACED)
    themes_add = forms.CharField(label=gettext_lazy("增加主题"), required=False, help_text=_KEPT)
    themes_remove = forms.CharField(label=gettext_lazy("去掉主题"), required=False, help_text=_KEPT)
    tags = forms.CharField(label=gettext_lazy("标签"), required=False, help_text=_REPLACED)
    tags_add = forms.CharField(label=gettext_lazy("增加标签"), required=False, help_text=_KEPT)
    tags_remove = forms.CharField(label=gettext_lazy("去掉标签"), required=False, help_text=_KEPT)

    def said(self) -> dict[str, Any]:
        """What was filled in."""
        values = dict(self.cleaned_data)
        return values | {name: api.listed(values[name]) for name in values if api.bulk_field(name) in api.BULK_LISTS}


@signed_in
def change_many(request: SignedIn) -> HttpResponseBase:
    """Say what shall change in everything that the worklist's filter finds."""
    if not request.actor.holds(identity.Role.STEWARD):
        raise api.NotAllowed(_("成批修改目录需要数据专员角色"))
    wanted = wanted_of(request)
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("count", "")
        try:
            made = api.change_many(
                actor=request.actor,
                wanted=wanted,
                said=form.said(),
                expected=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,  # noqa: PLR2004 - no catalog has that many
                now=clock.now(),
            )
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _("已开始修改。可以离开本页,修改会在后台继续。"))
            return redirect("catalog:change", made.id)
    context = {
        "form": form,
        "wanted": wanted,
        "count": api.count_editable(request.actor, wanted),
        "most": api.MOST_CHANGED,
        "fault_label": api.fault_labels().get(wanted.fault, ""),
        "state_label": api.STATE_LABELS[api.State(wanted.state)] if wanted.state else "",
        "changes": api.bulk_edits(request.actor),
        "labels": api.BULK_LABELS,
    }
    return render(request, "catalog/change_many.html", context, status=422 if form.errors else 200)


@signed_in
def change(request: SignedIn, number: int) -> HttpResponseBase:
    """One change, wherever it stands; POST undoes it, or lets it go on where it stopped."""
    if request.method == "POST" and request.POST.get("act") == "resume":
        api.resume_change(actor=request.actor, number=number, now=clock.now())
        messages.success(request, _("从停下的地方继续修改。"))
        return redirect("catalog:change", number)
    if request.method == "POST":
        made = api.undo_change(actor=request.actor, number=number, now=clock.now())
        messages.success(request, _("已开始撤销。"))
        return redirect("catalog:change", made.id)
    view = api.bulk_edit(number, actor=request.actor)
    context = {"change": view, "working": view.state == "queued", "labels": api.BULK_LABELS}
    if request.headers.get("HX-Request"):
        answer = render(request, "catalog/change_progress.html", context)
        if not context["working"]:
            answer["HX-Refresh"] = "true"
        return answer
    context["page"] = page(
        request, lambda after, limit: api.bulk_refusals(number, actor=request.actor, after=after, limit=limit), lambda line: str(line.id)
    )
    return render(request, "catalog/change.html", context)
