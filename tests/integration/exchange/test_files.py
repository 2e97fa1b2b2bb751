"""Files a department hands in: looked at, bound, collected, replaced by the next edition; and refused with the reason."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from django.core.files.storage import default_storage
from django.db import connection
from pytest_django import Settings

from factories.exchange import BAD, RULES, bind, identity, source
from factories.sharing import NOW, Circle, resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.models import Binding, FileEdition
from zhengtong.apps.flow.exchange.operations import queueing
from zhengtong.apps.foundation.identity import api as accounts
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.dataflow.connectors.files import rows as unpacking
from zhengtong.engines.dataflow.errors import TransientFailure, UnreadableFile
from zhengtong.kernel.errors import Conflict, Invalid, NotFound
from zhengtong.project.commands.exchange import group
from zhengtong.toolkit.keys import node_keys

pytestmark = pytest.mark.usefixtures("hub")

HEAD = "公民身份号码,姓名,手机号码,行政区划代码,出生日期,金额"
MAPPING = {"sfzh": "公民身份号码", "xm": "姓名", "sjh": "手机号码", "qh": "行政区划代码", "csrq": "出生日期", "je": "金额"}
SCHOOLS = (
    ("dm", "学校标识码", "C", True, True, ""),
    ("mc", "学校名称", "C", False, True, ""),
    ("szd", "所在地", "C", False, False, ""),
    ("cc", "办学层次", "C", False, False, ""),
    ("sheng", "分组", "C", False, False, ""),
    ("bz", "备注", "C", False, False, ""),
)
GDP = (("dq", "地区", "C", True, True, ""), ("y2024", "2024年", "N", False, False, ""))


@pytest.fixture(autouse=True)
def file_store(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def circle(hub: str) -> Circle:
    return Circle()


def kept(store: Path) -> int:
    """How many files lie in the store."""
    return sum(1 for path in store.rglob("*") if path.is_file())


def line(number: int, amount: int = 1) -> str:
    return f"{identity(number)},王{number},1380000{number:04d},370102,1949-12-31,{amount}"


def csv(lines: list[str], head: str = HEAD, encoding: str = "gb18030") -> bytes:
    return "\n".join([head, *lines, ""]).encode(encoding)


def received(circle: Circle, data: bytes, name: str = "低保.csv", resource_id: int | None = None) -> int:
    return exchange.receive_file(
        by=circle.keeper, resource_id=resource_id or circle.resource, stream=io.BytesIO(data), file_name=name, now=NOW
    )


def bound(circle: Circle, data: bytes, **changes: Any) -> int:
    edition = received(circle, data)
    facts = {"mapping": MAPPING, "rules": RULES, **changes}
    exchange.bind_file(by=circle.keeper, resource_id=circle.resource, wanted=exchange.FileBinding(edition, **facts), now=NOW)
    return edition


def run(circle: Circle, resource_id: int | None = None) -> exchange.RunView:
    number = exchange.request_collect(by=circle.keeper, resource_id=resource_id or circle.resource, now=NOW)
    state = exchange.carry_out(number)
    view = exchange.run(number, actor=circle.keeper)
    assert state is exchange.RunState.FINISHED, view.failure
    return view


def replace(circle: Circle, data: bytes, **changes: Any) -> exchange.Replaced:
    facts = {"by": circle.keeper, "file_name": "第二期.csv", "now": NOW, **changes}
    return exchange.replace_file(resource_id=circle.resource, stream=io.BytesIO(data), **facts)


def hub_rows(resource_id: int, what: str = "count(*)") -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"select {what} from hub.r_{resource_id}")  # the tests' own words
        return cursor.fetchone()[0]


# ------------------------------------------------------------------ real files, bound and collected
def test_the_register_of_schools_is_collected_whole(circle: Circle, shared_data: Path) -> None:
    [path] = (shared_data / "registers").iterdir()
    schools = resource(circle.provider, name="高等学校名单", items=SCHOOLS)
    edition = received(circle, path.read_bytes(), path.name, schools)
    looked = exchange.look(actor=circle.keeper, resource_id=schools, edition_id=edition)
    assert looked.is_workbook
    assert looked.layout.group_column == "分组"
    assert {one.item: one.column for one in looked.suggestions} == {key: name for key, name, *_rest in SCHOOLS}
    mapping = {one.item: one.column for one in looked.suggestions}
    exchange.bind_file(by=circle.keeper, resource_id=schools, wanted=exchange.FileBinding(edition, mapping), now=NOW)
    done = run(circle, schools)
    assert done.counts == {"read": 2919, "inserted": 2919, "updated": 0, "unchanged": 0, "quarantined": 0, "duplicates": 0}
    assert (done.expected, hub_rows(schools), hub_rows(schools, "count(distinct sheng)")) == (2919, 2919, 31)
    assert json.loads(done.receipt)["counts"]["read"] == 2919
    assert node_keys().trusted[done.receipt_key_id].verify(done.receipt.encode(), bytes.fromhex(done.receipt_signature))
    assert run(circle, schools).counts["unchanged"] == 2919


def test_a_gb18030_file_with_a_preamble_is_collected(circle: Circle, shared_data: Path) -> None:
    path = shared_data / "macro/gdp-by-province-gb18030.csv"
    gdp = resource(circle.provider, name="地区生产总值", items=GDP)
    edition = received(circle, path.read_bytes(), path.name, gdp)
    looked = exchange.look(actor=circle.keeper, resource_id=gdp, edition_id=edition)
    assert (looked.layout.encoding, looked.layout.header_row) == ("gb18030", 3)
    assert any("说明文字" in one for one in looked.warnings)
    assert any("注释" in one for one in looked.warnings)
    exchange.bind_file(by=circle.keeper, resource_id=gdp, wanted=exchange.FileBinding(edition, {"dq": "地区", "y2024": "2024年"}), now=NOW)
    done = run(circle, gdp)
    assert (done.counts["read"], done.counts["inserted"], done.expected) == (31, 31, 31)
    assert hub_rows(gdp, "max(y2024) filter (where dq = '北京市')::text") == "49670.20"


# ------------------------------------------------------------------ what is wrong is named
@pytest.mark.parametrize(
    ("name", "word"),
    [("messytables/encrypted_no_password.xls", "密码"), ("messytables/rowcolspan.html", "网页")],
)
def test_what_is_no_table_is_refused_with_the_reason(circle: Circle, shared_data: Path, file_store: Path, name: str, word: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        received(circle, (shared_data / "messy" / name).read_bytes(), "名单.xls")
    assert word in refused.value.sentence
    assert refused.value.remedy
    assert not FileEdition.objects.exists()
    assert kept(file_store) == 0


def test_files_beyond_measure_are_refused_and_not_kept(
    circle: Circle, settings: Settings, file_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EXCHANGE_FILE_LIMIT = 1 << 20
    with pytest.raises(exchange.FileTooLarge):
        received(circle, b"a,b\n" * (1 << 19))
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 1 << 16)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (1 << 17))
    with pytest.raises(UnreadableFile, match="解开后"):
        received(circle, packed.getvalue(), "bomb.xlsx")
    assert kept(file_store) == 0


def test_a_name_is_for_people_and_never_a_path(circle: Circle) -> None:
    edition = FileEdition.objects.get(pk=received(circle, csv([line(1)]), "..\\..//etc/pass\x00wd\u202e.csv"))
    assert edition.file_name == "passwd.csv"
    assert "passwd" not in edition.stored
    assert default_storage.exists(edition.stored)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mapping": {**MAPPING, "xm": "没有"}}, "xm"),
        ({"mapping": {key: value for key, value in MAPPING.items() if key != "xm"}}, "xm"),
        ({"rules": [{"kind": "length", "item": "je", "most": 3}]}, None),
        ({"absent": "burn"}, "absent"),
    ],
)
def test_a_file_binding_that_cannot_work_is_refused(circle: Circle, changes: dict[str, Any], field: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        bound(circle, csv([line(1)]), **changes)
    assert field is None or refused.value.field == field
    assert not Binding.objects.exists()


def test_refused_rows_name_their_lines(circle: Circle) -> None:
    wrong = line(3).replace(identity(3), BAD)
    bound(circle, csv([line(1), line(2), wrong, "只有,两列", line(4)]))
    done = run(circle)
    assert (done.counts["read"], done.counts["inserted"], done.counts["quarantined"]) == (5, 3, 2)
    assert [(one.line, one.rules) for one in exchange.rejects(done, actor=circle.keeper)] == [
        (4, ["identity-number:sfzh"]),
        (5, ["row-shape"]),
    ]


# ------------------------------------------------------------------ what was found may be corrected
def test_a_person_corrects_sheet_header_and_encoding(circle: Circle) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["封面", "说明"])
    sheet = book.create_sheet("名单")
    for row in (["合计", "2", "", "", "", ""], HEAD.split(","), line(1).split(","), line(2).split(",")):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    edition = received(circle, data.getvalue(), "名单.xlsx")
    looked = exchange.correct(
        actor=circle.keeper, resource_id=circle.resource, edition_id=edition, corrections=exchange.Corrections(sheet="名单", header=1)
    )
    assert looked.layout.columns == tuple(HEAD.split(","))
    assert exchange.look(actor=circle.keeper, resource_id=circle.resource, edition_id=edition).layout == looked.layout
    for said in (exchange.Corrections(sheet="没有"), exchange.Corrections(sheet="名单", header=99)):
        with pytest.raises(UnreadableFile):
            exchange.correct(actor=circle.keeper, resource_id=circle.resource, edition_id=edition, corrections=said)
    with pytest.raises(Invalid):
        exchange.correct(
            actor=circle.keeper, resource_id=circle.resource, edition_id=edition, corrections=exchange.Corrections(encoding="rot13")
        )
    text = received(circle, csv([line(1)]))
    with pytest.raises(UnreadableFile, match="utf-8"):
        exchange.correct(
            actor=circle.keeper, resource_id=circle.resource, edition_id=text, corrections=exchange.Corrections(encoding="utf-8")
        )


def test_sample_rows_are_masked_and_unknown_columns_hidden(circle: Circle) -> None:
    edition = received(circle, csv([f"{line(7)},{identity(7)}"], head=f"{HEAD},其他"))
    looked = exchange.look(actor=circle.keeper, resource_id=circle.resource, edition_id=edition)
    [shown] = looked.sample
    assert shown[1] == "王*"
    assert identity(7) not in shown
    assert shown[-1] is None
    [chosen] = exchange.sample_file(
        actor=circle.keeper, resource_id=circle.resource, edition_id=edition, chosen={"xm": "其他", "sfzh": "公民身份号码"}
    )
    assert identity(7) not in chosen


# ------------------------------------------------------------------ the next edition
def test_the_next_edition_replaces_the_file_and_keeps_the_history(circle: Circle, file_store: Path) -> None:
    received(circle, csv([line(9)]))  # looked at, never bound
    first = bound(circle, csv([line(1), line(2), line(3)]))
    assert kept(file_store) == 1
    run(circle)
    preamble = "低保名单\n制表日期,2026-06\n" + HEAD + ",新列"
    answer = replace(circle, csv([f"{line(1)},x", f"{line(2, 9)},x", f"{line(4)},x"], head=preamble, encoding="utf-8"), collect=True)
    assert (answer.rows, answer.added, answer.dropped) == (3, ("新列",), ())
    assert answer.run is not None
    assert exchange.carry_out(answer.run) is exchange.RunState.FINISHED
    counts = exchange.run(answer.run, actor=circle.keeper).counts
    assert (counts["inserted"], counts["updated"], counts["unchanged"]) == (1, 1, 1)
    assert hub_rows(circle.resource) == 4  # rows that are gone from the file are kept
    history = exchange.editions(circle.resource)
    assert [one.id for one in history] == [answer.edition, first]
    assert [one.rows for one in history] == [3, 3]
    assert kept(file_store) == 2
    security.unfold()
    acts = [one.event for one in security.entries(security.EntryFilter())]
    assert {"exchange:file:received", "exchange:binding:set", "exchange:file:replaced"} <= set(acts)


def test_an_edition_without_a_mapped_column_is_refused_and_nothing_changes(circle: Circle, file_store: Path) -> None:
    bound(circle, csv([line(1)]))
    run(circle)
    before = Binding.objects.get().edition_id
    with pytest.raises(Invalid, match="缺少列:手机号码") as refused:
        replace(circle, csv(["x,王,370102,1949-12-31,1"], head=HEAD.replace("手机号码,", "")), collect=True)
    assert refused.value.field == "file"
    assert refused.value.remedy
    with pytest.raises(UnreadableFile):
        replace(circle, b"<html><table></table></html>")
    with pytest.raises(Conflict):
        replace(circle, csv([line(1)]))
    assert Binding.objects.get().edition_id == before
    assert (hub_rows(circle.resource), kept(file_store), FileEdition.objects.count()) == (1, 1, 1)
    assert run(circle).counts["unchanged"] == 1


def test_where_the_file_is_the_whole_list_rows_that_are_gone_are_removed(circle: Circle) -> None:
    bound(circle, csv([line(number) for number in range(1, 5)]))
    run(circle)
    edition = Binding.objects.get().edition_id
    assert edition is not None
    wanted = exchange.FileBinding(edition, MAPPING, RULES, absent="delete")
    exchange.bind_file(by=circle.keeper, resource_id=circle.resource, wanted=wanted, now=NOW)
    run(circle)
    # the refused row is still in the list, so what the hub holds of it has not gone
    replace(circle, csv([line(1), line(2), line(3).replace("1949-12-31", "1949-02-30")]))
    assert run(circle).counts["quarantined"] == 1
    assert hub_rows(circle.resource) == 3
    replace(circle, csv([line(1)]))  # more than half would go: that looks like a wrong file
    number = exchange.request_collect(by=circle.keeper, resource_id=circle.resource, now=NOW)
    assert exchange.carry_out(number) is exchange.RunState.FAILED
    assert "已消失 2 行" in exchange.run(number, actor=circle.keeper).failure["message"]
    assert hub_rows(circle.resource) == 3


def test_a_file_takes_the_place_of_a_table_and_back(circle: Circle, database_url: str) -> None:
    source(database_url)
    bind(circle, database_url, every_minutes=60)
    bound(circle, csv([line(1)]))
    row = Binding.objects.get()
    assert (row.kind, row.sealed_url, row.table, row.every_minutes, row.next_run_at) == ("files", "", "", None, None)
    with pytest.raises(Invalid):
        exchange.set_schedule(actor=circle.keeper, resource_id=circle.resource, every_minutes=5, now=NOW)
    bind(circle, database_url)
    row.refresh_from_db()
    assert (row.kind, row.edition_id, row.absent) == ("postgresql", None, "keep")
    with pytest.raises(exchange.NotBoundToFile):
        replace(circle, csv([line(2)]))


# ------------------------------------------------------------------ who may not
def test_only_the_providers_keepers_hand_files_in(circle: Circle, file_store: Path) -> None:
    edition = bound(circle, csv([line(1)]))
    for who in (circle.chief, circle.steward, circle.stranger):
        with pytest.raises(accounts.NotYours):
            exchange.receive_file(by=who, resource_id=circle.resource, stream=io.BytesIO(b"a,b\n1,2\n"), file_name="x", now=NOW)
        with pytest.raises(accounts.NotYours):
            exchange.look(actor=who, resource_id=circle.resource, edition_id=edition)
        with pytest.raises(accounts.NotYours):
            exchange.sample_file(actor=who, resource_id=circle.resource, edition_id=edition, chosen=MAPPING)
        with pytest.raises(accounts.NotYours):
            exchange.correct(actor=who, resource_id=circle.resource, edition_id=edition, corrections=exchange.Corrections())
        with pytest.raises(accounts.NotYours):
            exchange.bind_file(by=who, resource_id=circle.resource, wanted=exchange.FileBinding(edition, MAPPING), now=NOW)
        with pytest.raises(accounts.NotYours):
            replace(circle, csv([line(2)]), by=who)
    assert kept(file_store) == 1
    other = resource(circle.provider, name="另一项")
    with pytest.raises(NotFound):  # an edition belongs to one resource
        exchange.look(actor=circle.keeper, resource_id=other, edition_id=edition)


# ------------------------------------------------------------------ from the command line
def test_the_command_binds_and_collects(circle: Circle, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(csv([line(1), line(2)], head=HEAD.replace("姓名", "甲")))
    mapping = tmp_path / "map.json"
    mapping.write_text(json.dumps({"xm": "甲"}), encoding="utf-8")
    words = ["bind-file", str(circle.resource), str(path), "--json"]
    assert isinstance(CliRunner().invoke(group, words).exception, Invalid)
    assert isinstance(CliRunner().invoke(group, [*words, "--mapping", str(mapping), "--key", "xm"]).exception, Invalid)
    answer = CliRunner().invoke(group, [*words, "--mapping", str(mapping), "--key", "sfzh"])
    assert answer.exit_code == 0, answer.exception
    assert json.loads(answer.stdout)["rows"] == 2
    done = CliRunner().invoke(group, ["run", str(circle.resource), "--json"])
    assert done.exit_code == 0, done.exception
    told = json.loads(done.stdout)
    assert (told["state"], told["counts"]["inserted"]) == ("finished", 2)
    assert "未变 2" in CliRunner().invoke(group, ["run", str(circle.resource)]).stdout


def test_the_command_waits_out_what_passes_and_says_what_does_not(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    bound(circle, csv([line(1)]))
    pauses: list[float] = []
    monkeypatch.setattr(queueing.time, "sleep", pauses.append)
    real, failures = queueing.carry_out, [TransientFailure("来源系统数据库:连接中断")]

    def flaky(run_id: uuid.UUID, **options: Any) -> exchange.RunState:
        if failures:
            raise failures.pop()
        return real(run_id, **options)

    monkeypatch.setattr(queueing, "carry_out", flaky)
    assert CliRunner().invoke(group, ["run", str(circle.resource)]).exit_code == 0
    assert pauses == [2]
    default_storage.delete(FileEdition.objects.get().stored)
    lost = CliRunner().invoke(group, ["run", str(circle.resource), "--json"])
    assert lost.exit_code == 1
    told = json.loads(lost.stdout)
    assert (told["state"], told["failure"]["code"], told["failure"]["party"]) == ("failed", "unreadable-file", "provider")


def test_who_interrupts_the_command_stops_its_run(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    bound(circle, csv([line(1)]))

    def interrupted(run_id: uuid.UUID, **_options: Any) -> exchange.RunState:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(queueing, "carry_out", interrupted)
        with pytest.raises(KeyboardInterrupt):
            exchange.collect_here(by="process:command", resource_id=circle.resource, now=NOW)
    assert run(circle).counts["inserted"] == 1
