"""Foreign catalogs: five portals as they are, the national form there and back, files that are refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from factories import catalog as factory
from factories import world
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.models import ImportRun, QuarantinedRecord, Resource, ResourceVersion
from zhengtong.apps.resources.catalog.operations import importing
from zhengtong.kernel.sentences import told

pytestmark = pytest.mark.django_db

PORTALS = {"anhui_hefei": 321, "anhui_wuhu": 531, "ningxia_ningxia": 1987, "ningxia_yinchuan": 1005, "shaanxi_shaanxi": 141}


def portal(shared_data: Path, name: str) -> tuple[bytes, dict[str, str]]:
    folder = shared_data / "portal-catalogs"
    mapping = json.loads((folder / "mapping" / f"{name}_mapping.json").read_text())
    return (folder / "metadata" / f"{name}.json").read_bytes(), mapping


def take(data: bytes, city: factory.City, **more: Any) -> catalog.ImportRunView:
    given = {"file_name": "x.json", "office": city.bureau.code, "by": "process:test", "now": world.NOW, "source": "x"} | more
    return catalog.import_file(data=data, **given)


def records(*rows: dict[str, Any]) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()


@pytest.mark.parametrize(("name", "count"), PORTALS.items())
def test_a_portal_comes_in_whole(shared_data: Path, name: str, count: int) -> None:
    city = factory.city()
    data, mapping = portal(shared_data, name)
    source = json.loads(data)
    run = take(data, city, source=name, mapping=mapping, options=catalog.Options(publish=True, whole_region=True))
    title = next(foreign for foreign, own in mapping.items() if own == "title")
    nameless = sum(1 for record in source if not record[title].strip())
    assert (run.state, run.total, run.added, run.changed, run.unchanged, run.quarantined) == (
        "done",
        count,
        count - nameless,
        0,
        0,
        nameless,
    )
    kept = list(Resource.objects.values_list("source_record", flat=True)) + list(QuarantinedRecord.objects.values_list("record", flat=True))
    as_text = lambda rows: Counter(json.dumps(row, sort_keys=True) for row in rows)  # noqa: E731
    assert as_text(kept) == as_text(source)
    assert Resource.objects.filter(state="published", code__isnull=False).count() == count - nameless
    assert ResourceVersion.objects.count() == count - nameless
    again = take(data, city, source=name, mapping=mapping, options=catalog.Options(publish=True, whole_region=True))
    assert (again.added, again.changed, again.unchanged, again.quarantined) == (0, 0, count - nameless, nameless)


def test_the_mapping_that_is_suggested_is_the_one_that_people_made(shared_data: Path) -> None:
    city = factory.city()
    for name in PORTALS:
        data, mapping = portal(shared_data, name)
        few = json.dumps(json.loads(data)[:5]).encode()
        run = catalog.receive_import(actor=city.approver, office=city.bureau.code, data=few, file_name=f"{name}.json", now=world.NOW)
        assert run.mapping == mapping


def test_what_a_portal_says_is_understood_and_what_it_does_not_say_stays_empty() -> None:
    city = factory.city()
    education = world.office("山东省教育厅", short_name="省教厅")
    run = take(
        records(
            {
                "标题": "教职工",
                "来源部门": "省教育厅",
                "更新频率": "每两年",
                "描述": "教职工",
                "数据格式": "['xls', 'xml', '其他']",
                "开放状态": "有条件开放",
                "最后更新": "2021-4-2",
                "发布时间": "2021-13-45",
                "标签": "文化、体育,教育",
                "所属主题": "文化、体育",
            },
            {"标题": "教职工", "来源部门": "某某中心"},
        ),
        city,
    )
    assert run.added == 2
    first, second = Resource.objects.order_by("pk")
    assert (first.office_id, second.office_id) == (education.id, city.bureau.id)
    assert (first.update_cycle, first.update_cycle_text) == ("9", "每两年")
    assert (first.format_class, first.format_types) == ("2", ["xls", "xml"])
    assert (first.is_open, first.open_condition, first.sharing_type) == (True, "有条件开放", "")
    assert str(first.data_updated_on) == "2021-04-02"
    assert (first.themes, first.tags) == (["文化、体育"], ["文化、体育", "教育"])
    assert {flag["kind"] for flag in first.flags} == {"cycle-custom", "format-unknown", "date-unknown", "summary-is-name", "class-assumed"}
    assert (second.provider_text, second.state, second.code, second.update_cycle) == ("某某中心", "draft", None, "")
    assert "provider-unknown" in {flag["kind"] for flag in second.flags}


def test_the_same_record_twice_is_two_entries() -> None:
    city = factory.city()
    same = {"标题": "对外贸易经营者信息", "url": "https://example.org/1"}
    run = take(records(same, same, same | {"url": ""}, same | {"url": ""}), city)
    assert run.added == 4
    assert [row.source_id.rpartition("#")[2] for row in Resource.objects.order_by("pk")][1::2] == ["2", "2"]


def test_a_second_import_changes_only_what_the_source_changed() -> None:
    city = factory.city()
    record = {"id": "a", "标题": "名录", "摘要": "旧摘要", "更新频率": "每年"}
    take(records(record, {"id": "b", "标题": "不变"}), city, office=city.office.code)
    row = Resource.objects.get(source_id="a")
    edited = catalog.save_draft(
        actor=city.steward,
        resource_id=row.pk,
        revision=row.revision,
        content=factory.content(name="名录", summary="旧摘要", update_cycle="6", items=()),
        now=world.NOW,
    )
    run = take(records(record | {"摘要": "新摘要"}, {"id": "b", "标题": "不变"}), city, office=city.office.code)
    assert (run.changed, run.unchanged) == (1, 1)
    row.refresh_from_db()
    assert (row.summary, row.legal_basis) == ("新摘要", edited.content.legal_basis)


def test_a_record_that_cannot_be_taken_waits_with_its_reason() -> None:
    city = factory.city()
    run = take(records({"标题": ""}, {"标题": "x" * 301}, {"标题": "好", "信息项": [{"数据类型": "C"}]}), city)  # type: ignore[arg-type]
    assert (run.added, run.quarantined, run.total) == (0, 3, 3)
    lines = catalog.quarantine(run.id, actor=city.approver)
    assert [(line.position, line.findings[0]["kind"]) for line in lines] == [
        (1, "name-missing"),
        (2, "name-too-long"),
        (3, "item-nameless"),
    ]
    assert all(line.findings[0]["remedy"] for line in lines)


def test_an_entry_under_review_is_not_touched() -> None:
    city = factory.city()
    draft = city.draft()
    Resource.objects.filter(pk=draft.id).update(source="x", source_id="a")
    catalog.submit(actor=city.steward, resource_id=draft.id, now=world.NOW)
    run = take(records({"id": "a", "标题": "别的名字"}), city)
    assert run.quarantined == 1
    assert Resource.objects.get(pk=draft.id).name == "殡葬火化信息"


def test_a_steward_cannot_take_entries_in_for_another_office() -> None:
    city = factory.city()
    other = world.office("山东省财政厅")
    taken_by_other = take(records({"id": "a", "标题": "财政收入"}), city, office=other.code)
    assert taken_by_other.added == 1
    data = records({"id": "a", "标题": "改掉"}, {"id": "b", "标题": "支出", "提供单位": "山东省财政厅"})
    run = catalog.receive_import(actor=city.steward, office=city.office.code, data=data, file_name="x.json", source="x", now=world.NOW)
    catalog.start_import(actor=city.steward, run_id=run.id, mapping=run.mapping, publish=False, class_code="", now=world.NOW)
    done = catalog.run_import(run_id=run.id, now=world.NOW)
    assert (done.added, done.quarantined) == (0, 2)
    kinds = [line.findings[0]["kind"] for line in catalog.quarantine(run.id, actor=city.steward)]
    assert kinds == ["entry-foreign", "provider-foreign"]
    assert Resource.objects.get(source_id="a").name == "财政收入"


def test_only_steward_and_bureau_import_and_only_the_bureau_publishes() -> None:
    city, other = factory.city(), factory.city("34", "安徽省")
    data = records({"标题": "名录"})
    for person in (city.head, other.steward, other.approver, world.official(identity.Role.DEVELOPER)):
        with pytest.raises(catalog.NotAllowed):
            catalog.receive_import(actor=person, office=city.office.code, data=data, file_name="x.json", now=world.NOW)
    run = catalog.receive_import(actor=city.steward, office=city.office.code, data=data, file_name="x.json", now=world.NOW)
    with pytest.raises(catalog.NotAllowed):
        catalog.start_import(actor=city.steward, run_id=run.id, mapping=run.mapping, publish=True, class_code="", now=world.NOW)
    for person in (city.head, other.steward):
        with pytest.raises(catalog.ImportUnknown):
            catalog.preview(run.id, actor=person)
        with pytest.raises(catalog.ImportUnknown):
            catalog.quarantine(run.id, actor=person)
    with pytest.raises(catalog.MappingInvalid):
        catalog.start_import(actor=city.steward, run_id=run.id, mapping={"标题": "tags"}, publish=False, class_code="", now=world.NOW)


def test_a_preview_writes_nothing_and_says_what_will_be() -> None:
    city = factory.city()
    data = records({"标题": "名录", "提供单位": "没有的局", "更新频率": "每两年"}, {"标题": ""})
    run = catalog.receive_import(actor=city.approver, office=city.bureau.code, data=data, file_name="x.json", now=world.NOW)
    seen = catalog.preview(run.id, actor=city.approver)
    assert (seen.total, seen.unknown_providers, [rule for rule, _count in seen.findings]) == (2, (("没有的局", 1),), ["没有信息资源名称"])
    assert [column.target for column in seen.columns] == ["title", "department", "update_frequency"]
    assert catalog.preview(run.id, actor=city.approver, mapping={"提供单位": "department"}).problems
    assert not Resource.objects.exists()


def test_a_run_that_was_cut_off_goes_on_and_its_counts_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    city = factory.city()
    monkeypatch.setattr("zhengtong.apps.resources.catalog.operations.importing._CHUNK", 3)
    data = records(*({"id": str(number), "标题": f"名录{number}"} for number in range(8)))

    def cut(done: int, total: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(data, city, progress=cut)
    run = ImportRun.objects.get()
    assert (run.state, run.done, run.added) == ("running", 6, 6)
    done = catalog.run_import(run_id=run.pk, now=world.NOW)
    assert (done.state, done.added, done.total) == ("done", 8, 8)
    assert catalog.run_import(run_id=run.pk, now=world.NOW) == done
    security.unfold()
    entries = security.entries(security.EntryFilter(event="catalog:import:done"))
    assert [(entry.rows, entry.detail["added"]) for entry in entries] == [(8, 8)]


def test_what_kills_its_worker_every_time_is_not_taken_up_for_ever() -> None:
    city = factory.city()
    run = take(records({"id": "1", "标题": "名录"}), city)
    ImportRun.objects.filter(pk=run.id).update(state="running", finished_at=None, done=0, starts=importing.MOST_STARTS)
    stopped = catalog.run_import(run_id=run.id, now=world.NOW)
    assert (stopped.state, stopped.done) == ("failed", 0)
    assert "连续 3 次中断" in told(stopped.failure)


def test_a_reading_takes_the_place_of_one_that_was_cut_off() -> None:
    city = factory.city()
    run = take(records({"id": "1", "标题": "名录"}), city)
    ImportRun.objects.filter(pk=run.id).update(state="running", finished_at=None)
    importing.give_up(run.source)
    assert ImportRun.objects.get().state == "failed"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "空"),
        (b"%PDF-1.7", "不是 Excel"),
        (b"<html><table></table></html>", "不是 Excel"),
        (b'{"a": [', "JSON"),
        (b"[]", "没有记录"),
        (b"PK\x03\x04 broken", "损坏"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "不是 Excel"),
    ],
)
def test_files_that_are_no_catalog_are_refused_with_the_reason(data: bytes, reason: str) -> None:
    city = factory.city()
    with pytest.raises(catalog.FileRefused, match=reason):
        catalog.receive_import(actor=city.steward, office=city.office.code, data=data, file_name="x", now=world.NOW)


def test_a_locked_workbook_is_refused_with_the_reason(shared_data: Path) -> None:
    city = factory.city()
    data = (shared_data / "messy/messytables/encrypted_no_password.xls").read_bytes()
    with pytest.raises(catalog.FileRefused):
        catalog.receive_import(actor=city.steward, office=city.office.code, data=data, file_name="x.xls", now=world.NOW)
