"""The form of an item, made from its elements: what the rules know, the form asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from zhengtong.apps.affairs.services import api
from zhengtong.apps.affairs.services.web.wording import HINT_LABELS
from zhengtong.toolkit.ui.forms import date_input

Kind = api.elements.Kind
#: rows that a table has at most
_MOST_ROWS = 100
_NEEDED = frozenset(
    {
        *("task_name", "by_law", "accept_condition", "server_type", "project_type", "handle_type", "transact_addr", "transact_time"),
        *("link_way", "supervise_way", "is_fee", "is_online", "promise_day", "anticipate_day", "limit_scene_num"),
        *(columns[0].name for columns in api.elements.TABLES.values()),
    }
)


def _field(one: api.elements.Element) -> forms.Field:
    common: dict[str, Any] = {
        "label": _(one.label),
        "required": False,
        "help_text": _(HINT_LABELS[one.name]) if one.name in HINT_LABELS else "",
    }
    if one.kind in {Kind.CHOICE, Kind.CHOICES, Kind.FLAG}:
        return _chosen(one, common)
    match one.kind:
        case Kind.TEXT:
            return forms.CharField(max_length=one.most, widget=forms.Textarea({"rows": 3}), **common)
        case Kind.NUMBER:
            return forms.IntegerField(min_value=0, max_value=32_000, **common)
        case Kind.DAY:
            return forms.DateField(widget=date_input(), **common)
        case _:
            return forms.CharField(max_length=one.most, **common)


def _chosen(one: api.elements.Element, common: dict[str, Any]) -> forms.Field:
    if one.kind is Kind.FLAG:
        flags = [("", _("没有填写")), ("1", _("是")), ("0", _("否"))]
        return forms.TypedChoiceField(choices=flags, coerce=lambda value: value == "1", empty_value=None, **common)
    choices = [(code, _(label)) for code, label in one.choices.items()]
    if one.kind is Kind.CHOICES:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    return forms.ChoiceField(choices=[("", _("没有选择")), *choices], **common)


class ElementsForm(forms.Form):
    """Fields of some elements. Nothing is required to save a draft; what publishing needs is only marked as such."""

    use_required_attribute = False

    def __init__(self, columns: Iterable[api.elements.Element], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.columns = tuple(columns)
        for one in self.columns:
            self.fields[one.name] = _field(one)
        if self.is_bound:
            self.full_clean()
        for one in self.columns:
            self.fields[one.name].required = one.name in _NEEDED

    def values(self) -> dict[str, Any]:
        """What was written, as contents hold it; the caller has looked at ``errors``."""
        found = {}
        for one in self.columns:
            value = self.cleaned_data[one.name]
            if one.kind is Kind.CHOICES:
                value = tuple(value)
            elif one.kind is Kind.WORDS:
                value = api.value_of(one, value)
            found[one.name] = value
        return found


def initial_of(columns: Iterable[api.elements.Element], holder: Any) -> dict[str, Any]:
    """What a form of these elements shows."""
    shown = {}
    for one in columns:
        value = getattr(holder, one.name)
        if one.kind is Kind.WORDS:
            value = "、".join(value)
        elif one.kind is Kind.FLAG:
            value = "" if value is None else "1" if value else "0"
        shown[one.name] = value
    return shown


class RowForm(ElementsForm):
    """One row of a table below the item; a row in which nothing is written is none."""

    @property
    def empty(self) -> bool:
        """Whether the row says nothing: its first element is empty, or it was ticked to be removed."""
        first = self.columns[0].name
        return bool(self.data.get(f"{self.prefix}-remove")) or not str(self.data.get(f"{self.prefix}-{first}", "")).strip()


class ContentForm:
    """All that is written here: the elements in groups, and the rows of each table. The item's form has an editor of its own."""

    def __init__(self, content: api.Content, data: QueryDict | None = None, more: str = "") -> None:
        columns = [one for one in api.elements.ELEMENTS.values() if one.kind is not Kind.JSON]
        self.main = ElementsForm(columns, data, initial=initial_of(columns, content))
        self.tables: dict[str, list[RowForm]] = {}
        for table, below in api.elements.TABLES.items():
            if data is None:
                rows = [
                    RowForm(below, prefix=f"{table}-{place}", initial=initial_of(below, row))
                    for place, row in enumerate(getattr(content, table))
                ]
            else:
                rows = [RowForm(below, data, prefix=f"{table}-{place}") for place in range(_posted(data, table))]
            extra = (data is None and not rows and table in {"materials", "steps", "results"}) + (more == table)
            blank = api.ROWS[table]()
            rows += [RowForm(below, prefix=f"{table}-{len(rows)}", initial=initial_of(below, blank)) for _place in range(extra)]
            self.tables[table] = rows

    @property
    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The groups of elements: name, label, fields."""
        listed = api.elements.GROUPS.items()
        return [
            (name, _(api.elements.GROUP_LABELS[name]), [self.main[one.name] for one in columns if one.name in self.main.fields])
            for name, columns in listed
        ]

    @property
    def sections(self) -> list[tuple[str, str, list[RowForm]]]:
        """The tables: name, label, rows."""
        return [(name, _(api.elements.TABLE_LABELS[name]), rows) for name, rows in self.tables.items()]

    @property
    def wrong(self) -> list[forms.BoundField]:
        """Fields that cannot be read as what they are."""
        every: list[forms.Form] = [self.main, *(row for rows in self.tables.values() for row in rows if row.is_bound and not row.empty)]
        return [bound for form in every for bound in form if bound.errors]

    def content(self, before: api.Content) -> api.Content:
        """What was written; what the form does not ask for stays as it was."""
        tables = {
            table: tuple(api.ROWS[table](**row.values()) for row in rows if row.is_bound and not row.empty)
            for table, rows in self.tables.items()
        }
        kept = {name: getattr(before, name) for name in api.Content.__struct_fields__}
        return api.Content(**{**kept, **self.main.values(), **tables})


def _posted(data: QueryDict, table: str) -> int:
    count = data.get(f"{table}-count", "")
    return min(int(count), _MOST_ROWS) if count.isascii() and count.isdecimal() and len(count) < 6 else 0  # noqa: PLR2004 - no more rows
