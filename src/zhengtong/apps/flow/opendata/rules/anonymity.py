"""
Re-identification: rows that share the chosen quasi-identifiers with few others (k-anonymity), and counts so small that they point at
people.

Sources: GB/T 37964-2019 (去标识化), which asks for k-anonymity and names generalisation; a smallest group of 5 is the usual threshold for
published microdata and tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import polars as pl

from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.kernel.sentences import listed, say

#: the smallest group, and the smallest count, that may be published
SMALLEST = 5
#: the fewest values of a sensitive item that a group may have
FEWEST_KINDS = 2
#: how wide ages and the like are put together, and how many characters name a district
_BAND, _DISTRICT = 10, 6
_TELLING = re.compile(r"疾病|病种|诊断|残疾|收入|工资|救助|低保|信仰|处罚|违法|犯罪|政治面貌|婚姻")
_COUNTED = re.compile(r"人数|户数|例数|人次|病例|死亡数|伤亡")


def k_anonymity(sheet: Sheet, quasi: Sequence[str]) -> list[Finding]:
    """Rows in groups smaller than ``SMALLEST`` that have the same values in all quasi-identifiers."""
    if not quasi or not sheet.rows:
        return []
    groups = sheet.frame.group_by(list(quasi)).agg(pl.len().alias("_size"))
    size = pl.col("_size")
    smallest, concerned = groups.select(size.min(), size.filter(size < SMALLEST).sum().alias("_concerned")).collect().row(0)
    if not concerned:
        return []
    names = {column.key: column.name for column in sheet.columns}
    sentence = say(
        "按 {columns} 分组,最小的一组只有 {smallest} 行,{concerned} 行所在的组不足 {least} 行",
        columns=listed(names[key] for key in quasi),
        smallest=int(smallest),
        concerned=int(concerned),
        least=SMALLEST,
    )
    return [Finding("k-anonymity", "", int(concerned), sheet.rows, sentence, _suggested(sheet, quasi, _in_small_groups))]


def l_diversity(sheet: Sheet, quasi: Sequence[str]) -> list[Finding]:
    """
    Groups large enough by the quasi-identifiers in which everybody has the same sensitive value, so that knowing the group is knowing it.

    Asked of every column that tells of health, income, relief, belief or punishment (Machanavajjhala 2007; GB/T 37964-2019 annex).
    """
    found = []
    for column in sheet.columns if quasi and sheet.rows else ():
        if column.key in quasi or not (column.sensitivity == "other" or _TELLING.search(column.name)):
            continue

        def alike(frame: pl.LazyFrame, by: Sequence[pl.Expr], key: str = column.key) -> int:
            groups = frame.group_by(list(by)).agg(pl.len().alias("_size"), pl.col(key).n_unique().alias("_kinds"))
            narrow = (pl.col("_kinds") < FEWEST_KINDS) & (pl.col("_size") >= SMALLEST)
            return int(groups.select(pl.col("_size").filter(narrow).sum()).collect().item() or 0)

        concerned = alike(sheet.frame, [pl.col(key) for key in quasi])
        if concerned:
            names = {one.key: one.name for one in sheet.columns}
            sentence = say(
                "按 {columns} 分组,{concerned} 行所在的组里“{column}”只有一种取值",
                columns=listed(names[key] for key in quasi),
                concerned=concerned,
                column=column.name,
            )
            found.append(Finding("l-diversity", column.key, concerned, sheet.rows, sentence, _suggested(sheet, quasi, alike)))
    return found


def _in_small_groups(frame: pl.LazyFrame, by: Sequence[pl.Expr]) -> int:
    size = pl.col("_size")
    groups = frame.group_by(list(by)).agg(pl.len().alias("_size"))
    return int(groups.select(size.filter(size < SMALLEST).sum()).collect().item() or 0)


#: how many rows still are concerned when grouped by these expressions
_Concerned = Callable[[pl.LazyFrame, Sequence[pl.Expr]], int]


def _suggested(sheet: Sheet, quasi: Sequence[str], concerned: _Concerned) -> str:
    """The way to generalise that helps most, each tried on the rows: one item made coarser, or left out; then all that can be at once."""
    schema = sheet.frame.collect_schema()
    plain = {key: pl.col(key) for key in quasi}
    tried: list[tuple[int, str]] = []
    coarse: dict[str, pl.Expr] = {}
    for column in sheet.columns:
        if column.key not in quasi:
            continue
        way = _coarser(column, schema[column.key])
        if way is not None:
            coarse[column.key] = way[0]
            tried.append((concerned(sheet.frame, list((plain | {column.key: way[0]}).values())), way[1]))
        elif len(quasi) > 1:
            rest = [expression for key, expression in plain.items() if key != column.key]
            tried.append((concerned(sheet.frame, rest), say("去掉“{column}”", column=column.name)))
    ways = [say("{way}后剩 {rows} 行", way=way, rows=rows) for rows, way in sorted(tried, key=lambda one: one[0])[:3]]
    if len(coarse) > 1:
        ways.append(say("可粗的都放粗后剩 {rows} 行", rows=concerned(sheet.frame, list((plain | coarse).values()))))
    return listed(ways) if ways else say("去掉取值最多的一项,或并成更粗的类")


def _coarser(column: Column, kind: pl.DataType) -> tuple[pl.Expr, str] | None:
    """A coarser value of an item and how that is said; None where there is none, or it is coarse already."""
    value = pl.col(column.key)
    if column.mask != "none":
        return None
    if kind.is_temporal():
        return value.dt.year(), say("“{column}”只留年份", column=column.name)
    if kind.is_numeric():
        return (value / _BAND).floor(), say("“{column}”并成每 {width} 一档", column=column.name, width=_BAND)
    if column.sensitivity == "address" or "址" in column.name or "坐落" in column.name:
        return value.str.slice(0, _DISTRICT), say("“{column}”只留到区县", column=column.name)
    return None


def small_cells(sheet: Sheet) -> list[Finding]:
    """Columns that count people and hold counts from 1 to below ``SMALLEST``."""
    found = []
    schema = sheet.frame.collect_schema()
    for column in sheet.columns:
        if not (schema[column.key].is_numeric() and _counts_people(column)):
            continue
        value = pl.col(column.key)
        count = int(sheet.frame.select(((value >= 1) & (value < SMALLEST)).sum()).collect().item())
        if count:
            sentence = say("“{column}”有 {cells} 个小于 {least} 的计数", column=column.name, cells=count, least=SMALLEST)
            found.append(Finding("small-cells", column.key, count, sheet.rows, sentence, say("合并分组,或把小于 5 的值隐去")))
    return found


def _counts_people(column: Column) -> bool:
    return bool(_COUNTED.search(column.name))
