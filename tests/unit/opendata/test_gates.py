"""Each gate has a case that fails it and one that passes."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.exchange import identity
from zhengtong.apps.flow.opendata.rules import anonymity, freshness, gates, likeness, numbers, personal, shape
from zhengtong.apps.flow.opendata.rules.findings import Blocked, Finding, Passed, blocking, require_passed
from zhengtong.apps.flow.opendata.rules.sheet import BATCH, Column, Sheet

TODAY = date(2026, 6, 10)


def sheet(columns: list[Column] | None = None, **values: list[object]) -> Sheet:
    return Sheet.of(pl.DataFrame(values), columns or [])


def found(one: Sheet) -> dict[str, int]:
    """Detector → how many values."""
    return {finding.gate: finding.count for finding in personal.personal_findings(one)}


# ------------------------------------------------------------------ shape
def test_no_rows_and_a_head_alone_are_empty() -> None:
    assert shape.empty(Sheet.of(pl.DataFrame(schema={"a": pl.String}), [Column("a", "名称")]))
    assert shape.empty(Sheet.of(pl.DataFrame({"a": ["名称"], "b": ["b"]}), [Column("a", "名称"), Column("b", "代码")]))
    assert not shape.empty(Sheet.of(pl.DataFrame({"a": ["北京"]}), [Column("a", "名称")]))


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), min_size=1))
def test_duplicates_are_the_rows_beyond_the_different_ones(rows: list[tuple[int, str]]) -> None:
    one = Sheet.of(pl.DataFrame(rows, schema={"n": pl.Int64, "t": pl.String}, orient="row"))
    findings = shape.duplicate_rows(one)
    assert (findings[0].count if findings else 0) == len(rows) - len(set(rows))


def test_duplicates_are_found_across_batches() -> None:
    assert shape.duplicate_rows(sheet(a=[*range(BATCH), 0]))[0].count == 1


@pytest.mark.parametrize("text", ["<!DOCTYPE html>", "<HTML><head>", "  <table class=x>", "404 <div>"])
def test_pages_are_no_data(text: str) -> None:
    assert shape.markup(sheet(a=["好", text]))[0].count == 1


def test_less_than_signs_are_no_markup() -> None:
    assert not shape.markup(sheet(a=["a<b", "<5", "《表》"], n=[1, 2, 3]))


@pytest.mark.parametrize(("rows", "stopped"), [(1000, True), (65_536, True), (1001, False), (999, False)])
def test_files_are_cut_at_round_numbers(rows: int, *, stopped: bool) -> None:
    assert bool(shape.round_number(sheet(a=list(range(rows))))) is stopped


@pytest.mark.parametrize(("cycle", "days"), [("2", 1), ("3", 7), ("4", 31), ("5", 92), ("7", 184), ("6", 366), ("8", 366), ("", 366)])
def test_late_begins_the_day_after_the_grace(cycle: str, days: int) -> None:
    one = sheet(a=[1])
    last = TODAY - timedelta(days=days + 1)
    assert not shape.stale(one, cycle=cycle, updated_on=last, today=TODAY)
    assert shape.stale(one, cycle=cycle, updated_on=last - timedelta(days=1), today=TODAY)
    assert freshness.days_late(cycle, last - timedelta(days=3), TODAY) == 3


def test_dates_in_two_ways_are_found_with_the_rarer_ones() -> None:
    mixed = ["2026-01-31", "2026-02-01", "2026/2/3", "2026年2月4日"]
    finding = shape.mixed_dates(sheet(d=mixed))[0]
    assert (finding.count, finding.examples) == (2, ("2026-01-31", "2026/1/31", "2026年1月31日"))
    assert not shape.mixed_dates(sheet(d=["2026-01-31", "2026-02-01", None]))
    assert not shape.mixed_dates(sheet(d=["37010220", "北京", "2026-01-31", "上海", "广州"]))


# ------------------------------------------------------------------ people
@given(st.integers(0, 999), st.sampled_from(["", "号码:", "a", ","]), st.sampled_from(["", "。", " x"]))
def test_identity_numbers_are_found_wherever_they_stand(number: int, before: str, after: str) -> None:
    one = sheet(remark=["无", f"{before}{identity(number)}{after}"])
    assert found(one) == {"identity-number": 1}
    finding = personal.personal_findings(one)[0]
    assert identity(number) not in " ".join(finding.examples)


@given(st.from_regex(r"[1-9][0-9]{17}", fullmatch=True))
def test_eighteen_digits_are_no_identity_number_without_their_proof(digits: str) -> None:
    from zhengtong.kernel.codes import identity_number

    proven = identity_number.is_valid(digits) and digits[6:8] in {"18", "19", "20"}
    assert ("identity-number" in found(sheet(a=[digits]))) == proven


def test_the_second_number_of_a_value_is_found_when_the_first_proves_nothing() -> None:
    assert found(sheet(a=[f"110105194912310021 {identity(3)}"])) == {"identity-number": 1}


@pytest.mark.parametrize(
    ("value", "gate"),
    [
        ("13800001234", "mobile-phone"),
        ("电话13800001234转8", "mobile-phone"),
        ("+86 13800001234", "mobile-phone"),
        ("6222021234567890128", "bank-card"),
        ("wang.li@example.org.cn", "email"),
        ("历下区解放路12号3栋502室", "detailed-address"),
        ("幸福小区8号楼2单元301室", "detailed-address"),
    ],
)
def test_kinds_of_personal_data(value: str, gate: str) -> None:
    assert gate in found(sheet(a=[value]))


@pytest.mark.parametrize(
    "value",
    ["138****1234", "0531-86000000", "2138000012345", "91370100MA3C00000X", "370102001", "历下区解放路12号", "110105********002X", "3.14"],
)
def test_what_is_no_personal_data(value: str) -> None:
    assert found(sheet(a=[value])) == {}


def test_phones_kept_as_numbers_are_found() -> None:
    assert found(sheet(a=[13_800_001_234, 5])) == {"mobile-phone": 1}


def test_names_are_looked_for_where_a_column_is_called_so() -> None:
    names = ["王小明", "欧阳修", "张伟", "王**", "云州市"]
    assert found(sheet([Column("a", "法定代表人姓名")], a=names)) == {"personal-name": 3}
    assert found(sheet([Column("a", "街道名称")], a=names)) == {}
    assert found(sheet([Column("a", "备注", sensitivity="name")], a=["李四"])) == {"personal-name": 1}


@given(st.from_regex(r"[0-9]{12,18}", fullmatch=True))
def test_luhn_accepts_one_last_digit_in_ten(digits: str) -> None:
    assert sum(numbers.luhn(digits + str(last)) for last in range(10)) == 1


def test_masking_must_be_the_same_for_all() -> None:
    finding = personal.masking_findings(sheet(a=["王**", "李**", "张伟", None]))[0]
    assert (finding.count, finding.examples) == (1, ("张*",))
    assert not personal.masking_findings(sheet(a=["王**", "李**"]))
    assert not personal.masking_findings(sheet(a=["王伟", "李强"]))


# ------------------------------------------------------------------ groups
def test_small_groups_are_counted_and_a_way_out_is_named() -> None:
    columns = [Column("born", "出生日期", "D"), Column("sex", "性别"), Column("place", "住址", sensitivity="address")]
    one = sheet(columns, born=[date(1990, 1, 1)] * 5 + [date(1991, 2, 2)], sex=["男"] * 6, place=["历下区"] * 6)
    finding = anonymity.k_anonymity(one, ["born", "sex", "place"])[0]
    assert finding.count == 1
    assert "最小的一组只有 1 行" in finding.sentence
    assert "“出生日期”只留年份" in finding.remedy
    assert "只留到区县" in finding.remedy
    assert not anonymity.k_anonymity(one, ["sex"])
    assert not anonymity.k_anonymity(one, [])


def test_groups_of_one_sensitive_value_give_it_away() -> None:
    columns = [Column("age", "年龄", "I"), Column("place", "所属区县"), Column("ill", "病种")]
    ages, ills = [41] * 6 + [47] * 6, ["高血压"] * 6 + ["高血压", "糖尿病"] * 3
    one = sheet(columns, age=ages, place=["历下区"] * 12, ill=ills)
    finding = anonymity.l_diversity(one, ["age", "place"])[0]
    assert (finding.gate, finding.column, finding.count) == ("l-diversity", "ill", 6)
    # in one band of ten both groups are one, with two diseases
    assert "“年龄”并成每 10 一档后剩 0 行" in finding.remedy
    assert not anonymity.l_diversity(one, ["place"])
    assert not anonymity.l_diversity(one, [])


def test_the_suggestion_is_tried_on_the_rows() -> None:
    columns = [Column("born", "出生日期", "D"), Column("place", "所属区县")]
    one = sheet(columns, born=[date(1990, 1, day) for day in range(1, 13)], place=["历下区"] * 6 + ["市中区"] * 6)
    remedy = anonymity.k_anonymity(one, ["born", "place"])[0].remedy
    assert "“出生日期”只留年份后剩 0 行" in remedy
    assert "去掉“所属区县”后剩 12 行" in remedy


def test_rows_that_stand_in_another_dataset_are_counted() -> None:
    one = sheet([Column("a", "代码"), Column("b", "名称")], a=["1", "2", "3", "4"], b=["甲", "乙", "丙", "丁"])
    other = pl.DataFrame({"m": ["甲", "乙", "丙", "戊"], "d": ["1", "2", "3", "4"], "x": [1, 2, 3, 4]}).lazy()
    same = likeness.alike(one, other, {"a": "d", "b": "m"})
    assert same == 3
    found = likeness.finding(one, same, "旧表")
    assert found is not None
    assert (found.gate, found.count) == ("near-duplicate", 3)
    assert likeness.finding(one, 1, "旧表") is None


def test_small_counts_of_people_point_at_somebody() -> None:
    one = sheet([Column("a", "确诊人数"), Column("b", "面积")], a=[0, 1, 4, 5], b=[1, 1, 1, 1])
    assert [(finding.column, finding.count) for finding in anonymity.small_cells(one)] == [("a", 2)]
    assert not anonymity.small_cells(sheet([Column("a", "人数")], a=[0, 5, 9]))


def test_a_clean_sheet_passes_every_gate_and_an_empty_one_only_meets_the_first() -> None:
    asked = {"quasi": (), "cycle": "6", "updated_on": TODAY, "today": TODAY}
    clean = sheet([Column("a", "代码"), Column("b", "名称")], a=["370102", "370103"], b=["历下区", "市中区"])
    assert gates.measure(clean, **asked) == []  # type: ignore[arg-type]
    nothing = Sheet.of(pl.DataFrame(schema={"a": pl.String}), [Column("a", "名称")])
    assert [one.gate for one in gates.measure(nothing, **asked)] == ["empty"]  # type: ignore[arg-type]


# ------------------------------------------------------------------ letting pass
def finding(gate: str = "email", count: int = 10, rows: int = 100) -> Finding:
    return Finding(gate, "a", count, rows, "有邮箱", "去掉")


def test_what_was_let_pass_holds_until_more_rows_are_concerned() -> None:
    passed = Passed("email", "a", 0.1, "单位邮箱", "审核员")
    assert not blocking([finding()], [passed])
    assert not blocking([finding(count=10, rows=99)], [passed])
    assert blocking([finding(count=12)], [passed])
    assert blocking([finding("mobile-phone")], [passed])
    with pytest.raises(Blocked):
        require_passed([finding()], [])


def test_nobody_lets_an_identity_number_pass() -> None:
    assert blocking([finding("identity-number")], [Passed("identity-number", "a", 1.0, "理由", "审核员")])


def test_a_finding_comes_back_as_it_was_kept() -> None:
    one = personal.personal_findings(sheet(a=["13800001234"]))[0]
    assert Finding.of(one.document()) == one
