"""Datasets whose rows carry codes of regions: measured, in a GeoJSON file, shaded on a map, found by district, read by GIS programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from factories.areas import AREA, collection, districts, feature
from factories.opening import Opening
from factories.places import PLACE, placed_opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.rules import geojson
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.errors import Invalid
from zhengtong.project import worker

pytestmark = pytest.mark.usefixtures("hub")
BOX = [[117.1, 36.5], [117.2, 36.5], [117.2, 36.6], [117.1, 36.6], [117.1, 36.5]]


def content(number: int, name: str) -> Any:
    view, _title = opendata.file(number, 1, name)
    with default_storage.open(view.stored, "rb") as source:
        return json.loads(source.read())


def get(address: str) -> Any:
    answer = Client().get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_a_file_has_the_outline_of_each_rows_region(opening: Opening) -> None:
    districts(outlined=10)
    number = opening.opened(place=AREA)
    found = content(number, "data.geojson")["features"]
    assert len(found) == 12
    first = next(one for one in found if one["properties"]["dm"] == "370101")
    assert first["geometry"]["type"] == "Polygon"
    assert set(map(tuple, first["geometry"]["coordinates"][0])) == set(map(tuple, BOX))
    # a region without an outline lies in that of the region above
    last = next(one for one in found if one["properties"]["dm"] == "370111")
    assert last["geometry"] == next(one for one in found if one["properties"]["dm"] == "370100")["geometry"]
    manifest = content(number, "manifest.json")
    assert manifest["place"] == {"region_item": "dm", "rows": 12, "bbox": [117.1, 36.5, 118.2, 36.6]}


def test_a_long_file_has_a_point_inside_of_each_region(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhengtong.apps.flow.opendata.operations.building.MOST_AREAS", 11)
    districts()
    found = content(opening.opened(place=AREA), "data.geojson")["features"]
    west, east = 117.1, 117.2
    [x, y] = next(one["geometry"]["coordinates"] for one in found if one["properties"]["dm"] == "370101")
    assert west < x < east
    assert 36.5 < y < 36.6
    assert geojson.MOST_AREAS == 50_000


def test_without_outlines_the_file_says_nothing_of_places(opening: Opening) -> None:
    districts(outlined=0)
    number = opening.opened(place=opendata.Area("dm"))
    assert {one["geometry"]["type"] for one in content(number, "data.geojson")["features"]} == {"Polygon"}


def test_codes_that_are_none_are_found_before_anything_goes_out(opening: Opening) -> None:
    organisations.load_regions([("37", "山东省"), ("3701", "样城市")], actor="process:test", now=NOW)
    number = opening.proposed(place=AREA)
    [one] = [one.finding for one in opendata.findings(number, {}, actor=opening.circle.chief) if one.finding.gate == "region-unknown"]
    assert (one.count, one.rows, one.column, one.passable) == (11, 12, "dm", True)
    assert "370101" in one.examples


@pytest.mark.parametrize(("item", "why"), [("mj", "type"), ("nichts", "absent"), ("lxr", "not opened")])
def test_an_item_that_can_be_no_code_is_refused(opening: Opening, item: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        opening.proposed(place=opendata.Area(item))
    assert refused.value.field == "region_item", why


def test_a_masked_code_is_refused(opening: Opening) -> None:
    with pytest.raises(Invalid) as refused:
        opening.proposed(place=AREA, items={"dm": "name", "mc": "none"})
    assert refused.value.field == "region_item"


def areas(number: int, question: str = "") -> Any:
    return get(f"/open/datasets/{number}/areas.json{question}")


def test_the_map_shades_regions_by_their_rows(opening: Opening) -> None:
    districts()
    number = opening.opened(place=AREA)
    found = areas(number)
    assert (len(found["regions"]), found["measure"]) == (11, "行数")
    assert found["note"] == "11 个地区;1 行画不出来。"
    assert found["legend"] == ["1"]
    assert [(label, chosen) for _level, label, chosen in found["levels"]] == [("市级", False), ("县级", True)]
    summed = areas(number, "?measure=sum-rks")
    assert {one["name"]: one["value"] for one in summed["regions"]}["第3区"] == "1,003"
    assert len(summed["legend"]) == 5
    assert [one["class"] for one in summed["regions"]] == sorted(one["class"] for one in summed["regions"])
    city = areas(number, "?measure=avg-rks&level=2")
    assert [(one["name"], one["value"], one["rows"]) for one in city["regions"]] == [("样城市", "1,005.5", "12")]


def test_the_map_follows_the_filter_and_ignores_what_cannot_be_shown(opening: Opening) -> None:
    districts()
    number = opening.opened(place=AREA)
    assert [one["name"] for one in areas(number, "?item=mc&op=contains&value=第3区")["regions"]] == ["第3区"]
    assert areas(number, "?measure=sum-mc&level=9")["measure"] == "行数"
    refused = areas(number, "?item=nichts&op=eq&value=1")
    assert (refused["regions"], "nichts" in refused["note"]) == ([], True)


def test_the_same_figures_stand_in_a_table(opening: Opening) -> None:
    districts()
    number = opening.opened(place=AREA)
    page = Client().get(f"/open/datasets/{number}/areas/?measure=sum-rks").content.decode()
    assert page.index("1,011") < page.index("1,001")
    assert "第11区" in page
    assert f'data-areas="/open/datasets/{number}/areas.json"' in Client().get(f"/open/datasets/{number}/").content.decode()
    assert Client().get(f"/open/datasets/{number}/areas/?item=nichts&op=eq&value=1").status_code == 422


def test_there_are_no_areas_of_points_nor_of_what_is_not_for_all(hub: str, database_url: str) -> None:
    opening = placed_opening(database_url)
    districts()
    number = opening.opened(place=PLACE)
    for name in ("areas.json", "areas/"):
        assert Client().get(f"/open/datasets/{number}/{name}").status_code == 404
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="改为有条件开放", now=NOW)
    for name in ("areas.json", "areas/"):
        assert Client().get(f"/open/datasets/{number}/{name}").status_code == 410
    opening.opened(place=AREA, conditions=opendata.Conditions("company", "研究区划沿革", "加密保存,不得转让", 365, 180))
    for name in ("areas.json", "areas/"):
        assert Client().get(f"/open/datasets/{number}/{name}").status_code == 403


def test_gis_programs_read_areas_and_find_them_by_a_box(opening: Opening) -> None:
    districts()
    number = opening.opened(place=AREA)
    here = f"/open/ogc/collections/dataset-{number}"
    assert get(here)["extent"]["spatial"]["bbox"] == [[117.1, 36.5, 118.2, 36.6]]
    first = get(f"{here}/items/370101")
    assert first["geometry"]["type"] == "Polygon"
    boxed = get(f"{here}/items?bbox=117.25,36.0,117.35,37.0")
    assert [one["id"] for one in boxed["features"]] == ["370100", "370102", "370103"]
    assert get(f"{here}/items?bbox=80,30,81,31")["features"] == []
    described = get(f"{here}/schema")["properties"]
    assert (described["dm"]["type"], described["rks"]["type"], described["gx"].get("format")) == ("string", "integer", "date")


def test_districts_count_datasets_that_have_rows_there(hub: str, database_url: str) -> None:
    opening = placed_opening(database_url)
    districts(outlined=3)
    number = opening.opened(place=PLACE)
    # points at 117.0, 117.1 … on a diagonal: one of them lies in the city's strip, at the border of its first district
    found = {one.outline.name: one.datasets for one in opendata.districts()}
    assert found == {"第1区": 1, "第2区": 0, "第3区": 0}
    page = Client().get("/open/").content.decode()
    assert 'href="/open/datasets/?within=370101"' in page
    assert 'class="area shade-0"' in page
    listed = Client().get("/open/datasets/?within=370101").content.decode()
    assert f"/open/datasets/{number}/" in listed
    assert f'href="/open/datasets/{number}/"' not in Client().get("/open/datasets/?within=370102").content.decode()


def test_other_outlines_move_what_is_counted(hub: str, database_url: str) -> None:
    opening = placed_opening(database_url)
    districts(outlined=3)
    number = opening.opened(place=PLACE)
    worker._relocate()
    # the second district now reaches over the diagonal of points
    whole = [[[117.2, 36.5], [117.9, 36.5], [117.9, 37.5], [117.2, 37.5], [117.2, 36.5]]]
    organisations.take_outlines(collection(feature("370102", whole)), actor="process:test", now=NOW)
    worker._relocate()
    assert {one.outline.name: one.datasets for one in opendata.districts()} == {"第1区": 1, "第2区": 1, "第3区": 0}
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="有误", now=NOW)
    assert sum(one.datasets for one in opendata.districts()) == 0


def test_a_conditional_dataset_tells_nobody_where_its_rows_lie(opening: Opening) -> None:
    districts()
    opening.opened(place=AREA, conditions=opendata.Conditions("company", "研究区划沿革", "加密保存,不得转让", 365, 180))
    assert sum(one.datasets for one in opendata.districts()) == 0
