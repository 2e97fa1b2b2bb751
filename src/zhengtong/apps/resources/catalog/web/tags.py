"""Tags and filters of the catalog's pages: codes in words, and addresses of facets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from django import forms, template
from django.forms import BoundField
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhengtong.apps.resources.catalog import api
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.ui import moments
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
    without = conditional_escape(query(context, **{name: ""}))
    narrowed = f"{without}{'&amp;' if len(without) > 1 else ''}{name}="
    links = (
        f'<li><a href="{without}" aria-current="true">{_counted(value)}</a></li>'
        if value.chosen
        else f'<li><a href="{narrowed}{quote_plus(value.value)}">{_counted(value)}</a></li>'
        for value in values
    )
    return mark_safe("".join(links))  # noqa: S308 - every part is escaped


def _counted(value: api.FacetValue) -> str:
    return f"<span>{conditional_escape(said(value.label))}</span><span>{value.count}</span>"


_SHARING_TONES = {"1": "done", "2": "active", "3": "refused"}


@register.simple_tag
def sharing(kind: str) -> SafeString:
    """A sharing type as a word with a mark."""
    return status(_(api.in_words("sharing_type", kind) or "共享类型未注明"), _SHARING_TONES.get(kind, ""))


@register.simple_tag
def hit_facts(hit: api.SearchHit) -> SafeString:
    """The line of facts below a hit; made in one go, as those of facets are."""
    facts = [hit.office_name, hit.region_name]
    if hit.update_cycle:
        facts.append(" ".join((pgettext("cycle", "更新"), hit.update_cycle_text or words(hit, "update_cycle"))))
    if hit.items:
        facts.append(" ".join((str(hit.items), _("个信息项"))))
    facts.append(" ".join((pgettext("event", "发布"), moments.day(hit.published_on))))
    spans = format_html_join("\n", "<span>{}</span>", ((fact,) for fact in facts))
    return format_html("{}\n{}\n<code>{}</code>", sharing(hit.sharing_type), spans, hit.code)


@register.simple_tag
def hit_reasons(hit: api.SearchHit) -> SafeString:
    """Why a hit was found, each reason by itself."""
    return format_html_join("", "<span>{}</span>", ((_reason(one),) for one in hit.reasons))


def _reason(one: api.Reason) -> str:
    if one.place == "apart":
        return said(say("“{asked}”的字词分散在各处", asked=one.asked))
    place = _(one.label)
    if one.otherwise:
        return said(say("{place}“{found}”(即“{asked}”)", place=place, found=one.found, asked=one.asked))
    return said(say("{place}“{asked}”", place=place, asked=one.asked))


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
