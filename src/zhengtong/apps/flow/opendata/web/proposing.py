"""Propose to open a resource: the words for the public, the items with their masks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.opendata import api
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Mask
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, Unavailable
from zhengtong.toolkit.ui.access import SignedIn, signed_in
from zhengtong.toolkit.ui.forms import add_refusal
from zhengtong.toolkit.ui.speech import said


def _said(labels: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Labels of a code list as choices that are said when the page is made."""
    return ((code, _(label)) for code, label in labels.items())


class ProposalForm(forms.Form):
    """A proposal; the items' own fields are made of the entry."""

    use_required_attribute = False
    title = forms.CharField(label=_("数据集名称"), max_length=300)
    summary = forms.CharField(
        label=_("一句话说明"),
        help_text=_("公众凭这一句话判断数据是什么、能做什么。"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )
    theme = forms.ChoiceField(label=_("主题"))
    licence = forms.ChoiceField(label=_("许可协议"))
    attribution = forms.CharField(label=_("署名方式"), help_text=_("使用者引用数据时应注明的来源。"), max_length=300)
    openness = forms.ChoiceField(
        label=_("开放方式"),
        help_text=_("无条件开放的数据不用登录就能下载;有条件开放的,公众看到说明和条件,申请同意后凭密钥取用。"),
        choices=[("all", _("无条件开放")), ("conditional", _("有条件开放"))],
        widget=forms.RadioSelect,
        initial="all",
    )
    audience = forms.ChoiceField(label=_("谁可以申请"), choices=list(_said(api.AUDIENCE_LABELS)), required=False, initial="both")
    purposes = forms.CharField(
        label=_("可以用来做什么"), help_text=_("有条件开放时必填。"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    safety = forms.CharField(
        label=_("安全要求"), help_text=_("有条件开放时必填。"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    longest = forms.IntegerField(label=_("最长使用期限(日)"), required=False, initial=365)
    report_every = forms.IntegerField(label=_("使用情况报告间隔(日)"), required=False, initial=180)
    contact = forms.CharField(label=_("联系方式"), help_text=_("公众可以询问和纠错的单位电话或邮箱,不写个人的。"), max_length=200)

    def __init__(self, data: Any = None, *, resource: catalog.ResourceView, earlier: api.OpeningView | None) -> None:
        content = resource.content
        begun: dict[str, Any] = {"title": content.name, "summary": content.summary, "attribution": resource.office_name}
        begun |= {"contact": content.contact, "licence": "cc-by-4.0"}
        if earlier is not None:
            begun |= {name: getattr(earlier, name) for name in ("title", "summary", "theme", "licence", "attribution", "contact")}
            if earlier.conditions is not None:
                begun |= {"openness": "conditional", **earlier.conditions.document()}
        super().__init__(data, initial=begun)
        self._resource = resource
        self._add_place(earlier)
        theme, licence = self.fields["theme"], self.fields["licence"]
        assert isinstance(theme, forms.ChoiceField)  # noqa: S101 - declared above
        assert isinstance(licence, forms.ChoiceField)  # noqa: S101 - declared above
        theme.choices = [("", _now("请选择")), *((code, _now(label)) for code, label in api.THEME_LABELS.items())]
        licence.choices = [(code, one.name) for code, one in api.LICENCES.items()]
        chosen = {one["key"]: one["mask"] for one in earlier.items} if earlier else None
        for item in content.items:
            self._add(item, chosen, earlier)

    def _add(self, item: catalog.ItemContent, chosen: dict[str, str] | None, earlier: api.OpeningView | None) -> None:
        quasi, indexed = (earlier.quasi, earlier.indexed) if earlier else ([], [])
        opened = api.open_by_default(item) if chosen is None else item.key in chosen
        proposed = sharing.PROPOSED_MASKS.get(item.sensitivity, Mask.NONE)
        fits = proposed in api.MASK_LABELS and (proposed is not Mask.YEAR or item.data_type in {"D", "T"})
        mask = (chosen or {}).get(item.key) or (proposed if fits else Mask.NONE)
        check = {"class": "form-check-input"}
        self.fields[f"open_{item.key}"] = forms.BooleanField(
            label=_now("开放 %s") % item.name, required=False, initial=opened, widget=forms.CheckboxInput(attrs=check)
        )
        self.fields[f"mask_{item.key}"] = forms.ChoiceField(
            label=_now("%s 的脱敏方式") % item.name,
            choices=[(code, _now(label)) for code, label in api.MASK_LABELS.items()],
            initial=mask,
            required=False,
            widget=forms.Select(attrs={"class": "form-select"}),
        )
        self.fields[f"quasi_{item.key}"] = forms.BooleanField(
            label=_now("%s 是准标识符") % item.name, required=False, initial=item.key in quasi, widget=forms.CheckboxInput(attrs=check)
        )
        self.fields[f"indexed_{item.key}"] = forms.BooleanField(
            label=_now("按 %s 查询和排序") % item.name, required=False, initial=item.key in indexed, widget=forms.CheckboxInput(attrs=check)
        )

    def _add_place(self, earlier: api.OpeningView | None) -> None:
        items = [item for item in self._resource.content.items if item.data_type in api.PLACE_TYPES]
        declared = api.guessed_place(self._resource.content.items) if earlier is None else api.declared_place(earlier.place)
        place = declared if isinstance(declared, api.Place) else None
        choices = [("", _now("没有位置")), *((item.key, f"{item.name} {item.key}") for item in items)]
        for name, label in (("longitude", _now("经度")), ("latitude", _now("纬度"))):
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False, initial=getattr(place, name, ""))
        self.fields["coordinates"] = forms.ChoiceField(
            label=_now("坐标系"),
            choices=[(code, _now(label)) for code, label in api.COORDINATE_LABELS.items()],
            initial=place.coordinates if place else "cgcs2000",
            required=False,
        )
        coded = [item for item in self._resource.content.items if item.data_type in api.REGION_TYPES]
        self.fields["region_item"] = forms.ChoiceField(
            label=_now("区划代码"),
            help_text=_now("没有经纬度、只有行政区划代码的,按地区画地图。"),
            choices=[("", _now("没有区划")), *((item.key, f"{item.name} {item.key}") for item in coded)],
            initial=declared.region_item if isinstance(declared, api.Area) else "",
            required=False,
        )

    def item_rows(self) -> Iterator[tuple[catalog.ItemContent, *tuple[forms.BoundField, ...]]]:
        """Every item with its four fields: opened, mask, whether people could be found by it, whether rows are searched by it."""
        for item in self._resource.content.items:
            yield item, *(self[f"{name}_{item.key}"] for name in ("open", "mask", "quasi", "indexed"))

    def proposal(self) -> api.Proposal:
        """What was filled in."""
        facts = self.cleaned_data
        keys = [item.key for item in self._resource.content.items if facts[f"open_{item.key}"]]
        words = {name: facts[name] for name in ("title", "summary", "theme", "licence", "attribution", "contact")}
        return api.Proposal(
            **words,
            items={key: facts[f"mask_{key}"] or Mask.NONE.value for key in keys},
            quasi=tuple(key for key in keys if facts[f"quasi_{key}"]),
            indexed=tuple(key for key in keys if facts[f"indexed_{key}"]),
            conditions=self._conditions() if facts["openness"] == "conditional" else None,
            place=_place(facts),
        )

    def _conditions(self) -> api.Conditions:
        facts = self.cleaned_data
        return api.Conditions(
            facts["audience"], facts["purposes"].strip(), facts["safety"].strip(), facts["longest"] or 0, facts["report_every"] or 0
        )


def _place(facts: dict[str, Any]) -> api.Where | None:
    """
    What was chosen; half a point is refused by the rules, not dropped.

    :raises Invalid: if both a point and a region were chosen.
    """
    point = bool(facts["longitude"] or facts["latitude"])
    if point and facts["region_item"]:
        raise Invalid("经纬度和区划代码只能选一种", field="region_item", remedy="有经纬度的,不选区划代码")
    if point:
        return api.Place(facts["longitude"], facts["latitude"], facts["coordinates"] or "cgcs2000")
    return api.Area(facts["region_item"]) if facts["region_item"] else None


@signed_in
def propose(request: SignedIn, resource_id: int) -> HttpResponseBase:
    """Fill in a proposal, or the next one after a return or a withdrawal."""
    resource = catalog.resource(resource_id)
    if not request.actor.has(identity.Role.STEWARD, resource.office):
        raise api.NotAllowed
    there = api.of_resource(resource_id)
    earlier = api.opening(there[0], actor=request.actor) if there else None
    if earlier is not None and "propose" not in earlier.acts:
        return redirect("opendata:opening", earlier.id)
    form = ProposalForm(request.POST if request.method == "POST" else None, resource=resource, earlier=earlier)
    if request.method == "POST" and form.is_valid():
        try:
            number = api.propose(actor=request.actor, resource_id=resource_id, proposal=form.proposal(), now=clock.now())
        except (Invalid, Conflict, Unavailable) as exc:
            add_refusal(form, exc)
        else:
            messages.success(request, _now("已提议开放,正在检测数据。"))
            return redirect("opendata:opening", number)
    context = {
        "form": form,
        "resource": resource,
        "types": {code: said(label) for code, label in catalog.DATA_TYPE_LABELS.items()},
        "sensitivities": {code: said(label) for code, label in catalog.SENSITIVITY_LABELS.items() if code},
    }
    request.standing = "/work/openings/"
    return render(request, "opendata/propose.html", context, status=422 if form.is_bound else 200)
