"""Tags and filters of the catalog's pages: codes in words, and addresses of facets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms, template
from django.forms import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zhengtong.apps.resources.catalog import api
from zhengtong.toolkit.ui.speech import listed, said
from zhengtong.toolkit.ui.templatetags.ui import query, status

register = template.Library()


@register.filter
def words(says: Any, field: str) -> str:
    """A field of content, item or document as people read it."""
    value = says.get(field) if isinstance(says, Mapping) else getattr(says, field, None)
    if isinstance(value, list | tuple):
        return listed(_(api.in_words(field, one)) for one in value)
    said = api.in_words(field, value)
    return _(said) if said else ""


@register.filter
def cycle(hit: api.SearchHit) -> str:
    """The update cycle of a hit in words."""
    return words(hit, "update_cycle")


@register.filter
def pairs(record: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """A record's fields in order; a field may itself be called ``items``."""
    return list(record.items())


@register.filter
def item_count(reading: Mapping[str, Any]) -> int:
    """How many items a reading has."""
    return len(reading.get("items", ()))


@register.simple_tag(takes_context=True)
def facet_links(context: dict[str, Any], name: str, values: Sequence[api.FacetValue]) -> SafeString:
    """A facet's values as links that choose them, or let go of the chosen one; made in one go, for there are hundreds on a page."""
    without = query(context, **{name: ""})
    sign = "&" if len(without) > 1 else ""
    return format_html_join(
        "",
        '<li><a href="{}"{}><span>{}</span><span>{}</span></a></li>',
        (
            (
                without if value.chosen else f"{without}{sign}{urlencode({name: value.value})}",
                _CURRENT if value.chosen else "",
                said(value.label),
                value.count,
            )
            for value in values
        ),
    )


_CURRENT = mark_safe(' aria-current="true"')
_SHARING_TONES = {"1": "done", "2": "active", "3": "refused"}


@register.simple_tag
def sharing(kind: str) -> SafeString:
    """A sharing type as a word with a mark."""
    return status(_(api.in_words("sharing_type", kind) or "共享类型未注明"), _SHARING_TONES.get(kind, ""))


@register.simple_tag(takes_context=True)
def query_without(context: dict[str, Any], name: str) -> str:
    """The address without a facet."""
    return query(context, **{name: ""})


@register.simple_tag
def item_input(bound: BoundField) -> SafeString:
    """The input of an item's field, bound to its label and its error."""
    attributes: dict[str, str | bool] = {"class": "form-select" if isinstance(bound.field.widget, forms.Select) else "form-control"}
    if bound.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{bound.id_for_label}-error"}
    return bound.as_widget(attrs=attributes)
