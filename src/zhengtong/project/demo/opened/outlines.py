"""
Outlines of the city that does not exist: every town the part of the country nearest to its middle, with borders that wind as if by streams
and ridges. Towns tile the city without a gap, counties are their towns put together, and the city its counties.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import shapely
from shapely.geometry import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from zhengtong.engines.geography.outlines import DECIMALS, geojson
from zhengtong.project.demo.opened.middles import grid

#: how far the city reaches beyond the middles of its towns, in degrees
_BEYOND = 0.09
#: how far the middle of an edge may leave it, as a part of its length; and how often an edge is halved
_WINDING, _HALVINGS = 0.08, 3
_CORNERS = 5  # decimals at which corners of neighbours are the same

_Place = tuple[float, float]


def tiled(middles: Sequence[_Place]) -> list[Polygon]:
    """The area around each middle, in the same order."""
    points = MultiPoint(list(middles))
    city = points.convex_hull.buffer(_BEYOND, quad_segs=4)
    cells = shapely.voronoi_polygons(points, extend_to=city)
    tree = shapely.STRtree(list(cells.geoms))
    found = []
    for middle in middles:
        cell = next(cells.geoms[place] for place in tree.query(Point(middle)) if cells.geoms[place].contains(Point(middle)))
        corners = [(round(x, _CORNERS), round(y, _CORNERS)) for x, y in cell.intersection(city).exterior.coords]
        found.append(Polygon(list(_wound(corners))))
    return found


def _wound(corners: Sequence[_Place]) -> Iterator[_Place]:
    """A ring whose edges wind; an edge winds the same from either side, so neighbours still meet."""
    for start, end in itertools.pairwise(corners):
        if start == end:
            continue
        path = _path(min(start, end), max(start, end), _HALVINGS)
        yield from path[:-1] if start < end else path[:0:-1]


def _path(start: _Place, end: _Place, halvings: int) -> list[_Place]:
    (x, y), (a, b) = start, end
    if not halvings or math.hypot(a - x, b - y) < _BEYOND / 20:
        return [start, end]
    off = (int.from_bytes(hashlib.sha256(f"{start}{end}".encode()).digest()[:4]) / 2**31 - 1) * _WINDING
    middle = (round((x + a) / 2 - (b - y) * off, DECIMALS), round((y + b) / 2 + (a - x) * off, DECIMALS))
    return [*_path(start, middle, halvings - 1)[:-1], *_path(middle, end, halvings - 1)]


@functools.cache
def town_areas() -> dict[str, Polygon]:
    """The area of every town by its code."""
    middles = grid()
    return dict(zip((code for code, _x, _y in middles), tiled([(x, y) for _code, x, y in middles]), strict=True))


def areas() -> dict[str, BaseGeometry]:
    """The areas of all towns, counties and the city by their codes as the register spells them (nine, six and four digits)."""
    towns = town_areas()
    found: dict[str, BaseGeometry] = dict(towns)
    for length in (6, 4):
        for code in sorted({town[:length] for town in towns}):
            found[code] = shapely.coverage_union_all([area for town, area in towns.items() if town.startswith(code)])
    return found


def document() -> bytes:
    """All of them as a GeoJSON file, as an installation brings its own."""
    features: list[dict[str, Any]] = [
        {"type": "Feature", "properties": {"code": code}, "geometry": geojson(area)} for code, area in areas().items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
