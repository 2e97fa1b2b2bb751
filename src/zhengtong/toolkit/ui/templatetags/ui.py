"""The components' tags: one tag, one piece of a page."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhengtong.toolkit.ui import moments, speech

register = template.Library()

_CLASS_OF_WIDGET = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.Select, "form-select"),
)


@register.inclusion_tag("ui/components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form field with label, hint and error between label and input."""
    widget = bound.field.widget
    css = next((name for kind, name in _CLASS_OF_WIDGET if isinstance(widget, kind)), "form-control")
    described = " ".join([f"{bound.id_for_label}-hint"] * bool(bound.help_text) + [f"{bound.id_for_label}-error"] * bool(bound.errors))
    attributes: dict[str, Any] = {"class": css}
    if described:
        attributes["aria-describedby"] = described
    if bound.errors:
        attributes["aria-invalid"] = "true"
    grouped = isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect)
    return {
        "bound": bound,
        "input": bound.as_widget(attrs=attributes) if not grouped else "",
        "grouped": grouped,
        "single_check": isinstance(widget, forms.CheckboxInput),
    }


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(form: forms.BaseForm) -> dict[str, Any]:
    """All errors of a form, each a link to its field."""
    return {"form": form, "bound_errors": [(bound, bound.errors) for bound in form if bound.errors]}


@register.simple_tag
def status(label: object, tone: str = "") -> SafeString:
    """A state as a word with a mark; ``tone`` is done, waiting, refused, active or empty."""
    return format_html('<span class="status {}">{}</span>', tone, label)


@register.inclusion_tag("ui/components/pager.html")
def pager(page: Any) -> dict[str, Any]:
    """To the first and the next page of a list that is paged by key."""
    return {"page": page}


@register.inclusion_tag("ui/components/empty.html")
def empty(sentence: object, address: str = "", action: object = "") -> dict[str, Any]:
    """What a list says when nothing is in it, and what to do about it."""
    return {"sentence": sentence, "address": address, "action": action}


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """The request's query string with some parts changed; an empty value removes the part, and paging starts again."""
    parts = context["request"].GET.copy()
    parts.pop("after", None)
    for name, value in changes.items():
        if value in {"", None}:
            parts.pop(name, None)
        else:
            parts[name] = str(value)
    return f"?{parts.urlencode()}"


@register.filter
def number(value: Any) -> str:
    """A whole number with its digits grouped as the reader's language groups them; what is none stays as it is."""
    return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)


register.filter("said", speech.said)
register.filter("told", speech.as_told)
register.filter("listed", speech.listed)


@register.filter(expects_localtime=True)
def day(value: Any) -> str:
    """A day in the reader's language."""
    return moments.day(value)


@register.filter(expects_localtime=True)
def moment(value: Any, precision: str = "") -> str:
    """A moment in the reader's language; with ``"s"`` to the second."""
    return moments.moment(value, seconds=precision == "s")


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """The value of a key, empty when absent."""
    return mapping.get(key, "")
