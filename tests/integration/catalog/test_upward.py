"""Reporting to the platform above: batches, receipts with good and bad rows, what is reported again, and who may."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factories import catalog as factory
from factories import world
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.catalog.rules import reading

pytestmark = pytest.mark.django_db
NOW = world.NOW


def published(city: factory.City, name: str) -> catalog.ResourceView:
    return city.publish(city.draft(name=name).id)


def receipt(*rows: dict[str, Any]) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()


def statuses(city: factory.City, batch: int) -> dict[str, tuple[str, str]]:
    return {line.name: (line.status, line.up_cata_id) for line in catalog.batch_lines(batch, actor=city.approver)}


def test_a_batch_reports_what_is_new_and_the_receipt_is_kept_with_each_entry() -> None:
    city = factory.city()
    first, second = published(city, "甲目录"), published(city, "乙目录")
    city.draft(name="草稿")
    batch = catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)
    assert statuses(city, batch) == {"甲目录": ("1", ""), "乙目录": ("1", "")}
    rows = reading.read(catalog.batch_file(batch, actor=city.approver, kind="csv"))
    assert {row.values["信息资源代码"] for row in rows} == {first.code, second.code}
    with pytest.raises(catalog.NothingToReport):
        catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)

    data = receipt(
        {"信息资源代码": first.code, "状态": "通过", "up_cata_id": "UP-001", "审核意见": ""},
        {"信息资源代码": second.code, "状态": 3, "审核意见": "摘要不清"},
        {"信息资源代码": "307001/999999", "状态": "5", "up_cata_id": "UP-2"},
        {"信息资源代码": first.code, "状态": "好"},
        {"信息资源代码": second.code, "状态": "5"},
        {"状态": "5", "up_cata_id": "<script>"},
    )
    view = catalog.take_receipt(actor=city.approver, batch_id=batch, data=data, file_name="r.json", now=NOW)
    assert (view.lines, view.answered, len(view.quarantine)) == (2, 2, 4)
    assert statuses(city, batch) == {"甲目录": ("5", "UP-001"), "乙目录": ("3", "")}
    kinds = [[finding["kind"] for finding in one["findings"]] for one in view.quarantine]
    assert kinds == [["code-foreign"], ["status-unknown"], ["number-missing"], ["code-missing", "number-form"]]
    seen = catalog.upward(second.id)
    assert seen is not None
    assert (seen.label, seen.reason) == ("国家驳回", "摘要不清")
    assert "核对信息资源代码和批次" in catalog.upward_quarantine_file(batch, actor=city.approver).decode("utf-8-sig")
    # a returned entry waits until it changed
    with pytest.raises(catalog.NothingToReport):
        catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)


def test_changes_are_reported_again_and_withdrawals_revoked() -> None:
    city = factory.city()
    entry = published(city, "甲目录")
    batch = catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)
    passed = receipt({"code": entry.code, "status": "5", "up_cata_id": "UP-001"})
    catalog.take_receipt(actor=city.approver, batch_id=batch, data=passed, file_name="r.json", now=NOW)
    view = catalog.working_copy(entry.id, actor=city.steward)
    catalog.save_draft(actor=city.steward, resource_id=entry.id, content=factory.content(name="甲目录改"), revision=view.revision, now=NOW)
    city.publish(entry.id)
    again = catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)
    assert statuses(city, again) == {"甲目录改": ("1", "UP-001")}
    # the late answer to the first batch changes that batch alone
    late = receipt({"code": entry.code, "status": "8", "审核意见": "旧版"})
    catalog.take_receipt(actor=city.approver, batch_id=batch, data=late, file_name="r.json", now=NOW)
    seen = catalog.upward(entry.id)
    assert seen is not None
    assert (seen.status, seen.up_cata_id, seen.version) == ("1", "UP-001", 2)
    catalog.withdraw(actor=city.head, resource_id=entry.id, reason="停用", now=NOW)
    third = catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)
    (line,) = catalog.batch_lines(third, actor=city.approver)
    assert line.revoked
    assert "UP-001" in catalog.revoked_file(third, actor=city.approver).decode("utf-8-sig")
    gone = receipt({"code": entry.code, "status": "4"})
    catalog.take_receipt(actor=city.approver, batch_id=third, data=gone, file_name="r.json", now=NOW)
    with pytest.raises(catalog.NothingToReport):
        catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)


def test_who_may_report() -> None:
    city = factory.city()
    published(city, "甲目录")
    for actor in (city.steward, city.head):
        with pytest.raises(catalog.NotAllowed):
            catalog.report_upward(actor=actor, office=city.bureau.code, now=NOW)
    batch = catalog.report_upward(actor=city.approver, office=city.bureau.code, now=NOW)
    for actor in (city.steward, city.head):
        for act in (
            lambda actor=actor: catalog.upward_batch(batch, actor=actor),
            lambda actor=actor: catalog.batch_lines(batch, actor=actor),
            lambda actor=actor: catalog.batch_file(batch, actor=actor, kind="csv"),
            lambda actor=actor: catalog.revoked_file(batch, actor=actor),
            lambda actor=actor: catalog.take_receipt(actor=actor, batch_id=batch, data=receipt({}), file_name="r", now=NOW),
        ):
            with pytest.raises(catalog.BatchUnknown):
                act()
    assert world.signed_in(city.steward).get("/work/catalog/upward/").status_code == 403


def test_pages() -> None:
    city = factory.city()
    entry = published(city, "甲目录")
    client = world.signed_in(city.approver)
    assert "生成上报批次" in client.get("/work/catalog/upward/").content.decode()
    answer = client.post("/work/catalog/upward/report/", {"office": city.bureau.code})
    place = answer["Location"]
    for kind in ("xlsx", "csv", "json", "revoked", "quarantine"):
        assert client.get(f"{place}{kind}/").status_code == 200, kind
    assert client.get(f"{place}pdf/").status_code == 422
    assert client.post(place, {}).status_code == 422
    assert client.post(place, {"file": SimpleUploadedFile("r.json", b"\x00\x01\x02")}).status_code == 422
    good = io.BytesIO(receipt({"code": entry.code, "status": "8", "reason": "缺依据"}, {"code": "x"}))
    assert client.post(place, {"file": SimpleUploadedFile("r.json", good.getvalue())}).status_code == 302
    shown = client.get(f"{place}?status=8").content.decode()
    assert "缺依据" in shown
    assert "未采纳" in shown
    assert "缺依据" not in client.get(f"{place}?status=5").content.decode()
    assert "驳回" in client.get(f"/work/catalog/{entry.id}/").content.decode()
    assert client.post("/work/catalog/upward/report/", {"office": city.bureau.code}, follow=True).status_code == 200
