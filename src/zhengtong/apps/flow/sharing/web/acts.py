"""Every act on an application as a small page of its own: what it does, the form, one button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.web import standing
from zhengtong.apps.flow.sharing.web.shown import words_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import refusal

_MOST_MISSING = 20
_YES, _NO = "yes", "no"


class Plain(forms.Form):
    """Nothing to fill in."""


def _reason(label: Any, hint: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请填写这一项。")},
    )


class Reason(forms.Form):
    """Why."""

    use_required_attribute = False
    reason = _reason(_("理由"))


class Perhaps(forms.Form):
    """Why, if one likes to say so."""

    reason = _reason(_("理由"), required=False)


class Note(forms.Form):
    """What was supplied."""

    note = _reason(_("补充说明"), _("逐条说明补充了什么;申请内容本身请先用“修改申请”改好。"), required=False)


class More(forms.Form):
    """How many days more, and why."""

    use_required_attribute = False
    days = forms.IntegerField(
        label=_("延长几个工作日"),
        help_text=_("累计不超过 10 个工作日(条例第二十一条)。"),
        min_value=1,
        max_value=10,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _("请填写天数。")},
    )
    reason = _reason(_("理由"), _("会告知需求方。"))


class Decision(forms.Form):
    """Yes or no."""

    use_required_attribute = False
    decision = forms.ChoiceField(
        label=_("决定"),
        choices=[(_YES, _("同意")), (_NO, _("不同意"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择。")},
    )
    reason = _reason(_("理由"), _("不同意时必须说明。"), required=False)


class Judgement(Decision):
    """Whether an objection is upheld."""

    reason = _reason(_("理由"), _("写明事实与依据,双方都会看到。"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ChoiceField)  # noqa: S101 - declared above
        decision.choices = [(_YES, _("支持异议;已拒绝的,由提供方重新答复")), (_NO, _("不支持异议"))]


class Missing(forms.Form):
    """What is missing, with its remedy, line by line; as many lines as the page shows."""

    use_required_attribute = False

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        given = data or options.get("initial") or {}
        try:
            wanted = int(given.get("lines", "3"))
        except ValueError:
            wanted = 3
        self.lines = max(1, min(wanted, _MOST_MISSING))
        for number in range(1, self.lines + 1):
            self.fields[f"what_{number}"] = forms.CharField(label=_now("缺少什么(第 %d 项)") % number, required=number == 1, max_length=200)
            self.fields[f"remedy_{number}"] = forms.CharField(label=_now("怎样补正(第 %d 项)") % number, required=False, max_length=200)
        self.fields["what_1"].error_messages["required"] = _now("至少写明一项。")

    def clean(self) -> dict[str, Any]:
        """The lines that were filled in, as ``missing``."""
        facts = super().clean() or {}
        numbers = range(1, self.lines + 1)
        facts["missing"] = [(facts[f"what_{one}"], facts.get(f"remedy_{one}", "")) for one in numbers if facts.get(f"what_{one}")]
        return facts


def require_open(view: api.ApplicationView, wanted: api.ApplicationAct, actor: identity.Actor) -> None:
    """
    Refuse a form to whoever could not send it.

    :raises NotYours: if the application's state or the actor's roles do not allow the act.
    """
    if wanted not in api.allowed_acts(view, actor):
        raise identity.NotYours(_now("申请现在的状态不能这样办理,或需要另一种角色。"))


Perform = Callable[[identity.Actor, str, dict[str, Any], datetime], object]


@dataclass(frozen=True)
class ActPage:
    """An act: what it is called, what it means, its form, and the operation behind it."""

    title: Any
    sentence: Any
    form: type[forms.Form]
    perform: Perform
    done: Any
    #: ``primary`` moves the application on, ``danger`` ends or returns it, empty is beside the course
    weight: str = ""


def _yes(facts: dict[str, Any]) -> bool:
    return bool(facts["decision"] == _YES)


_A = api.ApplicationAct
ACTS: dict[api.ApplicationAct, ActPage] = {
    _A.SUBMIT: ActPage(
        _("提交签批"),
        _("提交给本单位共享工作机构负责人。签批以前,提供方看不到申请。"),
        Plain,
        lambda actor, number, _facts, now: api.submit(actor=actor, number=number, now=now),
        _("已提交本单位负责人。"),
        "primary",
    ),
    _A.SIGN: ActPage(
        _("签批"),
        _("签批后申请送达提供方,答复期限从次日起计(条例第二十条、第二十一条)。"),
        Plain,
        lambda actor, number, _facts, now: api.sign(actor=actor, number=number, now=now),
        _("已签批并送达提供方。"),
        "primary",
    ),
    _A.SEND_BACK: ActPage(
        _("退回修改"),
        _("退给经办人修改。"),
        Reason,
        lambda actor, number, facts, now: api.send_back(actor=actor, number=number, reason=facts["reason"], now=now),
        _("已退回。"),
        "danger",
    ),
    _A.SUPPLEMENT: ActPage(
        _("报送补充材料"),
        _("报送后提供方的答复期限继续计算。"),
        Note,
        lambda actor, number, facts, now: api.supplement(actor=actor, number=number, note=facts["note"], now=now),
        _("已报送。"),
        "primary",
    ),
    _A.WITHDRAW: ActPage(
        _("撤回申请"),
        _("撤回后不能恢复,需要时重新申请。"),
        Perhaps,
        lambda actor, number, facts, now: api.withdraw(actor=actor, number=number, reason=facts["reason"], now=now),
        _("已撤回。"),
        "danger",
    ),
    _A.ASK_SUPPLEMENT: ActPage(
        _("一次告知补充材料"),
        _("一次列全缺少的材料,只能告知一次;不得以材料不全为由拒绝(条例第二十一条)。等待期间期限暂停。"),
        Missing,
        lambda actor, number, facts, now: api.ask_supplement(actor=actor, number=number, missing=facts["missing"], now=now),
        _("已告知需求方,期限暂停。"),
    ),
    _A.ASK_EXTENSION: ActPage(
        _("申请延期答复"),
        _("须经政务数据共享主管部门同意,并告知需求方(条例第二十一条)。"),
        More,
        lambda actor, number, facts, now: api.ask_extension(
            actor=actor, number=number, days=facts["days"], reason=facts["reason"], now=now
        ),
        _("已报主管部门。"),
    ),
    _A.DECIDE_EXTENSION: ActPage(
        _("决定延期"),
        _("同意后答复期限延长,双方都会收到通知。"),
        Decision,
        lambda actor, number, facts, now: api.decide_extension(
            actor=actor, number=number, consent=_yes(facts), reason=facts["reason"], now=now
        ),
        _("已决定。"),
        "primary",
    ),
    _A.CONCLUDE: ActPage(
        _("审批答复"),
        _("批准经办人拟定的答复:同意的,签发授权;不同意的,告知理由。"),
        Plain,
        lambda actor, number, _facts, now: api.conclude(actor=actor, number=number, now=now),
        _("已答复需求方。"),
        "primary",
    ),
    _A.RECONSIDER: ActPage(
        _("退回重拟"),
        _("退给经办人重新拟定答复;期限照常计算。"),
        Reason,
        lambda actor, number, facts, now: api.reconsider(actor=actor, number=number, reason=facts["reason"], now=now),
        _("已退回重拟。"),
        "danger",
    ),
    _A.DISPUTE: ActPage(
        _("提出异议"),
        _("先与提供方协商,协商不成由主管部门处理(条例第二十八条)。"),
        Reason,
        lambda actor, number, facts, now: api.dispute(actor=actor, number=number, reason=facts["reason"], now=now),
        _("异议已提交。"),
    ),
    _A.ANSWER_DISPUTE: ActPage(
        _("处理异议"),
        _("主管部门协调后作出决定,双方都会收到通知。"),
        Judgement,
        lambda actor, number, facts, now: api.answer_dispute(
            actor=actor, number=number, upheld=_yes(facts), reason=facts["reason"], now=now
        ),
        _("已处理。"),
        "primary",
    ),
}
#: acts whose pages are larger and stand elsewhere: title, weight
_ELSEWHERE = {_A.EDIT: (_("修改申请"), ""), _A.PROPOSE: (_("拟定答复"), "primary")}
_ORDER = {"primary": 0, "": 1, "danger": 2}


def pages_of(view: api.ApplicationView, actor: identity.Actor) -> list[dict[str, Any]]:
    """The acts that the actor may do now: name of the page, title, weight; what moves the application on comes first."""
    found = []
    for act in api.ApplicationAct:
        if act in api.allowed_acts(view, actor):
            title, weight = _ELSEWHERE.get(act) or (ACTS[act].title, ACTS[act].weight)
            found.append({"act": str(act), "title": title, "weight": weight})
    return sorted(found, key=lambda one: _ORDER[one["weight"]])


@signed_in
def act(request: SignedIn, number: str, name: str) -> HttpResponseBase:
    """The page of one act."""
    try:
        wanted = api.ApplicationAct(name)
        shown = ACTS[wanted]
    except (ValueError, KeyError) as exc:
        raise NotFound(_now("没有这种办理")) from exc
    now = clock.now()
    view = api.application(number, actor=request.actor, now=now)
    standing.at_application(request, view)
    form = shown.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and "more" in request.POST:
        # another line: the values stay, nothing is judged yet
        form = shown.form(initial={**request.POST.dict(), "lines": str(getattr(form, "lines", 0) + 1)})
    elif request.method == "POST" and form.is_valid():
        try:
            shown.perform(request.actor, number, form.cleaned_data, now)
        except Invalid as exc:
            form.add_error(exc.field if exc.field in form.fields else None, refusal(exc))
        else:
            messages.success(request, shown.done)
            return redirect("sharing:application", number)
    allowed = name in api.allowed_acts(view, request.actor)
    context = {**words_of(view), "act": shown, "name": name, "form": form, "allowed": allowed}
    return render(request, "sharing/act.html", context, status=422 if form.is_bound and form.errors else 200 if allowed else 403)
