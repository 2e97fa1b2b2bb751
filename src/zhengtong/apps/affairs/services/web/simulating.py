"""Simulating a form: how many applicants, how the sources and offices are, and what came of it, two versions side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhengtong.apps.affairs.services import api
from zhengtong.engines.forms.simulation import MOST_APPLICANTS, MOST_LOAD, InvalidSetting, Report, Setting
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal

_MOST_COMPARED = 2
_MOST_OFFICES = 20


class SettingForm(forms.Form):
    """How many are drawn, and how the world is for them."""

    use_required_attribute = False

    def __init__(self, *arguments: Any, versions: list[tuple[str, str]], offices: list[str], **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.offices = offices[:_MOST_OFFICES]
        plain = Setting()

        def whole(label: str, hint: str, most: int, initial: int, least: int = 0) -> forms.IntegerField:
            return forms.IntegerField(label=label, help_text=hint, min_value=least, max_value=most, initial=initial)

        self.fields["version"] = forms.MultipleChoiceField(
            label=_("版本"),
            help_text=_("选两个就并排比较,条件相同。"),
            choices=versions,
            initial=[versions[0][0]],
            widget=forms.CheckboxSelectMultiple,
        )
        many = _("1,000 人以内立即出结果,更多的由后台计算,最多 200,000 人。")
        self.fields["applicants"] = whole(_("申请人数"), many, MOST_APPLICANTS, plain.applicants, 1)
        self.fields["stale"] = whole(_("来源只有旧值(%)"), "", 100, plain.stale)
        self.fields["dead"] = whole(_("来源没有应答(%)"), "", 100, plain.dead)
        self.fields["unknown"] = whole(_("来源没有这个人的记录(%)"), "", 100, plain.unknown)
        self.fields["heal"] = whole(_("来源中断后恢复(工作日)"), _("锁定的字段要等来源恢复才能作出决定。"), 90, plain.heal)
        self.fields["load"] = whole(_("各单位的负荷(%)"), _("办理人员的忙闲;越接近 95%,等待越长。"), MOST_LOAD, plain.load)
        for place, office in enumerate(self.offices):
            self.fields[f"load-{place}"] = forms.IntegerField(
                label=_("%(office)s的负荷(%%)") % {"office": office}, min_value=0, max_value=MOST_LOAD, required=False
            )
        self.fields["seed"] = whole(_("随机种子"), _("种子和条件相同,结果就相同。"), 2**31 - 1, plain.seed)

    def setting(self) -> Setting:
        """What was asked for."""
        told = self.cleaned_data
        loads = tuple((office, told[f"load-{place}"]) for place, office in enumerate(self.offices) if told[f"load-{place}"] is not None)
        names = ("applicants", "seed", "stale", "dead", "unknown", "load", "heal")
        return Setting(**{name: told[name] for name in names}, loads=loads)


@signed_in
@require_http_methods(["GET", "POST"])
def simulation(request: SignedIn, number: int) -> HttpResponseBase:
    """Ask for a simulation; ``?run=`` shows one, or two side by side."""
    view = api.own_item(number, request.actor)
    request.standing = "/work/items/"
    lines = [(str(one.number), f"{one.number} · {_(one.state_label)}") for one in api.versions(number)]
    form = SettingForm(request.POST if request.method == "POST" else None, versions=lines, offices=api.offices_of(view.content))
    if request.method == "POST" and form.is_valid():
        try:
            chosen = form.cleaned_data["version"]
            if len(chosen) > _MOST_COMPARED:
                raise InvalidSetting(_("最多选两个版本"), field="version")
            setting = form.setting()
            made = [api.simulate(actor=request.actor, item_id=number, version=int(one), setting=setting, now=clock.now()) for one in chosen]
        except Invalid as exc:
            add_refusal(form, exc)
        else:
            parts = "&".join(f"run={one.id}" for one in made)
            return redirect(f"{reverse('services:form-simulation', args=[number])}?{parts}#result")
    wanted = [int(one) for one in request.GET.getlist("run")[:_MOST_COMPARED] if one.isascii() and one.isdecimal() and len(one) < 19]  # noqa: PLR2004 - a bigint has no more digits
    runs = api.simulations(number, request.actor, ids=wanted) if wanted else []
    working = any(one.working for one in runs)
    context = {
        "item": view,
        "form": form,
        "runs": runs,
        "working": working,
        "rows": rows_of([one.report for one in runs if one.report is not None]) if runs and not working else [],
        "before": api.simulations(number, request.actor),
        "sound": bool(view.content.form) and not any(one.blocks for one in api.form_findings(view.content.form)),
    }
    if request.headers.get("HX-Request"):
        answer = render(request, "services/form/simulation_progress.html", context)
        if not working:
            answer["HX-Refresh"] = "true"
        return answer
    return render(request, "services/form/simulation.html", context, status=422 if form.errors else 200)


def rows_of(reports: list[Report]) -> list[tuple[str, list[str]]]:
    """The figures line by line: what is measured, and its value in each report."""

    def number(value: float) -> str:
        return f"{value:g}"

    def spread(name: str) -> Callable[[Report], str]:
        def told(one: Report) -> str:
            found = getattr(one, name)
            return f"{number(found.median)} / {number(found.p90)}" if found is not None else _("无法估算")

        return told

    def percent(name: str) -> Callable[[Report], str]:
        def told(one: Report) -> str:
            found = getattr(one, name)
            return f"{number(found)}%" if found is not None else _("无法估算")

        return told

    measured: list[tuple[str, Callable[[Report], str]]] = [
        (_("申请人"), lambda one: f"{one.applicants:,}"),
        (_("填完的"), lambda one: f"{one.finished:,}"),
        (_("不能办理的"), lambda one: number(round(100 * (one.applicants - one.finished) / one.applicants, 1)) + "%"),
        (_("页数(中位 / 九成以内)"), spread("pages")),
        (_("点击,有来源(中位 / 九成以内)"), spread("clicks")),
        (_("点击,没有来源"), spread("clicks_alone")),
        (_("分钟,有来源(中位 / 九成以内)"), spread("minutes")),
        (_("分钟,没有来源"), spread("minutes_alone")),
        (_("由来源填好的字段"), percent("prefilled")),
        (_("每人要求的材料(份)"), lambda one: number(one.papers)),
        (_("不用提交的材料"), percent("spared")),
        (_("从提交到办结(天,中位 / 九成以内)"), spread("days")),
        (_("超过承诺时限"), percent("late")),
        (_("等来源恢复的"), percent("held")),
    ]
    return [(label, [told(one) for one in reports]) for label, told in measured]
