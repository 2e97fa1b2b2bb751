"""Files: the national form as it is filled in, there and back; messy tables; what is refused."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from zhengtong.apps.resources.catalog.queries.imports import suggested_mapping
from zhengtong.apps.resources.catalog.rules import normalising, reading, writing
from zhengtong.apps.resources.catalog.rules.content import Content, ItemContent
from zhengtong.apps.resources.catalog.rules.taking import Options, Taken, take
from zhengtong.apps.resources.catalog.rules.writing import Written

ENTRY = Content(
    name="殡葬火化信息",
    section="社会事务科",
    summary="第一行\n第二行",
    class_code="307001",
    format_class="3",
    format_types=("postgresql", "mysql"),
    sharing_type="2",
    sharing_condition="用于行政依据",
    sharing_scope="社保、公安",
    sharing_purpose="核对资格",
    sharing_modes=("database", "mail"),
    legal_basis="《殡葬管理条例》第三条",
    is_open=False,
    update_cycle="9",
    update_cycle_text="每两年",
    themes=("文化、体育", "社会保障"),
    tags=("=cmd()", "火化"),
    related_codes=("307001/000002",),
    data_level="重要数据",
    contact="0531-1",
    url="https://example.org/1",
    data_updated_on=date(2026, 6, 1),
    items=(
        ItemContent("id_no", "公民身份号码", "C", 18, is_key=True, nullable=False, searchable=True, sensitivity="identity"),
        ItemContent("fee", "费用", "N", 10, 2, sharing_type="3", sharing_condition="《统计法》", is_open=False, dictionary="无码"),
        ItemContent("died_on", "死亡日期", "D", sharing_modes=("file",), description="按医学证明"),
    ),
)


def taken(data: bytes, options: Options | None = None) -> list[Taken]:
    records = reading.read(data)
    mapping = suggested_mapping(records)
    return [take(record.values, mapping, options or Options()) for record in records]


def back(data: bytes) -> list[tuple[str, Content]]:
    found = taken(data)
    assert not [one.findings for one in found if one.findings]
    return [(one.code, Content.of(one.reading)) for one in found]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "json"])
def test_what_is_written_comes_back_unchanged(kind: str) -> None:
    plain = Content(name="只有名称", class_code="307002")
    same_name = replace(ENTRY, items=ENTRY.items[:1])
    entries = [
        Written("307001/000001", "113700000000000001", "山东省民政厅", date(2026, 6, 10), ENTRY),
        Written("307002/000001", "113700000000000001", "山东省民政厅", None, plain),
        Written("307001/000009", "113700000000000001", "山东省民政厅", None, same_name),
    ]
    data = b"".join(writing.WRITERS[kind](entries))
    assert back(data) == [(one.code, one.content) for one in entries]
    assert [one.provider for one in taken(data)] == ["山东省民政厅"] * 3
    assert taken(data)[0].published_on == date(2026, 6, 10)


WORDS = st.text("天地玄黄=+-@'\"\n,a1", min_size=1, max_size=12).map(str.strip).filter(lambda text: bool(normalising.text(text)))


@settings(max_examples=40, deadline=None)
@given(names=st.lists(WORDS, min_size=1, max_size=4, unique=True), summary=WORDS)
def test_texts_that_look_like_formulas_come_back_as_texts(names: list[str], summary: str) -> None:
    items = tuple(ItemContent(f"item_{number}", name) for number, name in enumerate(names))
    entry = Content(name="名录", summary=summary, class_code="307001", items=items)
    for kind in ("xlsx", "csv"):
        data = b"".join(writing.WRITERS[kind]([Written("307001/000001", "1", "甲局", None, entry)]))
        assert back(data) == [("307001/000001", entry)]


def test_formula_cells_are_harmless() -> None:
    entry = Written("1", "1", "甲局", None, Content(name="=cmd|' /C calc'!A0", summary="+1", class_code="307001"))
    book = load_workbook(io.BytesIO(writing.workbook([entry])))
    assert book.active is not None
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert "'=cmd" in b"".join(writing.csv_parts([entry])).decode("utf-8-sig")
    assert ",=cmd" not in b"".join(writing.csv_parts([entry])).decode("utf-8-sig")


def national(rows: list[list[Any]], merged: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for one in merged:
        sheet.merge_cells(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = [
    [
        *("信息资源名称", "信息资源代码", "信息资源提供方", None, "信息资源摘要", "信息资源格式", None, "信息项信息", None, None),
        *("共享属性", None, "开放属性", None, "更新周期", "发布日期"),
    ],
    [
        *(None, None, "资源提供单位", "资源提供方地址", None, "分类", "类型", "信息项名称", "数据类型", "数据长度"),
        *("共享类型", "共享条件", "是否向社会开放", "开放条件", None, None),
    ],
]
HEAD_MERGED = ("A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:G3", "H3:J3", "K3:L3", "M3:N3", "O3:O4", "P3:P4")


def test_the_census_form_with_a_title_above_and_merged_cells() -> None:
    first = [
        "不动产登记",
        None,
        "自然资源局",
        "某路1号",
        "摘要",
        "数据库",
        "oracle",
        "坐落",
        "字符型C",
        200,
        "有条件共享",
        "工作参考",
        "否",
        None,
    ]
    rows = [
        ["政务信息资源目录普查表"],
        [],
        *HEAD,
        [*first, "每日", "2021/4/2"],
        [None] * 7 + ["面积", "数值型N", "10,2"],
        [
            "不动产登记",
            None,
            "自然资源局",
            None,
            "另一条同名",
            "电子表格",
            "xls",
            "编号",
            "整型",
            None,
            "1",
            None,
            "是",
            "无条件",
            "按年更新",
            None,
        ],
    ]
    merged = (*HEAD_MERGED, *(f"{column}5:{column}6" for column in "ABCDEFGKLMNOP"))
    one, two = [(one.provider, one.published_on, Content.of(one.reading)) for one in taken(national(rows, merged))]
    assert one[:2] == ("自然资源局", date(2021, 4, 2))
    assert [(item.name, item.data_type, item.length, item.precision) for item in one[2].items] == [
        ("坐落", "C", 200, None),
        ("面积", "N", 10, 2),
    ]
    assert (one[2].format_class, one[2].format_types, one[2].sharing_type, one[2].is_open, one[2].update_cycle) == (
        "3",
        ("oracle",),
        "2",
        False,
        "2",
    )
    assert (two[2].summary, two[2].sharing_type, two[2].update_cycle, len(two[2].items)) == ("另一条同名", "1", "6", 1)


def test_a_city_copy_with_one_head_row_and_sharing_by_item() -> None:
    head = [
        "信息系统名称",
        "信息资源名称",
        "摘要",
        "部门名称",
        "格式分类",
        "信息项名称",
        "数据类型",
        "数据长度",
        "共享类型",
        "是否向社会开放",
        "更新周期",
    ]
    rows = [
        head,
        ["系统", "参保信息", "摘要", "人社局", "数据库", "姓名", "字符型", 50, "无条件共享", "否", "每月"],
        ["系统", "参保信息", "摘要", "人社局", "数据库", "工资", "数值型", 10, "不予共享", "否", "每月"],
        ["系统", "参保信息", "摘要", "人社局", "数据库", "单位", "字符型", 50, "无条件共享", "否", "每月"],
        ["系统", "失业信息", "摘要", "人社局", "数据库", "姓名", "字符型", 50, "无条件共享", "否", "每月"],
    ]
    first, second = [Content.of(one.reading) for one in taken(national(rows))]
    assert (first.sharing_type, [item.sharing_type for item in first.items]) == ("1", ["1", "3", "1"])
    assert (second.name, [item.sharing_type for item in second.items]) == ("失业信息", [""])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_tables_are_read_in_every_encoding_and_with_every_delimiter(encoding: str) -> None:
    for delimiter in ",;\t":
        rows = ["说明", delimiter.join(("标题", "提供单位", "", "标题")), delimiter.join(("名录", "教育局", "x", "y")), ""]
        records = reading.read("\r\n".join(rows).encode(encoding))
        assert [(one.position, one.values) for one in records] == [(3, {"标题": "名录", "提供单位": "教育局", "第3列": "x", "标题_2": "y"})]


def test_a_row_with_too_many_cells_waits_with_its_reason() -> None:
    found = taken(b"title,department\nx,y,z\n")
    assert [one.kind for one in found[0].findings] == ["row-shape"]


def test_json_is_read_as_an_array_and_in_an_envelope() -> None:
    row = {"title": "x"}
    for document in ([row], {"code": 0, "data": [row]}, row):
        assert [one.values for one in reading.read(json.dumps(document).encode())] == [row]
    assert [one.kind for one in taken(b'[{"title": "x"}, 5]')[1].findings] == ["row-shape", "name-missing"]


def test_messy_files_are_read_or_refused_never_broken(shared_data: Path) -> None:
    for path in sorted((shared_data / "messy").rglob("*.*")):
        if path.suffix in {".csv", ".xls", ".xlsx", ".ods", ".json", ".html"}:
            with contextlib.suppress(reading.FileRefused):
                records = reading.read(path.read_bytes())
                assert records
                for record in records:
                    take(record.values, suggested_mapping(records) | {"x": "title"}, Options())


def test_an_archive_that_unpacks_beyond_measure_is_refused_unread() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(reading.MOST_UNPACKED // 2**24 + 1):
            part.write(b"\0" * 2**24)
    assert len(out.getvalue()) < reading.MOST_BYTES
    with pytest.raises(reading.FileRefused, match="解开后"):
        reading.read(out.getvalue())


def test_a_sheet_that_spans_the_world_is_refused_and_ends_no_process() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = sheet["XFD1048576"] = 1
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(reading.FileRefused, match="大得无法打开"):
        reading.read(content.getvalue())
