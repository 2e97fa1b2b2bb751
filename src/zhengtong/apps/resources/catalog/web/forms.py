"""The forms of an entry and of its items; they work without scripts, also for adding, removing and moving items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.resources.catalog import api
from zhengtong.toolkit.ui.forms import date_input

NOTHING = ("", "—")
_YES_NO = [NOTHING, ("1", _("是")), ("0", _("否"))]


def choices(labels: Mapping[Any, str], *, empty: bool = True) -> list[tuple[str, Any]]:
    """Codes and labels as a field offers them, with none at all first unless ``empty`` is False."""
    known = [(str(code), _(label)) for code, label in labels.items()]
    return [NOTHING, *known] if empty else known


def _long(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ResourceForm(forms.Form):
    """Everything about an entry but its items; a draft may leave all but the name empty."""

    name = forms.CharField(label=_("信息资源名称"), max_length=300)
    summary = forms.CharField(label=_("信息资源摘要"), required=False, widget=_long(), help_text=_("内容、范围和来源,一两句话。"))
    section = forms.CharField(label=_("内设机构"), required=False, max_length=100)
    class_code = forms.CharField(
        label=_("分类码"), required=False, max_length=40, help_text=_("类 1 位、项 2 位、目 3 位,细目可加,如 307001;顺序码由平台给出。")
    )
    legal_basis = forms.CharField(
        label=_("依据"),
        required=False,
        widget=_long(2),
        help_text=_("采集或产生数据的依据;不予共享的,写禁止共享的法律、行政法规或国务院决定。"),
    )
    data_level = forms.ChoiceField(
        label=_("数据分级"), required=False, choices=[NOTHING, *((one, _(one)) for one in api.DATA_LEVEL_LABELS)]
    )
    format_class = forms.ChoiceField(label=_("格式分类"), required=False, choices=choices(api.FORMAT_LABELS))
    format_types = forms.CharField(label=_("格式类型"), required=False, help_text=_("如 postgresql、xlsx,多个用逗号隔开。"))
    update_cycle = forms.ChoiceField(label=_("更新周期"), required=False, choices=choices(api.CYCLE_LABELS))
    update_cycle_text = forms.CharField(
        label=_("更新周期说明"), required=False, max_length=60, help_text=_("选择自定义时写明,如“每两年”。")
    )
    data_updated_on = forms.DateField(label=_("数据更新日期"), required=False, widget=date_input())
    sharing_type = forms.ChoiceField(label=_("共享类型"), required=False, choices=choices(api.SHARING_LABELS))
    sharing_condition = forms.CharField(
        label=_("共享条件"), required=False, widget=_long(2), help_text=_("有条件共享写条件;不予共享写理由;无条件共享不填。")
    )
    sharing_scope = forms.CharField(label=_("共享范围"), required=False, widget=_long(2), help_text=_("有条件共享:给谁。"))
    sharing_purpose = forms.CharField(label=_("使用用途"), required=False, widget=_long(2), help_text=_("有条件共享:用来做什么。"))
    sharing_modes = forms.MultipleChoiceField(
        label=_("共享方式"), required=False, choices=choices(api.MODE_LABELS, empty=False), widget=forms.CheckboxSelectMultiple
    )
    is_open = forms.ChoiceField(label=_("是否向社会开放"), required=False, choices=_YES_NO)
    open_condition = forms.CharField(
        label=_("开放条件"), required=False, widget=_long(2), help_text=_("开放的必须写明;没有条件写“无条件开放”。")
    )
    themes = forms.CharField(label=_("主题"), required=False, help_text=_("多个用逗号隔开。"))
    tags = forms.CharField(label=_("标签"), required=False, help_text=_("多个用逗号隔开。"))
    related_codes = forms.CharField(label=_("关联资源代码"), required=False, help_text=_("多个用逗号隔开。"))
    contact = forms.CharField(label=_("联系方式"), required=False, max_length=200)
    url = forms.URLField(label=_("来源网址"), required=False, max_length=1000, assume_scheme="https")


#: The form's sections: heading, fields.
SECTIONS = (
    (_("基本信息"), ("name", "summary", "section", "class_code", "legal_basis", "data_level")),
    (_("格式与更新"), ("format_class", "format_types", "update_cycle", "update_cycle_text", "data_updated_on")),
    (_("共享属性"), ("sharing_type", "sharing_condition", "sharing_scope", "sharing_purpose", "sharing_modes")),
    (_("开放属性"), ("is_open", "open_condition")),
    (_("其他"), ("themes", "tags", "related_codes", "contact", "url")),
)
_LISTS = ("format_types", "themes", "tags", "related_codes")


class ItemForm(forms.Form):
    """One data item; a row without a name is not kept."""

    name = forms.CharField(label=_("名称"), required=False, max_length=200)
    key = forms.CharField(label=_("英文名"), required=False, max_length=60)
    data_type = forms.ChoiceField(label=_("数据类型"), choices=choices(api.DATA_TYPE_LABELS, empty=False), initial="C")
    length = forms.IntegerField(label=_("长度"), required=False, min_value=1, max_value=2_000_000_000)
    precision = forms.IntegerField(label=_("小数位"), required=False, min_value=0, max_value=100)
    is_key = forms.BooleanField(label=_("主键"), required=False)
    nullable = forms.BooleanField(label=_("可空"), required=False, initial=True)
    searchable = forms.BooleanField(label=_("可按值查询"), required=False)
    sensitivity = forms.ChoiceField(label=_("敏感类别"), required=False, choices=choices(api.SENSITIVITY_LABELS, empty=False))
    sharing_type = forms.ChoiceField(
        label=_("共享类型"), required=False, choices=[("", _("同资源")), *choices(api.SHARING_LABELS, empty=False)]
    )
    sharing_condition = forms.CharField(label=_("共享条件或依据"), required=False)
    is_open = forms.ChoiceField(label=_("是否开放"), required=False, choices=[("", _("同资源")), ("1", _("是")), ("0", _("否"))])
    open_condition = forms.CharField(label=_("开放条件"), required=False)
    dictionary = forms.CharField(label=_("字典项"), required=False, max_length=100)
    description = forms.CharField(label=_("说明"), required=False)


#: Which fields of an item stand in its first line; the others unfold.
ITEM_FIRST = ("name", "key", "data_type", "length", "precision")
ITEM_CHECKS = ("is_key", "nullable", "searchable")
ITEM_MORE = ("sensitivity", "sharing_type", "sharing_condition", "is_open", "open_condition", "dictionary", "description")
_OPEN = {"1": True, "0": False}
_WRITTEN = {True: "1", False: "0", None: ""}


def initial_of(content: api.Content) -> dict[str, Any]:
    """An entry's content as the form's initial values."""
    values = {name: getattr(content, name) for name in ResourceForm.base_fields}
    values |= {name: ",".join(values[name]) for name in _LISTS}
    return values | {"is_open": _WRITTEN[content.is_open], "sharing_modes": list(content.sharing_modes)}


def item_initial(item: api.ItemContent) -> dict[str, Any]:
    """An item as its form's initial values."""
    values = {name: getattr(item, name) for name in ItemForm.base_fields}
    return values | {"is_open": _WRITTEN[item.is_open]}


def content_from(form: ResourceForm, items: list[ItemForm], before: api.Content | None) -> api.Content:
    """What valid forms say; what they do not show (an item's own ways of sharing) stays as it was."""
    said = dict(form.cleaned_data)
    said |= {name: tuple(api.listed(said[name])) for name in _LISTS}
    said["format_types"] = tuple(one.lower() for one in said["format_types"])
    said["is_open"] = _OPEN.get(said["is_open"])
    said["sharing_modes"] = tuple(said["sharing_modes"])
    kept = {item.key: item for item in before.items} if before else {}
    named = [one.cleaned_data for one in items if one.cleaned_data.get("name")]
    made = iter(api.item_keys([one["name"] for one in named if not one["key"]], taken=[one["key"] for one in named if one["key"]]))
    rows = []
    for one in named:
        values = dict(one) | {"key": one["key"] or next(made), "is_open": _OPEN.get(one["is_open"])}
        if values["data_type"] in {"D", "T"}:
            values["length"] = None
        old = kept.get(values["key"])
        rows.append(api.ItemContent(**values, sharing_modes=old.sharing_modes if old else ()))
    return api.Content(**said, items=tuple(rows))


class UploadForm(forms.Form):
    """A file to take in."""

    office = forms.ChoiceField(label=_("导入单位"))
    file = forms.FileField(label=_("文件"), help_text=_("国家目录填报表(xlsx、xls)、CSV 或 JSON,最大 50 MB。"))
    source = forms.CharField(
        label=_("来源名称"),
        required=False,
        max_length=60,
        help_text=_("同一来源再次导入时按来源编号识别,只更新有变化的;不填则用单位代码加文件名。"),
    )

    def __init__(self, *given: Any, offices: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["office"] = forms.ChoiceField(label=_("导入单位"), choices=offices)
