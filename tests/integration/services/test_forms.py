"""The form of an item: who writes it, what refuses it, taking back, sources, review, preview, simulation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories import services as factory
from factories import world
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.affairs.services.models import FormSimulation
from zhengtong.apps.affairs.services.tasks import simulate_form
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.forms import drafting
from zhengtong.engines.forms.document import form
from zhengtong.engines.forms.drafting import FieldDraft
from zhengtong.engines.forms.kinds import Kind
from zhengtong.engines.forms.simulation import Setting

pytestmark = pytest.mark.django_db
Act = services.Act


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Resources behind which data is said to stand: what binding them takes is tested with exchange."""
    numbers: list[int] = []
    monkeypatch.setattr(exchange, "bound_resources", lambda: numbers)
    return numbers


def body(answer: Any, status: int = 200) -> str:
    text: str = answer.content.decode()
    assert answer.status_code == status, text[:3000]
    return text


def save(desk: factory.Desk, item: int, document: dict[str, Any], **how: Any) -> services.ItemView:
    view = services.own_item(item, desk.steward)
    told = {"told": "改", "about": None, "revision": view.revision, **how}
    return services.save_form(actor=how.pop("actor", desk.steward), item_id=item, document=document, now=world.NOW, **told)


def revision(desk: factory.Desk, item: int) -> str:
    return str(services.own_item(item, desk.steward).revision)


def test_a_steward_makes_a_form_without_scripts() -> None:
    desk = factory.desk()
    item = desk.draft()
    client, base = world.signed_in(desk.steward), f"/work/items/{item.id}/form/"

    def post(path: str, **data: Any) -> Any:
        return client.post(f"{base}{path}", {"revision": revision(desk, item.id), **data})

    assert "开始一张表单" in body(client.get(base))
    assert post("change/", act="begin").status_code == 302
    assert "这一页上没有字段" in body(client.get(base))
    # a choice without options and a condition on nothing are refused at their fields
    wrong = body(post("field/?page=page1", kind="choice", title="企业类型", key="sort"), 422)
    assert "没有选项" in wrong
    wrong = body(post("field/?page=page1", kind="text", title="名称", when="nothing == 1"), 422)
    assert "条件用到了前面没有的字段" in wrong
    assert "id_when" in wrong
    assert not services.own_item(item.id, desk.steward).content.form["properties"]
    added = post("field/?page=page1", kind="choice", title="企业类型", key="sort", options="ltd=有限公司\n个体", required="on")
    assert added.headers["Location"].endswith("#f-sort")
    assert post("field/?page=page1", kind="amount", title="注册资本", least="100.50", when='sort == "ltd"').status_code == 302
    assert post("field/?page=page1", kind="group", title="股东", key="owners", least="1").status_code == 302
    assert post("field/?group=owners", kind="cn-name", title="姓名", key="name", required="on").status_code == 302
    assert post("page/", title="场所").status_code == 302
    assert post("page/?key=page2", title="经营场所", when="sort ==").status_code == 422
    assert post("field/?page=page2", kind="cn-address", title="住所", key="place").status_code == 302
    assert post("refusals/", when="capital < 1", sentence="太少").status_code == 422
    assert post("refusals/", when=["field1 < 10000000", ""], sentence=["注册资本太少。", ""]).status_code == 302
    made = services.own_item(item.id, desk.steward).content.form
    assert made["properties"]["field1"] == {
        "type": "integer",
        "format": "amount",
        "title": "注册资本",
        "minimum": 10050,
        "x-when": 'sort == "ltd"',
    }
    read = form(made)
    assert [page.fields for page in read.pages] == [("sort", "field1", "owners"), ("place",)]
    assert read.fields["sort"].options == (("ltd", "有限公司"), ("个体", "个体"))
    assert "没有错误" in body(client.get(base))
    assert 'value="100.50"' in body(client.get(f"{base}field/?path=field1"))
    # moving a field before what its condition looks at is saved and named, with the way to it
    assert post("change/", act="field-up:field1").status_code == 302
    page = body(client.get(base))
    assert "条件用到了前面没有的字段" in page
    assert f"{base}field/?path=field1" in page
    with pytest.raises(services.Incomplete):
        desk.act(item.id, Act.SUBMIT)
    assert post("change/", act="undo").status_code == 302
    assert services.own_item(item.id, desk.steward).content.form == made
    assert list(services.own_item(item.id, desk.steward).content.form["properties"]) == list(made["properties"])
    assert post("change/", act="page-remove:page2").status_code == 302
    assert post("change/", act="field-remove:place").status_code == 302
    assert post("change/", act="fly:place").status_code == 422
    assert "删去字段 place" in body(client.get(base))
    body(client.get(f"{base}field/?path=none"), 404)


def test_nobody_else_writes_a_form_and_two_do_not_overwrite_each_other() -> None:
    desk = factory.desk()
    item = desk.draft(form=factory.FORM)
    base = f"/work/items/{item.id}/form/"
    posts = (
        ("change/", {"act": "field-remove:age"}),
        ("change/", {"act": "undo"}),
        ("change/", {"act": "begin-version"}),
        ("change/", {"act": "fly"}),
        ("field/?path=age", {"kind": "text", "title": "x"}),
        ("page/?key=why", {"title": "x"}),
        ("refusals/", {"when": "age < 1", "sentence": "x"}),
        ("import/", {"text": "{}"}),
    )
    head = world.official(identity.Role.SHARING_HEAD, at=desk.office)
    elsewhere = world.official(identity.Role.STEWARD, at=world.office())
    for actor, status in ((desk.approver, 403), (head, 404), (elsewhere, 404)):
        client = world.signed_in(actor)
        for path, data in posts:
            assert client.post(base + path, {**data, "revision": item.revision}).status_code == status, (actor, path)
        for path in ("", "document.json", "preview/", "simulation/"):
            expected = {200, 302} if actor is desk.approver else {404}
            assert client.get(base + path).status_code in expected, (actor, path)
    assert Client().get(base).status_code == 302
    assert services.own_item(item.id, desk.steward).content.form == factory.FORM
    # the second of two who looked at the same form is told so
    client = world.signed_in(desk.steward)
    assert client.post(f"{base}change/", {"act": "field-up:age", "revision": item.revision}).status_code == 302
    for path, data in (("change/", {"act": "field-remove:age"}), ("field/?path=age", {"kind": "text", "title": "x"})):
        assert "已先改动" in body(client.post(base + path, {**data, "revision": item.revision}), 409)
    assert client.post(f"{base}page/?key=why", {"title": "x", "revision": item.revision}).status_code == 422
    assert client.post(f"{base}refusals/", {"when": "age < 1", "sentence": "x", "revision": item.revision}).status_code == 409
    # in review nobody writes
    desk.act(item.id, Act.SUBMIT)
    assert client.post(f"{base}change/", {"act": "field-remove:age", "revision": revision(desk, item.id)}).status_code == 409


def test_a_published_form_is_read_only_until_a_new_version_begins() -> None:
    desk = factory.desk()
    item = desk.published(form=factory.FORM)
    client, base = world.signed_in(desk.steward), f"/work/items/{item.id}/form/"
    assert "开始新版本" in body(client.get(base))
    now = revision(desk, item.id)
    assert client.post(f"{base}change/", {"act": "field-remove:age", "revision": now}).status_code == 409
    assert client.get(f"{base}field/?path=age").status_code == 409
    with pytest.raises(services.ItemState):
        save(desk, item.id, factory.FORM | {"title": "新"})
    assert client.post(f"{base}change/", {"act": "begin-version", "revision": now}).status_code == 302
    view = services.own_item(item.id, desk.steward)
    assert (view.version, view.version_state, view.content.form) == (2, "draft", factory.FORM)
    save(desk, item.id, factory.FORM | {"title": "新"})
    assert services.public_item(item.code).content.form == factory.FORM


def test_files_go_out_and_come_in() -> None:
    desk = factory.desk()
    item = desk.draft(form=factory.FORM)
    client, base = world.signed_in(desk.steward), f"/work/items/{item.id}/form/"
    answer = client.get(f"{base}document.json")
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert list(json.loads(answer.content)["properties"]) == ["reason", "age"]

    def take(data: bytes) -> Any:
        file = SimpleUploadedFile("form.json", data)
        return client.post(f"{base}import/", {"file": file, "revision": revision(desk, item.id)})

    broken = factory.FORM | {"required": ["reason", "none"], "x-refuse": [{"when": "wages < 1", "sentence": "不"}]}
    page = body(take(json.dumps(broken).encode()), 422)
    assert "required/none" in page
    assert "x-refuse/0" in page
    for data in (b"", b"{", b"[]", b"1", b"\xff\xfe", b"[" * 100_000, b" " * 1_000_001):
        assert take(data).status_code == 422, data[:20]
    large = drafting.blank("大") | {"description": "x" * 200_001}
    assert "200000" in body(take(json.dumps(large).encode()), 422)
    assert services.own_item(item.id, desk.steward).content.form == factory.FORM
    changed = factory.FORM | {"title": "又一张"}
    assert take(json.dumps(changed).encode("utf-8-sig")).status_code == 302
    assert services.own_item(item.id, desk.steward).content.form == changed
    assert client.post(f"{base}import/", {"text": json.dumps(factory.FORM), "revision": revision(desk, item.id)}).status_code == 302
    assert services.own_item(item.id, desk.steward).content.form == factory.FORM


def test_changes_are_taken_back_one_after_another_until_something_else_came_between() -> None:
    desk = factory.desk()
    item = desk.draft(form=factory.FORM)
    save(desk, item.id, factory.FORM | {"title": "一"})
    save(desk, item.id, factory.FORM | {"title": "二"})
    save(desk, item.id, factory.FORM | {"title": "二"})  # says nothing new

    def undo() -> services.ItemView:
        now = services.own_item(item.id, desk.steward).revision
        return services.undo_form(actor=desk.steward, item_id=item.id, revision=now, now=world.NOW)

    last = services.last_change(item.id, factory.FORM | {"title": "二"})
    assert (last is not None and last.more, last is not None and last.actor_name) == (1, desk.steward.name)
    assert undo().content.form["title"] == "一"
    assert undo().content.form == factory.FORM
    with pytest.raises(services.NothingToTakeBack):
        undo()
    save(desk, item.id, factory.FORM | {"title": "三"})
    desk.saved(item.id, form=factory.FORM | {"title": "四"})  # the whole item was written otherwise
    with pytest.raises(services.NothingToTakeBack):
        undo()
    assert services.last_change(item.id, factory.FORM | {"title": "四"}) is None


def test_a_field_gets_its_source_from_what_is_published_and_bound(bound: list[int]) -> None:
    desk = factory.desk()
    resource = desk.city.published()
    item = desk.draft(form=factory.FORM)
    client, base = world.signed_in(desk.steward), f"/work/items/{item.id}/form/"
    address = f"{base}field/?path=age"
    typed = {"kind": "date", "title": "死亡日期", "query": "死亡", "revision": revision(desk, item.id)}
    assert "没有找到" in body(client.post(address, {**typed, "act": "search"}))
    bound.append(resource.id)
    found = body(client.post(address, {**typed, "act": "search"}))
    assert f'value="{resource.code}|died_on"' in found
    assert 'value="死亡日期"' in found, "what was typed stays"
    assert services.own_item(item.id, desk.steward).content.form == factory.FORM
    # by a field that comes later is no way to find the row
    assert client.post(address, {**typed, "source": f"{resource.code}|died_on", "by": "none"}).status_code == 422
    assert client.post(address, {**typed, "source": f"{resource.code}|died_on", "by": "reason", "locked": "on"}).status_code == 302
    made = form(services.own_item(item.id, desk.steward).content.form)
    source = made.fields["age"].source
    assert source is not None
    assert (source.resource, source.item, source.by, made.fields["age"].locked) == (resource.code, "died_on", "reason", True)
    assert "死亡日期 ·" in body(client.get(address))
    # the item that finds the row is written by a file; the editor keeps it while the resource stays
    made_of = services.own_item(item.id, desk.steward).content.form
    made_of["properties"]["age"]["x-from"]["key"] = "id_no"
    save(desk, item.id, made_of)
    again = {"kind": "date", "title": "何时", "source": f"{resource.code}|died_on", "revision": revision(desk, item.id)}
    assert client.post(address, again).status_code == 302
    kept = form(services.own_item(item.id, desk.steward).content.form).fields["age"]
    assert (kept.title, kept.source.key if kept.source else "") == ("何时", "id_no")


def test_review_refuses_sources_that_are_gone_and_reminds_of_those_not_used(bound: list[int]) -> None:
    desk = factory.desk()
    resource = desk.city.published()
    bound.append(resource.id)
    item = desk.draft(form=factory.FORM)

    def with_field(**says: Any) -> dict[str, Any]:
        return drafting.add_field(factory.FORM, "died", FieldDraft(Kind.DATE, "死亡日期", **says), page="who")[0]

    def found() -> list[tuple[str, bool]]:
        return [(one.rule, one.blocks) for one in services.findings(services.own_item(item.id, desk.steward)) if one.field == "form"]

    save(desk, item.id, with_field())
    assert found() == [("form-avoidable", False)]
    assert "可以由它填好" in body(world.signed_in(desk.steward).get(f"/work/items/{item.id}/form/field/?path=died"))
    save(desk, item.id, with_field(reason="历史档案没有数字化"))
    assert found() == []
    save(desk, item.id, with_field(resource=resource.code, item="none"))
    assert found() == [("form-source", True)]
    save(desk, item.id, with_field(resource=resource.code, item="died_on"))
    assert found() == []
    desk.act(item.id, Act.SUBMIT)
    bound.clear()  # the provider took its data away while the item was in review
    with pytest.raises(services.Incomplete) as caught:
        desk.act(item.id, Act.PUBLISH)
    assert (caught.value.findings[0].rule, "died" in str(caught.value.findings[0].sentence)) == ("form-source", True)
    bound.append(resource.id)
    desk.act(item.id, Act.PUBLISH)
    assert services.item(item.code).form["properties"]["died"]["x-from"] == {"resource": resource.code, "item": "died_on"}


def test_a_preview_walks_through_the_form_and_files_nothing() -> None:
    desk = factory.desk()
    extra = drafting.add_field(
        factory.FORM,
        "helpers",
        FieldDraft(Kind.GROUP, "陪同的人", least=1, most=2),
        page="who",
    )[0]
    extra = drafting.add_field(extra, "name", FieldDraft(Kind.NAME, "姓名", required=True), group="helpers")[0]
    extra = drafting.add_field(extra, "photo", FieldDraft(Kind.FILE, "照片", required=True, when='reason == "new"'), page="who")[0]
    item = desk.draft(form=extra)
    client, base = world.signed_in(desk.approver), f"/work/items/{item.id}/form/preview/"
    assert f'action="{base}why/"' in body(client.get(base))
    assert "请选择“申请理由”" in body(client.post(f"{base}why/", {"act": "go", "reason-there": "1"}), 422)
    assert client.post(f"{base}why/", {"act": "go", "reason-there": "1", "reason": "new"}).headers["Location"] == f"{base}who/"
    group = {"helpers-count": "1", "helpers-0-name": ""}
    page = body(client.post(f"{base}who/", {"act": "go", "age": "很大", **group}), 422)
    assert "这里只填整数" in page
    assert 'href="#helpers-0-name"' in page
    assert 'value="很大"' in page
    assert client.post(f"{base}who/", {"act": "add:helpers", "age": "70", **group}).headers["Location"].endswith("#helpers")
    assert "helpers-1-name" in body(client.get(f"{base}who/"))
    told = {"age": "70", "helpers-count": "1", "helpers-0-name": "张三"}
    assert client.post(f"{base}who/", {"act": "go", **told}).headers["Location"] == f"{base}check/"
    page = body(client.get(f"{base}check/"))
    assert "首次" in page
    assert "70" in page
    assert client.post(f"{base}who/", {"act": "go", **told, "age": "30"}).status_code == 302
    assert "不满 60 周岁的不能办理" in body(client.get(f"{base}check/"))
    assert client.get(f"{base}none/").status_code == 302
    # a form that is not sound has no preview
    save(desk, item.id, drafting.remove_field(extra, "reason"), about="")
    assert "改正后才能预览" in body(client.get(base), 409)
    bare = desk.draft()
    assert "还没有表单" in body(client.get(f"/work/items/{bare.id}/form/preview/"))


def test_a_simulation_is_made_compared_and_shown_to_the_bureau() -> None:
    desk = factory.desk()
    item = desk.published(form=factory.FORM)
    desk.saved(item.id, form=factory.FORM | {"x-refuse": []})
    client, address = world.signed_in(desk.steward), f"/work/items/{item.id}/form/simulation/"
    asked = {"version": ["1", "2"], "applicants": "80", "seed": "3", "stale": "5", "dead": "5", "unknown": "5", "load": "60", "heal": "1"}
    assert "合起来超过 100%" in body(client.post(address, {**asked, "stale": "90", "dead": "90"}), 422)
    assert client.post(address, {**asked, "applicants": "0"}).status_code == 422
    assert client.post(address, {**asked, "version": []}).status_code == 422
    answer = client.post(address, asked)
    page = body(client.get(answer.headers["Location"].partition("#")[0]))
    assert "第 1 版" in page
    assert "第 2 版" in page
    second, first = services.simulations(item.id, desk.approver)
    assert first.report is not None
    assert second.report is not None
    assert (first.version, second.version) == (1, 2)
    assert first.report.applicants == second.report.finished == 80
    assert dict(first.report.refused)["不满 60 周岁的不能办理。"] == 80 - first.report.finished > 0
    assert first.report.late is not None
    assert "超过承诺时限" in body(world.signed_in(desk.approver).get(f"/work/items/{item.id}/"))
    stranger = world.official(identity.Role.STEWARD, at=world.office())
    with pytest.raises(services.ItemUnknown):
        services.simulate(actor=stranger, item_id=item.id, version=1, setting=Setting(), now=world.NOW)
    assert world.signed_in(stranger).post(address, asked).status_code == 404
    other = desk.draft(form=factory.FORM)
    assert client.get(f"/work/items/{other.id}/form/simulation/?run={first.id}").status_code == 404, "another item's"
    with pytest.raises(services.ItemUnknown):
        services.simulate(actor=desk.steward, item_id=item.id, version=9, setting=Setting(), now=world.NOW)


def test_a_large_simulation_waits_for_the_worker_and_survives_its_death() -> None:
    desk = factory.desk()
    item = desk.draft(form=factory.FORM)
    made = services.simulate(actor=desk.steward, item_id=item.id, version=1, setting=Setting(1200, 5), now=world.NOW)
    assert (made.working, made.done, made.total) == (True, 0, 1200)
    client, address = world.signed_in(desk.steward), f"/work/items/{item.id}/form/simulation/?run={made.id}"
    assert "排队中" in body(client.get(address))
    # a worker that is killed on the way leaves a half, and the next one finds the same as if nothing had been
    FormSimulation.objects.filter(pk=made.id).update(state="running", done=500)
    assert client.get(address, headers={"HX-Request": "true"}).headers.get("HX-Refresh") is None
    simulate_form(made.id)
    (done,) = services.simulations(item.id, desk.steward)
    simulate_form(made.id)
    assert services.simulations(item.id, desk.steward) == [done]
    assert (done.working, done.report is not None and done.report.applicants) == (False, 1200)
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    again = services.simulate(actor=desk.steward, item_id=item.id, version=1, setting=Setting(1200, 5), now=world.NOW)
    services.discard_item(actor=desk.steward, item_id=item.id, now=world.NOW)
    simulate_form(again.id)  # its version is gone: nobody waits for it
