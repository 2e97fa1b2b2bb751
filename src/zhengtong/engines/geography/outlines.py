"""
Outlines out of a GeoJSON file (RFC 7946): every feature is taken or refused for a reason, and nothing of a bad one is mended in silence.

A self-crossing outline is refused, not repaired: which of the possible areas was meant only its author knows.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from zhengtong.kernel.codes import regions
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

#: west, south, east, north of China with its seas
CHINA = (73.0, 3.0, 136.0, 54.0)
#: members of ``properties`` that hold the code of a region, in the order in which they are looked for
CODE_PROPERTIES = ("code", "adcode", "区划代码", "行政区划代码", "xzqdm", "XZQDM", "PAC", "pac", "id")
#: six decimals of a degree are a decimetre
DECIMALS = 6
MOST_VERTICES = 200_000
_LONGEST = 100
_DEGREES = 180.0
#: what a drawing leaves out: triangles smaller than the square of this part of a region's width
_DRAWN = 1 / 250
#: systems that are WGS 84 or agree with it to centimetres, by the last part of their names
_SYSTEMS = ("CRS84", "4326", "4490")


class Fault(StrEnum):
    """Why a feature is not taken."""

    CODE = "code"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    SHAPE = "shape"
    PROJECTED = "projected"
    SWAPPED = "swapped"
    OUTSIDE = "outside"
    CROSSING = "crossing"
    DETAILED = "detailed"


@dataclass(frozen=True)
class Outline:
    """The outline of a region: its code in as many digits as its level has, and its area as polygons."""

    code: str
    shape: MultiPolygon


@dataclass(frozen=True)
class Refused:
    """A feature that was not taken: its place in the file (from 1), the code it gave, the rule, and where on it the fault is."""

    place: int
    code: str
    fault: Fault
    where: str = ""


def sift(content: bytes, *, known: Collection[str], prop: str = "") -> tuple[list[Outline], list[Refused]]:
    """
    The outlines of a file and the features that are none.

    :param known: the codes of the regions there are, as :attr:`Outline.code` spells them.
    :param prop: the member of ``properties`` that holds the code; without it those of :data:`CODE_PROPERTIES` are tried.
    :raises Invalid: if the file is no GeoJSON FeatureCollection, or in a coordinate system other than WGS 84 and CGCS2000.
    """
    taken: dict[str, Outline] = {}
    refused: list[Refused] = []
    for place, feature in enumerate(_features(content), start=1):
        told, code = _code(feature, prop)
        fault, where, area = (Fault.CODE, "", None) if code is None else _judged(feature)
        if code is not None and code not in known:
            fault = Fault.UNKNOWN
        elif code is not None and code in taken:
            fault = Fault.DUPLICATE
        if fault is not None or code is None or area is None:
            refused.append(Refused(place, told, fault or Fault.SHAPE, where))
        else:
            taken[code] = Outline(code, area)
    return list(taken.values()), refused


def _features(content: bytes) -> list[Any]:
    remedy = "用 GIS 软件另存为 GeoJSON(UTF-8 编码,WGS 84 或 CGCS2000 经纬度)"
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        raise Invalid("文件不是 JSON", field="file", remedy=remedy) from exc
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or not isinstance(document.get("features"), list):
        raise Invalid("文件不是 GeoJSON 要素集合(FeatureCollection)", field="file", remedy=remedy)
    system = document.get("crs")
    if system is not None:
        named = system.get("properties") if isinstance(system, dict) else None
        name = str(named.get("name", "")) if isinstance(named, dict) else ""
        if not name.endswith(_SYSTEMS):
            raise Invalid(say("坐标系 {name} 不是经纬度", name=name[:_LONGEST] or "?"), field="file", remedy=remedy)
    features: list[Any] = document["features"]
    return features


def _code(feature: Any, prop: str) -> tuple[str, str | None]:
    """What a feature gives as its code, and the code as it is kept; None if it is none."""
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict):
        return "", None
    named = [prop] if prop else [*CODE_PROPERTIES]
    given = next((facts[name] for name in named if facts.get(name) not in (None, "")), "")
    told = str(given).strip()
    try:
        return told[:_LONGEST], regions.parse(told).significant
    except InvalidCode:
        return told[:_LONGEST], None


def _judged(feature: Mapping[str, Any]) -> tuple[Fault | None, str, MultiPolygon | None]:
    """What is wrong with a feature's geometry and where; else its area."""
    try:
        area = shapely.force_2d(shape(feature["geometry"]))
    except Exception:  # noqa: BLE001 - whatever a hostile file makes of coordinates, it is no shape
        return Fault.SHAPE, "", None
    if not isinstance(area, Polygon | MultiPolygon) or area.is_empty or not all(map(math.isfinite, area.bounds)):
        return Fault.SHAPE, "", None
    if shapely.get_num_coordinates(area) > MOST_VERTICES:
        return Fault.DETAILED, "", None
    misplaced = _misplaced(area.bounds)
    if misplaced is not None:
        return misplaced, f"{area.bounds[0]:.3f}, {area.bounds[1]:.3f}", None
    area = shapely.set_precision(area, 10**-DECIMALS, mode="pointwise")
    if not area.is_valid:
        return Fault.CROSSING, shapely.is_valid_reason(area).partition("[")[2].rstrip("]"), None
    return None, "", area if isinstance(area, MultiPolygon) else MultiPolygon([area])


def _misplaced(bounds: tuple[float, float, float, float]) -> Fault | None:
    west, south, east, north = bounds
    if max(map(abs, bounds)) > _DEGREES:
        return Fault.PROJECTED
    if _inside((west, south, east, north)):
        return None
    return Fault.SWAPPED if _inside((south, west, north, east)) else Fault.OUTSIDE


def _inside(bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return CHINA[0] <= west and CHINA[1] <= south and east <= CHINA[2] and north <= CHINA[3]


def drawn(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """
    Regions of one level with fewer vertices, so that a page can carry them; borders that two share stay shared.

    A region that would not survive stays as it is.
    """
    if not shapes:
        return []
    width = sorted(math.sqrt(one.area) for one in shapes)[len(shapes) // 2]
    thin = shapely.set_precision(shapely.coverage_simplify(list(shapes), width * _DRAWN), 10**-DECIMALS, mode="pointwise")
    return [after if not after.is_empty and after.is_valid else before for before, after in zip(shapes, thin, strict=True)]


def geojson(area: BaseGeometry) -> dict[str, Any]:
    """An area as a geometry of GeoJSON, a single polygon as such; outer rings anticlockwise, as RFC 7946 wants them."""
    area = shapely.orient_polygons(area)
    if isinstance(area, MultiPolygon) and len(area.geoms) == 1:
        area = area.geoms[0]
    found = mapping(area)
    return {"type": found["type"], "coordinates": _rounded(found["coordinates"])}


def _rounded(numbers: Any) -> Any:
    return round(numbers, DECIMALS) if isinstance(numbers, float | int) else [_rounded(one) for one in numbers]


def area_of(geometry: Mapping[str, Any]) -> BaseGeometry:
    """What :func:`geojson` wrote."""
    return shape(dict(geometry))


def middle(area: BaseGeometry) -> tuple[float, float]:
    """A point that lies inside of an area, where its name can stand."""
    found = area.representative_point()
    return round(found.x, DECIMALS), round(found.y, DECIMALS)


def lying(areas: Mapping[str, BaseGeometry], longitudes: Any, latitudes: Any) -> Iterator[tuple[str, int]]:
    """How many of the points (arrays of degrees of equal length) lie in each area, by its key; areas without any are left out."""
    points = shapely.points(longitudes, latitudes)
    tree = shapely.STRtree(points)
    for key, area in areas.items():
        shapely.prepare(area)
        count = len(tree.query(area, predicate="intersects"))
        if count:
            yield key, count


def meeting(geometries: Mapping[str, Mapping[str, Any]], box: tuple[float, float, float, float]) -> set[str]:
    """The keys of those geometries of GeoJSON that meet a box of west, south, east, north."""
    window = shapely.box(*box)
    return {key for key, one in geometries.items() if shapely.intersects(area_of(one), window)}
