"""The sandbox: every kind of column, the same rows always, refusals on demand, and in no list of the portal."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.web import clients as shown
from zhengtong.engines.rowquery.table import Kind
from zhengtong.gateway.moments import SECOND
from zhengtong.gateway.opendata import sandbox
from zhengtong.gateway.opendata.fairness import Share
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.project import clients

from .test_clients import portal  # noqa: F401 - a fixture
from .test_open_rows import Caller

BASE = "/open/v1/datasets/0"
#: of all rows as CSV: whoever changes the rows breaks the programs that were tried with them
ROWS_HASH = "708f0219d67eebe3b0ae8c133b5b353753a62854a818acf5120de9a5f7ea37f9"


@pytest.fixture
def caller(hub: str) -> Caller:
    return Caller(hub)


def test_the_rows_are_what_the_description_says(caller: Caller) -> None:
    told, schema, page, dump = caller.together([f"{BASE}/", f"{BASE}/schema", f"{BASE}/rows?limit=1000", f"{BASE}/rows?format=csv"])
    assert (told.json()["rows"], told.json()["fictitious"], told.json()["links"]["rows"]) == (1000, True, f"{BASE}/rows")
    assert {one["kind"] for one in schema.json()["columns"]} == {kind.value for kind in Kind}
    rows = page.json()["data"]
    assert (len(rows), page.json()["total"], page.json()["next"]) == (1000, 1000, None)
    for column in sandbox.TABLE.columns:
        assert (None in {row[column.key] for row in rows}) is column.nulls, column.key
        if column.kind is Kind.TEXT and not column.formulas:
            assert not [row for row in rows if (row[column.key] or "x")[0] in "=+-@"], column.key
    assert all("虚构" in row["name"] and 83 <= row["longitude"] < 84 and 38 <= row["latitude"] < 39 for row in rows)
    assert "'=1+1" in dump.text
    assert hashlib.sha256(dump.content).hexdigest() == ROWS_HASH


def test_every_kind_can_be_asked(caller: Caller) -> None:
    asked = {
        "kind=公园": 250,
        "visitors__isnull=true": 58,
        "area__gte=9000": None,
        "score__lt=1": None,
        "opened__gte=2010-01-01": None,
        "updated__lt=2026-02-01T00:00:00%2B08:00": None,
        "active=true": 834,
        "longitude__gte=83.5&latitude__lt=38.5": None,
        "note__startswith==1": 13,
    }
    for query, count in asked.items():
        answer = caller.get(f"{BASE}/rows?{query}&limit=1").json()
        assert 0 < answer.get("total", 0) < 1000, (query, answer)
        total = answer["total"]
        assert count in {None, total}, (query, total)


@pytest.mark.parametrize("what", sandbox.PROVOKED)
def test_it_refuses_as_it_is_asked(caller: Caller, what: str) -> None:
    if what == "flaky":
        sandbox.provoke(what, now_ns=3 * SECOND)
        with pytest.raises(ZhengtongError) as refused:
            sandbox.provoke(what, now_ns=4 * SECOND)
        assert refused.value.status == 429
        return
    for rest in ("rows", "", "schema", "facets"):
        answer = caller.get(f"{BASE}/{rest}?provoke={what}")
        assert (answer.status_code, answer.json()["field"]) == (int(what), "provoke")
        assert ("retry-after" in answer.headers) is (what in {"429", "503"})
        assert answer.json()["code"] == sandbox.PROVOKED[what].partition(",")[0]


def test_what_cannot_be_provoked_is_refused_and_only_the_sandbox_provokes(caller: Caller) -> None:
    assert caller.get(f"{BASE}/rows?provoke=500").json()["code"] == "bad-query"
    assert caller.get("/open/v1/datasets/1/?provoke=503").status_code == 404
    assert caller.get(f"{BASE}/rows?version=2").json()["code"] == "version-gone"


@pytest.mark.usefixtures("hub")
def test_no_list_and_no_figure_has_it() -> None:
    assert list(opendata.all_cards(opendata.Question())) == []
    assert opendata.published_total(opendata.Selection()) == 0
    for address in ("/open/datasets/0/", "/open/datasets/0/dcat.ttl", "/open/ogc/collections/dataset-0"):
        assert Client().get(address).status_code == 404, address
    assert Client().get("/data.json").json()["dataset"] == []
    assert Client().get("/api/3/action/package_search").json()["result"]["count"] == 0


@pytest.mark.usefixtures("hub")
def test_the_page_says_what_can_be_provoked_and_which_rates_hold() -> None:
    page = Client().get("/open/developers/").content.decode()
    assert set(shown.PROVOKED_LABELS) == set(sandbox.PROVOKED)
    for name in sandbox.PROVOKED:
        assert f"provoke={name}" in page
    assert (opendata.FREE_SHARE.per_second, opendata.FREE_SHARE.burst) == (Share().per_second, Share().burst)


PRINTED = {
    "curl": "ratelimit-",
    "pages": "250\n",
    "wait": "1000\n",
    "pull": "new version 1\n",
    "duckdb": "[('体育馆', 250), ('公园', 250), ('图书馆', 250), ('展览馆', 250)]\n",
    "browser": "403 dataset-conditional\n",
}


def test_recipes_do_what_they_say(portal: str, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    for name in shown.FILES:
        (tmp_path / name).write_bytes((clients.FOLDER / name).read_bytes())
    programs = {"Python": ([sys.executable], ".py"), "JavaScript": (["node"], ".mjs"), "curl": (["bash"], ".sh")}
    recipes = {one.name: one for one in shown.sandbox_recipes(portal)}
    # pandas is not installed here; the file it reads is the one that DuckDB reads
    assert set(recipes) - set(PRINTED) == {"pandas"}
    for name, expected in PRINTED.items():
        program, end = programs[recipes[name].language]
        (tmp_path / f"recipe-{name}{end}").write_text(recipes[name].text)
        done = subprocess.run([*program, f"recipe-{name}{end}"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (name, done.stderr)
        assert expected in done.stdout.lower() if name == "curl" else done.stdout == expected, (name, done.stdout)
    assert len(json.loads((tmp_path / "page.json").read_text())["data"]) == 3
