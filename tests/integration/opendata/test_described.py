"""Whatever the published OpenAPI documents allow to be asked is answered, and nothing that is asked breaks the platform."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from factories.opening import Opening
from factories.places import PLACE, placed_opening
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.toolkit.environment import environment

pytestmark = pytest.mark.usefixtures("hub")
QUIET = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def opening(hub: str, database_url: str) -> Opening:
    return placed_opening(database_url)


@pytest.mark.parametrize("address", ["/open/ogc/api", "/api/3/openapi.json"])
def test_no_question_that_the_description_allows_breaks_anything(opening: Opening, address: str) -> None:
    opening.opened(place=PLACE)
    answer = Client().get(address)
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    prefix = document["servers"][0]["url"].removeprefix("http://testserver")
    described = schemathesis.openapi.from_dict(document)
    assert sum(asked(operation.ok(), prefix) for operation in described.get_all_operations()) > 20


def asked(operation: Any, prefix: str) -> int:
    """Questions of one operation, answered as described; how many there were."""
    count = 0

    @QUIET
    @given(case=operation.as_strategy())
    def look(case: Any) -> None:
        nonlocal count
        count += 1
        path = prefix + case.formatted_path
        query = {name: value for name, value in (case.query or {}).items() if value is not None}
        found = Client().get(path, query)
        assert found.status_code < 500, (path, query, found.content[:300])
        assert str(found.status_code) in operation.definition.raw["responses"], (path, query, found.status_code, found.content[:300])

    look()
    return count


def test_rows_on_conditions_are_in_no_protocol(opening: Opening) -> None:
    number = opening.opened(place=PLACE, conditions=opendata.Conditions("company", "研究区划沿革", "加密保存", 365, 180))
    site = opendata.Site("http://testserver", environment().node)
    dataset, resource = site.dataset_id(number), site.resource_id(number, opendata.Form.CSV)
    for address in (
        f"/api/3/action/resource_show?id={resource}",
        f"/api/3/action/datastore_search?resource_id={resource}",
        f"/api/3/action/datastore_info?id={resource}",
        f"/datastore/dump/{resource}",
        f"/open/ogc/collections/dataset-{number}",
        f"/open/ogc/collections/dataset-{number}/items",
        f"/open/ogc/collections/dataset-{number}/items/370100",
    ):
        assert Client().get(address).status_code == 404, address
    assert Client().get(f"/open/datasets/{number}/versions/1/data.geojson").status_code == 403
    # it is described everywhere, and nothing of it can be had
    assert Client().get(f"/api/3/action/package_show?id={dataset}").json()["result"]["resources"] == []
    for address in (f"/open/datasets/{number}/dcat.ttl", "/open/catalog.ttl"):
        assert b"a dcat:Distribution" not in Client().get(address).content
    (told,) = Client().get("/data.json").json()["dataset"]
    assert told["accessLevel"] == "restricted public"
    assert "distribution" not in told
    assert Client().get("/api/3/action/resource_search?query=format:CSV").json()["result"]["count"] == 0
    assert Client().get("/open/ogc/collections").json()["collections"] == []
