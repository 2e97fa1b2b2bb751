"""Every act on a case as a small page of its own: what it does, the form, one button."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.affairs.cases import api
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, NotFound
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal

_REQUIRED = {"required": _("请填写这一项。")}


def _text(label: Any, hint: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=required, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), error_messages=_REQUIRED
    )


class Act(forms.Form):
    """An act on one case; ``act_id`` makes that it is done once."""

    use_required_attribute = False
    act_id = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, offer: api.Offer, data: Any = None) -> None:
        super().__init__(data, initial={"act_id": uuid.uuid4().hex})
        self.offer = offer

    def choose(self, name: str, words: Mapping[str, str], values: tuple[str, ...]) -> None:
        """Offer values in the words for them."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so
        field.choices = [(one, _now(words[one]) if one in words else one) for one in values]


class Note(Act):
    """A text, if one likes."""

    reason = _text(_("说明"), required=False)


class Lapsed(Note):
    """Whether what was asked for came."""

    lapsed = forms.BooleanField(label=_("申请人逾期没有补正"), required=False)


class Outcome(Act):
    """How it ended, and why."""

    outcome = forms.ChoiceField(label=_("结果"), widget=forms.RadioSelect, error_messages={"required": _("请选择。")})
    reason = _text(_("意见或理由"), _("不同意、不予受理时必须说明事实与依据。"), required=False)

    def __init__(self, offer: api.Offer, data: Any = None) -> None:
        super().__init__(offer, data)
        self.choose("outcome", api.OUTCOME_LABELS, offer.outcomes)


class Opinion(Outcome):
    """What the outcome should be."""

    reason = _text(_("意见"))


class Missing(Act):
    """Everything that is missing."""

    missing = _text(_("需要补正的全部内容"), _("一行一项,一次列全;只能告知一次。"))


class Special(Note):
    """Which procedure."""

    procedure = forms.ChoiceField(label=_("特别程序"), widget=forms.RadioSelect, error_messages={"required": _("请选择。")})

    def __init__(self, offer: api.Offer, data: Any = None) -> None:
        super().__init__(offer, data)
        self.choose("procedure", {}, offer.procedures)


class More(Act):
    """How many days more, and why."""

    days = forms.IntegerField(label=_("延长几个工作日"), min_value=1, max_value=99, error_messages=_REQUIRED)
    reason = _text(_("理由"), _("会告知申请人。"))


class Question(Act):
    """Whom to ask what."""

    office = forms.CharField(
        label=_("请哪个单位会商"), help_text=_("单位全称、简称或统一社会信用代码。"), max_length=200, error_messages=_REQUIRED
    )
    question = _text(_("会商什么"))


class Text(Act):
    """A text."""

    text = _text(_("内容"))


class Pass(Act):
    """To whom, and why."""

    account = forms.CharField(label=_("转给谁"), help_text=_("用户名;不填则回到单位的待办。"), max_length=64, required=False)
    office = forms.CharField(label=_("转给哪个单位"), help_text=_("不填则不转出本单位。"), max_length=200, required=False)
    reason = _text(_("理由"))


class Ending(Act):
    """Why it ends early."""

    ending = forms.ChoiceField(label=_("怎样终止"), widget=forms.RadioSelect, error_messages={"required": _("请选择。")})
    reason = _text(_("理由"))

    def __init__(self, offer: api.Offer, data: Any = None) -> None:
        super().__init__(offer, data)
        self.choose("ending", api.RESULT_LABELS, tuple(str(one) for one in api.ENDINGS))


class Way(Note):
    """How it reached the applicant."""

    way = forms.ChoiceField(label=_("送达方式"), widget=forms.RadioSelect, error_messages={"required": _("请选择。")})

    def __init__(self, offer: api.Offer, data: Any = None) -> None:
        super().__init__(offer, data)
        self.choose("way", api.DELIVERY_LABELS, tuple(str(one) for one in api.DELIVERY_LABELS))


class Paper(Act):
    """A document."""

    name = forms.CharField(label=_("材料名称"), max_length=200, error_messages=_REQUIRED)
    source = forms.ChoiceField(label=_("来源渠道"))
    reference = forms.CharField(label=_("在哪里可以找到"), help_text=_("证照标识、原办件编号、档案号等。"), max_length=200, required=False)

    def __init__(self, offer: api.Offer, data: Any = None) -> None:
        super().__init__(offer, data)
        self.choose("source", api.MATERIAL_LABELS, tuple(api.MATERIAL_LABELS))


@dataclass(frozen=True)
class Doing:
    """Who does what to which case."""

    actor: identity.Actor
    number: str
    visit: int
    facts: dict[str, Any]
    now: datetime

    @property
    def common(self) -> dict[str, Any]:
        """What all acts on a step take."""
        return {"actor": self.actor, "number": self.number, "visit": self.visit, "act_id": self.facts["act_id"], "now": self.now}

    @property
    def whole(self) -> dict[str, Any]:
        """What acts on a case take."""
        return {name: value for name, value in self.common.items() if name != "visit"}


@dataclass(frozen=True)
class ActPage:
    """An act: what it is called, what it means, its form, and the operation behind it."""

    title: Any
    sentence: Any
    form: type[Act]
    perform: Callable[[Doing], object]
    weight: str = ""


def _office_code(text: str) -> str:
    """The office that somebody wrote by name or code; what is none is left to the operation to refuse."""
    text = text.strip()
    found = organisations.office_by_name(text) if text else None
    return found.code if found else text


ACTS: dict[str, ActPage] = {
    "begin": ActPage(_("签收"), _("签收后由您承办,别人不能办理,直到您转办。"), Act, lambda one: api.begin(**one.common)),
    "complete": ActPage(
        _("办理"),
        _("办理完毕后转到下一环节;结果和理由记入办件,不能更改。"),
        Outcome,
        lambda one: api.complete(**one.common, outcome=one.facts["outcome"], reason=one.facts["reason"]),
        "primary",
    ),
    "opinion": ActPage(
        _("拟写意见"),
        _("意见随办件送给作决定的人,是档案的一部分。"),
        Opinion,
        lambda one: api.give_opinion(
            actor=one.actor, number=one.number, visit=one.visit, outcome=one.facts["outcome"], text=one.facts["reason"], now=one.now
        ),
    ),
    "ask-supplement": ActPage(
        _("一次性告知补正"),
        _("一次列全缺少的材料(行政许可法第三十二条)。本环节的期限暂停,别的分支照常办理。"),
        Missing,
        lambda one: api.ask_supplement(**one.common, missing=[line.strip() for line in one.facts["missing"].splitlines() if line.strip()]),
    ),
    "end-supplement": ActPage(
        _("结束补正"),
        _("补正的材料已收到,或申请人逾期没有补正;期限从次日起继续计算。"),
        Lapsed,
        lambda one: api.end_supplement(**one.common, lapsed=one.facts["lapsed"], note=one.facts["reason"]),
        "primary",
    ),
    "begin-special": ActPage(
        _("启动特别程序"),
        _("所需时间不计入办理期限(行政许可法第四十五条),应书面告知申请人。"),
        Special,
        lambda one: api.begin_special(**one.common, procedure=one.facts["procedure"], reason=one.facts["reason"]),
    ),
    "end-special": ActPage(
        _("结束特别程序"),
        _("写明结果;期限从次日起继续计算。"),
        Note,
        lambda one: api.end_special(**one.common, reason=one.facts["reason"]),
        "primary",
    ),
    "extend": ActPage(
        _("批准延长"),
        _("由单位负责人批准,理由告知申请人(行政许可法第四十二条)。期限已满的不能延长。"),
        More,
        lambda one: api.extend(**one.whole, visit=one.visit or None, days=one.facts["days"], reason=one.facts["reason"]),
    ),
    "consult": ActPage(
        _("发起会商"),
        _("问另一个单位的意见;环节仍在您这里,期限照常计算。对方从此可以查看办件。"),
        Question,
        lambda one: api.consult(**one.common, office=_office_code(one.facts["office"]), question=one.facts["question"]),
    ),
    "answer": ActPage(
        _("答复会商"), _("意见随办件送给发起会商的单位。"), Text, lambda one: api.answer(**one.common, text=one.facts["text"]), "primary"
    ),
    "reassign": ActPage(
        _("转办"),
        _("转给同岗位的另一个人,或另一个单位;期限照常计算。"),
        Pass,
        lambda one: api.reassign(
            **one.common, account=one.facts["account"].strip(), office=_office_code(one.facts["office"]), reason=one.facts["reason"]
        ),
    ),
    "withdraw": ActPage(
        _("提前终止"),
        _("终止后不能恢复;理由会告知申请人。"),
        Ending,
        lambda one: api.withdraw(**one.whole, reason=one.facts["reason"], ending=api.Result(one.facts["ending"])),
        "danger",
    ),
    "deliver": ActPage(
        _("送达"),
        _("准予的,应自决定之日起十个工作日内送达(行政许可法第四十四条)。"),
        Way,
        lambda one: api.deliver(**one.whole, way=one.facts["way"], note=one.facts["reason"]),
        "primary",
    ),
    "archive": ActPage(_("归档"), _("归档后办件不再变动。"), Act, lambda one: api.archive(**one.whole), "primary"),
    "note": ActPage(
        _("记备注"),
        _("只有本单位的工作人员看得到,不进档案。"),
        Text,
        lambda one: api.take_note(actor=one.actor, number=one.number, text=one.facts["text"], now=one.now),
    ),
    "material": ActPage(
        _("补充材料"),
        _("登记后来收到的材料。"),
        Paper,
        lambda one: api.put_material(
            actor=one.actor,
            number=one.number,
            name=one.facts["name"],
            source=one.facts["source"],
            reference=one.facts["reference"],
            now=one.now,
        ),
    ),
}


@signed_in
def act(request: SignedIn, number: str, visit: int, kind: str) -> HttpResponseBase:
    """The page of one act; whoever may not do it now does not get it."""
    shown = ACTS.get(kind)
    if shown is None:
        raise NotFound(_now("没有这种办理"))
    now = clock.now()
    view = api.case(number, actor=request.actor, now=now)
    offer = next((one for one in api.offers(view, request.actor) if (one.kind, one.visit) == (kind, visit)), None)
    if offer is None and request.method != "POST":
        raise identity.NotYours(_now("办件现在的状态不能这样办理,或需要另一种岗位。"))
    form = shown.form(offer or api.Offer(kind, visit, ""), request.POST if request.method == "POST" else None)
    if offer is None:
        return _again(request, shown, number, now)
    if request.method == "POST" and form.is_valid():
        try:
            shown.perform(Doing(request.actor, number, visit, form.cleaned_data, now))
        except (Invalid, Conflict) as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _now("已办理:%s") % shown.title)
            return redirect("cases:case", number)
    branch = next((one for one in view.branches if one.number == visit), None)
    context = {"one": view, "act": shown, "offer": offer, "form": form, "branch": branch, "opinions": _opinions(view, request.actor, visit)}
    return render(request, "cases/act.html", context, status=422 if form.is_bound and form.errors else 200)


def _again(request: SignedIn, shown: ActPage, number: str, now: datetime) -> HttpResponseBase:
    """A form sent once more: what was done with it is done, anything else is refused by the operation."""
    if api.was_done(number, request.POST.get("act_id", ""), actor=request.actor, now=now):
        messages.success(request, _now("已办理:%s") % shown.title)
        return redirect("cases:case", number)
    raise identity.NotYours(_now("办件现在的状态不能这样办理,或需要另一种岗位。"))


def _opinions(view: api.CaseView, actor: identity.Actor, visit: int) -> list[Any]:
    return [one for one in api.papers(view, actor).opinions if one.visit == visit] if visit else []
