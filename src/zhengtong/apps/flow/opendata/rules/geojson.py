"""One sheet as GeoJSON (RFC 7946): a feature a row, in the order of the other files; a row without a place has null geometry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from zhengtong.apps.flow.opendata.rules import texts
from zhengtong.apps.flow.opendata.rules.formats import Told, Written
from zhengtong.apps.flow.opendata.rules.place import COORDINATE_LABELS, Area, Place, Where, placed
from zhengtong.apps.flow.opendata.rules.sheet import Sheet

#: rows up to which each carries the area of its region; a longer file has a point inside of it, because it would grow beyond use
MOST_AREAS = 50_000
_GEOMETRY = "~geometry"


def point(longitude: float, latitude: float) -> str:
    """A point as JSON text."""
    return f'{{"type":"Point","coordinates":[{longitude},{latitude}]}}'


def geometry(place: Where, shapes: Mapping[str, str]) -> pl.Expr:
    """The geometry of a row as JSON text: its point, or what ``shapes`` has for the code of its region."""
    if isinstance(place, Area):
        code = pl.col(place.region_item).cast(pl.String).str.strip_chars()
        return code.replace_strict(shapes, default="null", return_dtype=pl.String).fill_null("null") if shapes else pl.lit("null")
    longitude, latitude = (pl.col(key).cast(pl.String) for key in (place.longitude, place.latitude))
    there = pl.concat_str(pl.lit('{"type":"Point","coordinates":['), longitude, pl.lit(","), latitude, pl.lit("]}"))
    return pl.when(placed(place)).then(there).otherwise(pl.lit("null"))


def write_geojson(sheet: Sheet, path: Path, told: Told, place: Where, shapes: Mapping[str, str]) -> Written:
    """
    ``shapes`` has geometries as JSON text by code of region. Properties are as in the JSON file; ``id`` is the number of the row. What the
    coordinates are is said in the member ``coordinates``, which RFC 7946 leaves free; it changes no coordinate.
    """
    rows = 0
    with path.open("wb") as out:
        system = place.coordinates if isinstance(place, Place) else "cgcs2000"
        said = json.dumps({"system": system, "label": COORDINATE_LABELS[system]}, ensure_ascii=False)
        out.write(b'{"type":"FeatureCollection","coordinates":' + said.encode() + b',"features":[')
        for batch in sheet.batches():
            points = batch.with_columns(geometry(place, shapes).alias(_GEOMETRY))[_GEOMETRY].to_list()
            exact = [pl.col(name).cast(pl.String) for name, kind in batch.schema.items() if isinstance(kind, pl.Decimal)]
            moments = [texts.moment(name) for name, kind in batch.schema.items() if isinstance(kind, pl.Datetime)]
            properties = batch.with_columns(*exact, *moments).write_ndjson().rstrip("\n").split("\n") if batch.height else []
            features = [
                f'{{"type":"Feature","id":{number},"geometry":{point},"properties":{facts}}}'
                for number, (point, facts) in enumerate(zip(points, properties, strict=True), start=rows + 1)
            ]
            if features:
                out.write((b",\n" if rows else b"\n") + ",\n".join(features).encode())
            rows += batch.height
            told(rows)
        out.write(b"\n]}\n")
    return Written(rows)
