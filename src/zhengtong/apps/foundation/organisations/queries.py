"""Reads of regions and offices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from zhengtong.apps.foundation.organisations import rules
from zhengtong.apps.foundation.organisations.models import (
    Office,
    OfficeName,
    OutlineLoad,
    RefusedOutline,
    RefusedRegion,
    Region,
    RegionLoad,
    RegionOutline,
)
from zhengtong.kernel.codes import regions
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say


class OfficeUnknown(NotFound):
    """没有这个单位。"""

    code = "office-unknown"


class RegionUnknown(NotFound):
    """没有这个区划。"""

    code = "region-unknown"


@dataclass(frozen=True)
class OfficeView:
    """An office as other apps see it."""

    id: int
    code: str
    name: str
    short_name: str
    level: int
    region: str
    region_name: str
    parent_code: str
    is_bureau: bool
    valid_from: date
    valid_until: date | None
    successor_code: str
    successor_name: str
    former_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, office: Office) -> OfficeView:
        """The view of a row; the caller selects region, parent and successor with it."""
        return cls(
            id=office.pk,
            code=office.code,
            name=office.name,
            short_name=office.short_name or office.name,
            level=office.level,
            region=office.region_id,
            region_name=office.region.name,
            parent_code=office.parent.code if office.parent else "",
            is_bureau=office.is_bureau,
            valid_from=office.valid_from,
            valid_until=office.valid_until,
            successor_code=office.successor.code if office.successor else "",
            successor_name=office.successor.name if office.successor else "",
            former_names=tuple(name.name for name in office.names.all()),
        )


@dataclass(frozen=True)
class RegionView:
    """A region as other apps see it."""

    code: str
    name: str
    level: int
    parent_code: str


def _offices() -> QuerySet[Office]:
    return Office.objects.select_related("region", "parent", "successor").prefetch_related("names")


def office(code: str) -> OfficeView:
    """
    The office with a credit code.

    :raises OfficeUnknown: if there is none.
    """
    found = _offices().filter(code=code).first()
    if found is None:
        raise OfficeUnknown(say("没有代码为 {code} 的单位", code=code), field="office")
    return OfficeView.of(found)


def offices_by_code(codes: Iterable[str]) -> dict[str, OfficeView]:
    """Offices by code, in one query; unknown codes are absent."""
    return {found.code: OfficeView.of(found) for found in _offices().filter(code__in=list(codes))}


def search_offices(text: str = "", *, region: str = "", ended: bool = False, after: str = "", limit: int = 50) -> list[OfficeView]:
    """Offices whose name, short name, former name or code begins with or contains ``text``, by code, after the code ``after``."""
    rows = _offices().order_by("code")
    if text:
        found = Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__startswith=text.upper()) | Q(names__name__icontains=text)
        rows = rows.filter(found).distinct()
    if region:
        rows = rows.filter(region__code__startswith=region)
    if not ended:
        rows = rows.filter(valid_until__isnull=True)
    if after:
        rows = rows.filter(code__gt=after)
    return [OfficeView.of(found) for found in rows[:limit]]


def office_by_name(name: str) -> OfficeView | None:
    """The office in force with exactly this name, short name or former name; None if there is none or more than one."""
    found = list(_offices().filter(valid_until__isnull=True).filter(Q(name=name) | Q(short_name=name) | Q(names__name=name)).distinct()[:2])
    return OfficeView.of(found[0]) if len(found) == 1 else None


def _bureaus_over(rows: QuerySet[Office], region: str) -> QuerySet[Office]:
    """The bureaus of a region and of those above it, the nearest first."""
    above = [region[:length] for length in (12, 9, 6, 4, 2) if len(region) >= length]
    return rows.filter(is_bureau=True, valid_until__isnull=True, region__code__in=above).order_by("-region__code")


def bureau_code(region: str) -> str:
    """The credit code of the bureau that :func:`bureau_for` finds; empty where there is none."""
    return _bureaus_over(Office.objects.all(), region).values_list("code", flat=True).first() or ""


def bureau_for(region: str) -> OfficeView:
    """
    The data bureau 主管部门 in charge of a region: its own, else that of the nearest region above.

    :raises OfficeUnknown: if no level has one.
    """
    found = _bureaus_over(_offices(), region).first()
    if found is None:
        raise OfficeUnknown(say("区划 {region} 没有政务数据主管部门", region=region), remedy="在单位管理中指定")
    return OfficeView.of(found)


def bureau_regions(below: str) -> list[str]:
    """The regions strictly below ``below`` that have a data bureau of their own, by code."""
    found = Office.objects.filter(is_bureau=True, valid_until__isnull=True, region__code__startswith=below).exclude(region__code=below)
    return list(found.order_by("region__code").values_list("region__code", flat=True))


def region(code: str) -> RegionView:
    """
    The region with a code.

    :raises RegionUnknown: if there is none.
    """
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise RegionUnknown(say("没有代码为 {code} 的区划", code=code), field="region")
    return RegionView(found.code, found.name, found.level, found.parent_id or "")


def region_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of regions by code, in one query; unknown codes are absent."""
    return dict(Region.objects.filter(code__in=list(codes)).values_list("code", "name"))


def region_levels(codes: Iterable[str]) -> dict[str, int]:
    """Levels of regions by code, in one query; unknown codes are absent."""
    return dict(Region.objects.filter(code__in=list(codes)).values_list("code", "level"))


def regions_below(code: str = "", *, after: str = "", limit: int = 500) -> list[RegionView]:
    """The divisions directly below ``code`` (provinces for an empty code), by code."""
    rows = Region.objects.filter(parent_id=code or None, code__gt=after).order_by("code")[:limit]
    return [RegionView(row.code, row.name, row.level, row.parent_id or "") for row in rows]


def region_path(code: str) -> list[RegionView]:
    """A region and those above it, province first."""
    above = [code[:length] for length in (2, 4, 6, 9, 12) if len(code) >= length]
    return [
        RegionView(row.code, row.name, row.level, row.parent_id or "") for row in Region.objects.filter(code__in=above).order_by("code")
    ]


@dataclass(frozen=True)
class OfficeHistory:
    """An office, the names it bore with their days, the offices merged into it, and those below it."""

    office: OfficeView
    successor_name: str
    parent_name: str
    names: tuple[tuple[str, date, date], ...]
    predecessors: tuple[OfficeView, ...]
    children: tuple[OfficeView, ...]


def office_history(code: str, *, limit: int = 200) -> OfficeHistory:
    """
    What became of an office, and of what it came; at most ``limit`` offices below it.

    :raises OfficeUnknown: if there is none with this code.
    """
    found = _offices().filter(code=code).first()
    if found is None:
        raise OfficeUnknown(say("没有代码为 {code} 的单位", code=code), field="office")
    return OfficeHistory(
        office=OfficeView.of(found),
        successor_name=found.successor.name if found.successor else "",
        parent_name=found.parent.name if found.parent else "",
        names=tuple(OfficeName.objects.filter(office=found).values_list("name", "valid_from", "valid_until")),
        predecessors=tuple(OfficeView.of(row) for row in _offices().filter(successor=found).order_by("valid_until", "code")),
        children=tuple(OfficeView.of(row) for row in _offices().filter(parent=found, valid_until__isnull=True).order_by("code")[:limit]),
    )


class LoadUnknown(NotFound):
    """没有这次区划导入。"""

    code = "load-unknown"


@dataclass(frozen=True)
class RegionLoadView:
    """A loaded file of divisions and what became of its rows. ``refusals`` are (line, code, name, rule), at most as many as asked for."""

    id: int
    at: datetime
    by: str
    given: int
    written: int
    unchanged: int
    refused: int
    refusals: tuple[tuple[int, str, str, str], ...] = ()


def region_load(load_id: int, *, after: int = 0, limit: int = 500) -> RegionLoadView:
    """
    One load with its refused rows behind line ``after``.

    :raises LoadUnknown: if there is none.
    """
    found = RegionLoad.objects.filter(pk=load_id).first()
    if found is None:
        raise LoadUnknown
    rows = RefusedRegion.objects.filter(load=found, line__gt=after).order_by("line")[:limit]
    refusals = tuple(rows.values_list("line", "code", "name", "rule"))
    return RegionLoadView(found.pk, found.at, found.by, found.given, found.written, found.unchanged, found.refused, refusals)


def region_loads(*, limit: int = 20) -> list[RegionLoadView]:
    """The latest loads, without their rows."""
    rows = RegionLoad.objects.order_by("-at", "-pk")[:limit]
    return [RegionLoadView(row.pk, row.at, row.by, row.given, row.written, row.unchanged, row.refused) for row in rows]


@dataclass(frozen=True)
class OutlineView:
    """Where a region lies: its geometry as GeoJSON with few vertices, the box around it (west, south, east, north), a point inside."""

    code: str
    name: str
    level: int
    drawn: dict[str, Any]
    bbox: tuple[float, float, float, float]
    middle: tuple[float, float]

    @classmethod
    def of(cls, row: RegionOutline) -> OutlineView:
        """The view of a row; the caller selects the region with it."""
        return cls(row.region_id, row.region.name, row.level, row.drawn, (row.west, row.south, row.east, row.north), (row.x, row.y))


def _outlines() -> QuerySet[RegionOutline]:
    return RegionOutline.objects.select_related("region").defer("shape").order_by("region")


def known_regions(codes: Iterable[str]) -> dict[str, str]:
    """Codes as given (6, 9 or 12 digits, or as the register spells them) → codes of the register; those of no region are absent."""
    spelled: dict[str, str] = {}
    for code in codes:
        try:
            spelled[code] = regions.parse(code).significant
        except InvalidCode:
            continue
    there = set(Region.objects.filter(code__in=set(spelled.values())).values_list("code", flat=True))
    return {given: code for given, code in spelled.items() if code in there}


def outlines_of(codes: Iterable[str], *, level: int | None = None) -> dict[str, OutlineView]:
    """
    Where regions lie, by their codes as they were given: the outline of the region, or of the nearest above it that has one; with a
    ``level`` that of the region or of the one above it at this level. Codes that no region of the register has are absent, as are
    regions without such an outline.
    """
    spelled = known_regions(codes)
    lengths = [length for length, one in rules.LEVEL_OF_LENGTH.items() if level in (None, one)][::-1]
    above = {code: [code[:length] for length in lengths if len(code) >= length] for code in set(spelled.values())}
    found = {row.region_id: OutlineView.of(row) for row in _outlines().filter(region__in={one for ones in above.values() for one in ones})}
    result = {}
    for given, code in spelled.items():
        nearest = next((found[one] for one in above.get(code, ()) if one in found), None)
        if nearest is not None:
            result[given] = nearest
    return result


def outlines_at(level: int, *, within: tuple[float, float, float, float] | None = None) -> list[OutlineView]:
    """All outlines of a level by code, or those whose box meets a box of west, south, east, north."""
    rows = _outlines().filter(level=level)
    if within is not None:
        west, south, east, north = within
        rows = rows.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    return [OutlineView.of(row) for row in rows]


def outline_levels() -> dict[int, int]:
    """How many outlines there are of each level, highest level first."""
    return dict(RegionOutline.objects.order_by("level").values_list("level").annotate(total=Count("pk")))


def district_level() -> int:
    """The level of the districts that this node is divided into: the highest of which there is more than one outline; 0 without any."""
    return next((level for level, total in outline_levels().items() if total > 1), 0)


class OutlineLoadUnknown(NotFound):
    """没有这次边界导入。"""

    code = "outline-load-unknown"


@dataclass(frozen=True)
class OutlineLoadView:
    """A loaded file of outlines and what became of its features. ``refusals`` are (place in the file, code, rule, where)."""

    id: int
    at: datetime
    by: str
    given: int
    written: int
    unchanged: int
    refused: int
    refusals: tuple[tuple[int, str, str, str], ...] = ()


def outline_load(load_id: int, *, limit: int = 500) -> OutlineLoadView:
    """
    One load with its first refused features.

    :raises OutlineLoadUnknown: if there is none.
    """
    found = OutlineLoad.objects.filter(pk=load_id).first()
    if found is None:
        raise OutlineLoadUnknown
    refusals = tuple(RefusedOutline.objects.filter(load=found).values_list("place", "code", "rule", "where")[:limit])
    return OutlineLoadView(found.pk, found.at, found.by, found.given, found.written, found.unchanged, found.refused, refusals)


def outline_loads(*, limit: int = 20) -> list[OutlineLoadView]:
    """The latest loads of outlines, without their features."""
    rows = OutlineLoad.objects.order_by("-at", "-pk")[:limit]
    return [OutlineLoadView(row.pk, row.at, row.by, row.given, row.written, row.unchanged, row.refused) for row in rows]
