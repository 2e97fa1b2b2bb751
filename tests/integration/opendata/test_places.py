"""Datasets with a place: declared, measured, in a GeoJSON file, and said so in the catalogues."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from factories.opening import Opening
from factories.places import PLACE, placed_opening
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.kernel.errors import Invalid

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def opening(hub: str, database_url: str) -> Opening:
    return placed_opening(database_url)


def content(number: int, name: str) -> Any:
    view, _title = opendata.file(number, 1, name)
    with default_storage.open(view.stored, "rb") as source:
        return json.loads(source.read())


def test_a_version_has_geojson_with_as_many_rows(opening: Opening) -> None:
    number = opening.opened(place=PLACE)
    found = content(number, "data.geojson")
    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == 12
    assert [one["id"] for one in found["features"]] == list(range(1, 13))
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [117.0, 36.5]}
    assert found["features"][11]["geometry"] is None
    assert found["features"][3]["properties"]["mc"] == "第3区"
    assert found["coordinates"]["system"] == "cgcs2000"
    manifest = content(number, "manifest.json")
    assert manifest["place"] == {**PLACE.document(), "rows": 11, "bbox": [117.0, 36.5, 118.0, 37.5]}
    assert {one["name"]: one.get("rows") for one in manifest["files"]}["data.geojson"] == 12
    package = Client().get("/api/3/action/package_search?fq=res_format:GeoJSON&facet.field=[%22res_format%22]").json()["result"]
    assert package["facets"]["res_format"]["GEOJSON"] == 1
    described = Client().get(f"/open/datasets/{number}/dcat.ttl").content.decode()
    assert "POLYGON((117.0 36.5" in described
    assert "file-type/GEOJSON" in described


def test_without_a_declared_place_there_is_none(opening: Opening) -> None:
    number = opening.opened()
    with pytest.raises(opendata.DatasetUnknown):
        opendata.file(number, 1, "data.geojson")
    assert Client().get("/api/3/action/package_search?fq=res_format:GeoJSON").json()["result"]["count"] == 0


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (opendata.Place("rks", "wd"), "longitude"),
        (opendata.Place("jd", "jd"), "latitude"),
        (opendata.Place("jd", "nichts"), "latitude"),
        (opendata.Place("jd", "wd", "mars"), "coordinates"),
    ],
)
def test_a_place_that_can_be_none_is_refused(opening: Opening, place: opendata.Place, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        opening.proposed(place=place)
    assert refused.value.field == field


def test_swapped_coordinates_are_found_before_anything_goes_out(hub: str, database_url: str) -> None:
    opening = placed_opening(database_url)
    number = opening.proposed(place=opendata.Place("wd", "jd"))
    found = opendata.findings(number, {}, actor=opening.circle.chief)
    [one] = [one for one in found if one.finding.gate == "place-outside"]
    assert (one.finding.count, one.finding.passable) == (11, True)
