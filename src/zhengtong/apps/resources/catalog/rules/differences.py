"""What changed between two documents of an entry, field by field and item by item, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.resources.catalog.rules import vocabulary as words
from zhengtong.apps.resources.catalog.rules.content import CONTENT_FIELDS, FIELD_LABELS, ITEM_FIELDS, ITEM_LABELS

_WORDS: dict[str, Mapping[Any, str]] = {
    "sharing_type": words.SHARING_LABELS,
    "update_cycle": words.CYCLE_LABELS,
    "format_class": words.FORMAT_LABELS,
    "sharing_modes": words.MODE_LABELS,
    "data_type": words.DATA_TYPE_LABELS,
    "sensitivity": words.SENSITIVITY_LABELS,
}


@dataclass(frozen=True)
class FieldChange:
    """A field that says something else now; both sides are words, empty for nothing."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ItemChange:
    """An item that was ``added``, ``removed``, ``changed`` or only ``moved``."""

    kind: str
    key: str
    name: str
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Difference:
    """All that changed."""

    fields: tuple[FieldChange, ...]
    items: tuple[ItemChange, ...]

    def __bool__(self) -> bool:
        return bool(self.fields or self.items)


def in_words(field: str, value: Any) -> str:
    """A field's value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(in_words(field, one) for one in value)
    return words.label(_WORDS.get(field, {}), str(value))


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """The difference between two documents; items are matched by key."""
    return Difference(
        tuple(_changes(CONTENT_FIELDS, FIELD_LABELS, before, after)),
        tuple(_items(before.get("items", ()), after.get("items", ()))),
    )


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of the fields, ``items`` among them, that differ."""
    return [name for name in (*CONTENT_FIELDS, "items") if before.get(name) != after.get(name)]


def _changes(names: Sequence[str], labels: Mapping[str, str], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    pairs = [(name, in_words(name, before.get(name)), in_words(name, after.get(name))) for name in names]
    return [FieldChange(name, labels[name], old, new) for name, old, new in pairs if old != new]


def _items(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[ItemChange]:
    old, new = {item["key"]: item for item in before}, {item["key"]: item for item in after}
    stayed_before = [key for key in old if key in new]
    stayed_after = [key for key in new if key in old]
    moved = {key for was, key in zip(stayed_before, stayed_after, strict=True) if was != key}
    found = list[ItemChange]()
    for key, item in new.items():
        if key not in old:
            found.append(ItemChange("added", key, item["name"], tuple(_changes(ITEM_FIELDS, ITEM_LABELS, {}, item))))
            continue
        changes = tuple(_changes(ITEM_FIELDS, ITEM_LABELS, old[key], item))
        if changes or key in moved:
            found.append(ItemChange("changed" if changes else "moved", key, item["name"], changes))
    return found + [ItemChange("removed", key, item["name"]) for key, item in old.items() if key not in new]
