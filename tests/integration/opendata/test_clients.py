"""The clients that the portal hands out: generated from the OpenAPI document, run against a server; recipes run as shown."""

from __future__ import annotations

import csv
import html
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import connections
from django.test import Client
from pytest_django import Settings

from factories.opening import Opening
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.opendata.web import clients as shown
from zhengtong.apps.flow.opendata.web.handouts import zhengtong_open
from zhengtong.gateway.open_rows import OpenRowsApp
from zhengtong.gateway.opendata.desk import PREFIX, OpenDesk, OpenSettings
from zhengtong.gateway.opendata.fairness import Share
from zhengtong.project import clients

TERMS = opendata.Conditions("company", "研究区划沿革", "加密保存,不得转让", 365, 180)
_SECONDS = 60


@pytest.fixture
def portal(hub: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The portal at an address: pages by Django, rows by their desk."""
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)  # its thread ends without closing any
    desk, django = OpenDesk(OpenSettings(hub, Share(per_second=0))), get_asgi_application()
    rows = OpenRowsApp(desk)

    async def served(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await desk.close()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await (rows if scope["path"].startswith(PREFIX.decode()) else django)(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(served, port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + _SECONDS
    while not server.started:
        assert time.monotonic() < end
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(_SECONDS)


class _Busy(BaseHTTPRequestHandler):
    """Says to come again twice, and then answers."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        busy = len(self.asked) % 3
        body = json.dumps({"code": "too-fast", "message": "later"} if busy else {"data": [], "next": None, "total": 0}).encode()
        self.send_response(429 if busy else 200)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def busy() -> Iterator[str]:
    _Busy.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), _Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def script(folder: Path, text: str) -> str:
    """What a program in JavaScript prints."""
    (folder / "zhengtong-open.mjs").write_text((clients.FOLDER / "zhengtong-open.mjs").read_text())
    (folder / "program.mjs").write_text(text)
    done = subprocess.run(["node", "program.mjs"], cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_clients_are_what_the_document_gives() -> None:
    assert clients.differing() == [], "run python -m zhengtong.project.clients write"


def test_python_reads_everything(opening: Opening, portal: str, tmp_path: Path) -> None:
    number = opening.opened()
    client = zhengtong_open.Portal(portal)
    assert [(one["number"], one["title"]) for one in client.datasets("区划")] == [(number, "行政区划代码")]
    assert client.schema(number)["rows"] == 12
    page = client.rows_page(number, {"rks__gte": 1009}, fields=["dm", "rks"], sort=["-rks"], limit=2)
    assert (page["data"][0], page["total"], bool(page["next"])) == ({"dm": "370111", "rks": 1011}, 3, True)
    where = {"or": [{"item": "dm", "op": "eq", "value": "370100"}, {"item": "dm", "op": "eq", "value": "370105"}]}
    assert [one["dm"] for one in client.rows(number, where=where)] == ["370100", "370105"]
    assert [one["dm"] for one in client.rows(number, {"dm__in": ["370101", "370102"]})] == ["370101", "370102"]
    assert len(list(client.rows(number, limit=5))) == 5
    assert client.facets(number, items=["mj"])["facets"]["mj"]["values"] == [{"value": "12.50", "count": 12}]
    assert client.aggregate(number, measures=["count", "max:rks"])["data"] == [{"count": 12, "max_rks": 1011}]
    assert client.dump(number, tmp_path / "all.csv", {"rks__lt": 1002}) == (tmp_path / "all.csv").stat().st_size
    assert [one["dm"] for one in csv.DictReader((tmp_path / "all.csv").open())] == ["370100", "370101"]
    assert not (tmp_path / "all.csv.part").exists()


def test_python_follows_cursors(opening: Opening, portal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = opening.opened()
    monkeypatch.setattr(zhengtong_open, "LARGEST_PAGE", 5)
    assert [one["dm"] for one in zhengtong_open.Portal(portal).rows(number)] == [f"3701{place:02d}" for place in range(12)]


def test_python_errors_say_what_is_wrong(opening: Opening, portal: str, tmp_path: Path) -> None:
    number = opening.opened(conditions=TERMS)
    client = zhengtong_open.Portal(portal, language="en")
    assert [one["resources"] for one in client.datasets()] == [[]]
    with pytest.raises(zhengtong_open.RestrictedError) as restricted:
        client.rows_page(number)
    assert restricted.value.code == "dataset-conditional"
    with pytest.raises(zhengtong_open.UnknownError):
        client.schema(999_999)
    client = zhengtong_open.Portal(portal, key="wrong", language="en")
    with pytest.raises(zhengtong_open.RestrictedError) as wrong:
        client.rows_page(number)
    assert wrong.value.code == "key-refused"
    with pytest.raises(zhengtong_open.RefusedError) as keyed:
        client.granted(number, "data.csv", tmp_path / "x")
    assert keyed.value.status in {401, 403, 404}
    assert not (tmp_path / "x").exists()


def test_clients_wait_as_long_as_they_are_told(busy: str, tmp_path: Path) -> None:
    waited: list[float] = []
    client = zhengtong_open.Portal(busy, sleep=waited.append)
    assert (client.rows_page(1)["total"], waited) == (0, [7.0, 7.0])
    with pytest.raises(zhengtong_open.TooFastError) as refused:
        zhengtong_open.Portal(busy, retries=1, sleep=waited.append).rows_page(1)
    assert refused.value.code == "too-fast"
    _Busy.asked.clear()
    text = f"""import {{ Portal, TooFastError }} from "./zhengtong-open.mjs";
    const waited = [], sleep = async (seconds) => waited.push(seconds);
    const page = await new Portal("{busy}", {{ sleep }}).rowsPage(1);
    const refused = await new Portal("{busy}", {{ sleep, retries: 1 }}).rowsPage(1).catch((one) => one);
    console.log(JSON.stringify([page.total, waited, refused instanceof TooFastError, refused.code]));"""
    assert json.loads(script(tmp_path, text)) == [0, [7, 7, 7], True, "too-fast"]


def test_javascript_reads_everything(opening: Opening, portal: str, tmp_path: Path) -> None:
    number = opening.opened()
    text = f"""import {{ BadQuestionError, Portal, UnknownError }} from "./zhengtong-open.mjs";
    const portal = new Portal("{portal}/");
    const all = async (rows) => {{ const found = []; for await (const one of rows) found.push(one); return found; }};
    const where = {{ or: [{{ item: "dm", op: "eq", value: "370100" }}, {{ item: "dm", op: "eq", value: "370105" }}] }};
    console.log(JSON.stringify({{
      datasets: (await all(portal.datasets("区划"))).map((one) => one.number),
      schema: (await portal.schema({number})).rows,
      page: (await portal.rowsPage({number}, {{ filters: {{ rks__gte: 1009 }}, fields: ["dm", "rks"], sort: ["-rks"], limit: 2 }})).data[0],
      where: (await all(portal.rows({number}, {{ where }}))).map((one) => one.dm),
      rows: (await all(portal.rows({number}, {{ limit: 5 }}))).length,
      facets: (await portal.facets({number}, {{ items: ["mj"] }})).facets.mj.values,
      aggregate: (await portal.aggregate({number}, {{ measures: ["count", "max:rks"] }})).data,
      dump: (await (await portal.dump({number}, {{ filters: {{ rks__lt: 1002 }}, fields: ["dm"] }})).text()),
      unknown: await portal.schema(999999).catch((one) => one instanceof UnknownError && one.code),
      bad: await portal.rowsPage({number}, {{ filters: {{ nichts: 1 }} }}).catch((one) => one instanceof BadQuestionError && one.field),
    }}));"""
    assert json.loads(script(tmp_path, text)) == {
        "datasets": [number],
        "schema": 12,
        "page": {"dm": "370111", "rks": 1011},
        "where": ["370100", "370105"],
        "rows": 5,
        "facets": [{"value": "12.50", "count": 12}],
        "aggregate": [{"count": 12, "max_rks": 1011}],
        "dump": "dm\n370100\n370101\n",
        "unknown": "dataset-unknown",
        "bad": "nichts",
    }


def test_recipes_run_as_the_page_shows_them(opening: Opening, portal: str, tmp_path: Path) -> None:
    number = opening.opened()
    host = portal.removeprefix("http://")
    page = html.unescape(Client().get("/open/developers/", headers={"host": host}).content.decode())
    for name in shown.FILES:
        answer = Client().get(f"/open/developers/{name}", headers={"host": host})
        assert answer.content == (clients.FOLDER / name).read_bytes()
        assert f'href="/open/developers/{name}"' in page
        (tmp_path / name).write_bytes(answer.content)
    assert Client().get("/open/developers/other.py", headers={"host": host}).status_code == 404
    printed = {}
    for one in shown.recipes(portal, number, "dm"):
        assert one.text in page, one.name
        end, program = (".py", [sys.executable]) if one.language == "Python" else (".mjs", ["node"])
        (tmp_path / f"{one.name}{end}").write_text(one.text)
        done = subprocess.run([*program, f"{one.name}{end}"], cwd=tmp_path, capture_output=True, text=True, timeout=_SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        printed[one.name] = done.stdout
    assert printed["list"] == f"{number} 行政区划代码 7\n"
    assert re.fullmatch(r"\d+ bytes\n", printed["dump"])
    assert printed["count"].splitlines()[0] == "370100 1"
    assert printed["refusal"].startswith("400 ")
    assert printed["stream"].count("dm:") == 5
