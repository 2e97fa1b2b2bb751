"""Say what one needs: what is there already is proposed while one writes and before it is sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from zhengtong.apps.flow.participation import api
from zhengtong.apps.flow.participation.web import visitors
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, Refused
from zhengtong.toolkit.ui.forms import add_refusal

_OFFICES = 100
_STRANGERS = (api.Asker.PERSON, api.Asker.COMPANY)


class DemandForm(visitors.PublicForm):
    """A demand."""

    title = forms.CharField(label=_("需要什么数据"), help_text=_("一句话,如:全市公交线路和站点坐标。会公开。"), max_length=120)
    purpose = forms.CharField(
        label=_("用来做什么"), help_text=_("会公开,请不要写个人信息。"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    items = forms.CharField(
        label=_("需要哪些信息项"), help_text=_("如:线路名称、站点、经纬度。"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )
    provider = forms.CharField(
        label=_("可能由哪个单位提供"),
        help_text=_("不知道可以不填,由主管部门指定。"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "offices"}),
    )
    frequency = forms.ChoiceField(label=_("多久更新一次"), required=False)
    way = forms.ChoiceField(label=_("希望怎样提供"), widget=forms.RadioSelect)
    asker = forms.ChoiceField(label=_("您是"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("称呼或单位名称"), help_text=_("会公开,可以用化名。"), max_length=100)
    contact = forms.CharField(label=_("联系方式"), help_text=_("不公开,只给办理的人看,查看会留下记录。"), required=False, max_length=120)

    def __init__(self, data: Any = None, *, actor: Any, **facts: Any) -> None:
        super().__init__(data, **facts)
        choices: dict[str, list[tuple[str, Any]]] = {
            "frequency": [("", _now("不限")), *((code, _now(label)) for code, label in catalog.CYCLE_LABELS.items())],
            "way": [(way.value, _now(label)) for way, label in api.WAY_LABELS.items()],
            "asker": [(one.value, _now(api.ASKER_LABELS[one])) for one in _STRANGERS],
        }
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = values
        # officials speak for their office; only they may ask for sharing
        for name in ("asker", "name") if actor else ("way",):
            del self.fields[name]

    def wish(self, actor: Any) -> api.Wish:
        """
        What was written.

        :raises Invalid: if no office has the name.
        """
        facts = self.cleaned_data
        provider = facts["provider"].strip()
        found = organisations.office_by_name(provider) if provider else None
        if provider and found is None:
            raise Invalid("没有找到这个单位", field="provider", remedy="请写全称,或留空由主管部门指定")
        return api.Wish(
            title=facts["title"],
            purpose=facts["purpose"],
            items=facts["items"],
            frequency=facts["frequency"],
            way=facts["way"] if actor else api.Way.OPEN.value,
            asker=api.Asker.OFFICE.value if actor else facts["asker"],
            name=actor.office_name if actor else facts["name"],
            contact=facts["contact"],
            provider=found.code if found else "",
        )


def new(request: HttpRequest) -> HttpResponseBase:
    """Write a demand, look at what is there, send it."""
    actor = visitors.actor_of(request)
    sent = request.method == "POST"
    start = {"title": request.GET.get("title", "")[:120], "provider": request.GET.get("provider", "")[:100]}
    form = DemandForm(request.POST if sent else None, actor=actor, initial=start)
    looked = sent and "look" in request.POST
    if sent and not looked:
        label = visitors.begin(request, "demand")
        if form.is_valid() and (receipt := _filed(form, actor)):
            return visitors.remember(redirect("participation:receipt", receipt.number, receipt.secret), request, label)
    text = (request.POST if sent else request.GET).get("title", "")
    shown = DemandForm(actor=actor, initial=request.POST.dict()) if looked else form
    context = {
        "form": shown,
        "suggestions": api.suggestions(text, official=actor is not None) if text else [],
        "looked": looked,
        "offices": [one.name for one in organisations.search_offices(limit=_OFFICES)],
    }
    return render(request, "participation/new.html", context, status=422 if form.is_bound and not looked else 200)


def _filed(form: DemandForm, actor: Any) -> api.Receipt | None:
    try:
        form.require_person()
        return api.file_demand(wish=form.wish(actor), form=form.once(), actor=actor, now=clock.now())
    except (Invalid, Conflict, Refused) as exc:
        add_refusal(form, exc)
        return None


@require_safe
def suggest(request: HttpRequest) -> HttpResponseBase:
    """What is there for the words of a title, as a part of the form's page."""
    official = visitors.actor_of(request) is not None
    found = api.suggestions(request.GET.get("title", ""), official=official)
    return render(request, "participation/parts/suggestions.html", {"suggestions": found, "looked": True})
