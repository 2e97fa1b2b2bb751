"""Datasets with a place: declared, measured, in a GeoJSON file, and said so in the catalogues."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from factories.opening import Opening
from factories.places import PLACE, placed_opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.web import maps
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


def points(number: int, question: str = "") -> Any:
    answer = Client().get(f"/open/datasets/{number}/points.json{question}")
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_the_map_has_the_rows_with_a_place(opening: Opening) -> None:
    number = opening.opened(place=PLACE)
    page = Client().get(f"/open/datasets/{number}/").content.decode()
    assert f'data-map="/open/datasets/{number}/points.json"' in page
    assert "dist/map.js" in page
    found = points(number)
    assert found["heads"] == ["行政区划代码", "行政区划名称", "人口数", "面积"]
    assert found["points"][0] == [117.0, 36.5, "370100", "第0区", "1000", "12.50"]
    assert len(found["points"]) == 11
    assert found["note"] == "地图上有 11 行;1 行没有位置。"


def test_the_map_follows_the_filter_of_the_rows(opening: Opening) -> None:
    number = opening.opened(place=PLACE)
    assert [one[2] for one in points(number, "?item=mc&op=contains&value=第3区")["points"]] == ["370103"]
    refused = points(number, "?item=nichts&op=eq&value=1")
    assert (refused["points"], "nichts" in refused["note"]) == ([], True)


def test_no_more_points_than_are_said(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "MOST_POINTS", 5)
    monkeypatch.setattr(maps, "LARGEST_PAGE", 3)
    found = points(opening.opened(place=PLACE))
    assert [one[2] for one in found["points"]] == ["370100", "370101", "370102", "370103", "370104"]
    assert found["note"] == "地图上有 5 行;符合条件的共 12 行,只画前 5 行;筛选后可以看到其余的。"


def test_there_is_no_map_without_a_place_nor_of_what_is_not_for_all(opening: Opening) -> None:
    number = opening.opened()
    assert "data-map" not in Client().get(f"/open/datasets/{number}/").content.decode()
    assert Client().get(f"/open/datasets/{number}/points.json").status_code == 404
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="改为有条件开放", now=NOW)
    assert Client().get(f"/open/datasets/{number}/points.json").status_code == 410
    opening.opened(place=PLACE, conditions=opendata.Conditions("company", "研究区划沿革", "加密保存,不得转让", 365, 180))
    page = Client().get(f"/open/datasets/{number}/").content.decode()
    assert ("data-map" in page, "map.js" in page) == (False, False)
    assert Client().get(f"/open/datasets/{number}/points.json").status_code == 403
