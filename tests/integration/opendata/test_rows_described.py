"""Whatever the OpenAPI document of a dataset allows to be asked is answered as it says; and 64 clients at once meet no fault anywhere."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from hypothesis import HealthCheck, Phase, given, settings

from factories.opening import Opening
from factories.places import PLACE, placed_opening
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.gateway.open_rows import OpenRowsApp
from zhengtong.gateway.opendata.desk import OpenDesk, OpenSettings
from zhengtong.gateway.opendata.fairness import Share
from zhengtong.toolkit.environment import environment

QUIET = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def opening(hub: str, database_url: str) -> Opening:
    return placed_opening(database_url)


class Desk:
    """One desk, asked question by question in a loop of its own."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._desk = self._runner.run(self._made(url))
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(OpenRowsApp(self._desk)), base_url="http://open")

    async def _made(self, url: str) -> OpenDesk:
        return OpenDesk(OpenSettings(url, Share(per_second=0)))

    def get(self, path: str, query: Any = None) -> httpx.Response:
        return self._runner.run(self._client.get(path, params=query))

    def close(self) -> None:
        self._runner.run(self._desk.close())
        self._runner.close()


@pytest.mark.parametrize("sandbox", [False, True])
def test_what_the_document_allows_is_answered_as_it_says(opening: Opening, hub: str, sandbox: bool) -> None:  # noqa: FBT001 - a parameter
    number = 0 if sandbox else opening.opened(place=PLACE)
    desk = Desk(hub)
    try:
        document = desk.get(f"/open/v1/datasets/{number}/openapi.json").json()
        described = schemathesis.openapi.from_dict(document)
        statuses = Counter[int]()
        for operation in described.get_all_operations():
            ask(desk, operation.ok(), document, statuses)
    finally:
        desk.close()
    assert sum(statuses.values()) > 40
    assert {200, 400} <= set(statuses)


def ask(desk: Desk, operation: Any, document: dict[str, Any], statuses: Counter[int]) -> None:
    """Questions of one operation: each answer has a described status, and a body that fits its schema."""

    @QUIET
    @given(case=operation.as_strategy())
    def look(case: Any) -> None:
        query = {name: value for name, value in (case.query or {}).items() if value is not None}
        found = desk.get(case.formatted_path, query)
        responses = operation.definition.raw["responses"]
        told = (case.formatted_path, query, found.status_code, found.text[:300])
        statuses[found.status_code] += 1
        # the sandbox says 503 if it is asked to, and only then
        assert found.status_code < 500 or query.get("provoke") == "503", told
        assert str(found.status_code) in responses, told
        kind = found.headers["content-type"].partition(";")[0]
        content = responses[str(found.status_code)]["content"]
        assert kind in content, told
        if kind == "application/json":
            jsonschema_rs.validate({**content[kind]["schema"], "components": document["components"]}, found.json())

    look()


#: of every public interface what is usual, what is heavy, what is wrong; NUMBER, DATASET, RESOURCE and LONG are filled in
ADDRESSES = """
/open/
/open/datasets/
/open/datasets/?q=区划&theme=government
/open/datasets/?page=99999999999999
/open/datasets.csv
/open/help/
/open/datasets/NUMBER/
/open/datasets/NUMBER/?item=mc&op=contains&value=1
/open/datasets/NUMBER/?item=x&op=y&value=z
/open/datasets/NUMBER/?after=AAAA
/open/datasets/NUMBER/points.json
/open/datasets/NUMBER/chart/?kind=bar&x=dm
/open/datasets/NUMBER/chart/?kind=%00&x=y
/open/datasets/NUMBER/chart.csv?kind=bar&x=dm
/open/datasets/NUMBER/dcat.ttl
/open/datasets/NUMBER/versions/1/data.csv
/open/datasets/NUMBER/versions/1/data.parquet
/open/datasets/NUMBER/versions/1/manifest.json
/open/datasets/NUMBER/versions/1/data.exe
/open/datasets/0/
/open/statistics/
/open/developers/
/open/developers/keys/?number=LONG
/open/feed.atom
/open/catalog.ttl
/open/catalog.jsonld?page=9999
/data.json
/sitemap.xml
/open/suggestions/?q=LONG
/open/workbench/datasets.json
/api/3/action/package_search?q=区划&rows=1000
/api/3/action/package_search?fq=((((
/api/3/action/package_list?limit=-1
/api/3/action/no_such_thing
/api/3/action/package_show?id=DATASET
/api/3/action/package_show?id=%00
/api/3/action/organization_list
/api/3/action/tag_list
/api/3/action/datastore_search?resource_id=RESOURCE
/api/3/action/datastore_search?resource_id=RESOURCE&limit=32001
/api/3/action/datastore_search?resource_id=RESOURCE&filters={
/api/3/action/datastore_search?resource_id=RESOURCE&sort=x
/api/3/action/datastore_search?resource_id=RESOURCE&q=LONG
/api/3/action/datastore_search_sql?sql=select
/datastore/dump/RESOURCE?bom=true
/open/ogc/
/open/ogc/conformance
/open/ogc/api
/open/ogc/collections
/open/ogc/collections/dataset-NUMBER
/open/ogc/collections/dataset-NUMBER/items
/open/ogc/collections/dataset-NUMBER/items?limit=99999
/open/ogc/collections/dataset-NUMBER/items?bbox=1,2,3
/open/ogc/collections/dataset-NUMBER/items?bbox=116,36,118,37
/open/ogc/collections/dataset-NUMBER/items?datetime=x
"""
#: what is wrong or too much → the status that says so
REFUSED = {
    "/open/datasets/NUMBER/versions/1/data.exe": 404,
    "/open/datasets/0/": 404,
    "/api/3/action/no_such_thing": 400,
    "/api/3/action/package_search?fq=((((": 400,
    "/api/3/action/datastore_search?resource_id=RESOURCE&filters={": 409,
    "/open/ogc/collections/dataset-NUMBER/items?bbox=1,2,3": 400,
}


def test_64_clients_over_everything_public_meet_no_fault(opening: Opening) -> None:
    number = opening.opened(place=PLACE)
    site = opendata.Site("http://testserver", environment().node)
    filled = {
        "NUMBER": str(number),
        "DATASET": str(site.dataset_id(number)),
        "RESOURCE": str(site.resource_id(number, opendata.Form.CSV)),
        "LONG": "行政" * 300,
    }

    def path_of(text: str) -> str:
        return re.sub("|".join(filled), lambda found: filled[found[0]], text)

    paths = [path_of(line) for line in ADDRESSES.split()]
    wanted = paths * 2

    async def one(path: str, room: asyncio.Semaphore) -> tuple[str, int]:
        async with room:
            answer = await AsyncClient().get(path)
            if answer.streaming:
                async for _part in answer:
                    pass
            return path, answer.status_code

    async def asked() -> list[tuple[str, int]]:
        room = asyncio.Semaphore(64)
        try:
            return await asyncio.gather(*(one(path, room) for path in wanted))
        finally:
            await sync_to_async(connections.close_all)()

    found = asyncio.run(asked())
    assert [(path, status) for path, status in found if status >= 500] == []
    told = dict(found)
    assert {path: told[path_of(path)] for path in REFUSED} == REFUSED
    assert told["/open/datasets/"] == told[path_of("/open/datasets/NUMBER/")] == told["/data.json"] == 200
