"""Where the towns of the city lie: a country that does not exist, in degrees that do (CGCS2000), so that places can be put on a map."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from shapely.geometry import Polygon, box

from zhengtong.project.demo.opened.middles import grid, shares
from zhengtong.project.demo.opened.outlines import town_areas
from zhengtong.project.demo.territory import YUNZHOU

#: how far from its town's middle a place lies at most, as a part of the town's share of the county
_SPREAD = 0.42


@dataclass(frozen=True)
class Town:
    """A town with its county, its middle, and how far its places lie from there at most, in degrees."""

    code: str
    name: str
    county: str
    county_code: str
    longitude: float
    latitude: float
    wide: float
    high: float


@functools.cache
def towns() -> tuple[Town, ...]:
    """Every town; its places lie inside of its outline."""
    middles = {code: (longitude, latitude) for code, longitude, latitude in grid()}
    found = []
    for county, inside in zip(YUNZHOU.counties, YUNZHOU.towns, strict=True):
        wide, high = shares(county.name, len(inside))
        for town in inside:
            longitude, latitude = middles[town.code]
            part = _fitting(town_areas()[town.code], longitude, latitude, wide, high)
            found.append(Town(town.code, town.name, county.name, county.code, longitude, latitude, wide * part, high * part))
    return tuple(found)


def _fitting(area: Polygon, longitude: float, latitude: float, wide: float, high: float) -> float:
    """The part of a share that fits around a middle without leaving the area."""
    part = _SPREAD
    while not area.contains(box(longitude - wide * part, latitude - high * part, longitude + wide * part, latitude + high * part)):
        part *= 0.9
    return part
