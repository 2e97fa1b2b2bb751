"""Reads of regions and offices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from zhengtong.apps.foundation.organisations.models import Office, Region
from zhengtong.kernel.errors import NotFound


class OfficeUnknown(NotFound):
    """There is no such office."""

    code = "office-unknown"


class RegionUnknown(NotFound):
    """There is no such region."""

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
        raise OfficeUnknown(f"没有代码为 {code} 的单位", field="office")
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


def bureau_for(region: str) -> OfficeView:
    """
    The data bureau 主管部门 in charge of a region: its own, else that of the nearest region above.

    :raises OfficeUnknown: if no level has one.
    """
    above = [region[:length] for length in (12, 9, 6, 4, 2) if len(region) >= length]
    found = _offices().filter(is_bureau=True, valid_until__isnull=True, region__code__in=above).order_by("-region__code").first()
    if found is None:
        raise OfficeUnknown(f"区划 {region} 没有政务数据主管部门", remedy="在单位管理中指定")
    return OfficeView.of(found)


def region(code: str) -> RegionView:
    """
    The region with a code.

    :raises RegionUnknown: if there is none.
    """
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise RegionUnknown(f"没有代码为 {code} 的区划", field="region")
    return RegionView(found.code, found.name, found.level, found.parent_id or "")


def regions_below(code: str = "", *, after: str = "", limit: int = 500) -> list[RegionView]:
    """The divisions directly below ``code`` (provinces for an empty code), by code."""
    rows = Region.objects.filter(parent_id=code or None, code__gt=after).order_by("code")[:limit]
    return [RegionView(row.code, row.name, row.level, row.parent_id or "") for row in rows]
