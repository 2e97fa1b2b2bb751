"""
Changing a form's document one thing at a time: fields, pages, refusals.

Every function takes a document and returns a new one; none judges it, which is what ``document.findings`` is for. A document that says
nothing of pages is given one for each field by the first change, so that the order of asking is written down. A path is the key of a
field, or ``group/key`` for one in a repeating group.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhengtong.engines.conditions import is_name
from zhengtong.engines.forms.document import DRAFT, kind_of
from zhengtong.engines.forms.kinds import BOUND_NAMES, Kind
from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.kernel.sentences import say

Document = dict[str, Any]
#: kinds that can be bounded: by length, by amount, by how many
BOUNDED = frozenset({Kind.TEXT, Kind.LINES, Kind.ADDRESS, Kind.NUMBER, Kind.AMOUNT, Kind.CHOICES, Kind.GROUP})
_TYPES: Mapping[Kind, str] = {
    Kind.NUMBER: "integer",
    Kind.AMOUNT: "integer",
    Kind.YES_NO: "boolean",
    Kind.PERIOD: "object",
    Kind.CHOICES: "array",
    Kind.GROUP: "array",
}
#: kinds that JSON Schema knows without a format
_UNFORMATTED = frozenset({Kind.TEXT, Kind.NUMBER, Kind.YES_NO, Kind.CHOICE, Kind.CHOICES, Kind.GROUP})
#: members that a field's form writes; all others of an imported document stay
_WRITTEN = frozenset(
    {
        *("type", "format", "title", "description", "oneOf", "items", "minLength", "maxLength", "minimum", "maximum", "minItems"),
        *("maxItems", "uniqueItems", "x-when", "x-from", "x-lock", "x-reason"),
    }
)


class FieldUnknown(NotFound):
    """表单里没有这个字段或这一页。"""

    code = "form-field-unknown"


class KeyTaken(Invalid):
    """这个字段名不能用。"""

    code = "form-key-taken"


@dataclass(frozen=True)
class FieldDraft:
    """A field as it is written: what :class:`~zhengtong.engines.forms.document.Field` reads, before anybody has judged it."""

    kind: Kind
    title: str
    hint: str = ""
    required: bool = False
    when: str = ""
    options: tuple[tuple[str, str], ...] = ()
    least: int | None = None
    most: int | None = None
    resource: str = ""
    item: str = ""
    by: str = ""
    key: str = ""
    locked: bool = False
    reason: str = ""


@dataclass(frozen=True)
class PageDraft:
    """A page as it is written."""

    title: str
    lead: str = ""
    when: str = ""


def blank(title: str) -> Document:
    """A form in which nothing is asked so far."""
    return {"$schema": DRAFT, "title": title, "type": "object", "properties": {}, "required": [], "x-pages": [], "x-refuse": []}


# ------------------------------------------------------------------ reading
def page_entries(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The pages as the document says them, one for each field where it says nothing; what is no page is left out."""
    says = document.get("x-pages")
    if says:
        return [dict(one) for one in says if isinstance(one, dict)]
    properties = document.get("properties", {})
    return [{"key": key, "title": _title(schema, key), "lead": "", "fields": [key]} for key, schema in properties.items()]


def _title(schema: Any, key: str) -> str:
    return str(schema.get("title") or key) if isinstance(schema, dict) else key


def paths(document: Mapping[str, Any]) -> list[str]:
    """Every field in the order of asking, those of a group after it."""
    found: list[str] = []
    for key, schema in document.get("properties", {}).items():
        found.append(key)
        inner = schema.get("items", {}).get("properties", {}) if isinstance(schema, dict) and isinstance(schema.get("items"), dict) else {}
        found += [f"{key}/{one}" for one in inner]
    return found


def is_field(document: Mapping[str, Any], path: str) -> bool:
    """Whether something that can be read as a field stands at a path."""
    try:
        field_at(document, path)
    except FieldUnknown:
        return False
    return True


def field_at(document: Mapping[str, Any], path: str) -> FieldDraft:
    """
    A field as it is written.

    :raises FieldUnknown: if there is none.
    """
    holder, key = _holder(document, path)
    schema = holder.get("properties", {}).get(key)
    if not isinstance(schema, dict):
        raise FieldUnknown(say("表单里没有字段 {path}", path=path), field="path")
    kind = kind_of(schema) or Kind.TEXT
    low, high = BOUND_NAMES.get(kind, ("minLength", "maxLength"))
    inner = schema.get("items") if kind is Kind.CHOICES else schema
    listed = inner.get("oneOf", []) if isinstance(inner, dict) and kind in {Kind.CHOICE, Kind.CHOICES} else []
    says = schema.get("x-from")
    source: Mapping[str, Any] = says if isinstance(says, dict) else {}
    return FieldDraft(
        kind=kind,
        title=str(schema.get("title", "")),
        hint=str(schema.get("description", "")),
        required=key in holder.get("required", []),
        when=str(schema.get("x-when") or ""),
        options=tuple((str(one.get("const", "")), str(one.get("title", one.get("const", "")))) for one in listed if isinstance(one, dict)),
        least=_whole(schema.get(low)),
        most=_whole(schema.get(high)),
        resource=str(source.get("resource", "")),
        item=str(source.get("item", "")),
        by=str(source.get("by", "")),
        key=str(source.get("key", "")),
        locked=schema.get("x-lock") is True,
        reason=str(schema.get("x-reason", "")),
    )


def told(document: Mapping[str, Any], path: str) -> dict[str, Any]:
    """
    What is said of a field and is not left empty, for comparing and showing.

    :raises FieldUnknown: if there is none.
    """
    said = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(field_at(document, path)).items()}
    return {name: value for name, value in said.items() if value not in ("", None, False, [])}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def page_at(document: Mapping[str, Any], key: str) -> PageDraft:
    """
    A page as it is written.

    :raises FieldUnknown: if there is none.
    """
    found = next((one for one in page_entries(document) if one.get("key") == key), None)
    if found is None:
        raise FieldUnknown(say("表单里没有页 {key}", key=key), field="key")
    return PageDraft(str(found.get("title", "")), str(found.get("lead", "")), str(found.get("when") or ""))


def _holder(document: Mapping[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """The object in whose properties a field stands, and its key there."""
    group, slash, inner = path.partition("/")
    if not slash:
        return document if isinstance(document, dict) else dict(document), path
    schema = document.get("properties", {}).get(group)
    items = schema.get("items") if isinstance(schema, dict) else None
    if not isinstance(items, dict):
        raise FieldUnknown(say("表单里没有可重复的一组 {group}", group=group), field="path")
    return items, inner


# ------------------------------------------------------------------ changing
def _begun(document: Mapping[str, Any]) -> Document:
    """A copy that says its pages."""
    made: Document = copy.deepcopy(dict(document))
    made.setdefault("properties", {})
    made["x-pages"] = page_entries(made)
    for page in made["x-pages"]:
        page["fields"] = list(map(str, page["fields"])) if isinstance(page.get("fields"), list) else []
    return made


def _ordered(document: Document) -> Document:
    """Properties in the order of the pages, as conditions see what was asked before them."""
    placed = [key for page in document["x-pages"] for key in page["fields"]]
    order = [key for key in dict.fromkeys(placed) if key in document["properties"]]
    order += [key for key in document["properties"] if key not in set(order)]
    document["properties"] = {key: document["properties"][key] for key in order}
    return document


def free_key(document: Mapping[str, Any], stem: str = "field") -> str:
    """A key that neither a field nor a page has."""
    taken = {path.rpartition("/")[2] for path in paths(document)} | {str(one.get("key")) for one in page_entries(document)}
    return next(name for name in (f"{stem}{number}" for number in range(1, len(taken) + 2)) if name not in taken)


def add_field(document: Mapping[str, Any], key: str, says: FieldDraft, *, page: str = "", group: str = "") -> tuple[Document, str]:
    """
    The document with one more field at the end of a page or a group, and the field's path.

    :raises KeyTaken: if the key is none, or another field has it.
    :raises FieldUnknown: if there is no such page or group.
    """
    if not is_name(key):
        raise KeyTaken(say("字段名“{key}”应以字母开头,只用字母、数字和下划线", key=key), field="key", remedy="换一个,或留空由系统编号")
    made = _begun(document)
    path = f"{group}/{key}" if group else key
    holder, _inner = _holder(made, path)
    if key in holder.setdefault("properties", {}):
        raise KeyTaken(say("已有字段 {key}", key=key), field="key", remedy="换一个字段名,或留空由系统编号")
    if not group:
        place = next((one for one in made["x-pages"] if one.get("key") == page), None)
        if place is None:
            raise FieldUnknown(say("表单里没有页 {key}", key=page), field="page")
        place["fields"].append(key)
    holder["properties"][key] = {}
    _write(holder, key, says)
    return _ordered(made), path


def change_field(document: Mapping[str, Any], path: str, says: FieldDraft) -> Document:
    """
    The document with a field as it is now written.

    :raises FieldUnknown: if there is none.
    """
    field_at(document, path)
    made = _begun(document)
    _write(*_holder(made, path), says)
    return _ordered(made)


def _write(holder: Document, key: str, says: FieldDraft) -> None:
    before = holder["properties"][key]
    schema: Document = {"type": _TYPES.get(says.kind, "string")}
    if says.kind not in _UNFORMATTED:
        schema["format"] = says.kind.value
    schema["title"] = says.title
    listed = [{"const": value, "title": label} for value, label in says.options]
    if says.kind is Kind.CHOICE:
        schema["oneOf"] = listed
    elif says.kind is Kind.CHOICES:
        schema |= {"items": {"oneOf": listed}, "uniqueItems": True}
    elif says.kind is Kind.GROUP:
        held = before.get("items")
        schema["items"] = held if isinstance(held, dict) and "properties" in held else {"type": "object", "properties": {}, "required": []}
    low, high = BOUND_NAMES.get(says.kind, ("minLength", "maxLength"))
    bounds = ((low, says.least), (high, says.most)) if says.kind in BOUNDED else ()
    schema |= {name: value for name, value in bounds if value is not None}
    source = {name: text for name, text in (("resource", says.resource), ("item", says.item), ("by", says.by), ("key", says.key)) if text}
    more = {
        "description": says.hint,
        "x-when": says.when,
        "x-from": source,
        "x-lock": says.locked and bool(source),
        "x-reason": says.reason,
    }
    schema |= {name: value for name, value in more.items() if value}
    holder["properties"][key] = schema | {name: value for name, value in before.items() if name not in _WRITTEN}
    required = [one for one in holder.get("required", []) if one != key]
    holder["required"] = [*required, key] if says.required else required


def remove_field(document: Mapping[str, Any], path: str) -> Document:
    """
    The document without a field; a page that held nothing else goes with it.

    :raises FieldUnknown: if there is none.
    """
    field_at(document, path)
    made = _begun(document)
    holder, key = _holder(made, path)
    del holder["properties"][key]
    holder["required"] = [one for one in holder.get("required", []) if one != key]
    if "/" not in path:
        held = [one for one in made["x-pages"] if key in one["fields"]]
        for page in held:
            page["fields"] = [one for one in page["fields"] if one != key]
        made["x-pages"] = [one for one in made["x-pages"] if one["fields"] or one not in held]
    return _ordered(made)


def move_field(document: Mapping[str, Any], path: str, step: int) -> Document:
    """
    The document with a field one place up (-1) or down (1); past the end of a page it goes to the next one, past the last nowhere.

    :raises FieldUnknown: if there is none.
    """
    field_at(document, path)
    made = _begun(document)
    holder, key = _holder(made, path)
    if "/" in path:
        holder["properties"] = {one: holder["properties"][one] for one in _shifted(list(holder["properties"]), key, step)}
        return made
    pages = made["x-pages"]
    at = next((number for number, one in enumerate(pages) if key in one["fields"]), None)
    if at is None:
        return made
    here = pages[at]["fields"]
    edge = here.index(key) == (0 if step < 0 else len(here) - 1)
    if not edge:
        pages[at]["fields"] = _shifted(here, key, step)
    elif 0 <= at + step < len(pages):
        here.remove(key)
        pages[at + step]["fields"].insert(len(pages[at + step]["fields"]) if step < 0 else 0, key)
        made["x-pages"] = [one for number, one in enumerate(pages) if one["fields"] or number != at]
    return _ordered(made)


def _shifted(keys: Sequence[str], key: str, step: int) -> list[str]:
    moved = [one for one in keys if one != key]
    moved.insert(min(max(0, list(keys).index(key) + step), len(moved)), key)
    return moved


def add_page(document: Mapping[str, Any], says: PageDraft) -> tuple[Document, str]:
    """The document with one more page at the end, on which nothing is asked so far, and the page's key."""
    made = _begun(document)
    key = free_key(made, "page")
    made["x-pages"].append(_page({"key": key, "fields": []}, says))
    return made, key


def change_page(document: Mapping[str, Any], key: str, says: PageDraft) -> Document:
    """
    The document with a page as it is now written.

    :raises FieldUnknown: if there is none.
    """
    page_at(document, key)
    made = _begun(document)
    made["x-pages"] = [_page(one, says) if one.get("key") == key else one for one in made["x-pages"]]
    return made


def _page(before: Document, says: PageDraft) -> Document:
    kept = {name: value for name, value in before.items() if name != "when"}
    return kept | {"title": says.title, "lead": says.lead} | ({"when": says.when} if says.when else {})


def remove_page(document: Mapping[str, Any], key: str) -> Document:
    """
    The document without a page; its fields go to the end of the page before it, of the first one to the page after.

    :raises FieldUnknown: if there is none.
    :raises Invalid: if it is the only one and something is asked on it.
    """
    page_at(document, key)
    made = _begun(document)
    pages = made["x-pages"]
    at = next(number for number, one in enumerate(pages) if one.get("key") == key)
    gone = pages.pop(at)
    if gone["fields"] and not pages:
        raise Invalid("只剩这一页,不能去掉", field="key", remedy="先加一页,或去掉字段")
    if gone["fields"] and at:
        pages[at - 1]["fields"] += gone["fields"]
    elif gone["fields"]:
        pages[0]["fields"] = gone["fields"] + pages[0]["fields"]
    return _ordered(made)


def move_page(document: Mapping[str, Any], key: str, step: int) -> Document:
    """
    The document with a page one place up (-1) or down (1).

    :raises FieldUnknown: if there is none.
    """
    page_at(document, key)
    made = _begun(document)
    by_key = {str(one.get("key")): one for one in made["x-pages"]}
    made["x-pages"] = [by_key[one] for one in _shifted(list(by_key), key, step)]
    return _ordered(made)


def with_title(document: Mapping[str, Any], title: str) -> Document:
    """The document under another title."""
    return _begun(document) | {"title": title}


def with_refusals(document: Mapping[str, Any], refusals: Iterable[tuple[str, str]]) -> Document:
    """The document with these refusals, each a condition and what is said to whom it holds for."""
    return _begun(document) | {"x-refuse": [{"when": when, "sentence": sentence} for when, sentence in refusals]}


def refusals_in(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The refusals as they are written."""
    says = document.get("x-refuse")
    listed = says if isinstance(says, list) else []
    return [(str(one.get("when", "")), str(one.get("sentence", ""))) for one in listed if isinstance(one, dict)]
