"""How much of a sheet stands in another one already: the commonest trick by which portals grow without saying more."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.kernel.sentences import say

#: from this share of its rows on, a sheet says little that the other does not
ALIKE = 0.5


def alike(sheet: Sheet, other: pl.LazyFrame, names: Mapping[str, str]) -> int:
    """
    How many rows stand in the other frame too. A hash a row lies in memory.

    :param names: key here → key there, for all columns of the sheet.
    """
    here = pl.struct([pl.col(key).cast(pl.String).alias(f"c{place}") for place, key in enumerate(names)]).hash()
    there = pl.struct([pl.col(key).cast(pl.String).alias(f"c{place}") for place, key in enumerate(names.values())]).hash()
    known = other.select(there.alias("_hash")).unique()
    return int(sheet.frame.select(here.alias("_hash")).join(known, on="_hash", how="semi").select(pl.len()).collect().item())


def finding(sheet: Sheet, same: int, title: str) -> Finding | None:
    """What is to be said when so many rows stand in the dataset of that title; None if they are few."""
    if not sheet.rows or same < ALIKE * sheet.rows:
        return None
    sentence = say("{same} 行与已开放的“{title}”完全相同", same=same, title=title)
    remedy = say("并入“{title}”作为一个数据集;确需分开的,说明区别后放行", title=title)
    return Finding("near-duplicate", "", same, sheet.rows, sentence, remedy)
