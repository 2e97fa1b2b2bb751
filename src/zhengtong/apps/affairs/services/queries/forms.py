"""Forms of items: what is wrong with them, what was changed last, which sources a field can have."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhengtong.apps.affairs.services.models import FormChange, ItemVersion
from zhengtong.apps.affairs.services.queries.sources import connected
from zhengtong.apps.affairs.services.rules import checking
from zhengtong.apps.affairs.services.rules.content import Content
from zhengtong.apps.affairs.services.rules.forms import FormFinding, check_form, holder_of
from zhengtong.apps.affairs.services.rules.vocabulary import OPEN_STATES
from zhengtong.kernel.sentences import Kept, say

_SOURCES = 40


def text_of(document: Mapping[str, Any]) -> str:
    """A form as it is kept and compared: text, in which the order of fields says something."""
    return json.dumps(document, ensure_ascii=False)


def digest_of(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a form, order and all."""
    return hashlib.sha256(text_of(document).encode()).hexdigest()


def form_findings(document: Mapping[str, Any]) -> tuple[FormFinding, ...]:
    """Everything that is wrong with a form, by its own rules and by the sources that are connected now."""
    return check_form(document, connected()) if document else ()


def item_findings(content: Content) -> list[checking.Finding]:
    """The same as findings of the item, for review."""
    return [_of_item(one) for one in form_findings(content.form)]


def _of_item(one: FormFinding) -> checking.Finding:
    sentence = say("{path}:{sentence}", path=one.path, sentence=one.sentence) if one.path else say(one.sentence)
    return checking.Finding("form", f"form-{one.rule}", sentence, say(one.remedy), blocks=one.blocks)


@dataclass(frozen=True)
class LastChange:
    """What was done to a form last and can be taken back; ``more`` changes lie before it."""

    told: Kept
    at: datetime
    actor_name: str
    more: int


def last_change(item_id: int, document: Mapping[str, Any]) -> LastChange | None:
    """The change of the version that is worked on that made its form what it is; None if there is none to take back."""
    found = FormChange.objects.filter(version__item=item_id, version__state__in=OPEN_STATES)
    row = found.first()
    if row is None or row.after_sha256 != digest_of(document):
        return None
    return LastChange(row.told, row.at, row.actor_name, found.count() - 1)


@dataclass(frozen=True)
class FieldSource:
    """An item of a connected resource that a field can be filled from."""

    resource: str
    resource_name: str
    office_name: str
    item: str
    item_name: str


def field_sources(text: str) -> list[FieldSource]:
    """Items of published, bound resources whose name, or whose resource's name, holds every word of the text; at most forty."""
    words = text.lower().split()
    if not words:
        return []
    found = [
        FieldSource(one.code, one.name, one.office_name, key, name)
        for one in connected()
        for name, key in zip(one.items, one.keys, strict=True)
        if all(word in f"{one.name} {name} {key} {one.code} {one.office_name}".lower() for word in words)
    ]
    return sorted(found, key=lambda one: (_distance(one.item_name, words), one.resource_name, one.item_name))[:_SOURCES]


def _distance(name: str, words: list[str]) -> int:
    return min((len(name) - len(word) for word in words if word in name.lower()), default=1000)


def source_named(resource: str, item: str) -> FieldSource | None:
    """A source by its codes; None if it is not connected or has no such item."""
    for one in connected():
        if one.code == resource and item in one.keys:
            return FieldSource(one.code, one.name, one.office_name, item, one.items[one.keys.index(item)])
    return None


def holding(title: str) -> FieldSource | None:
    """A connected source that holds what a field of this title asks for."""
    found = holder_of(title, connected())
    if found is None:
        return None
    one, item = found
    return FieldSource(one.code, one.name, one.office_name, one.keys[one.items.index(item)], item)


def form_of_version(item_id: int, number: int) -> dict[str, Any] | None:
    """The form of one of an item's versions; None if there is no such version."""
    row = ItemVersion.objects.filter(item=item_id, number=number).first()
    return json.loads(row.document.get("form") or "{}") if row else None
