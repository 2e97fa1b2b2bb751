"""Outlines: a city of eleven districts, squares of a tenth of a degree in a row, and a resource whose rows carry their codes."""

from __future__ import annotations

import json
from typing import Any

from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.foundation.organisations import api as organisations

AREA = opendata.Area("dm")
_BY = "process:test"


def square(place: int, *, wide: float = 0.1) -> list[list[list[float]]]:
    """The ring of a district's square, anticlockwise."""
    west, east = round(117 + place / 10, 6), round(117 + place / 10 + wide, 6)
    return [[[west, 36.5], [east, 36.5], [east, 36.6], [west, 36.6], [west, 36.5]]]


def feature(code: str, coordinates: Any, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    """A feature of GeoJSON."""
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features: Any, **members: Any) -> bytes:
    """A file of features."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}).encode()


def districts(*, outlined: int = 11) -> None:
    """Register a city with its districts, and outline the city and some districts."""
    known = organisations.region_names(["37", "3701"])
    rows = [("37", "山东省"), ("3701", "样城市"), *((f"3701{place:02d}", f"第{place}区") for place in range(1, 12))]
    organisations.load_regions([one for one in rows if one[0] not in known], actor=_BY, now=NOW)
    found = [feature(f"3701{place:02d}", square(place)) for place in range(1, outlined + 1)]
    organisations.take_outlines(collection(feature("370100", square(1, wide=1.1)), *found), actor=_BY, now=NOW)
