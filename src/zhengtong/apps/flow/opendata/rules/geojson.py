"""One sheet as GeoJSON (RFC 7946): a feature a row, in the order of the other files; a row without a place has null geometry."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from zhengtong.apps.flow.opendata.rules import texts
from zhengtong.apps.flow.opendata.rules.formats import Told, Written
from zhengtong.apps.flow.opendata.rules.place import COORDINATE_LABELS, Place, placed
from zhengtong.apps.flow.opendata.rules.sheet import Sheet


def geometry(place: Place) -> pl.Expr:
    """The point of a row as JSON text."""
    longitude, latitude = (pl.col(key).cast(pl.String) for key in (place.longitude, place.latitude))
    point = pl.concat_str(pl.lit('{"type":"Point","coordinates":['), longitude, pl.lit(","), latitude, pl.lit("]}"))
    return pl.when(placed(place)).then(point).otherwise(pl.lit("null"))


def write_geojson(sheet: Sheet, path: Path, told: Told, place: Place) -> Written:
    """
    Properties are as in the JSON file; ``id`` is the number of the row. What the coordinates are is said in the member ``coordinates``,
    which RFC 7946 leaves free; it changes no coordinate.
    """
    rows = 0
    with path.open("wb") as out:
        said = json.dumps({"system": place.coordinates, "label": COORDINATE_LABELS[place.coordinates]}, ensure_ascii=False)
        out.write(b'{"type":"FeatureCollection","coordinates":' + said.encode() + b',"features":[')
        for batch in sheet.batches():
            points = batch.select(geometry(place)).to_series().to_list()
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
