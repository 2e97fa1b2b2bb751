"""Rows that lie in regions: where those are, which of them a box meets, and figures of the rows by region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.flow.opendata.queries.rows import row_aggregate
from zhengtong.apps.flow.opendata.rules.charting import Aggregate
from zhengtong.apps.flow.opendata.rules.place import Area, Where
from zhengtong.apps.flow.opendata.rules.published import Published
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.geography import outlines
from zhengtong.engines.rowquery.question import LARGEST_PAGE, AggregateQuestion, Filter, Measure
from zhengtong.engines.rowquery.table import Table


def areas_of(place: Where, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The geometries of the regions that rows lie in, by code as the rows spell it; nothing for rows that are points."""
    if not isinstance(place, Area):
        return {}
    codes = {str(row[place.region_item]).strip() for row in rows if row[place.region_item] is not None}
    return {code: one.drawn for code, one in organisations.outlines_of(codes).items()}


def codes_within(dataset: Published, box: tuple[float, float, float, float]) -> list[str]:
    """
    The codes of a dataset's rows whose regions meet a box of west, south, east, north (one over the 180th meridian meets nothing of China).
    """
    found = organisations.outlines_of(dataset.place.get("codes", {}))
    met = outlines.meeting({one.code: one.drawn for one in found.values()}, box)
    return sorted(code for code, one in found.items() if one.code in met)


@dataclass(frozen=True)
class Figure:
    """A region with the figure of its rows (None where no row has a value) and how many rows there are."""

    outline: organisations.OutlineView
    value: float | None
    rows: int


@dataclass(frozen=True)
class Figures:
    """
    The rows by region at one level. ``levels`` can be chosen; ``left_out`` rows lie in no region of this level; ``cut`` says that there
    were more codes than are counted in one go.
    """

    level: int
    levels: tuple[int, ...]
    regions: tuple[Figure, ...]
    left_out: int
    cut: bool


def figures(table: Table, place: Area, *, aggregate: Aggregate, item: str, where: Filter | None, level: int) -> Figures:
    """
    What is worked out of the rows of each region.

    :param item: the column that is added up or averaged; nothing for a count.
    :param level: of the regions (1 province … 5 village); another than there is means that of most rows.
    :raises RowRefusal: a subclass says why the question cannot be answered.
    """
    measures = (Measure("count"), *((Measure("sum", item), Measure("count", item)) if item else ()))
    read, cut = row_aggregate(table, AggregateQuestion(measures, (place.region_item,), where, (), LARGEST_PAGE))
    groups: dict[str, list[float]] = {}
    for one in read:
        code = "" if one[place.region_item] is None else str(one[place.region_item]).strip()
        added = [float(one.get(measure.name) or 0) for measure in measures]
        groups[code] = [a + b for a, b in zip(groups.get(code, [0.0] * len(added)), added, strict=True)]
    own = organisations.outlines_of(groups)
    weights: dict[int, float] = {}
    for code, outline in own.items():
        weights[outline.level] = weights.get(outline.level, 0) + groups[code][0]
    at = {one: organisations.outlines_of(groups, level=one) for one in organisations.outline_levels() if weights and one <= max(weights)}
    levels = tuple(one for one, found in at.items() if len({two.code for two in found.values()}) > 1 or one in weights)
    shown = level if level in levels else max(weights, key=lambda one: weights[one], default=0)
    return _summed(shown, levels, groups, at.get(shown, {}), aggregate, cut=cut)


def _summed(
    level: int,
    levels: tuple[int, ...],
    groups: Mapping[str, Sequence[float]],
    lying: Mapping[str, organisations.OutlineView],
    aggregate: Aggregate,
    *,
    cut: bool,
) -> Figures:
    views = {one.code: one for one in lying.values()}
    sums: dict[str, list[float]] = {}
    left_out = 0
    for code, added in groups.items():
        if code not in lying:
            left_out += int(added[0])
            continue
        region = lying[code].code
        sums[region] = [a + b for a, b in zip(sums.get(region, [0.0] * len(added)), added, strict=True)]
    regions = tuple(Figure(views[code], _value(added, aggregate), int(added[0])) for code, added in sorted(sums.items()))
    return Figures(level, levels, regions, left_out, cut)


def _value(added: Sequence[float], aggregate: Aggregate) -> float | None:
    if aggregate is Aggregate.COUNT:
        return added[0]
    _rows, total, counted = added
    if not counted:
        return None
    return total if aggregate is Aggregate.SUM else total / counted
