"""What changed between two versions of an item, element by element and row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.affairs.services.rules import elements
from zhengtong.apps.affairs.services.rules.content import Content
from zhengtong.apps.affairs.services.rules.elements import Element
from zhengtong.engines.forms import drafting
from zhengtong.kernel import canonical
from zhengtong.kernel.sentences import listed, say


@dataclass(frozen=True)
class Change:
    """One element before and after, in words; empty where there was nothing. ``table`` is empty for the item itself."""

    table: str
    row: str
    label: str
    before: str
    after: str


def in_words(column: Element, value: Any) -> str:
    """A value as people read it; empty where nothing is said."""
    if value is None or value in ("", (), {}):
        return ""
    if isinstance(value, bool):
        return say("是") if value else say("否")
    if isinstance(value, tuple):
        return listed(say(column.choices[one]) if one in column.choices else one for one in value)
    if isinstance(value, dict):
        return say("{pages} 页,{fields} 个字段", pages=len(drafting.page_entries(value)), fields=len(drafting.paths(value)))
    return say(column.choices[value]) if value in column.choices else str(value)


def changes(before: Content | None, after: Content) -> tuple[Change, ...]:
    """What ``after`` says otherwise than ``before``; everything it says where there was nothing before."""
    old = before or Content()
    found = list(_of(elements.ELEMENTS, old, after, "", ""))
    for table, columns in elements.TABLES.items():
        by_name = {column.name: column for column in (*columns, *elements.KEPT_BY_PLATFORM.get(table, ()))}
        first = columns[0].name
        rows = {getattr(one, first): one for one in getattr(old, table)}
        stays = {getattr(one, first): one for one in getattr(after, table)}
        label = elements.TABLE_LABELS[table]
        for name in [*rows, *(name for name in stays if name not in rows)]:
            found += _row(by_name, rows.get(name), stays.get(name), label, name)
    return tuple(found)


def _row(columns: Mapping[str, Element], old: Any, new: Any, table: str, name: str) -> Iterator[Change]:
    if old is None or new is None:
        yield Change(table, name, say("整行"), "" if old is None else say("有"), "" if new is None else say("有"))
    else:
        yield from _of(columns, old, new, table, name)


def _of(columns: Mapping[str, Element], old: Any, new: Any, table: str, row: str) -> Iterator[Change]:
    for name, column in columns.items():
        was, now = getattr(old, name), getattr(new, name)
        if isinstance(was, dict) and was != now:
            yield from _of_form(column, was, now)
        elif was != now:
            yield Change(table, row, column.label, in_words(column, was), in_words(column, now))


def _of_form(column: Element, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """What a form says otherwise: field by field, then its pages, its refusals and whatever else stands in the document."""
    was, now = _members(old), _members(new)
    for path in dict.fromkeys([*was, *now]):
        if was.get(path) != now.get(path):
            yield Change(column.label, "", path, was.get(path, ""), now.get(path, ""))


def _members(form: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, Any] = {path: drafting.told(form, path) for path in drafting.paths(form) if drafting.is_field(form, path)}
    found |= {name: value for name, value in form.items() if name not in {"properties", "required"}}
    return {name: canonical.encode(value).decode() for name, value in found.items()}
