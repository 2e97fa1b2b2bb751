"""
Forms of the city's best known items: who applies and what is known of them from the departments, then what only they can say.

A block is what one department knows; an item names the blocks it needs and asks its own questions on a page or two (``forms.txt``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

#: kind of the source → source table
TABLES: Mapping[str, str] = {
    "person": "public_security.czrk_jbxx",
    "social": "human_resources.ac01_cbxx",
    "estate": "natural_resources.不动产登记簿",
    "fund": "housing_fund.gjj_grzh",
    "health": "health.ehr_resident",
    "company": "market_regulation.company",
    "tax": "taxation.dj_nsrxx",
}
#: the item by which each finds the applicant's row
KEYS: Mapping[str, str] = {
    "person": "公民身份号码",
    "social": "公民身份号码",
    "estate": "权利人证件号码",
    "fund": "证件号码",
    "health": "公民身份号码",
    "company": "统一社会信用代码",
    "tax": "纳税人识别号",
}
START_UP = "企业设立登记"


@dataclass(frozen=True)
class Known:
    """A source as forms name it: the resource's code, and the key of each item by its name."""

    resource: str
    items: Mapping[str, str]


@cache
def _lines(kind: str) -> dict[str, tuple[str, ...]]:
    """The lines of ``forms.txt`` that are a block or an item, by name."""
    text = resources.files(__package__).joinpath("forms.txt").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith(f"{kind}|")]
    return {name: tuple(rest) for _kind_, name, *rest in rows}


def items_of(kind: str) -> list[str]:
    """The names of the items that forms ask a source for, the one that finds the row first."""
    named = [line.split()[3] for _title, source, lines in _lines("block").values() if source == kind for line in lines.split(";")]
    return list(dict.fromkeys([KEYS[kind], *named]))


def document(name: str, known: Mapping[str, Known]) -> dict[str, Any]:
    """The form of an item; empty for one that has none."""
    if name == START_UP:
        return _start_up(known)
    if name not in _lines("item"):
        return {}
    blocks, questions, when, sentence = _lines("item")[name]
    fields: dict[str, Any] = {}
    pages, required = [], []
    for block in blocks.split():
        title, kind, lines = _lines("block")[block]
        keys = []
        for key, schema, needed in _block(kind, lines, known):
            fields[key] = schema
            keys.append(key)
            required += [key] * needed
        pages.append({"key": block, "title": title, "fields": keys})
    asked = []
    for key, schema, needed in _questions(questions):
        fields[key] = schema
        asked.append(key)
        required += [key] * needed
    first = next((key for key in asked if when.startswith(f"{key} ")), "")
    if first:
        # who may not apply learns it on the first page
        pages.insert(0, {"key": "may", "title": fields[first]["title"], "fields": [first]})
    rest = [key for key in asked if key != first]
    pages += [{"key": f"more{place}", "title": "办理内容", "fields": rest[place : place + 3]} for place in range(0, len(rest), 3)]
    form = {"type": "object", "title": name, "properties": _in_order(fields, pages), "required": required, "x-pages": pages}
    return form | ({"x-refuse": [{"when": when, "sentence": sentence}]} if when else {})


def _in_order(fields: Mapping[str, Any], pages: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: fields[key] for page in pages for key in page["fields"]}


def _block(kind: str, lines: str, known: Mapping[str, Known]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    source = known[kind]
    for line in lines.split(";"):
        key, format_, title, item, *marks = line.split()
        schema = _kind(format_) | {"title": title}
        schema["x-from"] = {"resource": source.resource, "item": source.items[item], "key": source.items[KEYS[kind]]}
        if "!" in "".join(marks):
            schema["x-lock"] = True
        yield key, schema, "*" in "".join(marks)


def _questions(text: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    for line in text.split(";"):
        key, format_, title, *marks = line.split()
        yield key, _kind(format_) | {"title": " ".join([title, *(one for one in marks if one != "*")])}, "*" in marks


def _kind(format_: str) -> dict[str, Any]:
    kind, _, inside = format_.rstrip("]").partition("[")
    options = [{"const": one.partition("=")[0], "title": one.rpartition("=")[2]} for one in inside.split(",")]
    made: Mapping[str, dict[str, Any]] = {
        "text": {"type": "string"},
        "integer": {"type": "integer", "minimum": 0},
        "amount": {"type": "integer", "format": "amount", "minimum": 0},
        "boolean": {"type": "boolean"},
        "choice": {"type": "string", "oneOf": options},
        "choices": {"type": "array", "items": {"oneOf": options}, "minItems": 1},
        "period": {"type": "object", "format": "period"},
    }
    return dict(made.get(kind) or {"type": "string", "format": kind})


def _start_up(known: Mapping[str, Known]) -> dict[str, Any]:
    """Opening a company: one sitting, four departments, nothing handed in."""
    fields: dict[str, Any] = {}
    required = ["fresh", "company", "type", "capital", "scope", "seat", "shareholders", "seal"]
    fields["fresh"] = {"type": "boolean", "title": "公司名称是否已在网上核对过没有重名"}
    _title, kind, lines = _lines("block")["person"]
    own = {key: (schema, needed) for key, schema, needed in _block(kind, lines, known)}
    fields |= {key: schema for key, (schema, _needed) in own.items()}
    required += [key for key, (_schema, needed) in own.items() if needed]
    insured = {key: schema for key, schema, _needed in _block("social", _lines("block")["social"][2], known)}
    fields |= {
        "company": {"type": "string", "title": "公司名称", "description": "如“云州某某科技有限公司”。", "minLength": 6},
        "type": _kind("choice[有限责任公司,股份有限公司]") | {"title": "公司类型"},
        "capital": {"type": "integer", "format": "amount", "title": "注册资本(元)", "minimum": 100},
        "scope": {"type": "string", "format": "lines", "title": "经营范围"},
        "seat": {"type": "string", "format": "cn-address", "title": "住所"},
        "shareholders": {
            "type": "array",
            "title": "股东",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "format": "cn-name", "title": "姓名"},
                    "number": {"type": "string", "format": "cn-identity", "title": "公民身份号码"},
                    "share": {"type": "integer", "title": "出资比例(%)", "minimum": 1, "maximum": 100},
                },
                "required": ["name", "number", "share"],
            },
        },
        "seal": _kind("choices[公章,财务专用章,发票专用章,合同专用章]") | {"title": "需要刻制的印章"},
        "invoice": _kind("choice[需要,暂不需要]") | {"title": "是否领用发票"},
        **insured,
        "staff": {"type": "integer", "title": "参保职工人数", "minimum": 0},
    }
    pages = [
        {"key": "may", "title": "公司名称是否已在网上核对过没有重名", "fields": ["fresh"]},
        {"key": "person", "title": "法定代表人", "fields": list(own)},
        {"key": "what", "title": "公司", "fields": ["company", "type", "capital"]},
        {"key": "where", "title": "经营范围和住所", "fields": ["scope", "seat"]},
        {"key": "who", "title": "股东", "fields": ["shareholders"]},
        {"key": "police", "title": "印章(公安)", "fields": ["seal"]},
        {"key": "tax", "title": "发票(税务)", "fields": ["invoice"]},
        {"key": "social", "title": "社会保险(人社)", "fields": [*insured, "staff"]},
    ]
    refusal = {"when": "fresh == False", "sentence": "请先在网上核对公司名称,没有重名再来申请。"}
    form = {"type": "object", "title": START_UP, "properties": fields, "required": required, "x-pages": pages}
    return form | {"x-refuse": [refusal]}
