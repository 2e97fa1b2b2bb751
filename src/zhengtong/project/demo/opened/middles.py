"""Where the middles of the towns lie: in rows of three over their county, in degrees (CGCS2000)."""

from __future__ import annotations

from collections.abc import Iterator

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
_COLUMNS = 3


def grid() -> list[tuple[str, float, float]]:
    """Code, longitude and latitude of the middle of every town: in rows of three over its county, none exactly in line with the next."""
    return [(code, round(longitude + shift, 6), round(latitude - shift / 2, 6)) for code, longitude, latitude, shift in _laid()]


def _laid() -> Iterator[tuple[str, float, float, float]]:
    for county, inside in zip(YUNZHOU.counties, YUNZHOU.towns, strict=True):
        wide, high = shares(county.name, len(inside))
        west, _south, _east, north = COUNTY_BOXES[county.name]
        for place, town in enumerate(inside):
            shift = wide * 0.12 * ((int(town.code) * 37 % 11) / 5 - 1)
            yield town.code, west + wide * (place % _COLUMNS + 0.5), north - high * (place // _COLUMNS + 0.5), shift


def shares(county: str, towns: int) -> tuple[float, float]:
    """How wide and how high the share of each town of a county is."""
    west, south, east, north = COUNTY_BOXES[county]
    return (east - west) / _COLUMNS, (north - south) / -(-towns // _COLUMNS)
