"""Pieces of one dataset are told by their columns and by what tells their titles or rows apart."""

from __future__ import annotations

import pytest

from zhengtong.apps.flow.opendata.rules.fragments import Cut, Piece, cut_between, finding, stem

PLACES = {"历下区", "市中区", "历城区"}
COLUMNS = frozenset({("名称", "C"), ("地址", "C"), ("日期", "D")})


def piece(title: str, columns: frozenset[tuple[str, str]] = COLUMNS, **facts: object) -> Piece:
    return Piece(title, columns, **facts)  # type: ignore[arg-type]  # facts are the named ones


@pytest.mark.parametrize(
    ("one", "other", "cut"),
    [
        ("2024年空气质量监测", "2025年空气质量监测", Cut.YEAR),
        ("空气质量监测(2024年度)", "空气质量监测(2025年度)", Cut.YEAR),
        ("空气质量1月监测数据", "空气质量12月监测数据", Cut.MONTH),
        ("2025年第一季度财政收入", "2025年第二季度财政收入", Cut.QUARTER),
        ("历下区学校名录", "市中区学校名录", Cut.PLACE),
        ("行政处罚第一批", "行政处罚第二批", Cut.NUMBER),
        ("市场主体登记(1)", "市场主体登记(2)", Cut.NUMBER),
    ],
)
def test_titles_that_differ_in_a_time_a_place_or_a_number_are_pieces(one: str, other: str, cut: Cut) -> None:
    assert cut_between(piece(one), piece(other), PLACES) == (cut, "")
    assert cut_between(piece(one), piece(other, COLUMNS | {("备注", "C")}), PLACES) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("公园名录", "广场名录"),
        ("2024年空气质量", "2025年水质"),
        ("历下区学校名录", "市中区医院名录"),
        ("月份统计", "年度统计"),
        ("2024年", "2025年"),
    ],
)
def test_other_things_with_the_same_columns_are_no_pieces(one: str, other: str) -> None:
    assert cut_between(piece(one), piece(other), PLACES) is None


def test_a_column_that_is_constant_here_and_another_there_tells_pieces() -> None:
    east, west = piece("东部学校名录", constants={"片区": "东"}), piece("西部学校名录", constants={"片区": "西"})
    assert cut_between(east, west, PLACES) == (Cut.VALUE, "片区")
    assert cut_between(east, piece("西部学校名录", constants={"片区": "东"}), PLACES) is None
    assert cut_between(east, piece("公园", constants={"片区": "西"}), PLACES) is None


def test_days_that_follow_upon_each_other_tell_pieces_and_days_that_overlap_do_not() -> None:
    early = piece("空气质量监测旧表", days={"日期": ("2024-01-01", "2024-12-31")})
    late = piece("空气质量监测新表", days={"日期": ("2025-01-01", "2025-12-31")})
    assert cut_between(early, late, PLACES) == (Cut.DAYS, "日期")
    both = piece("空气质量监测全表", days={"日期": ("2024-06-01", "2025-06-30")})
    assert cut_between(early, both, PLACES) is None


def test_a_finding_names_the_pieces_and_how_to_merge_them() -> None:
    found = finding(piece("历下区学校名录"), [piece("市中区学校名录"), piece("历城区学校名录"), piece("公园名录")], 40, PLACES)
    assert found is not None
    assert (found.gate, found.count, found.passable, found.about_people) == ("fragmented", 40, True, False)
    assert "市中区学校名录" in found.sentence
    assert "2 个数据集" in found.sentence
    assert "合并为“学校名录”" in found.remedy
    assert finding(piece("历下区学校名录"), [piece("公园名录")], 40, PLACES) is None
    assert stem("历下区2024年学校名录", PLACES)[1] == {Cut.PLACE: "历下区", Cut.YEAR: "2024年"}
