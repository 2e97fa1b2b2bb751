"""
Where the rows of a dataset lie: at a point, by the items that are longitude and latitude, or in a region, by the item that holds its code
(行政区划代码, GB/T 2260); and whether the values can be so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeAlias

import polars as pl

from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.sheet import Sheet
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: coordinate system → what to know of it. GeoJSON wants WGS 84 (RFC 7946 §4); CGCS2000 (GB 22021) agrees with it to centimetres
COORDINATE_LABELS = {
    "cgcs2000": "CGCS2000 国家大地坐标系",
    "wgs84": "WGS 84",
    "gcj02": "GCJ-02(互联网地图坐标,与实地相差数百米)",
    "bd09": "BD-09(百度地图坐标,与实地相差数百米)",
}
#: data types that hold degrees
PLACE_TYPES = frozenset({"N", "B", "F"})
#: data types that hold codes of regions
REGION_TYPES = frozenset({"C", "I"})
#: different codes of regions that one dataset may have to be drawn and filtered by them: the villages of a city
MOST_CODES = 5_000
#: west, south, east, north of China with its seas
CHINA = (73.0, 3.0, 136.0, 54.0)
_EXAMPLES = 3
_WORLD = (-180.0, -90.0, 180.0, 90.0)
_LONGITUDES = frozenset({"lon", "lng", "long", "longitude", "jd", "jingdu"})
_LATITUDES = frozenset({"lat", "latitude", "wd", "weidu"})


class OfferedItem(Protocol):
    """The parts of a catalog item that a place depends on."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def data_type(self) -> str: ...


@dataclass(frozen=True)
class Place:
    """The items that are longitude and latitude in degrees, and their coordinate system."""

    longitude: str
    latitude: str
    coordinates: str = "cgcs2000"

    def document(self) -> dict[str, str]:
        """As a table keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Place | None:
        """What :meth:`document` wrote, alone or among other facts; None where nothing is declared."""
        names = ("longitude", "latitude", "coordinates")
        return cls(*(str(facts[name]) for name in names)) if facts.get("longitude") else None


@dataclass(frozen=True)
class Area:
    """The item that holds the code of the region in which a row lies."""

    region_item: str

    def document(self) -> dict[str, str]:
        """As a table keeps it."""
        return asdict(self)


#: how a dataset says where its rows lie
Where: TypeAlias = Place | Area


def declared(facts: Mapping[str, Any]) -> Where | None:
    """What either's ``document`` wrote, alone or among other facts; None where nothing is declared."""
    return Area(str(facts["region_item"])) if facts.get("region_item") else Place.of(facts)


def guessed(items: Sequence[OfferedItem]) -> Where | None:
    """The place that names of items suggest: a point rather than a region."""
    return _guessed_point(items) or _guessed_region(items)


def _guessed_region(items: Sequence[OfferedItem]) -> Area | None:
    named = (item.key for item in items if item.data_type in REGION_TYPES and item.name.endswith("区划代码") and "上级" not in item.name)
    found = next(named, "")
    return Area(found) if found else None


def _guessed_point(items: Sequence[OfferedItem]) -> Place | None:
    numeric = [item for item in items if item.data_type in PLACE_TYPES]
    longitude = next((item.key for item in numeric if item.key.lower() in _LONGITUDES or "经度" in item.name), "")
    latitude = next((item.key for item in numeric if item.key.lower() in _LATITUDES or "纬度" in item.name), "")
    return Place(longitude, latitude) if longitude and latitude else None


def check(place: Where | None, masks: Mapping[str, str], offered: Sequence[OfferedItem]) -> None:
    """
    See that a declared place can be one.

    :raises Invalid: naming the field.
    """
    by_key = {item.key: item for item in offered}
    if isinstance(place, Area):
        _check_region(by_key.get(place.region_item), place.region_item, masks)
    elif place is not None:
        _check_point(place, masks, by_key)


def _check_region(item: OfferedItem | None, key: str, masks: Mapping[str, str]) -> None:
    if item is None or key not in masks:
        raise Invalid(say("位置用到的信息项 {key} 不在开放的信息项中", key=key), field="region_item", remedy="开放这一项,或不声明位置")
    if item.data_type not in REGION_TYPES:
        raise Invalid(say("“{item}”不能作为区划代码", item=item.name), field="region_item", remedy="选择字符型或整数型的信息项")
    if masks[key] != "none":
        raise Invalid(say("“{item}”要脱敏,不能作为区划代码", item=item.name), field="region_item", remedy="原样开放这一项,或不声明位置")


def _check_point(place: Place, masks: Mapping[str, str], by_key: Mapping[str, OfferedItem]) -> None:
    for name, key in (("longitude", place.longitude), ("latitude", place.latitude)):
        item = by_key.get(key)
        if item is None or key not in masks:
            raise Invalid(say("位置用到的信息项 {key} 不在开放的信息项中", key=key), field=name, remedy="开放这一项,或不声明位置")
        if item.data_type not in PLACE_TYPES:
            raise Invalid(say("“{item}”不是带小数的数,不能作为经纬度", item=item.name), field=name, remedy="选择以度为单位的数值型信息项")
        if masks[key] != "none":
            raise Invalid(say("“{item}”要脱敏,不能作为经纬度", item=item.name), field=name, remedy="原样开放这一项,或不声明位置")
    if place.longitude == place.latitude:
        raise Invalid("经度和纬度是同一项", field="latitude", remedy="选择两个不同的信息项")
    if place.coordinates not in COORDINATE_LABELS:
        raise Invalid("请选择列出的坐标系", field="coordinates")


def _within(place: Place, box: tuple[float, float, float, float]) -> pl.Expr:
    longitude, latitude = (pl.col(key).cast(pl.Float64) for key in (place.longitude, place.latitude))
    west, south, east, north = box
    return (longitude.is_between(west, east) & latitude.is_between(south, north)).fill_null(value=False)


def placed(place: Place) -> pl.Expr:
    """Whether a row lies anywhere on earth."""
    return _within(place, _WORLD)


def outside(sheet: Sheet, place: Where | None) -> list[Finding]:
    """Rows whose coordinates are not in China: swapped, projected, or of somewhere else."""
    if not isinstance(place, Place):
        return []
    given = pl.col(place.longitude).is_not_null() & pl.col(place.latitude).is_not_null()
    wrong = given & ~_within(place, CHINA)
    count = int(sheet.frame.select(wrong.sum()).collect().item())
    if not count:
        return []
    sentence = say("有 {count} 行的经纬度不在中国范围内", count=count)
    remedy = say("核对经度和纬度是否写反、单位是否为度;确在境外的,说明理由后放行")
    return [Finding("place-outside", place.longitude, count, sheet.rows, sentence, remedy)]


def codes(sheet: Sheet, area: Area) -> dict[str, int]:
    """How many rows have each code of a region, one more code than :data:`MOST_CODES` at most; rows without a code are left out."""
    code = pl.col(area.region_item).cast(pl.String).str.strip_chars()
    counted = sheet.frame.select(code.alias("code")).filter(pl.col("code") != "").group_by("code").len().sort("code").head(MOST_CODES + 1)
    return {str(one): int(rows) for one, rows in counted.collect().iter_rows()}


def unknown_regions(sheet: Sheet, area: Area, counted: Mapping[str, int], known: Collection[str]) -> list[Finding]:
    """
    Rows whose code is none of a region of the register, and more codes than can be drawn.

    :param counted: what :func:`codes` gave.
    :param known: those of them that are in the register.
    """
    if len(counted) > MOST_CODES:
        sentence = say("不同的区划代码超过 {most} 个,不能按区划画地图", most=MOST_CODES)
        return [Finding("region-unknown", area.region_item, sheet.rows, sheet.rows, sentence, say("不声明位置,或改用上一级的区划代码"))]
    wrong = {code: rows for code, rows in counted.items() if code not in known}
    if not wrong:
        return []
    sentence = say("有 {count} 行的区划代码不在区划表中", count=sum(wrong.values()))
    remedy = say("核对代码是否写错、区划是否已调整;区划表缺的,请系统管理员导入")
    return [Finding("region-unknown", area.region_item, sum(wrong.values()), sheet.rows, sentence, remedy, tuple(list(wrong)[:_EXAMPLES]))]


def measured(sheet: Sheet, place: Place) -> dict[str, Any]:
    """How many rows lie somewhere (``rows``), and the box around them (``bbox``: west, south, east, north; absent without any)."""
    longitude, latitude = (pl.col(key).cast(pl.Float64) for key in (place.longitude, place.latitude))
    facts = sheet.frame.filter(placed(place)).select(
        rows=pl.len(), west=longitude.min(), south=latitude.min(), east=longitude.max(), north=latitude.max()
    )
    rows, *box = facts.collect().row(0)
    return {"rows": int(rows)} | ({"bbox": [float(one) for one in box]} if rows else {})


def measured_areas(counted: Mapping[str, int], boxes: Mapping[str, tuple[float, float, float, float]]) -> dict[str, Any]:
    """
    The same of rows in regions, and how many rows have each code (``codes``; absent where there are too many).

    :param counted: what :func:`codes` gave.
    :param boxes: code → the box around its region; codes without an outline are absent.
    """
    kept = {} if len(counted) > MOST_CODES else {"codes": dict(counted)}
    if not boxes:
        return {"rows": 0} | kept
    west, south, east, north = zip(*boxes.values(), strict=True)
    rows = sum(count for code, count in counted.items() if code in boxes)
    return {"rows": rows, "bbox": [min(west), min(south), max(east), max(north)]} | kept
