"""The form in which columns are chosen for items and rules for values, whatever the source is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.exchange import api
from zhengtong.apps.flow.exchange.web.fronts import sentence
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.actors import NotYours
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.toolkit.ui.access import SignedIn
from zhengtong.toolkit.ui.speech import said

_SEPARATORS = re.compile("[,\uff0c\u3001\\s]+")
#: rules without facts of their own, as people choose them
_PLAIN_RULES = {
    "not-null": _("不得为空"),
    "unique": _("不得重复"),
    "identity-number": _("有效的公民身份号码"),
    "credit-code": _("有效的统一社会信用代码"),
}


def operated(request: SignedIn, resource_id: int) -> catalog.ResourceView:
    """
    The resource whose binding somebody is about to keep.

    :raises NotYours: if they may not.
    """
    resource = catalog.resource(resource_id)
    if not api.may_operate(request.actor, resource.office):
        raise NotYours(gettext("需要该单位的数据专员或开发人员角色"))
    return resource


@dataclass(frozen=True)
class ItemRow:
    """An item in the form: its column, why that is suggested, its rules, what does not fit."""

    item: catalog.ItemContent
    column: BoundField
    why: str
    rules: list[BoundField]
    findings: list[Any]


class ItemsForm(forms.Form):
    """Columns for items and rules for values."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, resource: catalog.ResourceView, fit: api.Fit, bound: api.BindingView | None) -> None:
        super().__init__(data)
        self.resource = resource
        self.reasons = {one.item: one for one in fit.suggestions}
        columns = [("", gettext("请选择")), *((one.name, " ".join(filter(None, [one.name, one.type, one.comment]))) for one in fit.columns)]
        names = {one.name for one in fit.columns}
        for item in resource.items:
            earlier = bound.mapping.get(item.key, "") if bound else ""
            suggested = self.reasons[item.key].column if item.key in self.reasons else ""
            self.fields[f"column_{item.key}"] = forms.ChoiceField(
                label=gettext("“%s”的来源列") % item.name,
                choices=columns,
                initial=earlier if earlier in names else suggested,
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self._add_rules(item, [rule for rule in bound.rules if rule["item"] == item.key] if bound else [])

    def _add_rules(self, item: catalog.ItemContent, stored: list[Mapping[str, Any]]) -> None:
        by_kind = {rule["kind"]: rule for rule in stored}
        textual = item.data_type in {"C", "M", "G"}
        kinds = [(kind, label) for kind, label in _PLAIN_RULES.items() if textual or kind in {"not-null", "unique"}]
        bounds = by_kind.get("length" if textual else "range", {})
        low, high = ("least", "most") if textual else ("low", "high")
        self.fields[f"rules_{item.key}"] = forms.MultipleChoiceField(
            label=gettext("“%s”的规则") % item.name,
            choices=kinds,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=[kind for kind, _label in kinds if kind in by_kind],
        )
        if textual:
            self._add_text(
                f"codes_{item.key}",
                gettext("只能是这些代码"),
                ",".join(by_kind.get("code-list", {}).get("codes", ())),
                gettext("用逗号分开。"),
            )
            self._add_text(f"pattern_{item.key}", gettext("符合格式(正则表达式)"), by_kind.get("pattern", {}).get("pattern", ""))
        what = (gettext("最少字符数"), gettext("最多字符数")) if textual else (gettext("最小值"), gettext("最大值"))
        self._add_text(f"low_{item.key}", what[0], str(bounds.get(low) or ""))
        self._add_text(f"high_{item.key}", what[1], str(bounds.get(high) or ""))

    def _add_text(self, name: str, label: str, initial: str, hint: str = "") -> None:
        self.fields[name] = forms.CharField(label=label, required=False, max_length=2000, initial=initial, help_text=hint)

    def item_rows(self, findings: list[Any]) -> Iterator[ItemRow]:
        """The items with their fields."""
        for item in self.resource.items:
            names = [f"{kind}_{item.key}" for kind in ("rules", "codes", "pattern", "low", "high") if f"{kind}_{item.key}" in self.fields]
            reason = self.reasons.get(item.key)
            yield ItemRow(
                item=item,
                column=self[f"column_{item.key}"],
                why=f"{said(reason.reason)} {reason.score:.0%}" if reason else "",
                rules=[self[name] for name in names],
                findings=[one for one in findings if one.item == item.key],
            )

    def chosen(self) -> dict[str, str]:
        """Item key → column, as far as chosen."""
        if not self.is_bound:
            return {item.key: str(self.fields[f"column_{item.key}"].initial) for item in self.resource.items}
        return {item.key: self.cleaned_data.get(f"column_{item.key}", "") for item in self.resource.items}

    def rules(self) -> list[dict[str, Any]]:
        """
        The rules as the engine's plain dictionaries.

        :raises Invalid: for a bound of a text's length that is no number.
        """
        found: list[dict[str, Any]] = []
        for item in self.resource.items:
            facts = self.cleaned_data
            found += [{"kind": kind, "item": item.key} for kind in facts[f"rules_{item.key}"]]
            codes = [code for code in _SEPARATORS.split(facts.get(f"codes_{item.key}", "")) if code]
            if codes:
                found.append({"kind": "code-list", "item": item.key, "codes": codes})
            if facts.get(f"pattern_{item.key}"):
                found.append({"kind": "pattern", "item": item.key, "pattern": facts[f"pattern_{item.key}"]})
            low, high = facts[f"low_{item.key}"].strip(), facts[f"high_{item.key}"].strip()
            if low or high:
                found.append(self._bounds(item, low, high))
        return found

    @staticmethod
    def _bounds(item: catalog.ItemContent, low: str, high: str) -> dict[str, Any]:
        if item.data_type not in {"C", "M", "G"}:
            return {"kind": "range", "item": item.key, "low": low or None, "high": high or None}
        if not all(text.isdecimal() for text in (low, high) if text):
            raise Invalid(gettext("“%s”的字符数应为数字") % item.name, field=item.key)
        return {"kind": "length", "item": item.key, "least": int(low or 0), "most": int(high) if high else None}

    def take(self, error: ZhengtongError) -> None:
        """Show what a save refused beside the column it is about."""
        place = f"column_{error.field}"
        self.add_error(place if place in self.fields else None, sentence(error))
