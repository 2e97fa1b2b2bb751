"""Lists of items in and out: the list of a district as it is published, and our own columns there and back."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from factories import catalog as entries
from factories import services as factory
from factories import world
from zhengtong.apps.affairs.services import api as services
from zhengtong.apps.affairs.services.models import BasicItem, ServiceItem
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.codes import credit_code, organisation_code

pytestmark = pytest.mark.django_db
ALL = services.WorkFilter()


def taken(data: bytes, name: str = "items.xlsx", **how: Any) -> services.ImportView:
    return services.import_items(data=data, file_name=name, actor=None, by="process:test", now=world.NOW, **how)


def district(path: Path) -> list[dict[str, str]]:
    """Register the offices of the list that it names by a good code, and return its rows."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    organisations.load_regions([("51", "四川省"), ("5116", "广安市"), ("511602", "广安区")], actor="process:test", now=world.NOW)
    there = set[str]()
    for row in rows:
        code = row["deptCode"].upper().replace("-", "")
        if len(code) == 9 and organisation_code.is_valid(code):
            code = world.credit_code(f"11511602{code}")
        if credit_code.is_valid(code) and code not in there:
            there.add(code)
            facts = {"name": row["部门"], "level": 4, "region": "511602", "valid_from": date(2019, 1, 1)}
            organisations.add_office(code=code, actor="process:test", now=world.NOW, **facts)
    return rows


def test_the_list_of_a_district_comes_in_and_its_bad_rows_stay_out(shared_data: Path) -> None:
    path = shared_data / "service-items/guangan_district_items.csv"
    rows = district(path)
    assert len(rows) == 1135
    data = path.read_bytes()
    run = taken(data, path.name)
    lengths = [len(row["deptCode"].replace("-", "")) for row in rows]
    bad = sum(length not in {9, 18} for length in lengths)
    assert run.total == 1135
    assert run.quarantined >= bad > 200
    assert run.added == 1135 - run.quarantined > 500
    assert run.noted >= 13
    assert ServiceItem.objects.filter(office__name="区残联").count() == 13
    assert ServiceItem.objects.filter(state=4).count() == run.added
    assert BasicItem.objects.filter(provisional=True).exists()
    again = taken(data, path.name)
    assert (again.added, again.changed, again.unchanged) == (0, 0, run.added)


def test_what_was_kept_out_says_row_field_rule_and_remedy(shared_data: Path) -> None:
    path = shared_data / "service-items/guangan_district_items.csv"
    rows = district(path)
    desk = entries.city("51", "四川省")
    run = services.import_items(data=path.read_bytes(), file_name=path.name, actor=desk.approver, by=desk.approver.label, now=world.NOW)
    kept_out = services.quarantine(run.id, desk.approver, limit=2000)
    assert len(kept_out) == run.quarantined
    for one in kept_out:
        assert one.field
        assert one.rule
        assert one.remedy
        assert rows[one.number - 2]["itemCode"] == one.record["itemCode"]
    assert next(one for one in kept_out if len(one.record["deptCode"]) == 5).rule == "length"
    table = services.quarantine_csv(run.id, desk.approver, str).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(table)))) == run.quarantined + 1
    stranger = world.official()
    with pytest.raises(services.ItemImportUnknown):
        services.quarantine(run.id, stranger)


def test_our_own_columns_come_back_as_they_went() -> None:
    desk = factory.desk()
    first = desk.published(
        materials=(
            services.Material(material_name="=照片", source="upload", page_num=2),
            services.Material(material_name="承诺书", source="commitment", fill_explain="x"),
        ),
        is_fee=True,
        fee_basis="某文件",
        is_pay_online=False,
        fees=(services.Fee(fee_name="工本费", fee_stand="10 元", is_desc=True, desc_explain="低保对象免收"),),
        plan_effective_date=date(2026, 1, 1),
        form=factory.FORM,
    )
    second = desk.draft(basic=first.basic, handle="01", summary="草稿")
    data = services.export_xlsx(desk.steward, ALL)
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == [
        "basic",
        "extend",
        "material",
        "fee",
        "questions",
        "step",
        "result",
        "punish",
    ]
    before = {one: services.own_item(one, desk.steward).content for one in (first.id, second.id)}
    assert (taken(data).unchanged, services.work_count(desk.steward, ALL)) == (2, 2)
    ServiceItem.objects.all().delete()
    run = taken(data)
    assert (run.added, run.quarantined) == (2, 0)
    after = {one.code: services.own_item(one.id, desk.steward).content for one in services.worklist(desk.steward, ALL)}
    assert after == {first.code: before[first.id], second.code: before[second.id]}


def test_a_changed_row_is_a_new_version_and_the_published_one_stays() -> None:
    desk = factory.desk()
    item = desk.published()
    book = openpyxl.load_workbook(io.BytesIO(services.export_xlsx(desk.steward, ALL)))
    sheet = book["basic"]
    column = next(cell.column for cell in sheet[1] if str(cell.value).startswith("promise_day "))
    sheet.cell(2, column).value = 6
    target = io.BytesIO()
    book.save(target)
    assert taken(target.getvalue()).changed == 1
    assert services.own_item(item.id, desk.steward).version == 2
    assert services.item(item.code).promised_days == 5
    published = taken(target.getvalue(), publish=True)
    assert published.unchanged == 1
    desk.act(item.id, services.Act.SUBMIT)
    assert taken(services.export_xlsx(desk.steward, ALL)).unchanged == 1


def test_bad_cells_are_named_and_the_rest_comes_in() -> None:
    desk = factory.desk()
    good, other = desk.draft(), desk.draft()
    book = openpyxl.load_workbook(io.BytesIO(services.export_xlsx(desk.steward, ALL)))
    sheet, materials = book["basic"], book["material"]
    column = {str(cell.value).split()[0]: cell.column for cell in sheet[1]}
    row = next(place for place in (2, 3) if sheet.cell(place, column["task_code"]).value == other.code)
    sheet.cell(row, column["promise_day"]).value = "三天"
    materials.cell(2, 1).value = "nobody"
    book.create_sheet("notes").append(["code"])
    book["notes"].append([good.code])
    target = io.BytesIO()
    book.save(target)
    run = services.import_items(data=target.getvalue(), file_name="x.xlsx", actor=desk.steward, by=desk.steward.label, now=world.NOW)
    found = {(one.sheet, one.field, one.rule) for one in services.quarantine(run.id, desk.steward)}
    assert {("basic", "promise_day", "type"), ("material", "code", "no-item"), ("notes", "sheet", "sheet")} <= found


def test_what_is_in_force_is_published_at_once_and_what_has_errors_is_not() -> None:
    desk = factory.desk()
    desk.draft()
    broken = desk.draft(link_way="12345")
    data = services.export_xlsx(desk.steward, ALL)
    ServiceItem.objects.all().delete()
    run = taken(data, publish=True)
    assert (run.added, run.published) == (2, 1)
    with pytest.raises(services.ItemUnknown):
        services.public_item(broken.code)
    assert services.guide_count(services.GuideQuestion(text="老年证")) == 1


def test_stewards_bring_in_their_own_office_only() -> None:
    desk = factory.desk()
    other = factory.Desk(entries.city(bureau=desk.city.bureau))
    desk.draft()
    data = services.export_xlsx(desk.steward, ALL)
    run = services.import_items(data=data, file_name="x.xlsx", actor=other.steward, by=other.steward.label, now=world.NOW)
    assert (run.added, run.changed, run.quarantined) == (0, 0, 1)
    for refused in ({"actor": world.official()}, {"actor": desk.steward, "publish": True}):
        with pytest.raises(services.ItemNotAllowed):
            services.import_items(data=data, file_name="x.xlsx", by="x", now=world.NOW, **refused)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"a,b\n1,2\n", b"\x00\x01\x02"])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    factory.desk()
    with pytest.raises(services.ItemFileRefused) as caught:
        taken(data)
    assert caught.value.field == "file"


def test_the_command_takes_in_and_writes(tmp_path: Path) -> None:
    from zhengtong.project.commands.items import group

    desk = factory.desk()
    desk.draft()
    runner, file = CliRunner(), tmp_path / "items.xlsx"
    written = runner.invoke(group, ["export", str(file), "--json"])
    assert json.loads(written.output)["bytes"] == file.stat().st_size
    read = runner.invoke(group, ["import", str(file), "--json"])
    assert json.loads(read.stdout)["unchanged"] == 1, read.output
    assert runner.invoke(group, ["export", str(tmp_path / "items.csv")]).exit_code == 0
    assert "task_code" in (tmp_path / "items.csv").read_text(encoding="utf-8-sig")
