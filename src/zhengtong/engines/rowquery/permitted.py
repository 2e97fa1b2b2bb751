"""Which questions a table of many rows answers: those that an index carries. A small table answers all of them."""

from __future__ import annotations

from collections.abc import Iterator

from zhengtong.engines.rowquery.question import AggregateQuestion, Condition, FacetQuestion, Filter, Op, Question
from zhengtong.engines.rowquery.refusals import NotIndexed
from zhengtong.engines.rowquery.table import ROW, SMALL, Table
from zhengtong.kernel.sentences import listed, say

#: comparisons that a b-tree answers
_CARRIED = frozenset({Op.EQ, Op.IN, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.STARTSWITH})


def conditions(where: Filter | None) -> Iterator[Condition]:
    """All conditions of a filter."""
    if isinstance(where, Condition):
        yield where
    elif where is not None:
        for part in where.parts:
            yield from conditions(part)


def carried(table: Table, where: Filter | None) -> bool:
    """Whether an index finds the rows: one condition of an "and" is enough, of an "or" every one must be carried."""
    if where is None:
        return False
    if isinstance(where, Condition):
        return table.column(where.item).indexed and (where.op in _CARRIED or (where.op is Op.ISNULL and where.values == ("true",)))
    found = [carried(table, part) for part in where.parts]
    return all(found) if where.either else any(found)


def wholly_carried(table: Table, where: Filter | None) -> bool:
    """Whether indexes answer every condition, so that counting reads no row in vain."""
    return all(carried(table, one) for one in conditions(where))


def require_rows(table: Table, question: Question) -> None:
    """
    Refuse a page that would have to read a large table from end to end.

    :raises NotIndexed: naming the column.
    """
    if table.small:
        return
    _require_filter(table, question.where)
    if question.distinct and question.where is None:
        _require_column(table, question.fields[0] if len(question.fields) == 1 else "", "distinct")
    for one in question.sort[:1]:
        _require_column(table, one.item, "sort")
    if len(question.sort) > 1 and question.sort[0].item != ROW.key:
        raise _refusal(table, question.sort[1].item, "sort")


def require_facets(table: Table, question: FacetQuestion) -> None:
    """
    Refuse facets that would read a large table from end to end; those that were counted when it was made need not be.

    :raises NotIndexed: naming the column.
    """
    if table.small:
        return
    if question.where is None:
        for item in question.items:
            if table.column(item).counted is None:
                raise _refusal(table, item, "facet")
    _require_filter(table, question.where)


def require_aggregate(table: Table, question: AggregateQuestion) -> None:
    """
    Refuse measures that would read a large table from end to end.

    :raises NotIndexed: naming the column.
    """
    if table.small:
        return
    if question.where is None:
        raise _refusal(table, (*question.group, *(one.item for one in question.measures), "")[0], "aggregate")
    _require_filter(table, question.where)


def _require_filter(table: Table, where: Filter | None) -> None:
    if where is not None and not carried(table, where):
        bad = next((one for one in conditions(where) if not carried(table, one)), None)
        raise _refusal(table, bad.item if bad else "", "filter", bad.op if bad else "")


def _require_column(table: Table, item: str, rule: str) -> None:
    if not item or not table.column(item).indexed:
        raise _refusal(table, item, rule)


RULE_LABELS = {
    "filter": "按 {item}({op})筛选没有索引可用,而这个数据集超过 {most} 行。",
    "sort": "按 {item} 排序没有索引可用,而这个数据集超过 {most} 行。",
    "distinct": "对 {item} 去重没有索引可用,而这个数据集超过 {most} 行。",
    "facet": "{item} 的不同值太多,没有预先计数,而这个数据集超过 {most} 行。",
    "aggregate": "不加筛选的汇总要读完所有行,而这个数据集超过 {most} 行。",
}


def _refusal(table: Table, item: str, rule: str, op: str = "") -> NotIndexed:
    known = {"item": item or "*", "most": SMALL} | ({"op": op} if rule == "filter" else {})
    if rule == "aggregate":
        del known["item"]
    words = say(RULE_LABELS[rule], **known)
    items = listed((*table.indexed, ROW.key))
    remedy = say("加一个有索引的条件(等于、区间或开头):{items};或下载整个文件。", items=items)
    if rule == "sort":
        remedy = say("按有索引的信息项排序:{items};或下载整个文件。", items=items)
    return NotIndexed(words, field=item, remedy=remedy)
