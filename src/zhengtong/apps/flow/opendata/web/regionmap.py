"""The map of the region on the front page: a drawing of links that needs no script, beside a list of the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from zhengtong.apps.flow.opendata import api

#: the drawing's longer side, in its own units
_SIDE = 600.0
#: room for the lines at the edge
_EDGE = 4.0


@dataclass(frozen=True)
class Shape:
    """A district: the path of its outline, where its name stands, and how dark it is (0 without a dataset, else from 1)."""

    code: str
    name: str
    datasets: int
    path: str
    x: float
    y: float
    shade: int


@dataclass(frozen=True)
class Drawing:
    """The map: its size, its districts by code, and what the shades mean."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    legend: tuple[tuple[int, str], ...]


def drawing(districts: Sequence[api.District]) -> Drawing | None:
    """The map of the districts; none where there are none."""
    if not districts:
        return None
    wests, souths, easts, norths = zip(*(one.outline.bbox for one in districts), strict=True)
    west, south, east, north = min(wests), min(souths), max(easts), max(norths)
    # a degree of longitude is shorter than one of latitude, by the cosine of the latitude
    narrow = math.cos(math.radians((south + north) / 2))
    scale = _SIDE / max((east - west) * narrow, north - south)

    def at(longitude: float, latitude: float) -> tuple[float, float]:
        return round(_EDGE + (longitude - west) * narrow * scale, 1), round(_EDGE + (north - latitude) * scale, 1)

    classes = api.shading.classes([one.datasets for one in districts if one.datasets])
    shapes = [
        Shape(
            code=one.outline.code,
            name=one.outline.name,
            datasets=one.datasets,
            path=_path(one.outline.drawn, at),
            x=at(*one.outline.middle)[0],
            y=at(*one.outline.middle)[1],
            shade=api.shading.class_of(one.datasets, classes) if one.datasets else 0,
        )
        for one in districts
    ]
    width, height = at(east, south)
    legend = tuple((number, _range(*one)) for number, one in enumerate(classes, start=1))
    return Drawing(width + _EDGE, height + _EDGE, tuple(shapes), legend)


def _range(least: float, greatest: float) -> str:
    return f"{least:.0f}" if least == greatest else f"{least:.0f} – {greatest:.0f}"


def _path(geometry: dict[str, Any], at: Any) -> str:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return "".join(_ring(ring, at) for polygon in polygons for ring in polygon)


def _ring(ring: Iterable[Sequence[float]], at: Any) -> str:
    places = [at(one[0], one[1]) for one in ring]
    return "M" + "L".join(f"{x} {y}" for x, y in places[:-1]) + "Z"
