"""Where the rows of a dataset lie: which items are longitude and latitude, in what coordinates, and whether the values can be so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

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
#: west, south, east, north of China with its seas
CHINA = (73.0, 3.0, 136.0, 54.0)
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


def guessed(items: Sequence[OfferedItem]) -> Place | None:
    """The place that names of items suggest."""
    numeric = [item for item in items if item.data_type in PLACE_TYPES]
    longitude = next((item.key for item in numeric if item.key.lower() in _LONGITUDES or "经度" in item.name), "")
    latitude = next((item.key for item in numeric if item.key.lower() in _LATITUDES or "纬度" in item.name), "")
    return Place(longitude, latitude) if longitude and latitude else None


def check(place: Place | None, masks: Mapping[str, str], offered: Sequence[OfferedItem]) -> None:
    """
    See that a declared place can be one.

    :raises Invalid: naming the field.
    """
    if place is None:
        return
    by_key = {item.key: item for item in offered}
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


def outside(sheet: Sheet, place: Place | None) -> list[Finding]:
    """Rows whose coordinates are not in China: swapped, projected, or of somewhere else."""
    if place is None:
        return []
    given = pl.col(place.longitude).is_not_null() & pl.col(place.latitude).is_not_null()
    wrong = given & ~_within(place, CHINA)
    count = int(sheet.frame.select(wrong.sum()).collect().item())
    if not count:
        return []
    sentence = say("有 {count} 行的经纬度不在中国范围内", count=count)
    remedy = say("核对经度和纬度是否写反、单位是否为度;确在境外的,说明理由后放行")
    return [Finding("place-outside", place.longitude, count, sheet.rows, sentence, remedy)]


def measured(sheet: Sheet, place: Place) -> dict[str, Any]:
    """How many rows lie somewhere (``rows``), and the box around them (``bbox``: west, south, east, north; absent without any)."""
    longitude, latitude = (pl.col(key).cast(pl.Float64) for key in (place.longitude, place.latitude))
    facts = sheet.frame.filter(placed(place)).select(
        rows=pl.len(), west=longitude.min(), south=latitude.min(), east=longitude.max(), north=latitude.max()
    )
    rows, *box = facts.collect().row(0)
    return {"rows": int(rows)} | ({"bbox": [float(one) for one in box]} if rows else {})
