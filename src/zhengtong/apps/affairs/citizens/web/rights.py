"""Acting for others: companies, wards, errands; what I gave and what I was given; as whom I act now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from zhengtong.apps.affairs.citizens import api
from zhengtong.apps.affairs.citizens.web import words
from zhengtong.apps.affairs.citizens.web.access import OfCitizen, address_of, choose, citizens
from zhengtong.kernel import clock
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.forms import add_refusal, date_input

_USUAL_DAYS = 90


class CompanyForm(forms.Form):
    """Which company."""

    code = forms.CharField(label=_("统一社会信用代码"), max_length=18, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("企业名称"), help_text=_("与营业执照一致。"), max_length=120)


class GuardianForm(forms.Form):
    """Whom one guards, and what shows it."""

    name = forms.CharField(label=_("被监护人姓名"), max_length=60)
    number = forms.CharField(label=_("被监护人公民身份号码"), max_length=18, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    household = forms.CharField(
        label=_("户号"), help_text=_("户口簿首页上的户号;未成年人与您同户时填写,当场核验。"), max_length=40, required=False
    )
    evidence = forms.CharField(
        label=_("监护依据"),
        help_text=_("不同户或被监护人已成年时填写,例如监护公证书、法院判决的文号。要带原件到政务服务窗口确认后才生效。"),
        max_length=200,
        required=False,
    )


class AgentForm(forms.Form):
    """Who does which errand until when."""

    name = forms.CharField(label=_("代办人姓名"), max_length=60)
    number = forms.CharField(label=_("代办人公民身份号码"), max_length=18, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    note = forms.CharField(label=_("委托办理的事"), max_length=200)
    until = forms.DateField(label=_("结束日期"), help_text=_("含当日;随时可以撤销。"), widget=date_input())


class DelegateForm(forms.Form):
    """Which official of the company may do what until when."""

    name = forms.CharField(label=_("经办人姓名"), max_length=60)
    number = forms.CharField(label=_("经办人公民身份号码"), max_length=18, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    scope = forms.ChoiceField(
        label=_("范围"), choices=[(one.value, label) for one, label in words.SCOPES.items()], widget=forms.RadioSelect
    )
    items = forms.CharField(
        label=_("事项编码"), help_text=_("范围是“仅限所列事项”时填写,每行一个。"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    until = forms.DateField(label=_("结束日期"), help_text=_("含当日;随时可以撤销。"), widget=date_input())


@citizens()
@require_GET
def rights(request: OfCitizen) -> HttpResponseBase:
    """What I hold, what I gave, and who acts for me without my having asked."""
    person, today = request.citizen.person, clock.today()
    context = {
        "held": [_shown(one) for one in api.rights_held(person.id, on=today)],
        "given": [_shown(one) for one in api.rights_given(person.id, on=today)],
        "over": [_shown(one) for one in api.rights_over(person, on=today)],
    }
    return render(request, "citizens/rights.html", context)


def _shown(one: api.RightView) -> dict[str, Any]:
    return {
        "one": one,
        "right": words.RIGHTS[one.right],
        "scope": words.SCOPES[one.scope],
        "state": words.state_label(one),
        "tone": words.state_tone(one),
        "open": one.state in api.OPEN_STATES,
        "invited": one.state is api.RightState.INVITED,
        "delegates": one.right is api.Right.REPRESENTATIVE and one.in_force,
    }


def _filled(
    request: OfCitizen,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    heading: str | Promise,
    lead: str | Promise,
    done: str | Promise,
) -> HttpResponseBase:
    """A form that does one act and leads back to the list of rights."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ZhengtongError as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, str(done))
            return redirect("citizens:rights")
    context = {"form": form, "heading": heading, "lead": lead, "submit": _("提交"), "back": reverse("citizens:rights")}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


@citizens(api.Level.CHECKED)
def bind_company(request: OfCitizen) -> HttpResponseBase:
    """Bind my company, of which the register says that I am its legal representative."""
    person, address = request.citizen.person, address_of(request)
    return _filled(
        request,
        CompanyForm(request.POST or None),
        lambda given: api.bind_company(person=person, address=address, now=clock.now(), **given),
        heading=_("绑定企业"),
        lead=_("平台向企业登记信息核对:代码、名称,以及您是它的法定代表人。"),
        done=_("企业已绑定,可以在页首切换为以企业身份办理。"),
    )


@citizens(api.Level.CHECKED)
def add_guardian(request: OfCitizen) -> HttpResponseBase:
    """Act for a child or dependant."""
    person, address = request.citizen.person, address_of(request)
    return _filled(
        request,
        GuardianForm(request.POST or None),
        lambda given: api.add_guardian(person=person, address=address, now=clock.now(), **given),
        heading=_("登记监护关系"),
        lead=_("按户号核验通过的,登记后可以代被监护人办事;其他的,窗口确认依据以后才可以。被监护的未成年人满 18 周岁时自动结束。"),
        done=_("已登记。没有按户号核验的,请带原件到政务服务窗口确认。"),
    )


@citizens(api.Level.CHECKED)
def give_agent(request: OfCitizen) -> HttpResponseBase:
    """Ask another citizen to do an errand for me."""
    person, address, today = request.citizen.person, address_of(request), clock.today()

    def act(given: dict[str, Any]) -> object:
        term = api.Term(since=today, until=given["until"], note=given["note"])
        return api.give_agent(person=person, name=given["name"], number=given["number"], term=term, address=address, now=clock.now())

    form = AgentForm(request.POST or None, initial={"until": today + timedelta(days=_USUAL_DAYS)})
    lead = _("对方接受后,可以在期限内代您办这一件事;每一次都有记录,您随时可以撤销。")
    return _filled(request, form, act, heading=_("请人代办"), lead=lead, done=_("已邀请,等待对方接受。"))


@citizens(api.Level.CHECKED)
def give_delegate(request: OfCitizen, right_id: int) -> HttpResponseBase:
    """Let an official of my company act for it."""
    person, address, today = request.citizen.person, address_of(request), clock.today()
    own = next((one for one in api.usable_rights(person.id, on=today) if one.id == right_id), None)
    if own is None:
        raise api.RightUnknown
    if own.right is not api.Right.REPRESENTATIVE:
        raise api.NotRepresentative(remedy="受托人不能转委托")

    def act(given: dict[str, Any]) -> object:
        items = tuple(given["items"].split()) if given["scope"] == api.Scope.ITEMS else ()
        term = api.Term(since=today, until=given["until"], scope=api.Scope(given["scope"]), items=items)
        who = {"name": given["name"], "number": given["number"]}
        return api.give_delegate(person=person, right_id=right_id, term=term, address=address, now=clock.now(), **who)

    form = DelegateForm(request.POST or None, initial={"until": today + timedelta(days=_USUAL_DAYS), "scope": api.Scope.ALL})
    lead = _("经办人接受后,可以在范围和期限内以“%(company)s”的名义办理,不能转委托。") % {"company": own.party.name}
    return _filled(request, form, act, heading=_("授权经办人"), lead=lead, done=_("已邀请,等待对方接受。"))


@citizens(api.Level.CHECKED)
@require_POST
def answer(request: OfCitizen, right_id: int) -> HttpResponseBase:
    """Accept or decline to act for another."""
    accept = request.POST.get("accept") == "1"
    api.accept_right(person=request.citizen.person, right_id=right_id, accept=accept, now=clock.now())
    messages.success(request, _("已接受。") if accept else _("已谢绝。"))
    return redirect("citizens:rights")


@citizens()
@require_POST
def revoke(request: OfCitizen, right_id: int) -> HttpResponseBase:
    """End a right at once."""
    api.revoke_right(person=request.citizen.person, right_id=right_id, now=clock.now())
    messages.success(request, _("授权已结束,立即生效。"))
    return redirect("citizens:rights")


@citizens()
def acting(request: OfCitizen) -> HttpResponseBase:
    """As whom I act from now on."""
    held = api.usable_rights(request.citizen.person.id, on=clock.today())
    wanted = request.POST.get("next") or ""
    if request.method == "POST":
        chosen = request.POST.get("right", "")
        now_as = choose(request, int(chosen) if chosen.isdecimal() else None)
        said = _("现在以“%(party)s”的名义办理。") % {"party": now_as.party.masked_name}
        messages.success(request, _("现在以本人身份办理。") if now_as.oneself else said)
        return redirect(wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}) else "citizens:home")
    return render(request, "citizens/acting.html", {"citizen": request.citizen, "held": [_shown(one) for one in held]})
