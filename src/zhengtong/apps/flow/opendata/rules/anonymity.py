"""
Re-identification: rows that share the chosen quasi-identifiers with few others (k-anonymity), and counts so small that they point at
people.

Sources: GB/T 37964-2019 (去标识化), which asks for k-anonymity and names generalisation; a smallest group of 5 is the usual threshold for
published microdata and tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.kernel.sentences import listed, say

#: the smallest group, and the smallest count, that may be published
SMALLEST = 5
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
    return [Finding("k-anonymity", "", int(concerned), sheet.rows, sentence, _generalised(sheet, quasi))]


def _generalised(sheet: Sheet, quasi: Sequence[str]) -> str:
    """How the groups can be made larger, by what the quasi-identifiers are."""
    hints = []
    for column in sheet.columns:
        if column.key not in quasi or column.mask != "none":
            continue
        if column.data_type in {"D", "T"}:
            hints.append(say("“{column}”只留年份", column=column.name))
        elif column.sensitivity == "address" or "址" in column.name or "坐落" in column.name:
            hints.append(say("“{column}”只留到区县", column=column.name))
    return listed(hints) if hints else say("去掉取值最多的一项,或并成更粗的类")


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
