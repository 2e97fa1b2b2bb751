"""What the gates say of the file behind the rows, and of pieces of one dataset: with real files, overruled with a reason."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import psycopg
import pytest
from django.core.files.storage import default_storage

from factories import world
from factories.exchange import addressed
from factories.opening import ITEMS, MAPPING, Opening
from factories.sharing import NOW, resource
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.exchange.models import FileEdition
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.engines.dataflow.connectors.files.contents import Content, content_of, keeps_promise
from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.toolkit.environment import environment

HEAD = ("代码", "名称", "联系人", "人口", "面积", "更新")
MAPPED = {"dm": "代码", "mc": "名称", "lxr": "联系人", "rks": "人口", "mj": "面积", "gx": "更新"}
ROWS = [(f"3701{place:02d}", f"第{place}区", "王小明", str(1000 + place), "12.5", "2026-06-01") for place in range(12)]
HTML = b"<!DOCTYPE html><html><body><table><tr><td>502 Bad Gateway</td></tr></table></body></html>"


def csv() -> bytes:
    return "\n".join([",".join(HEAD), *(",".join(row) for row in ROWS), ""]).encode()


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in (HEAD, *ROWS):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("ZHENGTONG_DROP_ROOT", str(tmp_path / "drop"))
    environment.cache_clear()
    yield
    monkeypatch.undo()
    environment.cache_clear()


def bind(opening: Opening, data: bytes, name: str) -> None:
    keeper, number = opening.circle.keeper, opening.resource
    edition = exchange.receive_file(by=keeper, resource_id=number, stream=io.BytesIO(data), file_name=name, now=NOW)
    exchange.bind_file(by=keeper, resource_id=number, wanted=exchange.FileBinding(edition, MAPPED), now=NOW)
    opening.collect()


def gates(opening: Opening, number: int) -> dict[str, str]:
    found = opendata.findings(number, {}, actor=opening.circle.keeper)
    return {one.finding.gate: str(one.finding.sentence) for one in found}


@pytest.mark.parametrize(("data", "name"), [(csv(), "区划.csv"), (xlsx(), "区划.xlsx"), (csv(), "区划")])
def test_a_file_that_is_what_its_name_says_finds_nothing(opening: Opening, data: bytes, name: str) -> None:
    bind(opening, data, name)
    assert not {"renamed-file", "refused-delivery"} & set(gates(opening, opening.proposed()))


@pytest.mark.parametrize(("data", "name", "said"), [(xlsx(), "区划.csv", "xlsx 工作簿"), (csv(), "区划.xlsx", "文本表格")])
def test_a_renamed_file_is_found_shown_and_let_pass_with_a_reason(opening: Opening, data: bytes, name: str, said: str) -> None:
    bind(opening, data, name)
    number = opening.proposed()
    sentence = gates(opening, number)["renamed-file"]
    assert name in sentence
    assert said in sentence
    page = world.signed_in(opening.circle.chief).get(f"/work/openings/{number}/").content.decode()
    assert "文件名与内容不符" in page
    with pytest.raises(opendata.Blocked):
        opendata.approve(actor=opening.circle.chief, number=number, now=NOW)
    opendata.overrule(actor=opening.circle.chief, number=number, gate="renamed-file", column="", reason="系统导出时写错扩展名", now=NOW)
    opendata.approve(actor=opening.circle.chief, number=number, now=NOW)


def test_a_page_posing_as_csv_is_refused_at_the_door_and_found_in_the_gates(opening: Opening, tmp_path: Path) -> None:
    keeper = opening.circle.keeper
    bind(opening, csv(), "区划.csv")
    with pytest.raises(UnreadableFile, match="网页"):
        exchange.receive_file(by=keeper, resource_id=opening.resource, stream=io.BytesIO(HTML), file_name="区划.csv", now=NOW)
    exchange.set_drop_folder(actor=keeper, resource_id=opening.resource, folder="quhua", pattern="*.csv", now=NOW)
    exchange.take_drops(now=NOW)  # makes the folder
    place = tmp_path / "drop" / opening.circle.provider.code / "quhua"
    (place / "新区划.csv").write_bytes(HTML)
    (place / "新区划.csv.done").touch()
    assert exchange.take_drops(now=NOW + timedelta(minutes=5)) == 1
    sentence = gates(opening, opening.proposed())["refused-delivery"]
    assert "新区划.csv" in sentence
    assert "网页" in sentence


def test_a_file_that_became_a_page_in_the_store_is_found(opening: Opening) -> None:
    bind(opening, csv(), "区划.csv")
    stored = FileEdition.objects.get(resource_id=opening.resource).stored
    Path(default_storage.path(stored)).write_bytes(HTML)
    assert "内容却是网页" in gates(opening, opening.proposed())["renamed-file"]


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (csv(), Content.TEXT),
        (xlsx(), Content.XLSX),
        (HTML, Content.HTML),
        (b"\xef\xbb\xbf" + HTML, Content.HTML),
        (b"%PDF-1.7", Content.PDF),
        (b'[{"a": 1}]', Content.JSON),
        (b"<?xml version='1.0'?><a/>", Content.XML),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.XLS),
        (b"PK\x03\x04broken", Content.DAMAGED),
        (b" \n", Content.EMPTY),
    ],
)
def test_content_is_told_from_bytes(tmp_path: Path, data: bytes, content: Content) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    assert content_of(path) is content
    assert keeps_promise("x.CSV", content) is (content is Content.TEXT)
    assert keeps_promise("x.unknown", content)


# ------------------------------------------------------------------ pieces of one dataset
def test_a_second_piece_is_found_and_let_pass_with_a_reason(opening: Opening, database_url: str) -> None:
    circle = opening.circle
    opening.opened(title="2025年各区人口")
    with psycopg.connect(database_url) as connection:
        connection.execute("create table civil.later as table civil.division")
        connection.execute("alter table civil.later add primary key (code)")
        connection.execute("update civil.later set people = people + 100, name = name || '新', updated = '2026-06-09'")
    opening.resource = resource(circle.provider, name="各区人口二", sharing_type="1", items=ITEMS)
    wanted = exchange.TableBinding(url=addressed(database_url), schema="civil", table="later", mapping=MAPPING)
    exchange.bind_table(by=circle.keeper, resource_id=opening.resource, wanted=wanted, now=NOW)
    opening.collect()
    number = opening.proposed(title="2026年各区人口")
    found = gates(opening, number)
    assert "2025年各区人口" in found["fragmented"]
    assert "年份" in found["fragmented"]
    with pytest.raises(opendata.Blocked):
        opendata.approve(actor=circle.chief, number=number, now=NOW)
    opendata.overrule(actor=circle.chief, number=number, gate="fragmented", column="", reason="两年的口径不同,不能合并", now=NOW)
    opendata.approve(actor=circle.chief, number=number, now=NOW)


def test_another_dataset_with_the_same_columns_is_no_piece(opening: Opening, database_url: str) -> None:
    circle = opening.circle
    opening.opened(title="各区人口")
    with psycopg.connect(database_url) as connection:
        connection.execute("create table civil.later as table civil.division")
        connection.execute("alter table civil.later add primary key (code)")
        connection.execute("update civil.later set people = people + 100, name = name || '新'")
    opening.resource = resource(circle.provider, name="面积", sharing_type="1", items=ITEMS)
    wanted = exchange.TableBinding(url=addressed(database_url), schema="civil", table="later", mapping=MAPPING)
    exchange.bind_table(by=circle.keeper, resource_id=opening.resource, wanted=wanted, now=NOW)
    opening.collect()
    assert "fragmented" not in gates(opening, opening.proposed(title="河湖水库登记"))
