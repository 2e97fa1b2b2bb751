"""What a caller asks for, read from the query string against the grant. Everything is checked before it comes near the database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from zhengtong.contracts.grants import Operator
from zhengtong.engines.crypto.digests import Pseudonyms
from zhengtong.gateway.plans import Filter
from zhengtong.gateway.refusals import BadQuery, PageTooLarge, TooManyFilters
from zhengtong.gateway.routes import CompiledRoute, Shape
from zhengtong.gateway.settings import Limits
from zhengtong.gateway.values import refuse_bad

_OPERATORS = {"in": Operator.IN, "gte": Operator.GTE, "lte": Operator.LTE}
_LIMIT_DIGITS = 9
_FILTERS_KEPT = 4_096
_PLAIN = re.compile(rb"[A-Za-z0-9_.:~-]{1,128}")
_filters: dict[str, Filter] = {}


@dataclass(slots=True)
class Question:
    """A shape with its values as text, those of ``in`` joined by commas. ``limit`` 0 means as many as the grant allows."""

    shape: Shape
    values: list[str]
    limit: int
    after: str
    wanted: str

    def binding(self, caller: str, grant: str) -> tuple[str, ...]:
        """What a cursor for this question is bound to."""
        parts = [caller, grant, self.wanted]
        for wanted, value in zip(self.shape.filters, self.values, strict=True):
            parts += [wanted.item, wanted.operator.value, value]
        return tuple(parts)


def read_question(query: bytes, route: CompiledRoute, limits: Limits) -> Question:
    """
    Read and check a query string.

    :raises Refusal: a subclass says what is wrong with it.
    """
    name, _, text = query.partition(b"=")
    known = route.simple.get(name)
    if known is not None and _PLAIN.fullmatch(text):
        # the usual question: one item of a known shape, a value without escapes
        value = text.decode()
        refuse_bad(known.checks[0], known.filters[0].item, value, limits.value_characters)
        return Question(known, [value], 0, "", "")
    question = _read_question(query, route, limits)
    shape = question.shape
    filters = shape.filters
    if len(filters) == 1 and filters[0].operator is not Operator.IN and not (question.limit or question.after or question.wanted):
        route.simple[name] = shape
    return question


def _read_question(query: bytes, route: CompiledRoute, limits: Limits) -> Question:
    pairs = _pairs(query, limits)
    limit, after, wanted = 0, "", ""
    filters: list[Filter] = []
    texts: list[str] = []
    for name, text in pairs:
        if name == "limit":
            limit = _limit(text)
        elif name == "after":
            after = text
        elif name == "fields":
            wanted = text
        else:
            filters.append(_filters.get(name) or _filter(name))
            texts.append(text)
    shape = route.shape(wanted, tuple(filters))
    for each, check, text in zip(filters, shape.checks, texts, strict=True):
        if each.operator is Operator.IN:
            parts = text.split(",")
            if len(parts) > limits.values:
                raise TooManyFilters(f"一次最多 {limits.values} 个值。", field=each.item)
            for part in parts:
                refuse_bad(check, each.item, part, limits.value_characters)
        else:
            refuse_bad(check, each.item, text, limits.value_characters)
    return Question(shape, texts, limit, after, wanted)


def check_page(question: Question, route: CompiledRoute) -> int:
    """
    The number of rows of a page.

    :raises PageTooLarge: if more are asked for than the grant allows.
    """
    most = route.grant.quota.page_rows
    if question.limit > most:
        raise PageTooLarge(f"每页最多 {most} 行。", field="limit")
    return question.limit or most


def subjects(question: Question, pseudonyms: Pseudonyms) -> list[str]:
    """Whom the question is about: pseudonyms of the people and companies that its equality filters name."""
    found = []
    for number, kind in question.shape.named:
        value, filtered = question.values[number], question.shape.filters[number]
        values = value.split(",") if filtered.operator is Operator.IN else (value,)
        found += [pseudonyms.name(kind, text) for text in values]
    return found


def _pairs(query: bytes, limits: Limits) -> list[tuple[str, str]]:
    if not query:
        return []
    try:
        text = query.decode("ascii")
        if "&" not in text and "%" not in text and "+" not in text and ";" not in text:
            name, equals, value = text.partition("=")
            if not equals or not name:
                raise BadQuery
            return [(name, value)]
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=limits.filters + 3, errors="strict")
    except UnicodeDecodeError:
        raise BadQuery(remedy="查询参数用 UTF-8 百分号编码") from None
    except ValueError as exc:
        if "fields" in str(exc):
            raise TooManyFilters(f"查询参数最多 {limits.filters} 个。") from None
        raise BadQuery from None
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise BadQuery("查询参数重复。")
    return pairs


def _filter(name: str) -> Filter:
    item, mark, suffix = name.rpartition("__")
    made = Filter(item, _OPERATORS[suffix]) if mark and suffix in _OPERATORS else Filter(name, Operator.EQ)
    if len(_filters) < _FILTERS_KEPT:
        _filters[name] = made
    return made


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LIMIT_DIGITS and int(text) > 0):
        raise BadQuery("limit 应为正整数。", field="limit")
    return int(text)
