"""Files as people send them: read right, or refused with a reason; every row has a part."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.engines.dataflow.connectors.base import BAD, CELLS, LINE, Window
from zhengtong.engines.dataflow.connectors.files import rows as unpacking
from zhengtong.engines.dataflow.connectors.files.config import FileKind, Layout
from zhengtong.engines.dataflow.connectors.files.layouts import Part, placed
from zhengtong.engines.dataflow.connectors.files.reader import FileSource, inspect, read, test_file
from zhengtong.engines.dataflow.connectors.files.rows import rows_of, sheet_names, text_rows
from zhengtong.engines.dataflow.connectors.files.weighing import require_openable
from zhengtong.engines.dataflow.connectors.files.writer import FileWriter
from zhengtong.engines.dataflow.errors import BadPlan, UnreadableFile
from zhengtong.kernel.sentences import from_text

check_file = test_file
test_file.__test__ = False  # a product function that pytest would take for a test


def rows(path: Path, **options: object) -> list[dict[str, str | None]]:
    """The good rows of a file under the layout that ``inspect`` finds."""
    layout = inspect(path, **options).layout
    frames = [frame.filter(pl.col(BAD).is_null()).select(layout.names) for frame in read(path, layout)]
    return [row for frame in frames for row in frame.to_dicts()]


def bad(path: Path) -> list[tuple[int, str, list[str]]]:
    layout = inspect(path).layout
    found = pl.concat(read(path, layout)).filter(pl.col(BAD).is_not_null())
    return [(line, from_text(reason), json.loads(cells)) for line, reason, cells in found.select(LINE, BAD, CELLS).iter_rows()]


def written(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ------------------------------------------------------------------ real files
SPECTRUM = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf", "quotes_and_newlines", "simple",
    "simple_crlf", "utf8",
)  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(shared_data: Path, name: str) -> None:
    folder = shared_data / "messy/csv-spectrum"
    assert rows(folder / f"csvs/{name}.csv") == json.loads((folder / f"json/{name}.json").read_text())


def test_csv_spectrum_with_a_lost_character(shared_data: Path) -> None:
    """Its JSON has another telephone number than its CSV; the rest must agree."""
    folder = shared_data / "messy/csv-spectrum"
    expected = json.loads((folder / "json/location_coordinates.json").read_text())
    assert rows(folder / "csvs/location_coordinates.csv") == [{**expected, "Contact Phone Number": "2095257564"}]


def test_every_spectrum_file_is_tested(shared_data: Path) -> None:
    assert {path.stem for path in (shared_data / "messy/csv-spectrum/csvs").iterdir()} == {*SPECTRUM, "location_coordinates"}


FRICTIONLESS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "encoding-issue-274": (("id", "name", "abbreviation"), 507, 0),
    "doublequote": (("INCISO", "NOMBREINCISO", "UE"), 5, 0),
    "defective-rows": (("id", "name", "age"), 0, 2),
    "duplicate-headers": (("id", "name", "id_2", "age", "id_3"), 2, 0),
    "duplicate-rows": (("id", "name", "age"), 3, 0),
    "invalid": (("id", "name", "列3", "name_2"), 0, 3),
    "blank-headers": (("id", "列2", "age"), 2, 0),
    "bom": (("id", "name"), 2, 0),
    "escaping": (("ID", "Test"), 3, 0),
    "blank-rows": (("id", "name", "age"), 2, 0),
    "delimiter": (("id", "name"), 2, 0),
}


@pytest.mark.parametrize("name", FRICTIONLESS)
def test_frictionless(shared_data: Path, name: str) -> None:
    path = shared_data / f"messy/frictionless/{name}.csv"
    columns, good, wrong = FRICTIONLESS[name]
    assert inspect(path).layout.columns[: len(columns)] == columns
    assert (len(rows(path)), len(bad(path))) == (good, wrong)


def test_every_frictionless_file_is_tested(shared_data: Path) -> None:
    assert {path.stem for path in (shared_data / "messy/frictionless").iterdir()} == {*FRICTIONLESS, "empty"}


def test_defects_are_named_by_line(shared_data: Path) -> None:
    folder = shared_data / "messy/frictionless"
    assert bad(folder / "defective-rows.csv") == [
        (2, "第 2 行有 2 列,应为 3 列", ["1101", "John"]),
        (3, "第 3 行有 4 列,应为 3 列", ["1102", "Julie", "26", "Potatoes"]),
    ]
    assert [line for line, _, _ in bad(folder / "invalid.csv")] == [2, 3, 5]
    assert [row["Test"] for row in rows(folder / "escaping.csv")] == ["Test line 1", 'Test " line 2', 'Test " line 3']
    assert any("列名重复" in warning for warning in inspect(folder / "duplicate-headers.csv").warnings)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("frictionless/empty.csv", "空"), ("messytables/encrypted_no_password.xls", "密码"), ("messytables/rowcolspan.html", "网页")],
)
def test_what_cannot_be_read_is_refused_with_reason_and_remedy(shared_data: Path, name: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refusal:
        inspect(shared_data / "messy" / name)
    assert refusal.value.remedy
    report = check_file(shared_data / "messy" / name)
    assert (report.ok, report.sentence) == (False, refusal.value.sentence)


def test_a_locked_workbook_is_known_without_an_ending(shared_data: Path, tmp_path: Path) -> None:
    for name in ("stored", "misnamed.xlsx"):
        path = written(tmp_path, (shared_data / "messy/messytables/encrypted_no_password.xls").read_bytes(), name)
        with pytest.raises(UnreadableFile, match="密码"):
            inspect(path)


def test_a_workbook_that_unpacks_beyond_measure_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "wide.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a", "b"])
    book.save(path)
    assert inspect(path).layout.columns == ("a", "b")
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 1 << 10)
    with pytest.raises(UnreadableFile, match="解开后超过"):
        inspect(path)


def test_a_person_says_the_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, "姓名,地址\n王五,歷下區\n".encode("big5"))
    assert inspect(path, encoding="big5").layout.columns == ("姓名", "地址")
    for encoding in ("utf-8", "no-such-code"):
        with pytest.raises(UnreadableFile, match=encoding):
            inspect(path, encoding=encoding)


def test_messytables(shared_data: Path) -> None:
    folder = shared_data / "messy/messytables"
    assert rows(folder / "blank_line.ods") == [
        {"Name": "Bob", "Age": "20", "When": "2010-10-10"},
        {"Name": "Jane", "Age": "23", "When": "2012-01-01"},
        {"Name": "Ian", "Age": "34", "When": "2015-11-11"},
    ]
    assert rows(folder / "simple.xls")[1] == {"date": "2011-01-02", "temperature": "-1", "place": "Galway"}
    assert len(rows(folder / "simple.xls")) == 6
    assert [row["bold"] for row in rows(folder / "excel_properties.xls")][:2] == ["italic", "underline"]
    assert rows(folder / "skip_initials.csv") == [{"field1": "hello", "field2": "goodbye"}, {"field1": "hello2", "field2": "goodbye2"}]
    assert inspect(folder / "utf8bom.csv").layout.columns == ("kitten", "win")
    assert rows(folder / "utf8bom.csv") == []


def test_a_table_between_long_notes(shared_data: Path) -> None:
    """Eleven rows before the header; what follows the table is not of its shape and goes to quarantine."""
    path = shared_data / "messy/messytables/weird_head_padding.csv"
    found = inspect(path)
    assert (found.layout.delimiter, found.layout.header_row, found.layout.columns[1]) == (";", 11, "1985")
    data = rows(path)
    assert len(data) == 60
    assert data[1]["1993"] == "379"
    assert len(bad(path)) == 16


def test_every_messytables_file_is_tested(shared_data: Path) -> None:
    assert {path.name for path in (shared_data / "messy/messytables").iterdir()} == {
        "blank_line.ods", "excel_properties.xls", "utf8bom.csv", "rowcolspan.html", "weird_head_padding.csv", "simple.xls",
        "skip_initials.csv", "encrypted_no_password.xls",
    }  # fmt: skip


def test_gdp_by_province(shared_data: Path) -> None:
    path = shared_data / "macro/gdp-by-province-gb18030.csv"
    found = inspect(path)
    assert (found.layout.encoding, found.layout.header_row) == ("gb18030", 3)
    assert "表后有 2 行注释,不作为数据" in found.warnings
    data = rows(path)
    assert (len(data), len(data[0])) == (31, 20)
    assert (data[0]["地区"], data[0]["2024年"], data[-1]["地区"], data[-1]["2006年"]) == ("北京市", "49670.2", "新疆维吾尔自治区", "2984.5")


def test_the_register_of_schools(shared_data: Path) -> None:
    (path,) = (shared_data / "registers").iterdir()
    found = inspect(path)
    assert (found.layout.header_row, found.layout.group_column) == (2, "分组")
    data = rows(path)
    assert len(data) == 2919
    levels = [row["办学层次"] for row in data]
    assert (levels.count("本科"), levels.count("专科")) == (1365, 1554)
    assert data[0] == {
        "序号": "1", "学校名称": "北京大学", "学校标识码": "4111010001", "主管部门": "教育部", "所在地": "北京市", "办学层次": "本科",
        "备注": "", "分组": "北京市(92所)".replace("(", "\uff08").replace(")", "\uff09"),
    }  # fmt: skip
    # every heading says how many schools follow it
    said = {group: int("".join(letter for letter in group or "" if letter.isdigit())) for group in {row["分组"] for row in data}}
    counted = {group: sum(1 for row in data if row["分组"] == group) for group in said}
    assert counted == said
    assert len(said) == 31


# ------------------------------------------------------------------ made files
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in (("编号", "姓名", "note"), ("1", "张三", "a"), ("2", "李四㐀", "b"))) + "\r\n"
    path = written(tmp_path, text.encode(encoding))
    assert rows(path) == [{"编号": "1", "姓名": "张三", "note": "a"}, {"编号": "2", "姓名": "李四㐀", "note": "b"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"  \n\n", "空"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"<?xml version='1.0'?><Workbook/>", "XML"),
        (b"%PDF-1.7", "PDF"),
        (b'[{"a": 1}]', "JSON"),
        (b"\x89PNG\r\n", "图片"),
        (b"Rar!\x1a\x07", "压缩包"),
        (b"PK\x03\x04broken", "损坏"),
        (bytes(range(256)) * 20, "二进制"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        inspect(written(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert not check_file(tmp_path / "nothing.csv").ok


def test_group_rows_and_notes_in_text(tmp_path: Path) -> None:
    path = written(tmp_path, "甲部门,,\n编号,名称,数\n甲部门,,\n1,a,5\n2,b,6\n乙部门\n3,c,7\n4,d\n注:以上为初步数,,\n数据来源:统计局\n")
    layout = inspect(path, header=1).layout
    grouped = Layout.from_dict({**layout.to_dict(), "group_column": "部门"})
    assert Layout.from_dict(grouped.to_dict()) == grouped
    frame = pl.concat(read(path, grouped))
    assert frame.select("编号", "部门", LINE).rows() == [("1", "甲部门", 4), ("2", "甲部门", 5), ("3", "乙部门", 7), (None, None, 8)]
    parts = [row.part for row in placed(rows_of(path, grouped), grouped)]
    assert parts == [Part.GROUP, Part.DATA, Part.DATA, Part.GROUP, Part.DATA, Part.BAD, Part.NOTE, Part.NOTE]


def test_an_unnamed_lone_cell_is_not_dropped(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\nstray\n3,4\nlast\n")
    assert [(line, cells) for line, _, cells in bad(path)] == [(3, ["stray"]), (5, ["last"])]


def test_headers_over_two_lines(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "人口"
    for row in (
        ["某县人口情况表"],
        ["地区", "人口", None, "面积"],
        [None, "男", "女", None],
        ["甲乡", 1200, 1300, 45.5],
        ["乙镇", 0.1, 9, True],
    ):
        sheet.append(row)
    for merged in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
        sheet.merge_cells(merged)
    book.create_sheet("空表")
    hidden = book.create_sheet("隐藏")
    hidden.sheet_state = "hidden"
    path = tmp_path / "book.xlsx"
    book.save(path)
    found = inspect(path)
    assert found.layout.columns == ("地区", "人口/男", "人口/女", "面积")
    assert found.sheets == ("人口", "空表")
    assert rows(path) == [
        {"地区": "甲乡", "人口/男": "1200", "人口/女": "1300", "面积": "45.5"},
        {"地区": "乙镇", "人口/男": "0.1", "人口/女": "9", "面积": "true"},
    ]
    for sheet_name in ("空表", "隐藏", "没有"):
        with pytest.raises(UnreadableFile):
            inspect(path, sheet=sheet_name)


def test_numbers_too_long_for_a_spreadsheet_are_warned_of(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["号码", "名"], [110105194912310020, "a"]):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    assert any("15 位" in warning for warning in inspect(tmp_path / "book.xlsx").warnings)


def test_a_big_file_comes_in_pieces_and_from_any_line(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "".join(f"{number},x\n" for number in range(45_000)))
    layout = inspect(path).layout
    assert [frame.height for frame in read(path, layout)] == [20_000, 20_000, 5_000]
    assert pl.concat(read(path, layout, after=44_990)).get_column("a").to_list() == [str(number) for number in range(44_989, 45_000)]
    with FileSource(path, layout).snapshot((LINE,)) as snapshot:
        assert snapshot.count(Window(after=("44990",))) == 11
        assert snapshot.count(Window()) == 45_000


def test_files_have_no_cursor(tmp_path: Path) -> None:
    source = FileSource.looked_at(written(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(BadPlan):
        source.snapshot(("a",))
    with source.snapshot((LINE,)) as snapshot, pytest.raises(BadPlan):
        snapshot.upper_bound("a")


_cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8).map(str.lstrip)


@given(st.lists(st.lists(_cell, min_size=3, max_size=3), max_size=12))
def test_what_a_program_wrote_reads_back(table: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["编号", "名称", "值"], *table])
    layout = Layout(kind=FileKind.DELIMITED, columns=("编号", "名称", "值"))
    parts = list(placed(iter(text_rows(text.getvalue(), ",", "")), layout))
    assert [row.cells for row in parts if row.part is Part.DATA] == [cells for cells in table if any(cell.strip() for cell in cells)]
    assert {row.part for row in parts} <= {Part.DATA, Part.BLANK}


@given(st.lists(st.lists(_cell, min_size=1, max_size=5), max_size=20), st.booleans())
def test_every_row_has_one_part(table: list[list[str]], groups: bool) -> None:  # noqa: FBT001 - drawn
    layout = Layout(kind=FileKind.DELIMITED, columns=("a", "b", "c"), group_column="g" if groups else "")
    parts = list(placed(iter(enumerate([["a", "b", "c"], *table], start=1)), layout))
    assert sorted(row.line for row in parts) == list(range(2, len(table) + 2))
    assert all(len(row.cells) == 3 for row in parts if row.part is Part.DATA)


# ------------------------------------------------------------------ writing
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
def test_a_written_file_reads_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    frame = pl.DataFrame({"编号": ["000123456789012345678", "2"], "名称": ['引"号,逗号', None], "数": [1.5, 2.0]})
    with FileWriter(path, ["编号", "名称", "数"]) as writer:
        writer.write(frame.head(1))
        assert not path.exists()
        writer.write(frame.tail(1))
        done = writer.finish()
    assert (done.rows, done.size) == (2, path.stat().st_size)
    assert rows(path) == [
        {"编号": "000123456789012345678", "名称": '引"号,逗号', "数": "1.5"},
        {"编号": "2", "名称": "", "数": "2.0"},
    ]


def test_an_unfinished_file_leaves_nothing(tmp_path: Path) -> None:
    with FileWriter(tmp_path / "out.csv", ["a"]) as writer:
        writer.write(pl.DataFrame({"a": ["1"]}))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BadPlan):
        FileWriter(tmp_path / "out.pdf", ["a"])


def far_corners() -> bytes:
    """A workbook of a kilobyte with a cell in the first corner of its sheet and one in the last."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = 1
    sheet["XFD1048576"] = 1
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_sheet_that_spans_the_world_is_refused_and_ends_no_process(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    path.write_bytes(far_corners())
    with pytest.raises(UnreadableFile, match="大得无法打开"):
        sheet_names(path)
    with pytest.raises(UnreadableFile, match="大得无法打开"):
        require_openable(far_corners())


def test_a_part_that_is_nothing_but_repetition_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", "甲" * (12 << 20))
    for workbook in (path, path.read_bytes()):
        with pytest.raises(UnreadableFile, match="重复的内容"):
            require_openable(workbook)


@pytest.mark.parametrize(
    ("content", "reason"), [(",".join(f"列{n}" for n in range(5000)), "有 5000 列"), ("甲" * 9000 + ",乙", "不像表头")]
)
def test_what_is_no_table_of_an_office_is_refused_when_it_is_handed_in(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        inspect(written(tmp_path, content + "\n1,2\n"))
