"""The catalog's pages: what each role sees and does, without scripts."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from factories import catalog as factory
from factories import world
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.web.forms import ItemForm, initial_of, item_initial
from zhengtong.toolkit.ui import slots

pytestmark = pytest.mark.django_db


def as_posted(content: catalog.Content, **more: str) -> dict[str, object]:
    """What a browser sends for an entry."""
    posted: dict[str, object] = {name: value for name, value in initial_of(content).items() if value is not None}
    for number, item in enumerate(content.items):
        for name, value in item_initial(item).items():
            if value is not None and value is not False:
                posted[f"item-{number}-{name}"] = "on" if value is True else value
    return posted | {"count": str(len(content.items))} | more


def body(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def test_search_shows_hits_counts_and_chosen_filters(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    city = factory.city()
    entry = city.published(name="火化<登记>信息")
    for number in range(22):
        city.published(name=f"不动产{number}", summary="不动产登记")
    catalog.rebuild()
    client = world.signed_in(world.official())
    body(client, "/share/")
    with django_assert_max_num_queries(14):
        page = body(client, "/share/?q=火化")
    assert "<mark>火化</mark>&lt;" in page
    assert f"/share/resources/{entry.code}/" in page
    assert "共 1 条" in page
    narrowed = body(client, "/share/?sharing=2&q=不动产")
    assert "共享类型:有条件共享" in narrowed
    assert "下一页" in narrowed
    assert "没有找到" in body(client, "/share/?q=完全没有的&sharing=1")
    assert body(client, "/share/?after=zzz&order=nonsense&region=99")


def test_search_before_the_index_is_built_says_what_to_do() -> None:
    assert "index rebuild" in body(world.signed_in(world.official()), "/share/", 503)


def test_the_trees_lead_down_with_counts() -> None:
    city = factory.city()
    city.published()
    catalog.rebuild()
    client = world.signed_in(world.official())
    assert "部门" in body(client, "/share/tree/class/")
    assert "省(区、市)及以下" in body(client, "/share/tree/class/?below=3")
    assert "307001" in body(client, "/share/tree/class/?below=307")
    assert "山东省" in body(client, "/share/tree/region/")
    assert city.office.name in body(client, "/share/tree/office/")
    assert "没有更细" in body(client, "/share/tree/class/?below=307001")
    body(client, "/share/tree/nonsense/", 404)


def test_an_entry_shows_its_elements_and_its_timeline_only_to_insiders(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    city = factory.city()
    entry = city.published()
    outsider, insider = world.signed_in(world.official()), world.signed_in(city.steward)
    body(outsider, f"/share/resources/{entry.code}/")
    with django_assert_max_num_queries(16):
        page = body(outsider, f"/share/resources/{entry.code}/")
    for text in ("公民身份号码", "《殡葬管理条例》", "有条件共享", "社会保险、公安部门", "核对待遇领取资格", entry.code):
        assert text in page
    assert "办理经过" not in page
    assert "办理经过" in body(insider, f"/share/resources/{entry.id}/")
    body(outsider, "/share/resources/999999/", 404)
    body(outsider, "/share/resources/nonsense/x/", 404)


def test_upper_apps_put_buttons_on_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "_fillers", defaultdict(list))
    entry = factory.city().published()
    slots.register(slots.RESOURCE_ACTIONS, _button)
    slots.register(slots.RESOURCE_ACTIONS, _button)
    page = body(world.signed_in(world.official()), f"/share/resources/{entry.code}/")
    assert page.count(f"<button>加入清单 {entry.code}</button>") == 1


def _button(request: object, shown: catalog.ResourceView) -> str:
    return f"<button>加入清单 {shown.code}</button>"


def test_a_steward_writes_an_entry_without_scripts() -> None:
    city = factory.city()
    client = world.signed_in(city.steward)
    assert "新建目录" in body(client, "/work/catalog/new/")
    first = as_posted(factory.content(items=()), office=city.office.code, count="1", arrange="add")
    first["item-0-name"] = "姓名"
    page = client.post("/work/catalog/new/", first).content.decode()
    assert 'name="item-1-name"' in page
    assert 'value="姓名"' in page
    moved = client.post("/work/catalog/new/", first | {"count": "2", "item-1-name": "证件号", "arrange": "up-1"}).content.decode()
    assert moved.index("证件号") < moved.index('value="姓名"')
    removed = client.post("/work/catalog/new/", first | {"arrange": "remove-0"}).content.decode()
    assert 'value="姓名"' not in removed
    del first["arrange"]
    answer = client.post("/work/catalog/new/", first | {"item-0-data_type": "C", "item-0-length": "50"})
    assert answer.status_code == 302, answer.content.decode()
    page = body(client, answer["Location"])
    assert "已保存草稿" in page
    assert "<code>xing_ming</code>" in page


def test_an_edit_round_trips_and_a_stale_one_is_refused() -> None:
    city = factory.city()
    entry = city.published()
    client = world.signed_in(city.steward)
    address = f"/work/catalog/{entry.id}/edit/"
    assert "读者看到的仍是第 1 版" in body(client, address)
    revision = str(catalog.working_copy(entry.id, actor=city.steward).revision)
    answer = client.post(address, as_posted(replace(entry.content, name="新名称"), revision=revision))
    assert answer.status_code == 302, answer.content.decode()
    copy = catalog.working_copy(entry.id, actor=city.steward)
    assert copy.content == replace(entry.content, name="新名称")
    stale = client.post(address, as_posted(replace(entry.content, name="更新的名称"), revision=revision))
    assert stale.status_code == 422
    assert "被别人改过" in stale.content.decode()
    wrong = client.post(address, as_posted(replace(entry.content, name=""), revision=revision))
    assert wrong.status_code == 422
    assert 'href="#id_name"' in wrong.content.decode()
    bad_item = as_posted(entry.content, revision=str(copy.revision)) | {"item-0-length": "-1", "item-1-key": "大写"}
    assert 'href="#id_item-0-length"' in client.post(address, bad_item).content.decode()


def test_review_goes_through_the_pages_and_names_what_is_missing() -> None:
    city = factory.city()
    draft, poor = city.draft(), city.draft(name="缺摘要", summary="")
    steward, head, approver = (world.signed_in(person) for person in (city.steward, city.head, city.approver))
    assert "提交前还要补 1 处" in body(steward, f"/work/catalog/{poor.id}/")
    refused = steward.post(f"/work/catalog/{poor.id}/act/", {"act": "submit"})
    assert refused.status_code == 422
    assert "缺信息资源摘要" in refused.content.decode()
    assert steward.post(f"/work/catalog/{draft.id}/act/", {"act": "submit"}).status_code == 302
    assert "共享工作机构负责人手中" in body(steward, f"/work/catalog/{draft.id}/")
    no_reason = head.post(f"/work/catalog/{draft.id}/act/", {"act": "return", "reason": ""})
    assert no_reason.status_code == 422
    assert head.post(f"/work/catalog/{draft.id}/act/", {"act": "approve"}).status_code == 302
    assert "2 个工作日内审核发布" in body(approver, f"/work/catalog/{draft.id}/")
    assert approver.post(f"/work/catalog/{draft.id}/act/", {"act": "publish"}).status_code == 302
    assert approver.post(f"/work/catalog/{draft.id}/act/", {"act": "withdraw", "reason": "职责划转"}).status_code == 302
    assert steward.post(f"/work/catalog/{poor.id}/act/", {"act": "delete"}).status_code == 302
    assert steward.post(f"/work/catalog/{draft.id}/act/", {"act": "nonsense"}).status_code == 422


def test_versions_are_compared_side_by_side() -> None:
    city = factory.city()
    entry = city.published()
    copy = catalog.working_copy(entry.id, actor=city.steward)
    catalog.save_draft(
        actor=city.steward, resource_id=entry.id, revision=copy.revision, content=replace(copy.content, summary="改后的摘要"), now=world.NOW
    )
    city.publish(entry.id)
    client = world.signed_in(world.official())
    page = body(client, f"/share/resources/{entry.id}/versions/?before_version=1&after_version=2")
    assert "<ins>改后的摘要</ins>" in page
    body(client, f"/share/resources/{entry.id}/versions/?before_version=1&after_version=9", 404)


def test_the_worklist_filters_exports_and_acts_on_several(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    city = factory.city()
    drafts = [city.draft(name=f"目录{number}") for number in range(5)]
    client = world.signed_in(city.steward)
    body(client, "/work/catalog/")
    with django_assert_max_num_queries(12):
        page = body(client, "/work/catalog/?state=draft&q=目录&order=name")
    assert page.count('name="entry"') == 5
    answer = client.post("/work/catalog/several/", {"entry": [str(one.id) for one in drafts[:2]], "act": "submit"})
    assert "办成 2 条" in answer.content.decode()
    assert client.post("/work/catalog/several/", {"act": "submit"}).status_code == 302
    exported = json.loads(client.get("/work/catalog/export/?kind=json&state=draft").getvalue())
    assert len(exported) == 3
    assert client.get("/work/catalog/export/?kind=xlsx").getvalue().startswith(b"PK")
    assert client.get("/work/catalog/export/?kind=exe").status_code == 422
    assert "这里还没有目录" in body(world.signed_in(world.official()), "/work/catalog/")


def test_a_file_goes_from_upload_to_result() -> None:
    city = factory.city()
    client = world.signed_in(city.approver)
    rows = [{"标题": "名录", "提供单位": "没有的局", "更新频率": "每两年", "分类": "x"}, {"标题": ""}]
    file = SimpleUploadedFile("目录.json", json.dumps(rows).encode())
    answer = client.post("/work/catalog/import/", {"office": city.bureau.code, "file": file, "source": "portal"})
    assert answer.status_code == 302, answer.content.decode()
    address = answer["Location"]
    page = body(client, address)
    assert "没有信息资源名称" in page
    assert "没有的局 (1)" in page
    names = ["标题", "提供单位", "更新频率", "分类"]
    wrong = client.post(address, {"name": names, "target": ["", "department", "", ""], "act": "start"})
    assert wrong.status_code == 422
    started = client.post(
        address, {"name": names, "target": ["title", "department", "update_frequency", "category"], "act": "start", "publish": "1"}
    )
    assert started.status_code == 302, started.content.decode()
    assert "every 1s" in body(client, address)
    run = catalog.run_import(run_id=int(address.rstrip("/").rpartition("/")[2]), now=world.NOW)
    assert (run.added, run.quarantined) == (1, 1)
    done = client.get(address, headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    result = body(client, address)
    assert "隔离的记录" in result
    listed = client.get(f"{address}quarantine.csv").content.decode("utf-8-sig")
    assert listed.splitlines()[1].startswith("2,title,,没有信息资源名称,")
    assert "目录.json" in body(client, "/work/catalog/import/")
    picture = SimpleUploadedFile("x.xlsx", b"\x89PNG\r\n\x1a\n\x00")
    assert client.post("/work/catalog/import/", {"office": city.bureau.code, "file": picture}).status_code == 422


def test_pages_are_refused_to_those_they_are_not_for() -> None:
    city, other = factory.city(), factory.city("34", "安徽省")
    draft = city.draft()
    run = catalog.receive_import(actor=city.steward, office=city.office.code, data=b'[{"title": "x"}]', file_name="x.json", now=world.NOW)
    stranger = world.signed_in(other.steward)
    for address in (f"/work/catalog/{draft.id}/", f"/work/catalog/{draft.id}/edit/"):
        body(stranger, address, 403)
    for address in (f"/work/catalog/import/{run.id}/", f"/work/catalog/import/{run.id}/quarantine.csv", f"/share/resources/{draft.id}/"):
        body(stranger, address, 404)
    assert stranger.post(f"/work/catalog/{draft.id}/act/", {"act": "submit"}).status_code == 403
    nobody = world.signed_in(world.official())
    for address in ("/work/catalog/new/", "/work/catalog/import/"):
        body(nobody, address, 403)
    body(world.signed_in(city.head), f"/work/catalog/{draft.id}/edit/", 403)
    anonymous = Client()
    for address in (
        "/share/",
        "/share/tree/class/",
        f"/share/resources/{draft.id}/",
        "/work/catalog/",
        "/work/catalog/new/",
        "/work/catalog/import/",
    ):
        assert anonymous.get(address).status_code == 302
    assert set(ItemForm.base_fields) <= set(catalog.ITEM_LABELS)
