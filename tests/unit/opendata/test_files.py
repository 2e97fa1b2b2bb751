"""Files of a version: every form holds the same rows, nothing runs, differences are told by key."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import polars as pl
import pytest
import python_calamine
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.flow.opendata.rules import delta, formats, profiling, searching
from zhengtong.apps.flow.opendata.rules.sheet import Column, Sheet
from zhengtong.apps.flow.opendata.rules.vocabulary import Form

ROWS = {
    "code": ["a", "b", "c"],
    "text": ["=1+1", "<b>&\"'\n行", None],
    "n": [1, -2, None],
    "money": [Decimal("12.50"), Decimal("-0.01"), None],
    "day": [date(2026, 1, 31), None, date(1949, 10, 1)],
    "at": [datetime(2026, 1, 31, 16, 0, tzinfo=UTC), None, None],
    "yes": [True, False, None],
}
SCHEMA = {
    "code": pl.String(),
    "text": pl.String(),
    "n": pl.Int64(),
    "money": pl.Decimal(18, 2),
    "day": pl.Date(),
    "at": pl.Datetime("us", "UTC"),
    "yes": pl.Boolean(),
}


@pytest.fixture
def sheet() -> Sheet:
    return Sheet.of(pl.DataFrame(ROWS, schema=SCHEMA), [Column(key, f"名称 {key}") for key in ROWS])


def read(form: Form, path: Path) -> int:
    """How many rows a file of a form holds, by a reader that is not ours."""
    match form:
        case Form.CSV:
            with path.open(encoding="utf-8-sig", newline="") as source:
                return sum(1 for _ in csv.DictReader(source))
        case Form.XLSX:
            book = openpyxl.load_workbook(path, read_only=True)
            rows = sum(sum(1 for _ in page.rows) - 1 for page in book.worksheets)
            book.close()
            return rows
        case Form.JSON:
            return len(json.loads(path.read_text()))
        case Form.XML:
            return len(ET.parse(path).getroot())  # noqa: S314 - our own file
        case Form.TURTLE:
            return path.read_text().count(" a :Row")
        case _:
            return pl.read_parquet(path).height


@pytest.mark.parametrize("form", formats.WRITERS)
def test_every_form_holds_all_rows(form: Form, sheet: Sheet, tmp_path: Path) -> None:
    told: list[int] = []
    path = tmp_path / f"data.{form}"
    assert formats.WRITERS[form](sheet, path, told.append).rows == 3
    assert told == [3]
    assert read(form, path) == 3


@pytest.mark.parametrize("form", formats.WRITERS)
def test_no_rows_are_a_sound_file_too(form: Form, tmp_path: Path) -> None:
    path = tmp_path / f"data.{form}"
    nothing = Sheet.of(pl.DataFrame(schema={"a": pl.String}), [Column("a", "名称")])
    assert formats.WRITERS[form](nothing, path, lambda _rows: None).rows == 0
    assert read(form, path) == 0


def test_csv_runs_no_formula_and_keeps_numbers(sheet: Sheet, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    formats.write_csv(sheet, path, lambda _rows: None)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    assert [row["text"] for row in rows] == ["'=1+1", "<b>&\"'\n行", ""]
    assert [row["n"] for row in rows] == ["1", "-2", ""]
    assert (rows[0]["money"], rows[0]["at"]) == ("12.50", "2026-02-01T00:00:00+08:00")


def test_parquet_and_json_keep_the_types(sheet: Sheet, tmp_path: Path) -> None:
    formats.write_parquet(sheet, tmp_path / "a", lambda _rows: None)
    assert pl.read_parquet(tmp_path / "a").schema == pl.Schema(SCHEMA)
    formats.write_json(sheet, tmp_path / "b", lambda _rows: None)
    first = json.loads((tmp_path / "b").read_text())[0]
    assert first == {
        "code": "a",
        "text": "=1+1",
        "n": 1,
        "money": "12.50",
        "day": "2026-01-31",
        "at": "2026-02-01T00:00:00+08:00",
        "yes": True,
    }


def test_a_full_worksheet_is_followed_by_another(sheet: Sheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "SHEET_ROWS", 3)
    assert formats.write_xlsx(sheet, tmp_path / "a.xlsx", lambda _rows: None) == formats.Written(3, 2)
    assert read(Form.XLSX, tmp_path / "a.xlsx") == 3


HARD = ["a", "<b>&\"'\n行", " 空 白 ", "\\n\t", "\x01控制", "𠮷", "]]>", None, "'", "_x"]


def hard() -> Sheet:
    frame = pl.DataFrame({"text": HARD, "moment": [datetime(2026, 1, 31, 16, 0, 0, 5, tzinfo=UTC)] * len(HARD)})
    return Sheet.of(frame.with_columns(day=pl.date(2026, 3, 1), far=pl.date(1860, 3, 1), part=pl.lit(0.5)))


def test_a_workbook_reads_back_by_strangers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    formats.write_xlsx(hard(), path, lambda _rows: None)
    kept = [text.replace("\x01", "") if text else text for text in HARD]
    page = openpyxl.load_workbook(path).worksheets[0]
    rows = list(page.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == kept
    assert rows[0][1:] == ("2026-02-01T00:00:00.000005+08:00", datetime(2026, 3, 1), "1860-03-01", 0.5)
    read = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert read[0] == ["text", "moment", "day", "far", "part"]
    assert [row[0] or None for row in read[1:]] == kept
    assert read[1][2] == date(2026, 3, 1)


def test_markup_and_turtle_read_back_by_strangers(tmp_path: Path) -> None:
    formats.write_xml(hard(), tmp_path / "a.xml", lambda _rows: None)
    kept = [text.replace("\x01", "") if text else text for text in HARD]
    assert [row.findtext("text") for row in ET.parse(tmp_path / "a.xml").getroot()] == kept  # noqa: S314 - our own file
    formats.write_turtle(hard(), tmp_path / "a.ttl", lambda _rows: None)
    graph = rdflib.Graph().parse(tmp_path / "a.ttl", publicID="https://example.test/data")
    home = rdflib.Namespace("https://example.test/data#")
    found = [graph.value(home[f"row{number}"], home.text) for number in range(1, len(HARD) + 1)]
    assert [one if one is None else str(one) for one in found] == kept
    assert graph.value(home.row1, home.part).toPython() == 0.5
    assert graph.value(home.row1, home.moment).toPython() == datetime(2026, 1, 31, 16, 0, 0, 5, tzinfo=UTC)


@given(st.dictionaries(st.integers(0, 20), st.integers(0, 2)), st.dictionaries(st.integers(0, 20), st.integers(0, 2)))
def test_differences_by_key(before: dict[int, int], after: dict[int, int]) -> None:
    from tempfile import TemporaryDirectory

    def frame(rows: dict[int, int]) -> pl.LazyFrame:
        return pl.DataFrame({"k": list(rows), "v": list(rows.values())}, schema={"k": pl.Int64, "v": pl.Int64}).lazy()

    with TemporaryDirectory() as folder:
        path = Path(folder) / "delta.csv"
        found = delta.write_delta(frame(before), frame(after), ["k"], path)
        with path.open(encoding="utf-8-sig", newline="") as source:
            lines = list(csv.DictReader(source))
    assert found.added == len(after.keys() - before.keys())
    assert found.removed == len(before.keys() - after.keys())
    assert found.changed == sum(1 for key in before.keys() & after.keys() if before[key] != after[key])
    assert len(lines) == found.added + found.removed + found.changed
    assert {line["v"] for line in lines if line["_change"] == "changed"} <= {str(value) for value in after.values()}


def test_without_a_key_rows_come_and_go(tmp_path: Path) -> None:
    before, after = pl.LazyFrame({"v": ["a", "b"]}), pl.LazyFrame({"v": ["b", "c"], "new": [1, 2]})
    assert delta.write_delta(before, after, [], tmp_path / "d") == delta.Delta(1, 1, 0)


def test_a_profile_says_how_full_and_from_where_to_where(sheet: Sheet) -> None:
    by_key = {one["key"]: one for one in profiling.profile(sheet)}
    assert (by_key["n"]["filled"], by_key["n"]["share"], by_key["n"]["distinct"]) == (2, 66.7, 2)
    assert (by_key["day"]["least"], by_key["day"]["greatest"]) == ("1949-10-01", "2026-01-31")
    assert by_key["code"]["top"] == []
    repeated = Sheet.of(pl.DataFrame({"a": ["x", "y", "x"]}))
    assert profiling.profile(repeated)[0]["top"] == [["x", 2], ["y", 1]]
    assert profiling.preview(sheet, 1) == [["a", "=1+1", "1", "12.50", "2026-01-31", "2026-02-01 00:00", "true"]]


def test_many_different_values_are_estimated_within_a_few_hundredths_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiling, "_COUNTED_EXACTLY", 5_000)
    rows = 60_000
    numbers = pl.int_range(rows, eager=True)
    frame = pl.DataFrame(
        {"key": numbers.cast(pl.String), "n": numbers, "twice": numbers // 2, "few": numbers % 3_000, "none": [None] * rows}
    )
    by_key = {one["key"]: one for one in profiling.profile(Sheet.of(frame))}
    for key, true in (("key", 60_000), ("n", 60_000), ("twice", 30_000)):
        assert by_key[key]["about"]
        assert abs(by_key[key]["distinct"] - true) < true * 0.08
        assert by_key[key]["distinct"] <= rows
    assert (by_key["few"]["distinct"], "about" in by_key["few"]) == (3_000, False)
    assert (by_key["none"]["distinct"], by_key["none"]["filled"]) == (0, 0)


def test_pairs_of_characters_ignore_width_and_gaps() -> None:
    assert searching.pairs("行政 区划A1") == sorted(["行政", "政区", "区划", "划a", "a1"])
    assert searching.pairs("云") == []
