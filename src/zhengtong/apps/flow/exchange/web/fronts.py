"""Front databases, and what is pushed into them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from zhengtong.apps.flow.exchange import api
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.dataflow.errors import ExchangeFailure
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, NotFound, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import refusal

_KEEPERS = (identity.Role.STEWARD, identity.Role.DEVELOPER)
#: minutes → words
SCHEDULES = [
    ("", _("只在要求时")),
    ("5", _("每 5 分钟")),
    ("60", _("每小时")),
    ("1440", _("每天")),
    ("10080", _("每周")),
]


def minutes(text: str) -> int | None:
    """The value of a schedule field."""
    return int(text) if text else None


def sentence(error: ZhengtongError) -> str:
    """What is wrong and how to mend it, in one line."""
    return refusal(error)


class FrontForm(forms.Form):
    """Where a receiver's database is."""

    use_required_attribute = False
    office = forms.ChoiceField(label=_("单位"))
    name = forms.CharField(label=_("名称"), max_length=100)
    url = forms.CharField(
        label=_("地址"),
        help_text=_("形如 postgresql://账户:密码@主机:5432/库名;密码封存后不再显示。"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=True),
    )
    schema = forms.CharField(label=_("模式"), max_length=63, initial="public")

    def __init__(self, data: Any = None, *, actor: identity.Actor) -> None:
        super().__init__(data)
        office = self.fields["office"]
        assert isinstance(office, forms.ChoiceField)  # noqa: S101 - declared above
        office.choices = [(code, one.name) for code, one in organisations.offices_by_code(sorted(actor.offices(*_KEEPERS))).items()]


@signed_in
def listed(request: SignedIn) -> HttpResponseBase:
    """Front databases of my offices, and a form for another."""
    form = FrontForm(request.POST if request.method == "POST" else None, actor=request.actor)
    report = None
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            if "test" in request.POST:
                report = api.test_front(actor=request.actor, office=facts["office"], url=facts["url"])
            else:
                api.add_front_database(
                    by=request.actor, office=facts["office"], name=facts["name"], url=facts["url"], schema=facts["schema"], now=clock.now()
                )
                messages.success(request, gettext("前置库已登记。"))
                return redirect("exchange:fronts")
        except (Invalid, Conflict, ExchangeFailure) as exc:
            form.add_error(exc.field if exc.field in form.fields else "url", sentence(exc))
    context = {
        "fronts": api.front_databases(request.actor),
        "pushes": api.pushes(request.actor),
        "form": form,
        "report": report,
        "operates": bool(request.actor.offices(*_KEEPERS)),
    }
    return render(request, "exchange/fronts.html", context, status=422 if form.is_bound and form.errors else 200)


@signed_in
def remove(request: SignedIn, front_id: int) -> HttpResponseBase:
    """Forget a front database that nothing was pushed into, after asking."""
    if request.method != "POST":
        if all(front.id != front_id for front in api.front_databases(request.actor)):
            raise NotFound("没有这个前置库")
        return _asked(
            request, gettext("删除前置库"), gettext("删除后推送不能再选它,要用时须重新登记;库里已有的数据不动。"), gettext("删除")
        )
    api.remove_front_database(actor=request.actor, front_id=front_id, now=clock.now())
    messages.success(request, gettext("前置库已删除。"))
    return redirect("exchange:fronts")


class PushForm(forms.Form):
    """Into which table, how often."""

    use_required_attribute = False
    front = forms.ChoiceField(label=_("前置库"))
    table = forms.RegexField(
        label=_("目标表"),
        regex=r"^[a-z_][a-z0-9_]{0,62}$",
        help_text=_("不存在时自动建立;小写字母、数字和下划线。"),
        error_messages={"invalid": _("以小写字母或下划线开头,只含小写字母、数字和下划线。")},
    )
    every = forms.ChoiceField(label=_("多久推送一次"), choices=SCHEDULES, required=False)

    def __init__(self, data: Any = None, *, fronts: list[api.FrontView], initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        front = self.fields["front"]
        assert isinstance(front, forms.ChoiceField)  # noqa: S101 - declared above
        front.choices = [(str(one.id), f"{one.name}({one.place})") for one in fronts]


@signed_in
def add_push(request: SignedIn, number: str) -> HttpResponseBase:
    """Have a grant's rows pushed."""
    grant = sharing.grant(number, actor=request.actor)
    fronts = [one for one in api.front_databases(request.actor) if one.office == grant.document.consumer.code]
    form = PushForm(
        request.POST if request.method == "POST" else None,
        fronts=fronts,
        initial={"table": f"zt_{grant.document.resource.partition('/')[2]}"},
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            api.add_push(
                by=request.actor,
                grant_number=number,
                front_id=int(facts["front"]),
                table=facts["table"],
                every_minutes=minutes(facts["every"]),
                now=clock.now(),
            )
        except (Invalid, Conflict) as exc:
            form.add_error(exc.field if exc.field in form.fields else None, sentence(exc))
        else:
            messages.success(request, gettext("推送已建立。"))
            return redirect("sharing:grant", number)
    context = {"grant": grant, "form": form, "fronts": fronts}
    return render(request, "exchange/push.html", context, status=422 if form.is_bound and form.errors else 200)


@signed_in
@require_POST
def run_push(request: SignedIn, push_id: int) -> HttpResponseBase:
    """Push now."""
    return redirect("exchange:run", api.start_push(by=request.actor, push_id=push_id, now=clock.now()))


@signed_in
def end_push(request: SignedIn, push_id: int) -> HttpResponseBase:
    """Forget a push, after asking."""
    if request.method != "POST":
        if all(push.id != push_id for push in api.pushes(request.actor)):
            raise NotFound("没有这个推送")
        return _asked(
            request,
            gettext("删除推送"),
            gettext("删除后不再推送,安排和进度一并删除;前置库里已有的数据不动。只想歇一歇,请用“停止推送”。"),
            gettext("删除"),
        )
    api.end_push(actor=request.actor, push_id=push_id, now=clock.now())
    messages.success(request, gettext("推送已删除。"))
    return redirect("exchange:fronts")


def _asked(request: SignedIn, heading: str, lead: str, submit: str) -> HttpResponse:
    context = {
        "form": forms.Form(),
        "heading": heading,
        "lead": lead,
        "submit": submit,
        "tone": "btn-danger",
        "back": reverse("exchange:fronts"),
    }
    return render(request, "ui/form_page.html", context)


@signed_in
@require_POST
def change_push(request: SignedIn, push_id: int) -> HttpResponseBase:
    """Let a push rest, go on, or take another schedule."""
    now, actor = clock.now(), request.actor
    match request.POST.get("change"):
        case "stop" | "resume" as change:
            api.set_push_active(actor=actor, push_id=push_id, active=change == "resume", now=now)
        case "schedule":
            every = request.POST.get("every", "")
            if every not in dict(SCHEDULES):
                raise Invalid(gettext("没有这种安排"), field="every")
            api.schedule_push(actor=actor, push_id=push_id, every_minutes=minutes(every), now=now)
        case _:
            raise Invalid(gettext("没有这种办理"), field="change")
    messages.success(request, gettext("已办理。"))
    return redirect("exchange:fronts")
