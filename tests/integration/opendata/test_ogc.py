"""OGC API Features: OWSLib's unchanged client, what GDAL's driver asks for, and refusals in the standard's shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from owslib.ogcapi.features import Features
from pytest_django.live_server_helper import LiveServer

from factories.opening import Opening, copies
from factories.places import PLACE, placed_opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def opening(hub: str, database_url: str) -> Opening:
    return placed_opening(database_url)


def get(address: str) -> Any:
    answer = Client().get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_owslib_reads_collections_and_features(opening: Opening, live_server: LiveServer) -> None:
    number = opening.opened(place=PLACE)
    client = Features(f"{live_server.url}/open/ogc/")
    assert client.feature_collections() == [f"dataset-{number}"]
    assert {one.rpartition("/")[2] for one in client.conformance()["conformsTo"]} == {"core", "oas30", "geojson"}
    assert client.api()["openapi"].startswith("3.0")
    found = client.collection(f"dataset-{number}")
    assert found["extent"]["spatial"]["bbox"] == [[117.0, 36.5, 118.0, 37.5]]
    items = client.collection_items(f"dataset-{number}", limit=5)
    assert (items["numberMatched"], items["numberReturned"]) == (12, 5)
    boxed = client.collection_items(f"dataset-{number}", bbox=[117.05, 36.0, 117.35, 38.0])
    assert [one["id"] for one in boxed["features"]] == ["370101", "370102", "370103"]
    one = client.collection_item(f"dataset-{number}", "370103")
    assert one["geometry"] == {"type": "Point", "coordinates": [117.3, 36.8]}
    assert one["properties"]["mc"] == "第3区"


def test_what_gdal_and_qgis_look_for(opening: Opening) -> None:
    number = opening.opened(place=PLACE)
    links = {one["rel"]: one for one in get("/open/ogc/")["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= set(links)
    assert links["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert Client().get("/open/ogc/api")["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    [found] = get("/open/ogc/collections")["collections"]
    assert next(one["type"] for one in found["links"] if one["rel"] == "items") == "application/geo+json"
    address = f"/open/ogc/collections/dataset-{number}/items"
    assert Client().get(address)["Content-Type"] == "application/geo+json"
    document = get("/open/ogc/api")
    limit = next(one for one in document["paths"]["/collections/{collectionId}/items"]["get"]["parameters"] if one["name"] == "limit")
    assert limit["schema"]["maximum"] == 1000
    seen: list[Any] = []
    following = f"{address}?limit=5"
    while following:
        page = get(following)
        assert page["numberReturned"] == len(page["features"])
        seen += [one["id"] for one in page["features"]]
        following = next((one["href"].removeprefix("http://testserver") for one in page["links"] if one["rel"] == "next"), "")
    assert seen == [f"3701{place:02d}" for place in range(12)]
    following = next(one["href"] for one in get(f"{address}?limit=5")["links"] if one["rel"] == "next")
    opening.change("update civil.division set people = people + 1 where code = '370100'")
    opendata.follow(now=NOW + timedelta(hours=1))
    assert opening.build() is opendata.BuildState.DONE
    # whoever is under way stays in the version that was begun
    assert [one["id"] for one in get(following.removeprefix("http://testserver"))["features"]] == [
        f"3701{place:02d}" for place in range(5, 10)
    ]
    questions = {
        "datetime=2026-06-01": 12,
        "datetime=2026-06-01T00:00:00Z/..": 12,
        "datetime=../2020-01-01": 0,
        "mc=第3区": 1,
        "rks=1003&bbox=117,36,118,38": 1,
        "bbox=170,-90,-170,90": 0,
        "bbox=117,36,0,118,38,9": 11,
        "limit=99999999": 12,
        "f=json": 12,
    }
    assert {query: get(f"{address}?{query}")["numberMatched"] for query in questions} == questions


def test_refusals(opening: Opening) -> None:
    number = opening.opened(place=PLACE)
    base = f"/open/ogc/collections/dataset-{number}"
    wrong = {
        f"{base}/items?bbox=1,2": 400,
        f"{base}/items?bbox=a,b,c,d": 400,
        f"{base}/items?bbox=1,5,2,3": 400,
        f"{base}/items?limit=0": 400,
        f"{base}/items?limit=x": 400,
        f"{base}/items?datetime=yesterday": 400,
        f"{base}/items?colour=red": 400,
        f"{base}/items?rks=many": 400,
        f"{base}/items?rks=1&rks=2": 400,
        f"{base}/items?after=x": 400,
        f"{base}/items?f=html": 400,
        f"{base}?colour=red": 400,
        f"{base}/items/nobody": 404,
        "/open/ogc/collections/nobody": 404,
        "/open/ogc/collections/dataset-999999": 404,
        f"/open/ogc/collections/dataset-{'9' * 40}/items": 404,
    }
    for address, status in wrong.items():
        answer = Client().get(address)
        assert (answer.status_code, set(answer.json())) == (status, {"code", "description"}), address
    assert Client().post(f"{base}/items").status_code == 405
    assert Client(enforce_csrf_checks=True).put(base).json()["code"] == "MethodNotAllowed"
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="口径有误", now=NOW)
    for address in (base, f"{base}/items", f"{base}/items/370103"):
        assert Client().get(address).status_code == 410
    assert get("/open/ogc/collections")["collections"] == []


def test_only_datasets_with_a_place_are_collections_and_lists_cost_the_same(opening: Opening) -> None:
    number = opening.opened()
    assert get("/open/ogc/collections")["collections"] == []
    assert Client().get(f"/open/ogc/collections/dataset-{number}/items").status_code == 404
    copies(number, 3)
    with CaptureQueriesContext(connection) as queries:
        get("/open/ogc/collections")
    assert len(queries) <= 5
