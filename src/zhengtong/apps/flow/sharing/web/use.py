"""The form of an application: one use, and for each resource the items and what look-ups are asked by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.flow.sharing import api
from zhengtong.apps.flow.sharing.operations.applying import offer_of
from zhengtong.apps.flow.sharing.rules import requests
from zhengtong.apps.flow.sharing.web.words import CHANNELS
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.contracts.grants import Channel
from zhengtong.toolkit.ui.speech import advice

#: rules.requests.Request field → form field where they differ
_WORDS = ("purpose_code", "purpose", "usage_basis", "scenario", "usage_scope")
_SHARED = frozenset({*_WORDS, "channels", "system", "since", "until"})


def _text(label: Any, hint: Any, *, rows: int = 0, most: int | None = None) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, help_text=hint, widget=widget, max_length=most, error_messages={"required": _("请填写这一项。")})


def _date(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages={"required": _("请选择日期。")})


@dataclass(frozen=True)
class Chosen:
    """A resource in the form, with its two fields."""

    resource: catalog.ResourceView
    items: BoundField
    filters: BoundField
    withheld: list[str]


class UseForm(forms.Form):
    """What 条例 Art. 20 asks for. Everything missing is said at once, field by field."""

    use_required_attribute = False

    office = forms.ChoiceField(label=_("申请单位"))
    usage_basis = _text(_("使用依据"), _("法律、法规、规章或职责规定,写明条款。"), rows=2)
    scenario = _text(_("使用场景"), _("在办什么事、哪个环节使用。"), rows=2)
    usage_scope = _text(_("使用范围"), _("哪些科室、岗位、系统使用,不得超出。"), rows=2)
    purpose_code = forms.RegexField(
        label=_("使用目的代码"),
        regex=r"^[a-z][a-z0-9-]{0,39}$",
        help_text=_("调用接口时以它说明目的,如 enrol;小写字母、数字和连字符。"),
        error_messages={"required": _("请填写这一项。"), "invalid": _("以小写字母开头,只含小写字母、数字和连字符,最多 40 个。")},
    )
    purpose = _text(_("使用目的"), _("一句话说明数据用来做什么,会出现在每一次使用记录里。"), most=300)
    channels = forms.MultipleChoiceField(
        label=_("共享方式"),
        choices=list(CHANNELS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("至少选择一种共享方式。")},
    )
    system = forms.ChoiceField(label=_("调用系统"), required=False, help_text=_("查询和核验由这个系统调用接口;先在“调用系统”中登记。"))
    since = _date(_("使用时限:开始"))
    until = _date(_("使用时限:结束"))
    keep_as = forms.CharField(
        label=_("存为用途模板"), required=False, max_length=100, help_text=_("填写模板名称,下次可直接套用使用依据、场景、范围和目的。")
    )

    def __init__(self, data: Any = None, *, actor: identity.Actor, resources: Sequence[catalog.ResourceView], **options: Any) -> None:
        super().__init__(data, **options)
        self.resources = resources
        codes = actor.offices(identity.Role.STEWARD, identity.Role.DEVELOPER)
        offices = organisations.offices_by_code(sorted(codes))
        self._choices("office", [(code, one.name) for code, one in offices.items()])
        systems = identity.systems(offices=codes, active=True)
        self._choices("system", [("", _("不调用接口")), *((one.id, f"{one.name}({one.office_name})") for one in systems)])
        for resource in resources:
            self._add_resource(resource)

    def _choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        chosen = self.fields[name]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 - declared above
        chosen.choices = choices

    def _add_resource(self, resource: catalog.ResourceView) -> None:
        shared = [item for item in resource.items if item.sharing_type != "3"]
        for name, label, items in (
            ("items", _("所需信息项"), shared),
            ("filters", _("查询条件"), [item for item in shared if item.searchable or item.is_key]),
        ):
            self.fields[f"{name}_{resource.id}"] = forms.MultipleChoiceField(
                # the error summary must tell one resource from the other
                label=_now("%(label)s:%(name)s") % {"label": label, "name": resource.name} if len(self.resources) > 1 else label,
                choices=[(item.key, f"{item.name}({item.key})") for item in items],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                help_text=_("查询和核验时以哪些信息项找到一条记录。") if name == "filters" else _("只选办事必需的。"),
            )

    def chosen(self) -> Iterator[Chosen]:
        """The resources with their fields, for the template."""
        for resource in self.resources:
            withheld = [item.name for item in resource.items if item.sharing_type == "3"]
            yield Chosen(resource, self[f"items_{resource.id}"], self[f"filters_{resource.id}"], withheld)

    def request_for(self, resource_id: int) -> api.Request:
        """What the form states about one resource; parts that were wrong are empty."""
        facts = self.cleaned_data
        return api.Request(
            items=tuple(facts.get(f"items_{resource_id}", ())),
            channels=tuple(Channel(one) for one in facts.get("channels", ())),
            usage_basis=facts.get("usage_basis", ""),
            scenario=facts.get("scenario", ""),
            usage_scope=facts.get("usage_scope", ""),
            purpose_code=facts.get("purpose_code", ""),
            purpose=facts.get("purpose", ""),
            since=facts.get("since"),
            until=facts.get("until"),
            system=facts.get("system", ""),
            filters=tuple(facts.get(f"filters_{resource_id}", ())),
        )

    def check_complete(self, *, today: date) -> bool:
        """Add everything that keeps the applications from being submitted to the form's errors; whether nothing does."""
        said: set[str] = set(self.errors)
        for resource in self.resources:
            for finding in requests.findings(self.request_for(resource.id), offer_of(resource), today=today):
                name = finding.field if finding.field in _SHARED else f"{finding.field}_{resource.id}"
                if name not in said:
                    self.add_error(name, advice(finding.rule, finding.remedy))
            said |= set(self.errors)
        return not self.errors


def words_of(template: api.TemplateView) -> dict[str, str]:
    """The fields that a template fills."""
    return {name: getattr(template, name) for name in _WORDS}


def initial_of(view: api.ApplicationView) -> Mapping[str, Any]:
    """The form of an application that exists."""
    return {
        **{name: getattr(view, name) for name in (*_WORDS, "system", "since", "until")},
        "office": view.consumer,
        "channels": [str(one) for one in view.channels],
        f"items_{view.resource_id}": list(view.items),
        f"filters_{view.resource_id}": list(view.filters),
    }
