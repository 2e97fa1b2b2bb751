"""CKAN's datastore over the rows of open datasets: searches, pages, dumps, by the unchanged client and by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from ckanapi import NotFound, RemoteCKAN, ValidationError
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata

pytestmark = pytest.mark.usefixtures("hub")
KEYS = ["dm", "mc", "rks", "mj", "gx"]
WRONG = [
    "format=xlsx",
    "fields=colour",
    "filters=%5B%5D",
    "filters=%7B%22rks%22%3A%22many%22%7D",
    "filters=%7B%22rks%22%3A%7B%22near%22%3A1%7D%7D",
    "limit=many",
    "sort=dm%20sideways",
    "q=x&offset=100001",
    "records_format=yaml",
    "q=%7B%22mc%22",
]
QUESTIONS: list[tuple[dict[str, Any], list[int]]] = [
    ({"filters": {"dm": "370103"}}, [4]),
    ({"filters": {"dm": ["370103", "370105"]}}, [4, 6]),
    ({"filters": {"rks": {"gte": 1009}}}, [10, 11, 12]),
    ({"filters": {"rks": {"gt": 1000, "lt": 1003}}}, [2, 3]),
    ({"filters": {"_id": 7}}, [7]),
    ({"filters": {"gx": None}}, []),
    ({"q": "第3区"}, [4]),
    ({"q": "区 3701 第1"}, [2, 11, 12]),
    ({"q": {"mc": "第2"}}, [3]),
    ({"sort": "rks desc", "limit": 2}, [12, 11]),
    ({"sort": "gx asc, _id desc", "limit": 1}, [12]),
    ({"filters": {"rks": {"gte": 1009}}, "offset": 1}, [11, 12]),
    ({"offset": 10}, [11, 12]),
    ({"offset": 99999999999999999999}, []),
]


@pytest.fixture
def ckan(live_server: LiveServer) -> Iterator[RemoteCKAN]:
    with RemoteCKAN(live_server.url) as client:
        yield client


@pytest.fixture
def resource(opening: Opening) -> str:
    """The resource whose rows are in the datastore."""
    number = opening.opened()
    answer = Client().get(f"/api/3/action/package_show?id=dataset-{number}").json()["result"]
    [found] = [one for one in answer["resources"] if one["datastore_active"]]
    return str(found["id"])


def test_the_unchanged_client_searches_and_pages_the_rows(resource: str, ckan: RemoteCKAN) -> None:
    first = ckan.action.datastore_search(resource_id=resource, limit=5)
    assert first["total"] == 12
    assert [one["id"] for one in first["fields"]] == ["_id", *KEYS]
    assert first["records"][0] == {"_id": 1, "dm": "370100", "mc": "第0区", "rks": 1000, "mj": 12.5, "gx": "2026-06-01"}
    rows: list[Any] = []
    while True:
        page = ckan.action.datastore_search(resource_id=resource, limit=5, offset=len(rows))
        assert page["total"] == 12
        if not page["records"]:
            break
        rows += page["records"]
    assert [row["_id"] for row in rows] == list(range(1, 13))
    info = ckan.action.datastore_info(id=resource)
    assert info["meta"]["count"] == 12
    assert [(one["id"], one["type"]) for one in info["fields"]] == [
        ("dm", "text"),
        ("mc", "text"),
        ("rks", "int8"),
        ("mj", "numeric"),
        ("gx", "date"),
    ]
    assert ckan.action.datastore_search(resource_id=resource, limit=0)["records"] == []
    with pytest.raises(NotFound):
        ckan.action.datastore_search(resource_id="nobody")
    with pytest.raises(ValidationError) as wrong:
        ckan.action.datastore_search(resource_id=resource, filters={"colour": "red"})
    assert "colour" in wrong.value.error_dict


def test_questions(resource: str) -> None:
    for question, found in QUESTIONS:
        asked(resource, question, found)


def asked(resource: str, question: dict[str, Any], found: list[int]) -> None:
    body = json.dumps({"resource_id": resource, **question})
    result = Client().post("/api/3/action/datastore_search", body, content_type="application/json").json()["result"]
    assert [row["_id"] for row in result["records"]] == found
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in question.items()}
    again = Client().get("/api/3/action/datastore_search", {"resource_id": resource, **texts}).json()["result"]
    assert again["records"] == result["records"]
    if "limit" not in question and "offset" not in question:
        assert result["total"] == len(found)


def test_fields_distinct_and_forms_of_records(resource: str) -> None:
    def ask(**given: Any) -> Any:
        answer = Client().post(
            "/api/3/action/datastore_search", json.dumps({"resource_id": resource, **given}), content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
        return answer.json()["result"]

    assert ask(fields=["gx", "mj"], distinct=True)["records"] == [{"gx": "2026-06-01", "mj": 12.5}]
    assert ask(fields="dm,rks", limit=1)["records"] == [{"dm": "370100", "rks": 1000}]
    assert ask(fields=["dm", "rks"], limit=1, records_format="lists")["records"] == [["370100", 1000]]
    assert ask(fields=["dm", "rks"], limit=2, records_format="csv")["records"] == "370100,1000\n370101,1001\n"
    assert ask(fields=["dm", "rks"], limit=1, records_format="tsv")["records"] == "370100\t1000\n"
    assert "total" not in ask(include_total=False)
    following = ask(limit=5)["_links"]["next"]
    assert Client().get(following).json()["result"]["records"][0]["_id"] == 6


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_dumps_hold_every_row_in_every_form(resource: str) -> None:
    address = f"/datastore/dump/{resource}"
    rows = list(csv.DictReader(io.StringIO(body(Client().get(address)).decode())))
    assert [row["_id"] for row in rows] == [str(number) for number in range(1, 13)]
    assert list(rows[0]) == ["_id", *KEYS]
    assert body(Client().get(f"{address}?bom=true")).startswith("\ufeff_id,".encode())
    tabs = body(Client().get(f"{address}?format=tsv")).decode().splitlines()
    assert tabs[0].split("\t") == ["_id", *KEYS]
    assert len(tabs) == 13
    document = json.loads(body(Client().get(f"{address}?format=json")))
    assert [one["id"] for one in document["fields"]] == ["_id", *KEYS]
    assert document["records"][0] == [1, "370100", "第0区", 1000, 12.5, "2026-06-01"]
    assert len(document["records"]) == 12
    tree = ET.fromstring(body(Client().get(f"{address}?format=xml")))  # noqa: S314 - our own
    assert [row.get("_id") for row in tree] == [str(number) for number in range(1, 13)]
    assert tree[3].findtext("mc") == "第3区"
    part = body(Client().get(f"{address}?filters=%7B%22dm%22%3A%22370103%22%7D&fields=mc")).decode()
    assert part == "mc\n第3区\n"
    assert body(Client().get(f"{address}?limit=2&offset=3&fields=_id&format=csv")).decode() == "_id\n4\n5\n"
    assert json.loads(body(Client().get(f"{address}?format=json&q=nothing")))["records"] == []


def test_bad_questions_are_told_what_is_wrong(resource: str) -> None:
    for query in WRONG:
        for address in (f"/datastore/dump/{resource}?{query}", f"/api/3/action/datastore_search?resource_id={resource}&{query}"):
            if ("format=xlsx" in query and "search" in address) or ("records_format" in query and "dump" in address):
                continue
            answer = Client().get(address)
            assert answer.status_code == 409, address
            assert answer.json()["error"]["__type"] == "Validation Error"


def test_rows_of_what_was_withdrawn_are_gone(opening: Opening, resource: str) -> None:
    number = next(iter(opendata.published_names()))
    opendata.withdraw(actor=opening.circle.chief, number=number, reason="口径有误", now=NOW)
    assert Client().get(f"/datastore/dump/{resource}").status_code == 404
    assert Client().get(f"/api/3/action/datastore_search?resource_id={resource}").status_code == 404
    assert Client().get(f"/api/3/action/datastore_info?id={resource}").status_code == 404
    assert Client().post(f"/datastore/dump/{resource}").status_code == 405
