"""
Fragmentation 碎片化: one dataset cut by month, year, district or batch into many that have the same columns.

Audits of Chinese portals name it beside empty and duplicate sets: it makes the count grow and the data worse. Two datasets of one office
are held to be pieces of one where their columns are the same and

* their titles differ in nothing but a year, a month, a quarter, a place or a number, or
* their titles are alike, and a column that has one value throughout has another one there, or the days of a column follow upon each other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.kernel.sentences import listed, say


class Cut(StrEnum):
    """Along what a dataset was cut."""

    YEAR = "year"
    MONTH = "month"
    QUARTER = "quarter"
    PLACE = "place"
    NUMBER = "number"
    VALUE = "value"
    DAYS = "days"


CUT_LABELS = {
    Cut.YEAR: "年份",
    Cut.MONTH: "月份",
    Cut.QUARTER: "季度或半年",
    Cut.PLACE: "地区",
    Cut.NUMBER: "批次或序号",
}
_NUMERAL = "[0-9一二三四五六七八九十]+"
#: in the order in which they are taken out of a title
_PATTERNS = (
    (Cut.QUARTER, re.compile(r"第?[1-4一二三四]季度|[上下]半年")),
    (Cut.YEAR, re.compile(r"(?:19|20)\d{2}\s*(?:年度|年)?|[二两]〇[〇一二三四五六七八九]{2}年")),
    (Cut.MONTH, re.compile(r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?")),
    (Cut.NUMBER, re.compile("第" + _NUMERAL + "[批期次部册]|[((]" + _NUMERAL + "[))]|" + _NUMERAL + "$")),
)
_HOLE = "\ufffc"
#: how alike titles are whose rows are told apart by a column alone
_ALIKE = 0.7
_SHOWN = 3
#: a stem that is shorter says nothing
_SHORTEST = 2


@dataclass(frozen=True)
class Piece:
    """
    A dataset as far as pieces are told by it.

    :param columns: name and data type of every column.
    :param constants: columns that have one value throughout, by name, with the value.
    :param days: columns of days by name, with the first and the last day in ISO form.
    """

    title: str
    columns: frozenset[tuple[str, str]]
    constants: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def stem(title: str, places: Collection[str]) -> tuple[str, dict[Cut, str]]:
    """A title with holes where a time, a place or a number stood, and what stood there."""
    found: dict[Cut, str] = {}
    for place in sorted(places, key=len, reverse=True):
        if place and place in title:
            title, found[Cut.PLACE] = title.replace(place, _HOLE, 1), place
            break
    for cut, pattern in _PATTERNS:
        hit = pattern.search(title)
        if hit:
            title, found[cut] = title[: hit.start()] + _HOLE + title[hit.end() :], hit[0]
    return title, found


def cut_between(one: Piece, other: Piece, places: Collection[str]) -> tuple[Cut, str] | None:
    """Along what two datasets were cut from one, with the column if a column tells; None if they are two."""
    if one.columns != other.columns or not one.columns:
        return None
    here, mine = stem(one.title, places)
    there, theirs = stem(other.title, places)
    differing = [cut for cut in mine if cut in theirs and mine[cut] != theirs[cut]]
    if here == there and len(here.replace(_HOLE, "")) >= _SHORTEST and differing:
        return differing[0], ""
    if SequenceMatcher(None, one.title, other.title).ratio() < _ALIKE:
        return None
    for name, value in one.constants.items():
        if name in other.constants and other.constants[name] != value:
            return Cut.VALUE, name
    for name, (first, last) in one.days.items():
        if name in other.days and (last < other.days[name][0] or other.days[name][1] < first):
            return Cut.DAYS, name
    return None


def finding(one: Piece, others: Sequence[Piece], rows: int, places: Collection[str]) -> Finding | None:
    """What is to be said of a dataset that is a piece of what others are pieces of too; None if it is whole."""
    compared = [(other, cut_between(one, other, places)) for other in others]
    found = [(other, between) for other, between in compared if between is not None]
    if not found or not rows:
        return None
    cut, column = found[0][1]
    titles = tuple(other.title for other, _cut in found[:_SHOWN])
    sentence = say(
        "与已开放的{titles}等 {count} 个数据集信息项完全相同,只是{by}不同,像是一个数据集被拆开",
        titles=listed(f"“{title}”" for title in titles),
        count=len(found),
        by=say("“{column}”", column=column) if column else say(CUT_LABELS[cut]),
    )
    return Finding("fragmented", "", rows, rows, sentence, _remedy(one, cut, column, places), titles)


def _remedy(one: Piece, cut: Cut, column: str, places: Collection[str]) -> str:
    whole = stem(one.title, places)[0].replace(_HOLE, "")
    whole = re.sub(r"^[\s—-]+|[\s—-]+$|[((]\s*[))]", "", whole) or one.title
    if cut in {Cut.YEAR, Cut.MONTH, Cut.QUARTER, Cut.DAYS}:
        how = say("合并为“{whole}”一个数据集,加一列时间;每期数据作为它的新版本;确需分开的,说明理由后放行", whole=whole)
    elif cut is Cut.PLACE:
        how = say("合并为“{whole}”一个数据集,加一列所属地区;确需分开的,说明理由后放行", whole=whole)
    elif column:
        how = say("合并为“{whole}”一个数据集,用“{column}”一列区分;确需分开的,说明理由后放行", whole=whole, column=column)
    else:
        how = say("合并为“{whole}”一个数据集,每批作为它的新版本;确需分开的,说明理由后放行", whole=whole)
    return how
