"""Pages of quality: who gets what, how many queries that takes, and what leaves as a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories import catalog as entries
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality import api as quality

pytestmark = pytest.mark.django_db
ID = quality.StandardContent("公民身份号码", "C", "公民唯一的号码", synonyms=("身份证号",), length=18)


def follow() -> None:
    while quality.follow(now=world.NOW):
        pass


@pytest.fixture
def two() -> tuple[entries.City, entries.City]:
    """Two offices that collect the same items."""
    one = entries.city(office="=甲局")
    place = world.office("乙局", region_code="37")
    other = entries.City(
        one.bureau,
        place,
        world.official(identity.Role.STEWARD, at=place),
        world.official(identity.Role.SHARING_HEAD, at=place),
        one.approver,
    )
    one.published()
    other.published(name="丧葬补贴")
    follow()
    return one, other


@pytest.mark.parametrize(
    "address",
    [
        *("/work/quality/", "/work/quality/offices.csv", "/work/standards/", "/work/standards/standards.csv", "/work/standards/add/"),
        *("/work/standards/import/", "/work/standards/links/", "/work/sources/", "/work/sources/sources.csv", "/share/lineage/1/"),
    ],
)
def test_strangers_are_sent_to_sign_in(address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/")


def test_the_ranking_is_for_officials_and_an_offices_faults_for_itself_and_its_bureau(two: tuple[entries.City, entries.City]) -> None:
    one, other = two
    mine, theirs = f"/work/quality/offices/{one.office.code}/", f"/work/quality/offices/{other.office.code}/"
    steward = world.signed_in(one.steward)
    ranking = steward.get("/work/quality/").content.decode()
    assert "乙局" in ranking
    assert mine in ranking
    assert theirs not in ranking
    shown = steward.get(mine).content.decode()
    assert "没有能联系上的电话或邮箱" in shown
    assert "殡葬火化信息" in shown
    assert "殡葬火化信息" in steward.get(mine, {"rule": "unbound"}).content.decode()
    assert "殡葬火化信息" not in steward.get(mine, {"rule": "basis-missing"}).content.decode()
    assert steward.get(theirs).status_code == 403
    assert steward.get("/work/quality/offices/unknown/").status_code == 404
    assert steward.get(mine, {"after": "x"}).status_code == 422
    assert steward.get("/work/quality/", {"after": "x"}).status_code == 422
    assert steward.get("/work/sources/", {"after": "x"}).status_code == 422
    assert world.signed_in(one.approver).get(theirs).status_code == 200


def test_files_are_not_run_by_spreadsheets(two: tuple[entries.City, entries.City]) -> None:
    text = world.signed_in(two[0].steward).get("/work/quality/offices.csv").content.decode("utf-8-sig")
    assert "'=甲局" in text


def test_the_entry_says_its_score_and_its_sources(two: tuple[entries.City, entries.City]) -> None:
    one, other = two
    case = quality.source_cases(quality.CaseFilter(text="公民身份号码"))[0]
    quality.name_source(actor=one.approver, group_id=case.id, office=other.office.code, reason="职责", now=world.NOW)
    number = quality.entry_scores(one.office.code)[0].id
    own = world.signed_in(one.steward).get(f"/share/resources/{number}/").content.decode()
    assert "信息项的来源" in own
    assert "乙局" in own
    assert "没有能联系上" in own
    assert "没有能联系上" not in world.signed_in(other.steward).get(f"/share/resources/{number}/").content.decode()
    assert "还没有单位取得授权" in world.signed_in(other.steward).get(f"/share/lineage/{number}/").content.decode()


def test_the_bureau_keeps_the_dictionary_and_others_read_it(two: tuple[entries.City, entries.City]) -> None:
    one, _other = two
    bureau, steward = world.signed_in(one.approver), world.signed_in(one.steward)
    said = {"code": "DE0001", "name": "公民身份号码", "synonyms": "身份证号", "data_type": "C", "length": "18", "definition": "号码"}
    assert steward.post("/work/standards/add/", said).status_code == 403
    assert bureau.post("/work/standards/add/", said | {"code": "x"}).status_code == 422
    answer = bureau.post("/work/standards/add/", said)
    assert answer.status_code == 302, answer.content.decode()
    place = answer["Location"]
    follow()
    assert "殡葬火化信息" in steward.get(place).content.decode()
    assert "公民身份号码" in steward.get("/work/standards/", {"q": "身份证"}).content.decode()
    assert "DE0001" in steward.get("/work/standards/standards.csv").content.decode()
    for act in ("change", "withdraw"):
        assert steward.post(f"{place}{act}/", said | {"reason": "不用"}).status_code == 403
    assert bureau.post(f"{place}change/", said | {"definition": "终身不变的号码"}).status_code == 302
    assert bureau.post(f"{place}withdraw/", {"reason": ""}).status_code == 422
    assert bureau.post(f"{place}withdraw/", {"reason": "另立"}).status_code == 302
    assert "另立" in bureau.get(place).content.decode()


def test_a_file_of_standards_on_the_page(two: tuple[entries.City, entries.City]) -> None:
    text = "代码,名称,数据类型,定义\nDE0001,姓名,C,姓名\nDE2,,C,无\n"
    bureau = world.signed_in(two[0].approver)
    shown = bureau.post("/work/standards/import/", {"file": SimpleUploadedFile("a.csv", text.encode())}).content.decode()
    assert "新增 1" in shown
    assert "没有名称" in shown
    assert bureau.post("/work/standards/import/", {"file": SimpleUploadedFile("a.csv", b"\x00")}).status_code == 422
    assert world.signed_in(two[0].steward).post("/work/standards/import/", {}).status_code == 403


def test_what_deviates_from_the_standard_is_said_on_every_page(two: tuple[entries.City, entries.City]) -> None:
    one, _other = two
    number = quality.add_standard(actor=one.approver, code="DE0001", content=replace(ID, length=20), now=world.NOW)
    follow()
    client = world.signed_in(one.steward)
    entry = quality.entry_scores(one.office.code)[0].id
    case = quality.standard(number).group
    for address in (
        *(f"/share/resources/{entry}/", f"/share/lineage/{entry}/", "/work/standards/links/"),
        *(f"/work/standards/{number}/", f"/work/sources/{case}/"),
    ):
        assert "长度与标准不同" in client.get(address).content.decode(), address


def test_stewards_confirm_links_in_bulk(two: tuple[entries.City, entries.City]) -> None:
    one, other = two
    quality.add_standard(actor=one.approver, code="DE0001", content=ID, now=world.NOW)
    follow()
    steward = world.signed_in(one.steward)
    assert "公民身份号码" in steward.get("/work/standards/links/").content.decode()
    theirs = quality.proposals(other.steward)[0].id
    assert steward.post("/work/standards/links/", {"use": [theirs], "act": "confirm"}).status_code == 403
    mine = quality.proposals(one.steward)[0].id
    assert steward.post("/work/standards/links/", {"use": [mine], "act": "confirm"}).status_code == 302
    assert not quality.proposals(one.steward)
    assert world.signed_in(one.approver).get("/work/standards/links/").status_code == 403


def test_the_bureau_decides_where_an_item_comes_from(two: tuple[entries.City, entries.City]) -> None:
    one, other = two
    case = quality.source_cases(quality.CaseFilter(text="死亡"))[0]
    place = f"/work/sources/{case.id}/"
    bureau, steward = world.signed_in(one.approver), world.signed_in(one.steward)
    wanted = {"office": other.office.code, "reason": "法定职责"}
    assert steward.post(f"{place}name/", wanted).status_code == 403
    assert bureau.post(f"{place}name/", wanted | {"reason": ""}).status_code == 422
    assert bureau.post(f"{place}name/", wanted).status_code == 302
    assert "法定职责" in steward.get(place).content.decode()
    assert "乙局" in b"".join(steward.get("/work/sources/sources.csv")).decode()  # type: ignore[arg-type]  # a stream of bytes
    assert "死亡日期" in steward.get("/work/sources/", {"decided": "yes", "office": one.office.code}).content.decode()
    assert steward.post(f"{place}take-back/", {"reason": "划转"}).status_code == 403
    assert bureau.post(f"{place}take-back/", {"reason": ""}).status_code == 422
    assert bureau.post(f"{place}take-back/", {"reason": "划转"}).status_code == 302
    assert steward.get("/work/sources/999999/").status_code == 404


def test_lists_take_as_many_queries_however_long_they_are(two: tuple[entries.City, entries.City]) -> None:
    one, _other = two
    client = world.signed_in(one.steward)
    pages = (f"/work/quality/offices/{one.office.code}/", "/work/quality/", "/work/sources/", "/work/standards/", "/work/standards/links/")

    def queries() -> list[int]:
        found = []
        for address in pages:
            with CaptureQueriesContext(connection) as caught:
                assert client.get(address).status_code == 200
            found.append(len(caught))
        return found

    quality.add_standard(actor=one.approver, code="DE0001", content=ID, now=world.NOW)
    follow()
    few = queries()
    for number in range(6):
        one.published(name=f"目录{number}")
    text = "代码,名称,数据类型,定义\n" + "".join(f"DX{number:04d},标准{number},C,定义\n" for number in range(20))
    quality.import_standards(actor=one.approver, data=text.encode(), now=world.NOW)
    follow()
    assert queries() == few


def test_duties_are_imported_by_the_bureau_linked_by_stewards_and_counted(two: tuple[entries.City, entries.City]) -> None:
    one, other = two
    code = one.office.code
    rows = (f"{code},1,殡葬管理,条例", f"{code},2,婚姻登记,条例", f"{code},2,重复,无", "X,3,无,无", f"{code},4,,无")
    text = "\n".join(("单位代码,序号,职责,依据", *rows))
    bureau, steward = world.signed_in(one.approver), world.signed_in(one.steward)
    upload = SimpleUploadedFile("duties.csv", text.encode())
    assert steward.post("/work/duties/import/", {"file": upload}).status_code == 403
    upload.seek(0)
    shown = bureau.post("/work/duties/import/", {"file": upload}).content.decode()
    assert "导入 2 项,没有导入 3 行" in shown.replace(",", ",")
    assert bureau.post("/work/duties/import/", {"file": SimpleUploadedFile("a.csv", b"a,b")}).status_code == 422
    duty = quality.duties(code)[0]
    entry = catalog.resource(quality.entry_scores(code)[0].id)
    place = f"/work/duties/{code}/{duty.id}/"
    assert world.signed_in(other.steward).post(place, {"code": entry.code}).status_code == 403
    assert bureau.post(place, {"code": entry.code}).status_code == 403
    assert steward.post(place, {"code": "307001/999999"}, follow=True).status_code == 200
    assert quality.coverage(code).documented == 0  # type: ignore[union-attr]
    steward.post(place, {"code": entry.code})
    assert [row.share for row in quality.coverages()] == [50.0]
    assert [row.number for row in quality.duties(code, gaps=True)] == ["2"]
    assert "殡葬火化信息" in steward.get(f"/work/duties/{code}/").content.decode()
    assert "50.0" in steward.get("/work/duties/duties.csv").content.decode()
    assert steward.get("/work/duties/", {"after": "x"}).status_code == 422
    catalog.withdraw(actor=one.head, resource_id=entry.id, reason="停办", now=world.NOW)
    follow()
    assert quality.coverage(code).documented == 0  # type: ignore[union-attr]
    steward.post(place, {"entry": entry.id})
    assert len(quality.duties(code, gaps=True)) == 2
    assert steward.post(f"/work/duties/{code}/999999/", {"code": "x"}).status_code == 404


def test_the_worklist_shows_and_changes_the_entries_of_one_fault() -> None:
    city = entries.city()
    silent = city.published(name="火化登记信息", contact="")
    city.published(name="公墓名录", contact="0538-1234567")
    while quality.follow(now=world.NOW):
        pass
    rules = [fault.rule.code for fault in quality.entry_score(silent.id).faults]  # type: ignore[union-attr]
    rule = next(one for one in rules if "contact" in one)
    wanted = catalog.WorkFilter(fault=rule)
    assert [row.id for row in catalog.worklist(city.steward, wanted)] == [silent.id]
    assert catalog.count_editable(city.steward, wanted) == 1
    client = world.signed_in(city.steward)
    page = client.get(f"/work/catalog/?fault={rule}").content.decode()
    assert "火化登记信息" in page
    assert "公墓名录" not in page
    assert f"fault={rule}" in client.get(f"/work/quality/offices/{city.office.code}/").content.decode()
    assert "公墓名录" in client.get("/work/catalog/?fault=nothing").content.decode()
    assert "修改 1 条" in client.get(f"/work/catalog/change/?fault={rule}").content.decode()
