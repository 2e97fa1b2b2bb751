"""Questions from parameters of an address, in the way of the gateway: ``item=value``, ``item__op=value``, and trees of them as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from zhengtong.engines.rowquery.question import (
    DEEPEST,
    FUNCTIONS,
    FURTHEST,
    LARGEST_PAGE,
    MOST_CONDITIONS,
    MOST_ITEMS,
    MOST_VALUES,
    PAGE,
    AggregateQuestion,
    Condition,
    FacetQuestion,
    Filter,
    Group,
    Measure,
    Op,
    Question,
    Sort,
)
from zhengtong.engines.rowquery.refusals import BadOperator, BadQuery, BadValue, PageTooLarge, TooManyFilters
from zhengtong.engines.rowquery.table import NUMBERS, Column, Kind, Table
from zhengtong.engines.rowquery.values import checked
from zhengtong.kernel.sentences import say

Pairs = Iterable[tuple[str, str]]
_TEXT_ONLY = frozenset({Op.CONTAINS, Op.STARTSWITH})
_ORDERED = frozenset({Op.GT, Op.GTE, Op.LT, Op.LTE})
_LONGEST_WHERE = 16_384


@dataclass
class _Parameters:
    """The parameters that are not conditions, and the conditions."""

    known: dict[str, str] = field(default_factory=dict)
    conditions: list[Filter] = field(default_factory=list)

    def where(self, table: Table) -> Filter | None:
        parts = [*self.conditions]
        if "where" in self.known:
            parts.append(tree(table, self.known["where"]))
        if sum(_size(part) for part in parts) > MOST_CONDITIONS:
            raise TooManyFilters(say("一次最多 {most} 个条件。", most=MOST_CONDITIONS), field="where")
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else Group(tuple(parts))


def _size(part: Filter) -> int:
    return 1 if isinstance(part, Condition) else 1 + sum(_size(one) for one in part.parts)


def _sorted_out(table: Table, pairs: Pairs, names: frozenset[str]) -> _Parameters:
    found = _Parameters()
    for name, text in pairs:
        if name in names:
            if name in found.known:
                raise BadQuery(say("参数 {name} 重复。", name=name), field=name)
            found.known[name] = text
        else:
            if len(found.conditions) >= MOST_CONDITIONS:
                raise TooManyFilters(say("一次最多 {most} 个条件。", most=MOST_CONDITIONS), field=name[:60])
            found.conditions.append(_condition(table, name, text))
    return found


_ROWS = frozenset({"where", "fields", "sort", "limit", "after", "distinct"})
_FACETS = frozenset({"where", "items", "limit"})
_AGGREGATE = frozenset({"where", "group", "measures", "sort", "limit"})


def rows_question(table: Table, pairs: Pairs) -> Question:
    """
    What ``/rows`` asks.

    :raises RowRefusal: a subclass says what is wrong with it.
    """
    given = _sorted_out(table, pairs, _ROWS)
    known = given.known
    distinct = _yes(known.get("distinct", "false"), "distinct")
    return checked_question(
        table,
        Question(
            where=given.where(table),
            fields=_names(known.get("fields", "")),
            sort=_sorts(known.get("sort", "")),
            limit=_number(known["limit"], "limit", LARGEST_PAGE) if "limit" in known else PAGE,
            after=known.get("after", ""),
            distinct=distinct,
        ),
    )


def stream_question(table: Table, pairs: Pairs) -> Question:
    """
    What ``/rows`` asks for as a stream: without ``limit`` all rows.

    :raises RowRefusal: a subclass says what is wrong with it.
    """
    pairs = list(pairs)
    limits = [text for name, text in pairs if name == "limit"]
    question = rows_question(table, [(name, text) for name, text in pairs if name != "limit"])
    if len(limits) > 1:
        raise BadQuery(say("参数 {name} 重复。", name="limit"), field="limit")
    limit = _number(limits[0], "limit", 2**31) if limits else None
    return Question(question.where, question.fields, question.sort, limit, question.after, 0, question.distinct)


def facet_question(table: Table, pairs: Pairs) -> FacetQuestion:
    """
    What ``/facets`` asks.

    :raises RowRefusal: a subclass says what is wrong with it.
    """
    given = _sorted_out(table, pairs, _FACETS)
    known = given.known
    items = _names(known.get("items", ""))
    if not items:
        raise BadQuery("请用 items 说明要统计哪些信息项。", field="items")
    for item in items:
        table.column(item)
    limit = _number(known["limit"], "limit", LARGEST_PAGE) if "limit" in known else PAGE
    return FacetQuestion(items, given.where(table), limit)


def aggregate_question(table: Table, pairs: Pairs) -> AggregateQuestion:
    """
    What ``/aggregate`` asks: ``measures=count,sum:item``, ``group=item``, ``sort=-count``.

    :raises RowRefusal: a subclass says what is wrong with it.
    """
    given = _sorted_out(table, pairs, _AGGREGATE)
    known = given.known
    measures = tuple(_measure(table, text) for text in _names(known.get("measures", "count"))) or (Measure("count"),)
    group = _names(known.get("group", ""))
    for item in group:
        table.column(item)
    for measure in measures:
        if measure.name in group:
            raise BadQuery(say("分组的信息项与汇总同名:{item}。", item=measure.name), field="group", remedy="分两次查询")
    sort = _sorts(known.get("sort", ""))
    names = {*group, *(one.name for one in measures)}
    for one in sort:
        if one.item not in names:
            raise BadQuery(say("不能按 {item} 排序:它不在 group 和 measures 中。", item=one.item[:60]), field="sort")
    limit = _number(known["limit"], "limit", LARGEST_PAGE) if "limit" in known else PAGE
    return AggregateQuestion(measures, group, given.where(table), sort, limit)


def checked_question(table: Table, question: Question) -> Question:
    """
    See that a question that was not read from parameters holds together too.

    :raises RowRefusal: a subclass says what is wrong with it.
    """
    for item in (*question.fields, *(one.item for one in question.sort)):
        table.column(item)
    if len({one.item for one in question.sort}) != len(question.sort) or len(set(question.fields)) != len(question.fields):
        raise BadQuery("fields 和 sort 中的信息项不能重复。", field="fields")
    if question.distinct and not question.fields:
        raise BadQuery("去重时要用 fields 说明信息项。", field="fields")
    if question.distinct and not {one.item for one in question.sort} <= set(question.fields):
        raise BadQuery("去重时只能按 fields 中的信息项排序。", field="sort")
    if question.limit is not None and not 0 <= question.limit <= 2**31:
        raise PageTooLarge(field="limit")
    if not 0 <= question.offset <= FURTHEST:
        raise PageTooLarge(say("按位置最多跳到第 {most} 行。", most=FURTHEST), field="offset", remedy="用 after 翻页")
    return question


def condition(table: Table, item: str, op: Op | str, values: Iterable[str]) -> Condition:
    """
    One checked comparison.

    :raises UnknownItem, BadOperator, BadValue, TooManyFilters: if it cannot be asked.
    """
    column = table.column(item)
    try:
        op = Op(op)
    except ValueError:
        raise BadOperator(say("没有比较方式 {op}。", op=str(op)[:20]), field=item) from None
    texts = tuple(values)
    _check_operator(column, op)
    if op is Op.ISNULL:
        if texts not in {("true",), ("false",)}:
            raise BadValue(say("信息项 {item} 的值不正确。", item=item), field=item, remedy="isnull 应为 true 或 false")
        return Condition(item, op, texts)
    if len(texts) > MOST_VALUES:
        raise TooManyFilters(say("一次最多 {most} 个值。", most=MOST_VALUES), field=item)
    return Condition(item, op, tuple(checked(column, text) for text in texts))


def _check_operator(column: Column, op: Op) -> None:
    if (op in _TEXT_ONLY and column.kind is not Kind.TEXT) or (op in _ORDERED and column.kind is Kind.BOOLEAN):
        raise BadOperator(say("信息项 {item} 不能用 {op} 比较。", item=column.key, op=op), field=column.key)


def _condition(table: Table, name: str, text: str) -> Condition:
    item, mark, suffix = name.rpartition("__")
    if mark and suffix in set(Op):
        return condition(table, item, suffix, text.split(",") if suffix == Op.IN else (text,))
    return condition(table, name, Op.EQ, (text,))


def tree(table: Table, text: str) -> Filter:
    """
    A filter from JSON: ``{"item": …, "op": …, "value": …}``, ``{"and": […]}``, ``{"or": […]}``, as deep as ``DEEPEST``.

    :raises RowRefusal: a subclass says what is wrong with it.
    """
    if len(text) > _LONGEST_WHERE:
        raise TooManyFilters(field="where")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadQuery("where 不是 JSON。", field="where") from None
    return filter_of(table, found)


def filter_of(table: Table, found: Any, depth: int = 1) -> Filter:
    """
    A filter from the same tree as data.

    :raises RowRefusal: a subclass says what is wrong with it.
    """
    if depth > DEEPEST:
        raise TooManyFilters(say("条件最多嵌套 {most} 层。", most=DEEPEST), field="where")
    match found:
        case {"and": [*parts]} | {"or": [*parts]} if len(found) == 1 and parts:
            if len(parts) > MOST_CONDITIONS:
                raise TooManyFilters(say("一次最多 {most} 个条件。", most=MOST_CONDITIONS), field="where")
            return Group(tuple(filter_of(table, part, depth + 1) for part in parts), either="or" in found)
        case {"item": str(item), **rest} if rest.keys() <= {"op", "value"}:
            op = str(rest.get("op", "eq"))
            value = rest.get("value", True if op == Op.ISNULL else None)
            values = value if isinstance(value, list) and op == Op.IN else [value]
            return condition(table, item, op, [_as_text(item, one) for one in values])
    raise BadQuery("where 的写法不正确。", field="where", remedy="写法见接口说明中的 where 一节")


def _as_text(item: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return value
    raise BadValue(say("信息项 {item} 的值不正确。", item=item), field=item, remedy="缺值用 isnull")


def _measure(table: Table, text: str) -> Measure:
    function, _, item = text.partition(":")
    if function not in FUNCTIONS or (not item and function != "count"):
        raise BadQuery(
            say("没有汇总方式 {measure}。", measure=text[:60]), field="measures", remedy="count、sum:item、avg:item、min:item、max:item"
        )
    if item:
        kind = table.column(item).kind
        if (function in {"sum", "avg"} and kind not in NUMBERS) or (function in {"min", "max"} and kind is Kind.BOOLEAN):
            raise BadOperator(say("信息项 {item} 不能用 {op} 比较。", item=item, op=function), field=item)
    return Measure(function, item)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(names) > MOST_CONDITIONS * 4:
        raise BadQuery(field="fields")
    return names


def _sorts(text: str) -> tuple[Sort, ...]:
    sorts = tuple(Sort(name.removeprefix("-"), name.startswith("-")) for name in _names(text))
    if len(sorts) > MOST_ITEMS:
        raise BadQuery(say("最多按 {most} 个信息项排序。", most=MOST_ITEMS), field="sort")
    return sorts


def _number(text: str, name: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise BadQuery(say("{name} 应为 1 到 {most} 的整数。", name=name, most=most), field=name)
    if len(text) > len(str(most)) or int(text) > most:
        raise PageTooLarge(say("{name} 应为 1 到 {most} 的整数。", name=name, most=most), field=name, remedy="用 after 翻页,或取 CSV")
    return int(text)


def _yes(text: str, name: str) -> bool:
    if text not in {"true", "false"}:
        raise BadQuery(say("{name} 应为 true 或 false。", name=name), field=name)
    return text == "true"
