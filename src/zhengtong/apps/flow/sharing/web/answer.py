"""The provider's proposal: agree or refuse, item by item with its mask, which rows, how much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.web import standing
from zhengtong.apps.flow.sharing.web.acts import require_open
from zhengtong.apps.flow.sharing.web.words import MASKS, OPERATORS
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel, Mask, Operator
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.speech import refusal

_MOST_RULES = 12
_SELECT = {"class": "form-select"}
#: a comma of either width, or the enumeration comma
_SEPARATORS = re.compile("[,\uff0c\u3001]")
_AGREE, _REFUSE = "agree", "refuse"


def proposed_mask(item: catalog.ItemContent, channels: tuple[Channel, ...]) -> Mask:
    """The mask to begin with: by what personal fact the item holds; a pushed key must stay as it is."""
    if item.is_key and Channel.PUSH in channels:
        return Mask.NONE
    mask = api.PROPOSED_MASKS.get(item.sensitivity, Mask.NONE)
    return Mask.HIDDEN if mask is Mask.YEAR and item.data_type not in {"D", "T"} else mask


@dataclass(frozen=True)
class ItemRow:
    """An item in the form."""

    item: catalog.ItemContent
    taken: BoundField
    mask: BoundField


class AnswerForm(forms.Form):
    """What is proposed to the provider's head."""

    use_required_attribute = False

    decision = forms.ChoiceField(
        label=_("答复"),
        choices=[(_AGREE, _("同意共享")), (_REFUSE, _("不予共享"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择。")},
    )
    reason = forms.CharField(
        label=_("说明或理由"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("不予共享必须说明理由和依据(条例第二十一条);不得以材料不全为由拒绝。"),
    )
    per_second = forms.IntegerField(label=_("每秒最多调用次数"), min_value=1, max_value=100_000, initial=200)
    per_day = forms.IntegerField(label=_("每日最多调用次数"), min_value=1, max_value=1_000_000_000, initial=1_000_000)
    page_rows = forms.IntegerField(label=_("每页最多行数"), min_value=1, max_value=10_000, initial=1_000)

    def __init__(
        self,
        data: Any = None,
        *,
        view: api.ApplicationView,
        items: Mapping[str, catalog.ItemContent],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        earlier = view.answer if view.answer.get("agree") else {}
        rules = earlier.get("row_scope") or view.row_scope
        begun: dict[str, Any] = {"rules": str(len(rules) + 1), **(initial or {})}
        super().__init__(data, initial=begun)
        self.asked = [items[key] for key in view.items if key in items]
        for item in self.asked:
            self.fields[f"take_{item.key}"] = forms.BooleanField(
                label=item.name, required=False, initial=True, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
            )
            mask = earlier.get("masks", {}).get(item.key) or proposed_mask(item, view.channels)
            self.fields[f"mask_{item.key}"] = forms.ChoiceField(
                label=_now("%s 的脱敏方式") % item.name, choices=list(MASKS.items()), initial=mask, widget=forms.Select(attrs=_SELECT)
            )
        given = data or begun
        self.rule_count = self._count(str(given.get("rules", "1")))
        choices = [("", _("不限")), *((item.key, item.name) for item in items.values())]
        for number in range(self.rule_count):
            rule = rules[number] if number < len(rules) else {}
            self.fields[f"scope_item_{number}"] = forms.ChoiceField(
                label=_now("第 %d 条:信息项") % (number + 1),
                choices=choices,
                required=False,
                initial=rule.get("item", ""),
                widget=forms.Select(attrs=_SELECT),
            )
            self.fields[f"scope_operator_{number}"] = forms.ChoiceField(
                label=_now("第 %d 条:比较") % (number + 1),
                choices=list(OPERATORS.items()),
                initial=rule.get("operator", Operator.EQ),
                widget=forms.Select(attrs=_SELECT),
            )
            self.fields[f"scope_values_{number}"] = forms.CharField(
                label=_now("第 %d 条:取值") % (number + 1),
                required=False,
                max_length=2000,
                initial=",".join(rule.get("values", ())),
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )

    @staticmethod
    def _count(text: str) -> int:
        return max(1, min(int(text), _MOST_RULES)) if text.isdecimal() else 1

    def so_far(self) -> dict[str, Any]:
        """What was filled in, with one more line for the row scope. A box that is not ticked is not sent, and must not come back ticked."""
        ticks = {f"take_{item.key}": f"take_{item.key}" in self.data for item in self.asked}
        return {**{name: self.data[name] for name in self.data}, **ticks, "rules": str(self.rule_count + 1)}

    def item_rows(self) -> Iterator[ItemRow]:
        """The items that were asked for."""
        for item in self.asked:
            yield ItemRow(item, self[f"take_{item.key}"], self[f"mask_{item.key}"])

    def scope_rows(self) -> Iterator[tuple[BoundField, BoundField, BoundField]]:
        """The lines of the row scope."""
        for number in range(self.rule_count):
            yield self[f"scope_item_{number}"], self[f"scope_operator_{number}"], self[f"scope_values_{number}"]

    def answer(self) -> api.Answer:
        """What was filled in."""
        facts = self.cleaned_data
        taken = tuple(item.key for item in self.asked if facts[f"take_{item.key}"])
        scope = [
            {
                "item": facts[f"scope_item_{number}"],
                "operator": facts[f"scope_operator_{number}"],
                "values": [part.strip() for part in _SEPARATORS.split(facts[f"scope_values_{number}"]) if part.strip()],
            }
            for number in range(self.rule_count)
            if facts[f"scope_item_{number}"]
        ]
        return api.Answer(
            agree=facts["decision"] == _AGREE,
            reason=facts["reason"],
            items=taken,
            masks={item.key: facts[f"mask_{item.key}"] for item in self.asked if item.key in taken},
            row_scope=scope,
            per_second=facts["per_second"],
            per_day=facts["per_day"],
            page_rows=facts["page_rows"],
        )

    def check_items(self) -> bool:
        """Whether an agreement grants anything."""
        facts = self.cleaned_data
        if facts.get("decision") == _AGREE and not any(facts.get(f"take_{item.key}") for item in self.asked):
            self.add_error(None, _now("同意共享时至少保留一个信息项。"))
        return not self.errors


#: domain field → where the form shows it
_SHOWN_AT = {"reason": "reason", "quota": "per_second"}


@signed_in
def propose(request: SignedIn, number: str) -> HttpResponseBase:
    """Prepare the answer."""
    now = clock.now()
    view = api.application(number, actor=request.actor, now=now)
    standing.at_application(request, view)
    require_open(view, api.ApplicationAct.PROPOSE, request.actor)
    items = {item.key: item for item in catalog.resource(view.resource_id).items}
    form = AnswerForm(request.POST if request.method == "POST" else None, view=view, items=items)
    if request.method == "POST" and "more" in request.POST:
        form = AnswerForm(view=view, items=items, initial=form.so_far())
    elif request.method == "POST" and form.is_valid() and form.check_items():
        try:
            api.propose(actor=request.actor, number=number, answer=form.answer(), now=now)
        except Invalid as exc:
            form.add_error(_SHOWN_AT.get(exc.field), refusal(exc))
        else:
            messages.success(request, _now("已报负责人审批。"))
            return redirect("sharing:application", number)
    context = {"one": view, "form": form, "allowed": "propose" in api.allowed_acts(view, request.actor)}
    return render(request, "sharing/propose.html", context, status=422 if form.is_bound and form.errors else 200)
