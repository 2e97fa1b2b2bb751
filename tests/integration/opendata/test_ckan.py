"""CKAN's action API: the unchanged ckanapi client against a live server, a harvester's way through it, and every kind of refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ckanapi import NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import NotAuthorized, SearchQueryError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.live_server_helper import LiveServer

from factories.opening import Opening, copies
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.models import Dataset

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def ckan(live_server: LiveServer) -> Iterator[RemoteCKAN]:
    with RemoteCKAN(live_server.url) as client:
        yield client


def ask(name: str, **given: Any) -> Any:
    answer = Client().get(
        f"/api/3/action/{name}", {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
    )
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["result"]


def test_the_unchanged_client_lists_searches_and_shows(opening: Opening, ckan: RemoteCKAN) -> None:
    number = opening.opened(contact="open@example.gov.cn")
    copies(number, 3)
    names = ckan.action.package_list()
    assert names[0] == f"dataset-{number}"
    assert len(names) == 4
    assert ckan.action.package_list(limit=2, offset=1) == names[1:3]
    package = ckan.action.package_show(id=names[0])
    assert ckan.action.package_show(id=package["id"]) == package
    assert package["maintainer_email"] == "open@example.gov.cn"
    found = ckan.action.package_search(q="区划", **{"facet.field": ["organization", "groups", "tags", "res_format", "license_id"]})
    assert found["count"] == 4
    assert set(found["search_facets"]) == {"organization", "groups", "tags", "res_format", "license_id"}
    assert found["facets"]["groups"] == {"government": 4}
    assert found["facets"]["tags"]["行政区划名称"] == 4
    [office] = ckan.action.organization_list(all_fields=True)
    assert office["package_count"] == 4
    assert len(ckan.action.organization_show(id=office["name"], include_datasets=True)["packages"]) == 4
    assert ckan.action.organization_show(id=package["owner_org"])["title"] == "市民政局"
    assert ckan.action.group_list() == ["government"]
    assert ckan.action.group_show(id="government")["package_count"] == 4
    assert "行政区划名称" in ckan.action.tag_list(query="区划")
    assert len(ckan.action.tag_show(id="行政区划名称", include_datasets=True)["packages"]) == 4
    [csv] = [one for one in package["resources"] if one["format"] == "CSV" and one["resource_type"] == "file"]
    assert ckan.action.resource_show(id=csv["id"]) == csv
    assert ckan.action.resource_search(query="format:CSV")["count"] == 4
    assert ckan.action.resource_search(query=f"hash:{csv['hash']}")["count"] == 4
    assert len(ckan.action.license_list()) == 3
    assert ckan.action.site_read() is True
    assert ckan.action.status_show()["site_url"] == ckan.address
    assert len(ckan.action.current_package_list_with_resources(limit=3)) == 3
    assert ckan.call_action("help_show", {"name": "package_show"}).startswith("Return a dataset")
    with RemoteCKAN(ckan.address, get_only=True) as reading:
        assert reading.action.package_show(id=package["id"]) == package


def test_queries_of_harvesters_are_answered(opening: Opening) -> None:
    number = opening.opened()
    package = ask("package_show", id=f"dataset-{number}")
    office = package["organization"]["name"]
    wanted = {
        f"+organization:({office} OR nobody)": 1,
        f"organization:{office} AND groups:government": 1,
        f"owner_org:{package['owner_org']}": 1,
        "organization:nobody": 0,
        "-organization:nobody": 1,
        'tags:"行政区划名称"': 1,
        "tags:没有": 0,
        "res_format:CSV": 1,
        "res_format:KML": 0,
        "license_id:cc-by-4.0": 1,
        "state:active AND dataset_type:dataset": 1,
        f"name:dataset-{number}": 1,
        f"id:{package['id']}": 1,
        "title:区划": 1,
        f"metadata_modified:[{package['metadata_modified']}Z TO *]": 1,
        f"metadata_modified:{{{package['metadata_modified']} TO *}}": 0,
        "metadata_modified:[* TO 2000-01-01T00:00:00Z]": 0,
        "*:*": 1,
    }
    assert {query: ask("package_search", fq=query)["count"] for query in wanted} == wanted
    assert ask("package_search", q="*:*", rows="0")["results"] == []
    assert ask("package_search", fl=["id", "name"])["results"] == [{"id": package["id"], "name": package["name"]}]
    for sort in ("metadata_modified desc", "id asc", "title_string asc, name desc", "score desc", "name"):
        assert ask("package_search", sort=sort)["count"] == 1


def test_a_harvester_pulls_what_changed_since_and_nothing_else(opening: Opening) -> None:
    number = opening.opened()
    others = copies(number, 2)
    Dataset.objects.filter(pk__in=others).update(changed_at=NOW - timedelta(days=300))
    last = ask("package_search", sort="metadata_modified desc", rows="1")["results"][0]["metadata_modified"]
    since = f"metadata_modified:{{{last}Z TO *]"
    assert ask("package_search", fq=since)["count"] == 0
    opening.change("update civil.division set people = people + 1")
    opendata.follow(now=NOW + timedelta(hours=1))
    before = ask("package_show", id=f"dataset-{number}")
    opening.build()
    [found] = ask("package_search", fq=since, sort="metadata_modified asc")["results"]
    assert found["id"] == before["id"]
    assert [one["id"] for one in found["resources"]] == [one["id"] for one in before["resources"]]
    assert found["version"] == "2"
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="口径有误", now=NOW)
    assert Client().get(f"/api/3/action/package_show?id={found['id']}").status_code == 404
    assert Client().get(f"/api/3/action/resource_show?id={found['resources'][0]['id']}").status_code == 404
    assert len(ask("package_list")) == 2
    assert ask("package_search", q="区划")["count"] == 2
    assert ask("resource_search", query="format:CSV")["count"] == 2


def test_pages_cost_the_same_queries_however_long(opening: Opening) -> None:
    number = opening.opened()
    addresses = (
        "package_search?facet.field=%5B%22organization%22%2C%22tags%22%5D",
        "current_package_list_with_resources",
        "organization_list?all_fields=true",
        "group_list",
        "tag_list",
        "resource_search?query=format:CSV",
    )
    counts = []
    for _round in range(2):
        counts.append([])
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert Client().get(f"/api/3/action/{address}").status_code == 200
            counts[-1].append(len(queries))
        copies(number, 5)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8


def test_refusals_have_the_shape_that_clients_know(opening: Opening, ckan: RemoteCKAN) -> None:
    opening.opened()
    with pytest.raises(NotFound):
        ckan.action.package_show(id="nobody")
    with pytest.raises(NotFound):
        ckan.action.organization_show(id="nobody")
    with pytest.raises(ValidationError) as missing:
        ckan.action.package_show()
    assert missing.value.error_dict["id"] == ["Missing value"]
    with pytest.raises(SearchQueryError):
        ckan.action.package_search(q="tags:(a")
    with pytest.raises(SearchQueryError):
        ckan.action.package_search(sort="colour desc")
    with pytest.raises(NotAuthorized):
        ckan.action.package_create(name="mine")


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [
        ("nothing_known", "", 400),
        ("package_search", "rows=many", 409),
        ("package_search", "start=-1", 409),
        ("package_search", "facet.field=%5B", 409),
        ("package_search", "facet.field=%5B%22colour%22%5D", 409),
        ("package_search", "q=a%20OR%20b", 400),
        ("package_search", "fq=metadata_modified:yesterday", 400),
        ("package_search", "q=" + "x" * 1200, 400),
        ("resource_show", "id=dataset-1", 404),
        ("resource_search", "query=colour:red", 409),
        ("package_show", "id=dataset-" + "9" * 30, 404),
        ("package_show", "id=%00", 400),
        ("package_delete", "id=dataset-1", 403),
        ("tag_show", "id=x", 404),
        ("group_show", "id=x", 404),
        ("organization_list", "sort=colour", 409),
    ],
)
def test_bad_questions_are_told_what_is_wrong(db: None, name: str, query: str, status: int) -> None:
    answer = Client().get(f"/api/3/action/{name}?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == status, answer.content.decode()
    document = answer.json()
    assert isinstance(document, str) or "__type" in document.get("error", {}) or document["code"] == "bad-text"


def test_bodies_that_are_no_question_are_refused(db: None) -> None:
    address = "/api/3/action/package_search"
    for body, status in (
        (b"[1]", 400),
        (b"{", 400),
        (b'{"q": "\\u0000"}', 400),
        (b'{"q": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b"x" * 300_000, 413),
    ):
        assert Client().post(address, body, content_type="application/json").status_code == status, body[:20]
    assert Client().post(address, {"q": "*:*", "rows": "1"}).status_code == 200
    assert Client().post(address).status_code == 200
    assert Client().put(address).status_code == 405
    assert Client(enforce_csrf_checks=True).post(address, b"{}", content_type="application/json").status_code == 200
    assert Client().options(address)["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert Client().get("/api/1/action/site_read").json()["result"] is True


def test_the_command_line_client_dumps_everything(opening: Opening, live_server: LiveServer) -> None:
    copies(opening.opened(), 3)
    programs = Path(sys.executable).parent  # its workers are started by name
    command = [programs / "ckanapi", "dump", "datasets", "--all", "-r", live_server.url, "-p", "1", "-q"]
    done = subprocess.run(
        command, capture_output=True, timeout=120, check=False, env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 4, done.stderr.decode()
    assert all(one["resources"] for one in lines)
