"""The pages of service items: what everybody reads, what officials do, without scripts."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories import catalog as entries
from factories import services as factory
from factories import world
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.affairs.services.web.forms import ContentForm

pytestmark = pytest.mark.django_db


def body(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def as_posted(content: services.Content, revision: int, **more: str) -> dict[str, object]:
    """What a browser sends for an item."""
    form, posted = ContentForm(content), {"revision": str(revision)}
    found: dict[str, object] = dict(posted)
    for name, value in form.main.initial.items():
        if value not in (None, ""):
            found[name] = list(value) if isinstance(value, tuple) else value
    for table, rows in form.tables.items():
        found[f"{table}-count"] = str(len(rows))
        for place, row in enumerate(rows):
            found |= {f"{table}-{place}-{name}": value for name, value in row.initial.items() if value not in (None, "")}
    return found | more


def test_the_guide_is_for_everybody_and_finds_what_people_call_it() -> None:
    desk = factory.desk()
    item = desk.published(limit_scene_explain="<b>")
    client = Client()
    front = body(client, "/services/")
    assert "退休养老" in front
    for address in ("?q=老年证", "?q=老年人优待", "?event=retire", "?topic=p:retirement", f"?office={desk.office.code}", "?region=37"):
        assert f"/services/items/{item.code}/" in body(client, f"/services/{address}"), address
    assert "没有找到" in body(client, "/services/?q=飞碟执照")
    assert "相近" in body(client, "/services/?q=老年人优待卡")
    page = body(client, f"/services/items/{item.code}/")
    assert "5 个工作日" in page
    assert "<b>" not in page.partition("<main")[2]
    linked = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert (linked["@type"], linked["identifier"]) == ("GovernmentService", item.code)
    assert item.code in body(client, "/services/sitemap.xml")
    assert item.name in body(client, "/services/feed.xml")
    body(client, "/services/items/none/", 404)


def test_a_few_answers_narrow_the_guide() -> None:
    desk = factory.desk()
    elderly = desk.published()
    everybody = desk.published(audience=(), task_name="社会保障卡申领")
    client = Client()
    listed = body(client, "/services/for-me/?served=1&who=1&audience=elderly")
    assert elderly.code in listed
    assert everybody.code in listed
    listed = body(client, "/services/for-me/?served=1&who=1")
    assert elderly.code not in listed
    assert everybody.code in listed
    assert elderly.code not in body(client, "/services/for-me/?served=2")


def test_a_steward_writes_hands_in_and_the_bureau_publishes() -> None:
    desk = factory.desk()
    steward, approver = world.signed_in(desk.steward), world.signed_in(desk.approver)
    answer = steward.post("/work/items/new/", {"office": desk.office.code, "catalog_code": "12", "task_name": "老年证"})
    assert (answer.status_code, "12 位" in answer.content.decode()) == (422, True)
    answer = steward.post("/work/items/new/", {"office": desk.office.code, "catalog_code": factory.basic_code(), "task_name": "老年证"})
    address = answer.headers["Location"].removesuffix("edit/")
    assert "发布前要改的" in body(steward, f"{address}edit/")
    sent = as_posted(factory.content(), 1)
    assert "promise_day" in sent
    answer = steward.post(f"{address}edit/", {**sent, "promise_day": "很快"})
    assert answer.status_code == 422
    more = steward.post(f"{address}edit/", {**sent, "more": "questions"})
    assert 'name="questions-1-question"' in more.content.decode()
    assert steward.post(f"{address}edit/", sent).status_code == 302
    assert steward.post(f"{address}edit/", sent).status_code == 409
    number = int(address.strip("/").split("/")[-1])
    assert services.own_item(number, desk.steward).content == factory.content()
    assert steward.post(f"{address}act/", {"act": "submit"}).status_code == 302
    assert approver.post(f"{address}act/", {"act": "return"}).status_code == 422
    assert approver.post("/work/items/several/", {"act": "publish", "item": [str(number)]}).status_code == 302
    assert "已发布" in body(approver, address)
    assert number in {one.id for one in services.worklist(desk.approver, services.WorkFilter(version="published"))}


def test_lists_files_and_comparisons() -> None:
    desk = factory.desk()
    item = desk.published()
    desk.saved(item.id, promise_day=7)
    client = world.signed_in(desk.steward)
    assert item.name in body(client, "/work/items/?q=老年&state=1&type=07&order=name")
    assert "没有找到" in body(client, "/work/items/?q=zzz")
    assert "task_code" in b"".join(client.get("/work/items/export/").streaming_content).decode("utf-8-sig")
    assert client.get("/work/items/export/?form=xlsx").content.startswith(b"PK")
    page = body(client, f"/work/items/{item.id}/?before=1&after=2")
    assert page.count("承诺办结时限") >= 2
    for number in range(3):
        desk.draft(task_name=f"事项{number}")
    seen, after = list[str](), ""
    while rows := services.worklist(desk.steward, services.WorkFilter(order="name"), after=after, limit=2):
        seen += [one.code for one in rows]
        after = rows[-1].cursor
    assert len(seen) == len(set(seen)) == 4


def test_import_through_the_browser_and_its_quarantine() -> None:
    desk = factory.desk()
    desk.draft()
    client = world.signed_in(desk.steward)
    good = services.export_xlsx(desk.steward, services.WorkFilter())
    answer = client.post("/work/items/imports/", {"file": SimpleUploadedFile("items.xlsx", good)})
    assert answer.status_code == 302
    assert "没有隔离的行" in body(client, answer.headers["Location"])
    bad = "task_code,catalog_code,task_name\n123,456,甲\n".encode()
    answer = client.post("/work/items/imports/", {"file": SimpleUploadedFile("bad.csv", bad)})
    assert "这里是 3 位" in body(client, answer.headers["Location"])
    assert "甲" in client.get(answer.headers["Location"] + "quarantine.csv").content.decode("utf-8-sig")
    assert client.post("/work/items/imports/", {"file": SimpleUploadedFile("no.csv", b"a\n1\n")}).status_code == 422
    stranger = world.signed_in(world.official())
    assert stranger.get(answer.headers["Location"]).status_code == 404
    assert stranger.get("/work/items/imports/").status_code == 403


def test_the_materials_ledger_in_the_browser() -> None:
    desk = factory.desk()
    desk.published()
    client = world.signed_in(desk.approver)
    assert "没有能免而未免的材料" in body(client, "/work/items/materials/")
    licence = {"name": "近期照片", "source": "licence", "licence_type": "X1"}
    assert client.post("/work/items/sources/", {**licence, "licence_type": ""}).status_code == 422
    assert client.post("/work/items/sources/", licence).status_code == 302
    assert "老年人优待证办理" in body(client, "/work/items/materials/")
    (line,) = services.named_sources()
    body(client, "/work/items/sources/?name=照片")
    assert client.post(f"/work/items/sources/{line.id}/remove/").status_code == 302


def test_nobody_else_gets_in() -> None:
    desk = factory.desk()
    item = desk.draft()
    strangers = [world.official(), entries.city("44", "广东省").steward, desk.city.head]
    for client in [world.signed_in(one) for one in strangers]:
        for address in (f"/work/items/{item.id}/", f"/work/items/{item.id}/edit/"):
            body(client, address, 404)
        assert client.post(f"/work/items/{item.id}/act/", {"act": "submit"}).status_code == 404
        assert client.post("/work/items/several/", {"act": "submit", "item": [str(item.id)]}).status_code == 404
    body(world.signed_in(desk.approver), f"/work/items/{item.id}/edit/", 403)
    assert Client().get("/work/items/").status_code == 302
