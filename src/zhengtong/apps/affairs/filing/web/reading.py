"""What somebody typed on a page, read field by field: values that can be kept, texts as they were typed, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from zhengtong.engines.forms.document import MOST_ENTRIES, Field, Finding
from zhengtong.engines.forms.kinds import Kind, read
from zhengtong.kernel.errors import Invalid


@dataclass
class Typed:
    """Values by field, the texts behind them by the path of the input, and findings by path."""

    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str | list[str]] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)


def read_page(fields: Iterable[Field], data: QueryDict) -> Typed:
    """
    What was posted for these fields; one that the request does not mention is left as it is. Files are the caller's to keep.

    The count of a group's entries is posted beside it, so that an entry with nothing ticked is still there.
    """
    typed = Typed()
    for one in fields:
        if one.kind is Kind.FILE:
            continue
        if one.kind is Kind.GROUP:
            if f"{one.key}-count" in data:
                typed.values[one.key] = _entries(one, data, typed)
        elif _mentioned(one.key, data):
            kept, value = _value(one, one.key, one.key, data, typed)
            if kept:
                typed.values[one.key] = value
    return typed


def _mentioned(name: str, data: QueryDict) -> bool:
    """Whether the page asked for it: boxes and radio buttons that are not ticked are not sent, so the page marks them."""
    return any(each in data for each in (name, f"{name}-there", f"{name}-from"))


def _value(one: Field, name: str, path: str, data: QueryDict, typed: Typed) -> tuple[bool, Any]:
    """Whether the value can be kept, and the value; None for an empty field."""
    if one.kind is Kind.CHOICES:
        chosen = [value for value, _label in one.options if value in data.getlist(name)]
        return True, chosen or None
    if one.kind is Kind.PERIOD:
        begin, end = data.get(f"{name}-from", "").strip(), data.get(f"{name}-to", "").strip()
        typed.texts[f"{name}-from"], typed.texts[f"{name}-to"] = begin, end
        text = f"{begin}/{end}" if begin or end else ""
    else:
        text = data.get(name, "").strip()
        typed.texts[name] = text
    if not text:
        return True, None
    try:
        return True, read(one.kind, text)
    except Invalid as exc:
        typed.found.append(Finding(path, exc.sentence, exc.remedy))
        return False, None


def _entries(group: Field, data: QueryDict, typed: Typed) -> list[dict[str, Any]]:
    text = data.get(f"{group.key}-count", "")
    count = min(int(text), MOST_ENTRIES) if text.isascii() and text.isdecimal() and len(text) < 5 else 0  # noqa: PLR2004 - no more digits
    entries = []
    for number in range(count):
        entry: dict[str, Any] = {}
        for one in group.fields:
            kept, value = _value(one, f"{group.key}-{number}-{one.key}", f"{group.key}/{number}/{one.key}", data, typed)
            if kept and value is not None:
                entry[one.key] = value
        entries.append(entry)
    return entries


def changed_entries(entries: list[Any], act: str, group: Field) -> list[Any] | None:
    """
    The entries after ``add:<group>`` or ``remove:<group>:<number>``; None for another act.

    An act that cannot be done, such as one entry too many, changes nothing.
    """
    verb, _, rest = act.partition(":")
    key, _, number = rest.partition(":")
    if key != group.key:
        return None
    if verb == "add":
        return [*entries, {}] if len(entries) < (group.most or MOST_ENTRIES) else entries
    if verb == "remove" and number.isdecimal():
        return [one for place, one in enumerate(entries) if place != int(number)]
    return None


def shown_texts(one: Field, value: Any, name: str) -> Mapping[str, str | list[str]]:
    """A kept value as the inputs of its field show it."""
    if value is None:
        return {}
    if one.kind is Kind.PERIOD:
        return {f"{name}-from": value.get("from", ""), f"{name}-to": value.get("to", "")}
    if one.kind is Kind.GROUP:
        texts: dict[str, str | list[str]] = {}
        for number, entry in enumerate(value):
            for inner in one.fields:
                texts |= shown_texts(inner, entry.get(inner.key), f"{name}-{number}-{inner.key}")
        return texts
    return {name: list(value) if one.kind is Kind.CHOICES else _as_typed(one.kind, value)}


def _as_typed(kind: Kind, value: Any) -> str:
    """A value as somebody would type it."""
    if kind is Kind.YES_NO:
        return "yes" if value else "no"
    if kind is Kind.AMOUNT and isinstance(value, int):
        return f"{value // 100}.{value % 100:02}" if value % 100 else str(value // 100)
    return str(value)
