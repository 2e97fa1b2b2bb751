"""A chart that a visitor chose, as the address says it: read, checked, suggested, and the rows counted together for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: codes of the catalog's data types whose values are numbers
NUMBERS = frozenset({"N", "Y", "B", "I", "F"})
#: and whose values are days or moments
DAYS = frozenset({"D", "T"})
_FEW, _MANY = 2, 24
_LONGEST = 200


class Kind(StrEnum):
    """How it is drawn."""

    BAR = "bar"
    LINE = "line"
    PIE = "pie"
    SCATTER = "scatter"


class Aggregate(StrEnum):
    """What is worked out of the rows with the same x."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "avg"


KIND_LABELS = {Kind.BAR: "柱状图", Kind.LINE: "折线图", Kind.PIE: "饼图", Kind.SCATTER: "散点图"}
AGGREGATE_LABELS = {Aggregate.COUNT: "行数", Aggregate.SUM: "合计", Aggregate.AVERAGE: "平均"}
#: the names of a chart's parts in an address
PARTS = ("kind", "x", "do", "y", "by", "where", "is")


class ChartInvalid(Invalid):
    """这张图表不能画。"""

    code = "chart-invalid"


@dataclass(frozen=True)
class Chart:
    """What is drawn: along ``x``, of each place the ``aggregate`` of ``y``, apart by ``by``, of rows whose ``where`` is ``value``."""

    kind: Kind
    x: str
    aggregate: Aggregate = Aggregate.COUNT
    y: str = ""
    by: str = ""
    where: str = ""
    value: str = ""

    def query(self) -> str:
        """The chart as the query string of its address."""
        told = (self.kind, self.x, self.aggregate, self.y, self.by, self.where, self.value)
        return urlencode({name: str(one) for name, one in zip(PARTS, told, strict=True) if one})


def read(given: Mapping[str, str], columns: Sequence[Mapping[str, Any]]) -> Chart:
    """
    The chart that an address asks for.

    :raises ChartInvalid: naming the part, what is wrong with it, and what to choose instead.
    """
    types = {str(one["key"]): str(one["data_type"]) for one in columns}
    kind = _choice(Kind, given.get("kind") or Kind.BAR, "kind")
    aggregate = _choice(Aggregate, given.get("do") or Aggregate.COUNT, "do")
    for part in ("x", "y", "by", "where"):
        if given.get(part) and given[part] not in types:
            raise ChartInvalid(say("没有信息项“{key}”", key=given[part][:60]), field=part, remedy="在下拉框中选择")
    x, y, by = given.get("x", ""), given.get("y", ""), given.get("by", "")
    if not x:
        raise ChartInvalid("没有选横轴", field="x", remedy="选择横轴的信息项")
    if kind is Kind.SCATTER:
        if types[x] not in NUMBERS or types.get(y) not in NUMBERS:
            raise ChartInvalid("散点图的横轴和数值都要是数字", field="y", remedy="换成数值型的信息项,或换一种图")
        aggregate = Aggregate.COUNT
    elif aggregate is Aggregate.COUNT:
        y = ""
    elif types.get(y) not in NUMBERS:
        raise ChartInvalid("合计和平均要选一个数值型的信息项", field="y", remedy="选择数值,或改为统计行数")
    where = given.get("where", "")
    value = given.get("is", "")[:_LONGEST] if where else ""
    return Chart(kind, x, aggregate, y, "" if by == x or kind is Kind.PIE else by, where if value else "", value)


def _choice(kinds: type[Any], text: str, part: str) -> Any:
    if text not in {one.value for one in kinds}:
        raise ChartInvalid(say("不认识“{text}”", text=text[:60]), field=part, remedy="在下拉框中选择")
    return kinds(text)


def suggested(columns: Sequence[Mapping[str, Any]], profile: Sequence[Mapping[str, Any]]) -> Chart | None:
    """
    A first chart that says something: rows of each of a few values, else how a number or a day is spread; none if neither is there.

    Keys and columns with a value of its own in every row say nothing and are passed over.
    """
    known = {str(one["key"]): one for one in profile}
    telling = [one for one in columns if not one.get("is_key") and known.get(str(one["key"]), {}).get("distinct", 0) >= _FEW]
    for one in telling:
        if str(one["data_type"]) not in NUMBERS | DAYS and int(known[str(one["key"])]["distinct"]) <= _MANY:
            return Chart(Kind.BAR, str(one["key"]))
    for kinds, kind in ((DAYS, Kind.LINE), (NUMBERS, Kind.BAR)):
        for one in telling:
            if str(one["data_type"]) in kinds:
                return Chart(kind, str(one["key"]))
    return None
