"""A citizen files, page by page, without JavaScript; and everybody who may not is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories import people, world
from factories.filing import NOW, Gateway, Town, answered, company, filer, person, simple_form, source
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.citizens.models import Person
from zhengtong.apps.affairs.filing import api as filing
from zhengtong.apps.affairs.filing.models import Draft
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel import clock

pytestmark = pytest.mark.django_db
ROW = {"xm": "张小明", "sjh": "13812345678"}
PDF = b"%PDF-1.7 leaf"


def posted(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, data)


@pytest.fixture
def code(town: Town, gateway: Gateway) -> str:
    made = town.source("人口信息")
    gateway.rows[made] = [ROW]
    return made


def begun(client: Client, item: str) -> str:
    """The address of the draft that begins."""
    answer = client.post(f"/me/apply/{item}/")
    assert answer.status_code == 302, answer.content.decode()[:1500]
    return str(re.match(r"(/me/apply/[^/]+/[0-9a-f-]+/)", answer["location"])[1])  # type: ignore[index]


def test_from_the_guide_to_the_receipt(town: Town, code: str) -> None:
    item = town.item(
        simple_form(code),
        materials=(
            services.Material(material_name="身份证明", source="shared", resource=code, resource_item="xm"),
            services.Material(material_name="居住承诺", source="commitment", fill_explain="不实的撤销决定。"),
            services.Material(material_name="近期照片", source="upload"),
        ),
    )
    who = person()
    client = people.signed_in(who)
    assert f"/me/apply/{item.code}/" in client.get(f"/services/items/{item.code}/").content.decode()
    begin = client.get(f"/me/apply/{item.code}/").content.decode()
    assert "市公安局" in begin
    base = begun(client, item.code)
    shown = client.get(f"{base}questions/who/").content.decode()
    assert "来自市公安局" in shown
    assert 'name="name"' not in shown  # locked: no input
    assert posted(client, f"{base}questions/who/", act="go", phone="13812345678")["location"] == f"{base}questions/what/"
    wrong = posted(client, f"{base}questions/what/", act="go", why="")
    assert wrong.status_code == 422
    assert 'href="#why"' in wrong.content.decode()
    said = {"why": "行动不便", "living-there": "1", "living": "yes"}
    assert posted(client, f"{base}questions/what/", act="go", **said)["location"] == f"{base}materials/"
    papers = client.get(f"{base}materials/").content.decode()
    assert "不用交" in papers
    assert posted(client, f"{base}materials/")["location"] == f"{base}materials/1/"
    assert posted(client, f"{base}materials/1/", way="promise|").status_code == 422
    assert posted(client, f"{base}materials/1/", way="promise|", accepted="1")["location"] == f"{base}materials/2/"
    assert posted(client, f"{base}materials/2/").status_code == 422
    photo = SimpleUploadedFile("photo.exe", b"MZ not a photo")
    assert posted(client, f"{base}materials/2/", file=photo).status_code == 422
    photo = SimpleUploadedFile("照片.pdf", PDF)
    assert posted(client, f"{base}materials/2/", file=photo)["location"] == f"{base}materials/"
    check = client.get(f"{base}check/").content.decode()
    assert "行动不便" in check
    assert "?change=1" in check
    assert posted(client, f"{base}check/")["location"] == f"{base}receipt/"
    receipt = client.get(f"{base}receipt/").content.decode()
    number = Draft.objects.get().case_number
    assert number in receipt
    # done again, from the page before or by a second click: the same case
    assert posted(client, f"{base}check/")["location"] == f"{base}receipt/"
    assert Draft.objects.get().case_number == number
    clerk = town.staff()["clerk"]
    papers_of = cases.papers(cases.case(number, actor=clerk, now=clock.now()), clerk)
    assert {row.name: row.source for row, _label in papers_of.materials} == {"身份证明": "shared", "居住承诺": "promise", "近期照片": "10"}
    assert Draft.objects.get().spared == 2
    assert number in client.get("/me/").content.decode()


def test_a_crafted_post_changes_no_locked_value(town: Town, code: str) -> None:
    client = people.signed_in(person())
    base = begun(client, town.item(simple_form(code)).code)
    answer = posted(client, f"{base}questions/who/", act="go", name="李四", phone="13812345678")
    assert answer.status_code == 422
    assert "以登记为准" in answer.content.decode()
    assert Draft.objects.get().fields.get(key="name").state == "ok"


def test_save_and_come_back_on_another_device(town: Town, code: str) -> None:
    who = person()
    client = people.signed_in(who)
    item = town.item(simple_form(code))
    base = begun(client, item.code)
    assert posted(client, f"{base}questions/what/", act="later", why="以后再说").status_code == 302
    other = people.signed_in(who)
    assert item.name in other.get("/me/filings/").content.decode()
    assert begun(other, item.code) == base
    assert "以后再说" in other.get(f"{base}questions/what/").content.decode()


def test_groups_grow_and_shrink(town: Town) -> None:
    form = {
        "type": "object",
        "title": "企业设立登记",
        "properties": {
            "partners": {
                "type": "array",
                "title": "股东",
                "minItems": 1,
                "maxItems": 3,
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "format": "cn-name", "title": "姓名"},
                        "share": {"type": "integer", "title": "出资比例", "minimum": 1, "maximum": 100},
                    },
                    "required": ["name"],
                },
            }
        },
        "required": ["partners"],
    }
    client = people.signed_in(person())
    base = begun(client, town.item(form).code)
    page = f"{base}questions/partners/"
    first = {"partners-count": "1", "partners-0-name": "张三", "partners-0-share": "60"}
    assert posted(client, page, act="add:partners", **first)["location"].endswith("#partners")
    shown = client.get(page).content.decode()
    assert 'name="partners-1-name"' in shown
    two = {**first, "partners-count": "2", "partners-1-name": "李四", "partners-1-share": "four"}
    wrong = posted(client, page, act="go", **two)
    assert wrong.status_code == 422
    assert 'href="#partners-1-share"' in wrong.content.decode()
    assert posted(client, page, act="remove:partners:0", **two).status_code == 302
    assert 'value="李四"' in client.get(page).content.decode()
    one = {"partners-count": "1", "partners-0-name": "李四", "partners-0-share": "100"}
    assert posted(client, page, act="go", **one)["location"] == f"{base}check/"


def test_who_meets_a_refusal_reads_why_and_may_change_the_answer(town: Town) -> None:
    form = {
        "type": "object",
        "title": "高龄津贴申领",
        "properties": {"old": {"type": "boolean", "title": "是否年满 80 周岁"}, "why": {"type": "string", "title": "说明"}},
        "required": ["old"],
        "x-pages": [{"key": "may", "title": "能不能办", "fields": ["old"]}, {"key": "more", "title": "说明", "fields": ["why"]}],
        "x-refuse": [{"when": "old == False", "sentence": "年满 80 周岁才能申领。"}],
    }
    client = people.signed_in(person())
    base = begun(client, town.item(form).code)
    answer = posted(client, f"{base}questions/may/", act="go", **{"old-there": "1", "old": "no"})
    assert answer["location"] == f"{base}refused/"
    assert "年满 80 周岁才能申领" in client.get(f"{base}refused/").content.decode()
    assert client.get(f"{base}check/")["location"] == f"{base}refused/"
    assert posted(client, f"{base}questions/may/", act="go", **{"old-there": "1", "old": "yes"})["location"] == f"{base}questions/more/"


def test_a_new_version_keeps_what_is_still_asked_and_says_so(town: Town, code: str) -> None:
    item = town.item(simple_form(code))
    who = person()
    client = people.signed_in(who)
    base = begun(client, item.code)
    posted(client, f"{base}questions/what/", act="later", why="行动不便")
    form = simple_form(code)
    form["properties"] = {**form["properties"], "living": {"type": "string", "title": "居住情况"}}
    own = next(one for one in services.worklist(town.desk.steward, services.WorkFilter(), limit=50) if one.code == item.code)
    town.desk.saved(own.id, form=form)
    town.desk.act(own.id, services.Act.SUBMIT)
    town.desk.act(own.id, services.Act.PUBLISH)
    answer = client.post(f"/me/apply/{item.code}/", follow=True)
    assert "新版本" in answer.content.decode()
    view = filing.draft(filer(who), Draft.objects.get().public)
    assert view.item.version == 2
    assert view.answers["why"] == "行动不便"


# ---------------------------------------------------------------------- who may not
def test_another_persons_draft_file_and_receipt_do_not_exist(town: Town, code: str) -> None:
    item = town.item(simple_form(code), materials=(services.Material(material_name="照片", source="upload"),))
    mine, other = person("张小明"), people.signed_in(person("李四"))
    client = people.signed_in(mine)
    base = begun(client, item.code)
    posted(client, f"{base}questions/who/", act="go", phone="13812345678")
    posted(client, f"{base}questions/what/", act="go", why="行动不便")
    posted(client, f"{base}materials/0/", file=SimpleUploadedFile("a.pdf", PDF))
    upload = Draft.objects.get().uploads.get()
    file = f"{base}files/{upload.public}/"
    assert client.get(file).content == PDF
    assert client.get(file)["Content-Disposition"].startswith("attachment")
    for path in ("questions/who/", "materials/", "materials/0/", "check/", "receipt/", "drop/", f"files/{upload.public}/"):
        assert other.get(base + path).status_code == 404, path
        assert other.post(base + path).status_code in {404, 405}, path
    posted(client, f"{base}check/")
    assert other.get(f"{base}receipt/").status_code == 404
    stranger = Client()
    assert "/me/login/" in stranger.get(f"{base}receipt/")["location"]
    assert world.signed_in(town.staff()["clerk"]).get(f"{base}receipt/").status_code == 403


def test_a_file_of_a_case_is_for_who_holds_it_and_on_record(town: Town, code: str) -> None:
    item = town.item(simple_form(code), materials=(services.Material(material_name="照片", source="upload"),))
    who = filer(person())
    public = answered(who, item.code)
    upload = filing.upload(filer=who, public=public, purpose="material:照片", name="a.pdf", content=PDF, field="file", now=NOW)
    filing.take_way(filer=who, public=public, name="照片", way=filing.Way.UPLOAD, reference="", accepted="", now=NOW)
    number = filing.submit(filer=who, public=public, now=NOW)
    staff = town.staff()
    address = f"/work/filing/files/{number}/{upload}/"
    assert address in world.signed_in(staff["clerk"]).get(f"/work/cases/one/{number}/").content.decode()
    assert world.signed_in(staff["clerk"]).get(address).content == PDF
    assert world.signed_in(staff["approver"]).get(address).status_code == 403
    assert world.signed_in(world.official(world.identity.Role.CLERK)).get(address).status_code == 403
    while security.unfold():
        pass
    [entry] = security.entries(security.EntryFilter(event="filing:file:read"), limit=5)
    assert (entry.case, entry.rows) == (number, 1)


def test_a_declared_name_is_shown_no_register(town: Town, code: str) -> None:
    who = person()
    Person.objects.filter(pk=who.id).update(checked_at=None)
    client = people.signed_in(who)
    assert client.get(f"/me/apply/{town.item(simple_form(code)).code}/").status_code == 403


def test_somebody_who_acts_for_a_company_is_named_in_its_case(town: Town, gateway: Gateway) -> None:
    code = town.source("企业信息")
    gateway.rows[code] = [{"xm": "泉城数图科技有限公司"}]
    name = {"type": "string", "title": "企业名称", **source(code, "xm"), "x-lock": True}
    form = {"type": "object", "title": "企业变更登记", "properties": {"name": name}}
    mine, digest = person(), security.subject_digest("company", company().code)
    who = filer(mine, party=company(), digest=digest, agent=mine.party, basis="法定代表人")
    public = filing.begin(filer=who, item_code=town.item(form).code, now=NOW)
    assert gateway.asked[-1][1]["sfzh"] == [company().code]
    with pytest.raises(filing.DraftUnknown):
        filing.draft(filer(mine), public)
    number = filing.submit(filer=who, public=public, now=NOW)
    view = cases.case(number, actor=town.staff()["clerk"], now=NOW)
    assert (view.applicant, view.agent_basis) == ("泉城数图科技有限公司", "法定代表人")


def test_only_the_system_administrator_connects_sources(town: Town, code: str) -> None:
    admin = world.signed_in(world.official(duty=world.identity.Duty.SYSTEM))
    page = admin.get("/manage/filing/").content.decode()
    assert "人口信息" in page
    assert admin.post("/manage/filing/system/", {"system": "nobody", "purpose": "x"}).status_code == 422
    assert admin.post("/manage/filing/system/", {"system": town.circle.system, "purpose": "service-filing"}).status_code == 302
    for who in (town.desk.steward, town.desk.approver, world.official(duty=world.identity.Duty.AUDIT)):
        client = world.signed_in(who)
        assert client.get("/manage/filing/").status_code == 403
        assert client.post("/manage/filing/system/", {"system": town.circle.system, "purpose": "x"}).status_code == 403


def test_a_contradicted_value_reaches_the_steward_of_the_register(town: Town, code: str) -> None:
    who = filer(person())
    public = answered(who, town.item(simple_form(code)).code, phone="13999999999")
    number = filing.submit(filer=who, public=public, now=NOW)
    [found] = filing.contradictions(town.circle.keeper)
    assert (found.case_number, found.item_name) == (number, "手机号码")
    shown = world.signed_in(town.circle.keeper).get("/work/filing/corrections/").content.decode()
    assert number in shown
    assert "13999999999" not in shown
    assert not filing.contradictions(town.desk.steward)
