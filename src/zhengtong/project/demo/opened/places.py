"""Where the towns of the city lie: a country that does not exist, in degrees that do (CGCS2000), so that places can be put on a map."""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.project.demo.territory import YUNZHOU

#: county → west, south, east, north in degrees; they touch and do not overlap
COUNTY_BOXES: dict[str, tuple[float, float, float, float]] = {
    "云城区": (116.50, 35.36, 116.68, 35.50),
    "东湖区": (116.68, 35.34, 116.92, 35.54),
    "任阳区": (116.28, 35.28, 116.50, 35.50),
    "泗源县": (117.06, 35.50, 117.40, 35.80),
    "鲁桥县": (116.55, 34.88, 116.95, 35.26),
    "兰陵山县": (116.00, 34.95, 116.32, 35.28),
    "石墙市": (116.95, 35.16, 117.32, 35.50),
    "九仙市": (116.74, 35.54, 117.06, 35.80),
}
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


def towns() -> tuple[Town, ...]:
    """Every town, laid out in rows of three over its county."""
    found = []
    for county, inside in zip(YUNZHOU.counties, YUNZHOU.towns, strict=True):
        west, south, east, north = COUNTY_BOXES[county.name]
        columns, rows = 3, -(-len(inside) // 3)
        wide, high = (east - west) / columns, (north - south) / rows
        for place, town in enumerate(inside):
            longitude = west + wide * (place % columns + 0.5)
            latitude = north - high * (place // columns + 0.5)
            found.append(Town(town.code, town.name, county.name, county.code, longitude, latitude, wide * _SPREAD, high * _SPREAD))
    return tuple(found)
