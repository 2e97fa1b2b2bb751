"""The public interface of rows over HTTP: answers, refusals with reasons, fair shares, and dumps that are equal at one version."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from factories.opening import Opening
from factories.sharing import NOW
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.operations import tabling
from zhengtong.gateway.open_rows import OpenRowsApp
from zhengtong.gateway.opendata.desk import OpenDesk, OpenSettings
from zhengtong.gateway.opendata.fairness import Share

FREE = Share(per_second=0)


class Caller:
    """Asks a desk of its own, question by question."""

    def __init__(self, url: str, share: Share = FREE) -> None:
        self.settings = OpenSettings(url, share)

    def together(self, paths: list[str], **headers: str) -> list[httpx.Response]:
        """Questions asked at the same time."""

        async def asked() -> list[httpx.Response]:
            desk = OpenDesk(self.settings)
            transport = httpx.ASGITransport(OpenRowsApp(desk))
            try:
                async with httpx.AsyncClient(transport=transport, base_url="http://open", headers=headers) as client:
                    return list(await asyncio.gather(*(client.get(path) for path in paths)))
            finally:
                await desk.close()

        return asyncio.run(asked())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.together([path], **headers)[0]


@pytest.fixture
def caller(hub: str) -> Caller:
    return Caller(hub)


@pytest.fixture
def number(opening: Opening) -> int:
    return opening.opened()


def rows(number: int, query: str = "") -> str:
    return f"/open/v1/datasets/{number}/rows?{query}"


def test_rows_in_three_forms(caller: Caller, number: int) -> None:
    answer = caller.get(rows(number, "rks__gte=1009&fields=dm,rks&sort=-rks"))
    assert answer.json()["data"] == [{"dm": "370111", "rks": 1011}, {"dm": "370110", "rks": 1010}, {"dm": "370109", "rks": 1009}]
    assert (answer.json()["total"], answer.json()["next"], answer.json()["version"]) == (3, None, 1)
    assert answer.headers["access-control-allow-origin"] == "*"
    text = caller.get(rows(number, "format=csv&rks__gte=1009"))
    assert text.headers["content-type"].startswith("text/csv")
    assert [row["dm"] for row in csv.DictReader(io.StringIO(text.text))] == ["370109", "370110", "370111"]
    lines = caller.get(rows(number, "limit=2"), accept="application/x-ndjson").text.splitlines()
    assert [json.loads(line)["dm"] for line in lines] == ["370100", "370101"]
    assert caller.get(rows(number, "format=csv&dm=none")).text == "dm,mc,rks,mj,gx\n"


def test_pages_by_cursor_hold_every_row_once(caller: Caller, number: int) -> None:
    found, after = [], ""
    while after is not None:
        page = caller.get(rows(number, f"limit=5&sort=mc&after={after}")).json()
        found += [row["dm"] for row in page["data"]]
        after = page["next"]
    assert sorted(found) == [f"3701{place:02d}" for place in range(12)]


def test_facets_measures_schema_and_openapi(caller: Caller, number: int) -> None:
    base = f"/open/v1/datasets/{number}"
    facets = caller.get(f"{base}/facets?items=gx&rks__lt=1005").json()["facets"]
    assert facets == {"gx": {"values": [{"value": "2026-06-01", "count": 5}], "more": False}}
    measured = caller.get(f"{base}/aggregate?group=gx&measures=count,sum:mj&sort=-count").json()
    assert (measured["data"], measured["more"]) == ([{"gx": "2026-06-01", "count": 12, "sum_mj": "150.00"}], False)
    schema = caller.get(f"{base}/schema").json()
    assert (schema["rows"], schema["key"], schema["version"]) == (12, ["dm"], 1)
    document = caller.get(f"{base}/openapi.json").json()
    assert f"{base}/rows" in document["paths"]


REFUSED: tuple[tuple[str, str, str | None], ...] = (
    ("lxr=1", "unknown-item", "lxr"),
    ("fields=dm,id_number", "unknown-item", "id_number"),
    ("rks=many", "bad-value", "rks"),
    ("rks=99999999999999999999", "bad-value", "rks"),
    ("gx__gte=2026-02-30", "bad-value", "gx"),
    ("rks__contains=1", "bad-operator", "rks"),
    ("sort=nothing", "unknown-item", "nothing"),
    ("limit=0", "bad-query", "limit"),
    ("limit=1001", "page-too-large", "limit"),
    ("limit=1&limit=2", "bad-query", "limit"),
    ("after=x", "bad-cursor", "after"),
    ("after=" + "A" * 7000, "bad-cursor", "after"),
    ("where=[1", "bad-query", "where"),
    ("where=" + "[" * 5000, "bad-query", "where"),
    ('where={"and":[]}', "bad-query", "where"),
    ("where=" + '{"and":[' * 7 + '{"item":"dm","value":"1"}' + "]}" * 7, "too-many-filters", "where"),
    ("&".join(f"dm__ne={place}" for place in range(60)), "too-many-filters", "dm__ne"),
    ("format=xml", "bad-query", "format"),
    ("version=zero", "bad-query", "version"),
    ("distinct=true", "bad-query", "fields"),
    ("mc__eq__eq=1", "unknown-item", "mc__eq"),
    ("mc=%00", "bad-value", "mc"),
    ("mc=%ff", "bad-query", None),
)


def test_what_cannot_be_asked_is_refused_with_its_reason(caller: Caller, number: int) -> None:
    answers = caller.together([rows(number, query) for query, _code, _field in REFUSED])
    told = [
        (query, answer.status_code, answer.json()["code"], answer.json().get("field"))
        for (query, *_), answer in zip(REFUSED, answers, strict=True)
    ]
    assert told == [(query, 400, code, field) for query, code, field in REFUSED]
    assert all(answer.json()["party"] == "client" and answer.json()["request_id"] for answer in answers)


def test_refusals_speak_english_on_request(caller: Caller, number: int) -> None:
    path = rows(number, "rks=many")
    assert "信息项" in caller.get(path).json()["message"]
    assert caller.get(path, **{"accept-language": "en"}).json()["code"] == "bad-value"


def test_what_is_not_open_is_not_there(caller: Caller, number: int, opening: Opening) -> None:
    assert caller.get(rows(10**9)).json()["code"] == "dataset-unknown"
    assert caller.get(rows(10**10 - 1)).status_code == 404
    assert caller.get("/open/v1/datasets/x/rows").json()["code"] == "no-such-path"
    assert caller.get(rows(number, "version=9")).json()["code"] == "version-gone"
    opendata.withdraw(actor=opening.circle.approver, number=number, reason="清单调整", now=NOW)
    for path in ("rows", "rows?format=csv", "facets?items=gx", "aggregate", "schema", "openapi.json"):
        answer = caller.get(f"/open/v1/datasets/{number}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (410, "dataset-gone")


def test_the_rows_of_a_conditional_dataset_are_for_applicants(caller: Caller, opening: Opening) -> None:
    number = opening.opened(conditions=opendata.Conditions("company", "研究区划沿革", "加密保存", 365, 180))
    for path in (
        f"/open/v1/datasets/{number}/{what}" for what in ("rows", "facets?item=dm", "aggregate?group=dm", "schema", "openapi.json")
    ):
        answer = caller.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "dataset-conditional"), path
    with pytest.raises(opendata.ConditionalOnly):
        opendata.row_schema(number)


def test_before_publication_nothing_is_there(caller: Caller, opening: Opening) -> None:
    number = opening.approved()
    assert caller.get(rows(number)).status_code == 404


def test_a_large_table_says_which_index_is_missing(caller: Caller, opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabling, "SMALL", 5)
    monkeypatch.setattr("zhengtong.engines.rowquery.table.SMALL", 5)
    number = opening.opened()
    answer = caller.get(rows(number, "mc__contains=1")).json()
    assert (answer["code"], answer["field"]) == ("not-indexed", "mc")
    assert "dm" in answer["remedy"]
    base = f"/open/v1/datasets/{number}"
    assert caller.get(f"{base}/aggregate").json()["code"] == "not-indexed"
    assert caller.get(f"{base}/facets?items=gx").json()["facets"]["gx"]["values"][0]["count"] == 12


def test_an_address_that_asks_too_much_waits_and_others_do_not(hub: str, number: int) -> None:
    answers = Caller(hub, Share(per_second=0.001, burst=3)).together([rows(number)] * 5)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 429, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "rate-exceeded"
    assert int(refused.headers["retry-after"]) > 0
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"3"}
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {"3;w=3000"}


def test_three_dumps_while_the_data_is_published_anew_are_equal_at_one_version(caller: Caller, opening: Opening) -> None:
    number = opening.opened()
    page = caller.get(rows(number, "limit=5")).json()
    path = rows(number, "format=csv&version=1")
    hashes = {hashlib.sha256(caller.get(path).content).hexdigest()}
    opening.change("update civil.division set people = people + 1")
    opendata.follow(now=NOW)
    seen = watched(opening.build, lambda: hashes.add(hashlib.sha256(caller.get(path).content).hexdigest()))
    assert seen > 0
    hashes.add(hashlib.sha256(caller.get(path).content).hexdigest())
    assert len(hashes) == 1
    assert caller.get(rows(number, "format=csv")).headers["zhengtong-version"] == "2"
    # a reader who began to page goes on in the version it began with
    rest = caller.get(rows(number, f"limit=100&after={page['next']}")).json()
    assert (len(rest["data"]), rest["version"]) == (7, 1)


def watched(build: Callable[[], Any], look: Callable[[], Any]) -> int:
    """Look again and again while the build writes; how often."""
    seen = 0
    write = tabling.loaded

    def loaded(*args: Any) -> Any:
        nonlocal seen
        table = write(*args)
        look()
        seen += 1
        return table

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabling, "loaded", loaded)
        assert build() is opendata.BuildState.DONE
    return seen


NASTY = (
    "rows",
    "rows?mc__contains=%27%3B--",
    "rows?sort=-mc,rks,dm&limit=1000",
    "rows?format=csv",
    "rows?format=ndjson&where={%22or%22:[{%22item%22:%22mc%22,%22op%22:%22contains%22,%22value%22:%221%22}]}",
    "rows?distinct=true&fields=mc",
    "rows?rks__in=" + ",".join(map(str, range(100))),
    "rows?where=" + "%7B" * 500,
    "facets?items=dm,mc,rks,mj,gx",
    "aggregate?group=mc&measures=avg:rks,max:mj",
    "aggregate?measures=sum:mc",
    "rows?dm=%F0%9F%98%80",
    "openapi.json",
    "schema?x=1",
)


def test_64_clients_with_nasty_questions_meet_no_fault(hub: str, number: int) -> None:
    paths = [f"/open/v1/datasets/{number}/{NASTY[place % len(NASTY)]}" for place in range(64 * 4)]
    for share in (FREE, Share()):
        answers = Caller(hub, share).together(paths)
        assert {answer.status_code for answer in answers} <= {200, 400, 429}
        assert any(answer.status_code == 200 for answer in answers)
