"""Regions and offices: pages, quarantine, history, and who may change them."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return world.signed_in(world.official(duty=identity.Duty.SYSTEM))


def upload(client: Client, content: bytes) -> organisations.RegionLoadView:
    answer = client.post("/manage/regions/load/", {"file": SimpleUploadedFile("regions.csv", content)})
    assert answer.status_code == 302, answer.content.decode()
    return organisations.region_load(int(answer["Location"].split("/")[-2]))


def test_every_operation_refuses_those_without_the_duty() -> None:
    place, other = world.office(), world.office()
    for wrong in (
        world.official(identity.Role.STEWARD),
        world.official(duty=identity.Duty.SECURITY),
        world.official(duty=identity.Duty.AUDIT),
    ):
        common = {"actor": wrong, "now": world.NOW}
        for refused in (
            lambda common=common: organisations.load_regions([("37", "山东省")], **common),
            lambda common=common: organisations.take_regions([(1, "37", "山东省")], **common),
            lambda common=common: organisations.add_office(
                code=world.credit_code("11370000999999999"), name="新", level=3, region="37", valid_from=world.TODAY, **common
            ),
            lambda common=common: organisations.rename_office(code=place.code, name="新", short_name="", since=world.TODAY, **common),
            lambda common=common: organisations.merge_office(code=place.code, into=other.code, on=world.TODAY, **common),
            lambda common=common: organisations.end_office(code=place.code, on=world.TODAY, **common),
        ):
            with pytest.raises(organisations.NotRegistrar):
                refused()


def test_a_file_of_regions_loses_no_row(client: Client) -> None:
    content = "代码,名称\n3708,济宁市\n37,山东省\n370812,兖州区\n370812,兖州区\n99x,坏\n420102,江岸区\n3709,\n37,山东省\n".encode()
    load = upload(client, content)
    assert (load.given, load.written, load.unchanged, load.refused) == (8, 3, 0, 5)
    assert [(line, rule) for line, _code, _name, rule in load.refusals] == [
        (5, "duplicate"),
        (6, "code"),
        (7, "parent"),
        (8, "name"),
        (9, "duplicate"),
    ]
    again = upload(client, "37,山东\n3708,济宁市\n".encode("gb18030"))
    assert (again.written, again.unchanged, again.refused) == (1, 1, 0)
    assert organisations.region("37").name == "山东"
    page = client.get(f"/manage/regions/loads/{load.id}/").content.decode()
    assert "上级区划不存在" in page
    table = client.get(f"/manage/regions/loads/{load.id}/refused.csv").content.decode("utf-8-sig")
    assert table.splitlines()[0] == "code,name,line,rule"
    assert client.post("/manage/regions/load/", {}).status_code == 422


def test_the_tree_is_browsed_level_by_level(client: Client) -> None:
    upload(client, "37,山东省\n3708,济宁市\n370812,兖州区\n".encode())
    assert "济宁市" in client.get("/manage/regions/?parent=37").content.decode()
    below = client.get("/manage/regions/?parent=3708").content.decode()
    assert "兖州区" in below
    assert "山东省" in below
    assert client.get("/manage/regions/?parent=99").status_code == 404


def test_an_office_from_birth_to_merger(client: Client) -> None:
    world.region()
    code = world.credit_code("11370000700000001")
    data = {"code": code, "name": "市大数据局", "level": "3", "region": "37", "valid_from": "2019-01-01", "is_bureau": "on"}
    assert client.post("/manage/offices/add/", data | {"code": "1" * 17 + "I"}).status_code == 422
    assert client.post("/manage/offices/add/", data | {"region": "99"}).status_code == 422
    assert client.post("/manage/offices/add/", data)["Location"] == f"/manage/offices/{code}/"
    assert client.post("/manage/offices/add/", data).status_code == 422
    page = f"/manage/offices/{code}/"
    assert client.post(f"{page}rename/", {"name": "市数据局", "since": "2018-01-01"}).status_code == 422
    assert client.post(f"{page}rename/", {"name": "市数据局", "since": "2099-01-01"}).status_code == 422
    assert client.post(f"{page}rename/", {"name": "市数据局", "since": "2024-03-01"}).status_code == 302
    successor = world.office("市数据管理局")
    today = clock.today().isoformat()
    assert client.post(f"{page}merge/", {"into": code, "on": today}).status_code == 422
    assert client.post(f"{page}merge/", {"into": successor.code, "on": "2000-01-01"}).status_code == 422
    assert client.post(f"{page}merge/", {"into": successor.code, "on": today}).status_code == 302
    history = client.get(page).content.decode()
    assert "市大数据局" in history
    assert "市数据管理局" in history
    assert "市数据局" in client.get(f"/manage/offices/{successor.code}/").content.decode()
    assert client.post(f"{page}end/", {"on": today}).status_code == 422
    assert client.post(f"{page}rename/", {"name": "又一名", "since": today}).status_code == 422
    assert client.get("/manage/offices/nosuch/").status_code == 404


def test_an_office_without_a_successor_ends(client: Client) -> None:
    place = world.office()
    assert client.post(f"/manage/offices/{place.code}/end/", {"on": "2001-01-01"}).status_code == 422
    assert client.post(f"/manage/offices/{place.code}/end/", {"on": clock.today().isoformat()}).status_code == 302
    assert organisations.office(place.code).valid_until
    assert place.code not in client.get("/manage/offices/").content.decode()
    assert place.code in client.get("/manage/offices/?ended=1").content.decode()
    security.unfold()
    (noted,) = security.entries(security.EntryFilter(event="organisations:office:ended"))
    assert noted.office == place.code


def test_offices_are_found_paged_and_cost_the_same(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    places = [world.office(f"第{number}教育局") for number in range(7)]
    organisations.rename_office(
        code=places[0].code, name="改名后", short_name="", actor="process:test", now=world.NOW, since=date(2020, 1, 1)
    )
    with django_assert_num_queries(2):
        assert len(organisations.search_offices("教育局", limit=51)) == 7
    paged: list[str] = []
    while batch := organisations.search_offices("教育局", after=paged[-1] if paged else "", limit=3):
        paged += [row.code for row in batch]
    assert paged == sorted(place.code for place in places)
    text = client.get("/manage/offices/", {"q": "第0教育局", "region": "37"}).content.decode()
    assert "改名后" in text
    assert client.get("/manage/offices/", {"region": "42"}).content.decode().count("<tr>") == 0
