"""
A form as a JSON Schema document, and the rules it must keep before anybody is asked anything.

Members of our own: ``x-pages`` (key, title, lead, fields, when), ``x-when`` of a field (a condition in the language of
:mod:`zhengtong.engines.conditions` over the fields before it), ``x-from`` (the shared item that can give the value: resource, item, ``by``,
the field whose value finds the row, empty for the applicant's own code, and ``key``, the item it is compared with), ``x-lock`` (what came
from there cannot be changed), ``x-refuse`` (conditions under which nobody can go on, each with a sentence), ``x-reason`` (why it is asked
although a connected source has it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from zhengtong.engines.conditions import Condition, InvalidCondition, condition, is_name
from zhengtong.engines.forms.kinds import BOUND_NAMES, LONGEST_LINE, LONGEST_TEXT, Kind
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

MOST_FIELDS, MOST_PAGES, MOST_OPTIONS, MOST_ENTRIES = 300, 60, 500, 200
DRAFT = "https://json-schema.org/draft/2020-12/schema"


class InvalidForm(Invalid):
    """表单的定义不合规则。"""

    code = "invalid-form"


@dataclass(frozen=True)
class Finding:
    """Something wrong with a form or with answers: where, what, and what to do; ``unfinished`` if something is only still to be added."""

    path: str
    sentence: str
    remedy: str = ""
    unfinished: bool = False


@dataclass(frozen=True)
class Source:
    """
    A shared item that can give a value. ``by`` is the field whose value finds the row, empty for the applicant's own code; ``key`` the item
    that it is compared with, empty for the one by which the grant lets rows be found.
    """

    resource: str
    item: str
    by: str = ""
    key: str = ""


@dataclass(frozen=True)
class Field:
    """One thing that is asked. Lengths are characters, bounds of amounts fen; ``options`` are (value, label)."""

    key: str
    kind: Kind
    title: str
    hint: str = ""
    required: bool = False
    when: Condition | None = None
    options: tuple[tuple[str, str], ...] = ()
    least: int | None = None
    most: int | None = None
    source: Source | None = None
    locked: bool = False
    #: why it is asked although a connected source has it
    reason: str = ""
    #: of a group: what each entry asks
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Page:
    """Fields that are asked together, best one thing a page."""

    key: str
    title: str
    lead: str
    fields: tuple[str, ...]
    when: Condition | None = None


@dataclass(frozen=True)
class Form:
    """A form whose document keeps the rules."""

    title: str
    fields: Mapping[str, Field]
    pages: tuple[Page, ...]
    #: (condition, sentence): who meets one cannot go on
    refusals: tuple[tuple[Condition, str], ...]
    document: Mapping[str, Any] = field(repr=False, compare=False)


def form(document: object) -> Form:
    """
    Read a form.

    :raises InvalidForm: with the first finding; :func:`findings` gives all.
    """
    reader = _Reader()
    made = reader.form(document)
    if reader.found or made is None:
        first = reader.found[0]
        raise InvalidForm(first.sentence, field=first.path, remedy=first.remedy)
    return made


def findings(document: object) -> tuple[Finding, ...]:
    """Everything that is wrong with a form's document, in its order; empty if it can be used."""
    reader = _Reader()
    reader.form(document)
    return tuple(reader.found)


class _Reader:
    """Reads a document from top to bottom and keeps what is wrong with it."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def flag(self, path: str, sentence: str, remedy: str = "", *, unfinished: bool = False) -> None:
        self.found.append(Finding(path, say(sentence), say(remedy), unfinished))

    def form(self, document: object) -> Form | None:
        if not isinstance(document, dict) or document.get("type") != "object" or not isinstance(document.get("properties"), dict):
            self.flag("", "表单应是 type 为 object、带 properties 的 JSON Schema", "从空白表单开始编辑")
            return None
        try:
            Draft202012Validator.check_schema(document)
        except SchemaError as exc:
            self.flag("/".join(map(str, exc.absolute_path)), say("不是合格的 JSON Schema:{reason}", reason=exc.message[:200]))
            return None
        required = set(document.get("required", ()))
        fields = {one.key: one for one in self.fields(document["properties"], required, "", frozenset())}
        for key in sorted(required - fields.keys()):
            self.flag(f"required/{key}", say("必填项 {key} 不在字段里", key=key), "改正字段名或去掉它")
        if not 0 < len(fields) <= MOST_FIELDS:
            self.flag("properties", say("表单应有 1 到 {most} 个字段", most=MOST_FIELDS), "合并或拆分表单", unfinished=not fields)
        pages = tuple(self.pages(document.get("x-pages", []), fields))
        refusals = tuple(self.refusals(document.get("x-refuse", []), frozenset(fields)))
        return Form(str(document.get("title", "")), fields, pages, refusals, document)

    def fields(self, properties: Mapping[str, Any], required: set[str], path: str, known: frozenset[str]) -> Iterator[Field]:
        seen = set(known)
        for key, schema in properties.items():
            here = f"{path}{key}"
            if not is_name(key):
                self.flag(here, say("字段名“{key}”应以字母开头,只用字母、数字和下划线", key=key), "改一个字段名")
                continue
            if not isinstance(schema, dict):
                self.flag(here, "字段应是一个对象", "写明 type 和 title")
                continue
            made = self.field(key, schema, here, key in required, frozenset(seen))
            if made is not None:
                yield made
            seen.add(key)

    def field(self, key: str, schema: Mapping[str, Any], path: str, required: bool, known: frozenset[str]) -> Field | None:  # noqa: FBT001
        kind = kind_of(schema)
        if kind is None:
            self.flag(path, "认不出这是哪一种字段", "type 和 format 用编辑器里列出的组合")
            return None
        title = str(schema.get("title", "")).strip()
        if not title:
            self.flag(path, "字段没有标题", "写一句填表人看得懂的话")
        inner: tuple[Field, ...] = ()
        if kind is Kind.GROUP:
            items = schema["items"]
            inner = tuple(self.fields(items.get("properties", {}), set(items.get("required", ())), f"{path}/", known))
            if any(one.kind is Kind.GROUP for one in inner):
                self.flag(path, "可重复的一组里不能再有一组", "拆成两个组")
            if not inner:
                self.flag(path, "这一组里没有字段", "加上至少一个字段", unfinished=True)
        least, most = self.bounds(kind, schema, path)
        return Field(
            key=key,
            kind=kind,
            title=title,
            hint=str(schema.get("description", "")),
            required=required,
            when=self.condition(schema.get("x-when"), f"{path}/x-when", known),
            options=self.options(kind, schema, path),
            least=least,
            most=most,
            source=self.source(schema.get("x-from"), path, known),
            locked=schema.get("x-lock") is True,
            reason=str(schema.get("x-reason", "")).strip(),
            fields=inner,
        )

    def bounds(self, kind: Kind, schema: Mapping[str, Any], path: str) -> tuple[int | None, int | None]:
        low, high = BOUND_NAMES.get(kind, ("minLength", "maxLength"))
        least, most = schema.get(low), schema.get(high)
        limit = {Kind.LINES: LONGEST_TEXT, Kind.TEXT: LONGEST_LINE, Kind.ADDRESS: LONGEST_LINE, Kind.GROUP: MOST_ENTRIES}.get(kind)
        if limit is not None:
            most = limit if most is None else most
            if most > limit:
                self.flag(path, say("{name} 不能超过 {limit}", name=high, limit=limit), "改小")
        if least is not None and most is not None and least > most:
            self.flag(path, say("{low} 大于 {high}", low=low, high=high), "改正上下限")
        return least, most

    def options(self, kind: Kind, schema: Mapping[str, Any], path: str) -> tuple[tuple[str, str], ...]:
        if kind not in {Kind.CHOICE, Kind.CHOICES}:
            return ()
        listed = schema["oneOf"] if kind is Kind.CHOICE else schema["items"]["oneOf"]
        says = [one if isinstance(one, dict) else {} for one in listed]
        made = tuple((str(one.get("const", "")), str(one.get("title", one.get("const", "")))) for one in says)
        if not 0 < len(made) <= MOST_OPTIONS or len({value for value, _label in made}) != len(made) or any(not value for value, _ in made):
            self.flag(path, say("选项应有 1 到 {most} 个,值不空、不重复", most=MOST_OPTIONS), "改正选项")
        return made

    def source(self, says: object, path: str, known: frozenset[str]) -> Source | None:
        if says is None:
            return None
        if not isinstance(says, dict) or not says.get("resource") or not says.get("item"):
            self.flag(f"{path}/x-from", "来源应写明资源代码和信息项", "从目录里选一项")
            return None
        by = str(says.get("by", ""))
        if by and by not in known:
            self.flag(f"{path}/x-from", say("按 {key} 查找来源,但它不在前面的字段里", key=by), "把它移到前面,或按申请人自己的号码查找")
        return Source(str(says["resource"]), str(says["item"]), by, str(says.get("key", "")))

    def condition(self, text: object, path: str, known: frozenset[str]) -> Condition | None:
        if text is None or text == "":
            return None
        try:
            made = condition(str(text))
        except InvalidCondition as exc:
            self.flag(path, exc.sentence, exc.remedy)
            return None
        if unknown := sorted(made.names - known):
            self.flag(path, say("条件用到了前面没有的字段 {keys}", keys="、".join(unknown)), "条件只看它前面的字段")
        return made

    def pages(self, says: object, fields: Mapping[str, Field]) -> Iterator[Page]:
        if not says:
            yield from (Page(one.key, one.title, one.hint, (one.key,)) for one in fields.values())
            return
        if not isinstance(says, list) or len(says) > MOST_PAGES:
            self.flag("x-pages", say("页应是一个列表,最多 {most} 页", most=MOST_PAGES), "合并几页")
            return
        placed: dict[str, str] = {}
        named: set[str] = set()
        for number, one in enumerate(says):
            path = f"x-pages/{number}"
            keys = self.keys_of(one, path, named)
            if keys is None:
                continue
            for key in keys:
                if key not in fields:
                    self.flag(path, say("没有字段 {key}", key=key), "改正字段名")
                elif key in placed:
                    self.flag(path, say("字段 {key} 在两页上", key=key), "只留一处")
                placed[key] = path
            before = frozenset(key for key in placed if key not in keys)
            yield Page(str(one["key"]), str(one["title"]), str(one.get("lead", "")), keys, self.condition(one.get("when"), path, before))
        for key in sorted(fields.keys() - placed.keys()):
            self.flag("x-pages", say("字段 {key} 不在任何一页上", key=key), "把它放到一页上")

    def keys_of(self, one: object, path: str, named: set[str]) -> tuple[str, ...] | None:
        """The fields that a page asks; None if it is no page. ``named`` are the pages before it."""
        keys = one.get("fields", []) if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(keys, list) or not is_name(str(one.get("key", ""))) or not one.get("title"):
            self.flag(path, "页应有 key、标题和字段", "补齐")
            return None
        if one["key"] in named:
            self.flag(path, say("有两页都叫 {key}", key=one["key"]), "改一个 key")
        named.add(str(one["key"]))
        if not keys:
            self.flag(path, "这一页上没有字段", "加上字段,或去掉这一页", unfinished=True)
        return tuple(map(str, keys))

    def refusals(self, says: object, known: frozenset[str]) -> Iterator[tuple[Condition, str]]:
        for number, one in enumerate(says if isinstance(says, list) else []):
            path = f"x-refuse/{number}"
            sentence = str(one.get("sentence", "")).strip() if isinstance(one, dict) else ""
            made = self.condition(one.get("when"), path, known) if isinstance(one, dict) else None
            if made is None or not sentence:
                self.flag(path, "不能办理的情形应写明条件和一句说明", "补齐 when 和 sentence")
                continue
            yield made, sentence


_STRINGS = {
    kind.value: kind
    for kind in Kind
    if kind not in {Kind.NUMBER, Kind.AMOUNT, Kind.PERIOD, Kind.YES_NO, Kind.CHOICE, Kind.CHOICES, Kind.GROUP}
}


def kind_of(schema: Mapping[str, Any]) -> Kind | None:
    """The kind that a property's type and format say; None if there is none like that."""
    type_, format_, items = schema.get("type"), schema.get("format"), schema.get("items")
    inner = items if isinstance(items, dict) else {}
    found: dict[object, Kind | None] = {
        "string": Kind.CHOICE if isinstance(schema.get("oneOf"), list) else _STRINGS.get(str(format_ or Kind.TEXT)),
        "integer": Kind.AMOUNT if format_ == Kind.AMOUNT else Kind.NUMBER,
        "boolean": Kind.YES_NO,
        "object": Kind.PERIOD if format_ == Kind.PERIOD else None,
        "array": Kind.CHOICES
        if isinstance(inner.get("oneOf"), list)
        else Kind.GROUP
        if isinstance(inner.get("properties"), dict)
        else None,
    }
    return found.get(type_)
