"""Harvesting from portals that answer over HTTP: once, by changes, what vanished, what is strange, and who may."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from factories import catalog as factory
from factories import world
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import HarvestSource, ImportRun, QuarantinedRecord, Resource
from zhengtong.apps.resources.catalog.operations import fetching
from zhengtong.kernel.sentences import told

pytestmark = pytest.mark.django_db
NOW = world.NOW


@dataclass
class Portal:
    """A portal elsewhere: documents by path, or a CKAN over ``packages``."""

    root: str = ""
    packages: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, str, bytes]:
        self.asked.append(path)
        parts = urlsplit(path)
        if parts.path == "/api/3/action/package_search":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            since = asked.get("fq", "metadata_modified:[").removeprefix("metadata_modified:[").removesuffix("Z TO *]")
            found = sorted((one for one in self.packages if one["metadata_modified"] >= since), key=lambda one: one["metadata_modified"])
            page = found[int(asked["start"]) :][: int(asked["rows"])]
            return 200, "application/json", json.dumps({"success": True, "result": {"count": len(found), "results": page}}).encode()
        kind, body = self.documents.get(path, ("", b""))
        return (200, kind, body) if kind else (404, "text/plain", b"")


@pytest.fixture
def portal(settings: Settings) -> Iterator[Portal]:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, outgoing_networks="127.0.0.0/8")
    there = Portal()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *given: object) -> None:
            """Silent."""

        def do_GET(self) -> None:
            status, kind, body = there.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there.root = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


def package(number: int, day: int = 1, **more: Any) -> dict[str, Any]:
    known = {
        "id": f"id-{number}",
        "name": f"set-{number}",
        "title": f"数据集 {number}",
        "notes": f"第 {number} 个数据集的说明",
        "metadata_modified": f"2026-01-{day:02}T08:00:00.123456",
        "metadata_created": "2025-12-01T00:00:00",
        "organization": {"title": "教育局"},
        "resources": [{"format": "CSV"}],
        "extras": [{"key": "frequency", "value": "R/P1M"}],
    }
    return known | more


def facts(address: str, kind: str = "ckan", **more: Any) -> dict[str, Any]:
    known = {"title": "省平台", "kind": kind, "address": address, "every_hours": 24, "publish": False, "class_code": ""}
    return known | more


def add(city: factory.City, address: str, kind: str = "ckan", **more: Any) -> int:
    return catalog.add_harvest(actor=city.approver, office=city.bureau.code, facts=facts(address, kind, **more), now=NOW)


def read(number: int, *, now: Any = NOW) -> HarvestSource:
    catalog.start_due_harvests(now=now)
    catalog.harvest(source_id=number, now=now)
    return HarvestSource.objects.get(pk=number)


def counts(number: int) -> list[tuple[int, int, int, int]]:
    runs = ImportRun.objects.filter(source=f"harvest:{number}").order_by("pk")
    return [(run.added, run.changed, run.unchanged, run.quarantined) for run in runs]


def test_a_ckan_portal_is_read_whole_and_then_by_changes(portal: Portal) -> None:
    city = factory.city()
    portal.packages = [package(number, day=number) for number in range(1, 6)] + [package(6, day=6, title="")]
    portal.packages[5]["name"] = ""
    number = add(city, portal.root)
    row = read(number)
    assert (row.state, row.failure, counts(number)) == ("idle", "", [(5, 0, 0, 1)])
    assert QuarantinedRecord.objects.get().findings[0]["kind"] == "name-missing"
    one = Resource.objects.get(source_id="id-3")
    assert (one.name, one.update_cycle, one.format_types, one.state) == ("数据集 3", "4", ["csv"], "draft")
    assert row.next_at == NOW + timedelta(hours=24)

    portal.packages[0] |= {"title": "改了名", "metadata_modified": "2026-01-07T00:00:00"}
    portal.packages.append(package(7, day=8))
    portal.asked.clear()
    later = NOW + timedelta(hours=24)
    row = read(number, now=later)
    assert "fq=metadata_modified%3A%5B2026-01-06T08%3A00%3A00Z" in portal.asked[0]
    assert counts(number)[1] == (1, 1, 0, 1)
    assert Resource.objects.get(source_id="id-1").name == "改了名"
    # nothing changed: the last change is seen again, and nothing happens
    read(number, now=later + timedelta(hours=24))
    runs = len(counts(number))
    read(number, now=later + timedelta(hours=48))
    assert len(counts(number)) == runs
    assert Resource.objects.filter(source=f"harvest:{number}").count() == 6


def test_what_vanished_is_marked_and_what_came_back_is_not(portal: Portal) -> None:
    city = factory.city()
    portal.packages = [package(number) for number in range(1, 6)]
    number = add(city, portal.root)
    read(number)
    gone = portal.packages.pop(2)
    row = read(number, now=NOW + timedelta(days=1))
    assert row.vanished == 0, "an hour's changes do not say what is gone"
    row = read(number, now=NOW + timedelta(days=8))
    assert row.vanished == 1
    marked = Resource.objects.get(source_id="id-3")
    assert "vanished-at-source" in [flag["kind"] for flag in marked.flags]
    portal.packages.append(gone)
    row = read(number, now=NOW + timedelta(days=16))
    assert row.vanished == 0
    marked.refresh_from_db()
    assert "vanished-at-source" not in [flag["kind"] for flag in marked.flags]


def test_a_source_that_lost_most_of_itself_is_not_believed(portal: Portal) -> None:
    city = factory.city()
    portal.packages = [package(number) for number in range(1, 6)]
    number = add(city, portal.root)
    read(number)
    del portal.packages[1:]
    row = read(number, now=NOW + timedelta(days=8))
    assert row.state == "failed"
    assert told(row.failure).startswith("来源里只剩 1 条,原有 5 条")
    assert not Resource.objects.filter(flags__contains=[{"kind": "vanished-at-source"}]).exists()
    assert row.next_at == NOW + timedelta(days=8, hours=1)


def test_a_large_portal_is_read_in_parts(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_RECORDS", 3)
    monkeypatch.setattr(fetching.ckan, "ROWS", 2)
    city = factory.city()
    portal.packages = [package(number, day=number) for number in range(1, 10)]
    number = add(city, portal.root)
    for _turn in range(10):
        row = read(number)
        if row.next_at != NOW:
            break
    assert row.whole_at == NOW
    assert Resource.objects.filter(source=f"harvest:{number}").count() == 9
    assert not row.seen.exists()


def test_what_vanished_from_a_large_portal_is_found_when_all_its_parts_are_read(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_RECORDS", 3)
    monkeypatch.setattr(fetching.ckan, "ROWS", 2)
    city = factory.city()
    # four were changed in one second, more than a reading takes: it ends only where the next can begin
    portal.packages = [package(number, day=min(max(number, 4), 7)) for number in range(1, 10)]
    number = add(city, portal.root)
    while read(number).next_at == NOW:
        pass
    del portal.packages[2], portal.packages[6]
    begun = NOW + timedelta(days=8)
    first = read(number, now=begun)
    assert (first.whole_at, first.vanished, first.next_at) == (None, 0, begun), "a part does not say what is gone"
    assert first.seen.exists()
    reading = first
    while reading.next_at == begun:
        reading = read(number, now=begun)
    assert (reading.whole_at, reading.vanished) == (begun, 2)
    gone = Resource.objects.filter(flags__contains=[{"kind": "vanished-at-source"}])
    assert set(gone.values_list("source_id", flat=True)) == {"id-3", "id-8"}
    assert not reading.seen.exists()


def test_a_portal_whose_pages_never_end_is_refused(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_MOST_PAGES", 3)
    monkeypatch.setattr(fetching.ckan, "ROWS", 1)
    city = factory.city()
    portal.packages = [package(number, metadata_modified="?") for number in range(1, 10)]
    row = read(add(city, portal.root))
    assert row.state == "failed"
    assert told(row.failure) == "超过 3 页"


TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
<http://d.cn/%(n)s> a dcat:Dataset ; dct:title "目录 %(n)s"@zh ; dct:description "说明"@zh .
<http://d.cn/c> hydra:next <%(next)s> .
"""


def test_dcat_by_pages_data_json_and_a_table(portal: Portal) -> None:
    city = factory.city()
    portal.documents["/c.ttl"] = ("text/turtle", (TURTLE % {"n": 1, "next": "/c.ttl?page=2"}).encode())
    portal.documents["/c.ttl?page=2"] = ("text/turtle", (TURTLE % {"n": 2, "next": "/c.ttl"}).encode())
    portal.documents["/data.json"] = ("application/json", json.dumps({"dataset": [{"identifier": "a", "title": "甲"}]}).encode())
    portal.documents["/list.csv"] = ("text/csv", "信息资源名称,更新周期\n乙,每年\n".encode("gb18030"))
    for path, kind, expected in (("/c.ttl", "dcat", 2), ("/data.json", "datajson", 1), ("/list.csv", "table", 1)):
        number = add(city, portal.root + path, kind)
        row = read(number)
        assert (row.state, row.failure, counts(number)) == ("idle", "", [(expected, 0, 0, 0)]), path
        assert len(catalog.look(actor=city.approver, source_id=number)) >= 1


@pytest.mark.parametrize(
    ("path", "kind"), [("", "ckan"), ("/nowhere", "dcat"), ("/page.html", "datajson"), ("/page.html", "dcat"), ("/page.html", "table")]
)
def test_what_is_not_of_its_kind_is_said_so_and_tried_again(portal: Portal, path: str, kind: str) -> None:
    portal.documents["/page.html"] = ("text/html", b"<html><body>404</body></html>")
    city = factory.city()
    number = add(city, portal.root + path, kind)
    row = read(number)
    assert row.state == "failed"
    assert row.failure
    assert row.next_at == NOW + timedelta(hours=1)


def test_this_machine_is_not_read_unless_the_installation_says_so(portal: Portal, settings: Settings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, outgoing_networks="")
    city = factory.city()
    number = add(city, portal.root)
    row = read(number)
    assert row.state == "failed"
    assert "内部网络" in str(row.failure)
    assert portal.asked == []


def test_a_killed_reading_is_taken_up_by_the_next_worker(portal: Portal) -> None:
    city = factory.city()
    portal.packages = [package(1)]
    number = add(city, portal.root)
    HarvestSource.objects.filter(pk=number).update(state="running", state_at=NOW)
    assert catalog.start_due_harvests(now=NOW + timedelta(minutes=5)) == 0
    row = read(number, now=NOW + timedelta(minutes=11))
    assert (row.state, counts(number)) == ("idle", [(1, 0, 0, 0)])


def test_who_may_keep_sources(portal: Portal) -> None:
    city = factory.city()
    with pytest.raises(catalog.NotAllowed):
        catalog.add_harvest(actor=city.head, office=city.office.code, facts=facts(portal.root), now=NOW)
    with pytest.raises(catalog.NotAllowed):
        catalog.add_harvest(actor=city.steward, office=city.office.code, facts=facts(portal.root, publish=True), now=NOW)
    with pytest.raises(catalog.NotAllowed):
        catalog.add_harvest(actor=city.steward, office=city.bureau.code, facts=facts(portal.root), now=NOW)
    number = add(city, portal.root)
    for act in (
        lambda: catalog.harvest_now(actor=city.steward, source_id=number, whole=False, now=NOW),
        lambda: catalog.change_harvest(actor=city.steward, source_id=number, facts=facts(portal.root), now=NOW),
        lambda: catalog.remove_harvest(actor=city.steward, source_id=number, now=NOW),
        lambda: catalog.look(actor=city.steward, source_id=number),
    ):
        with pytest.raises(catalog.NotAllowed):
            act()
    with pytest.raises(catalog.HarvestUnknown):
        catalog.harvest_source(number, actor=city.steward)
    assert catalog.harvest_sources(city.steward) == []


def test_pages(portal: Portal) -> None:
    city = factory.city()
    portal.packages = [package(1)]
    client = world.signed_in(city.approver)
    asked = {
        "office": city.bureau.code,
        "title": "省平台",
        "kind": "ckan",
        "address": "nonsense",
        "every_hours": "24",
        "class_code": "307000",
    }
    assert client.post("/work/catalog/sources/add/", asked).status_code == 422
    answer = client.post("/work/catalog/sources/add/", asked | {"address": portal.root})
    assert answer.status_code == 302, answer.content.decode()
    place = answer["Location"]
    assert "已有这个地址" in client.post("/work/catalog/sources/add/", asked | {"address": portal.root}).content.decode()
    assert "数据集 1" in client.post(f"{place}look/").content.decode()
    read(int(place.strip("/").rpartition("/")[2]))
    shown = client.get(place).content.decode()
    assert "等待下次采集" in shown
    assert "省平台" in client.get("/work/catalog/sources/").content.decode()
    assert client.post(f"{place}change/", asked | {"address": f"{portal.root}/x", "title": "改名"}).status_code == 302
    assert "读不出来" in client.post(f"{place}look/", follow=True).content.decode()
    assert client.post(f"{place}read/", {"whole": "1"}).status_code == 302
    assert client.post(f"{place}remove/").status_code == 302
    assert client.get(place).status_code == 404
