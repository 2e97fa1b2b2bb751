"""What looks the same and what does not; and that candidates are found by keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.resources.quality.rules.alike import Sign, judge, stem

PLACE = ("山东省", "山东", "泰安市", "泰安", "泰安市民政局", "民政局", "市民政局")


def sign(name: str, items: set[int] = frozenset({1, 2, 3, 4}), office: str = "A", region: str = "3709") -> Sign:  # type: ignore[assignment]
    return Sign(office, region, stem(name, PLACE), frozenset(items))


def test_a_name_is_taken_down_to_what_it_is_about() -> None:
    for name in (
        "泰安市火化登记信息",
        "火化登记",
        "泰安市民政局 火化登记 数据",
        "火化登记信息表(泰安市)",
        "山东省泰安市民政局火化登记信息",
    ):
        assert stem(name, PLACE) == "火化登记"
    assert stem("火化登记信息(历史归档)", PLACE) == "火化登记历史归档"
    assert stem("泰安市", PLACE) == "泰安市"
    assert stem("信息", PLACE) == "信息"


def test_the_same_thing_twice_within_an_office_is_found() -> None:
    assert judge(sign("泰安市火化登记信息"), sign("火化登记", {7, 8, 9}))
    assert judge(sign("火化登记信息"), sign("火化登记信息(历史归档)"))
    assert judge(sign("低保对象名册"), sign("城乡低保对象名册", {1, 2, 3, 5})) is not None


def test_the_same_table_under_another_name_and_one_name_with_other_items_are_not() -> None:
    assert judge(sign("低保对象"), sign("特困供养人员")) is None
    assert judge(sign("火化登记信息(历史归档)", {1, 2, 3, 4}), sign("火化登记信息", {5, 6, 7, 8})) is None


def test_where_a_word_is_replaced_it_is_something_else() -> None:
    assert judge(sign("地区生产总值月度统计信息"), sign("地区生产总值年度统计信息")) is None
    assert judge(sign("农药经营许可证照信息"), sign("兽药经营许可证照信息")) is None
    assert judge(sign("规模以上工业企业基本信息"), sign("规模以上工业企业名录")) is not None


def test_the_same_template_in_two_counties_is_no_duplicate() -> None:
    assert judge(sign("火化登记"), sign("火化登记", office="B", region="370902")) is None


def test_between_offices_of_a_place_more_is_asked_and_forms_of_everybody_are_left_out() -> None:
    here, there = sign("行政许可信息"), sign("行政许可信息", office="B")
    assert judge(here, there)
    assert judge(here, there, is_form=True) is None
    assert judge(here, sign("行政许可信息", {1, 7, 8, 9}, office="B")) is None
    assert judge(sign("企业注册登记名录"), sign("企业注册登记名录册", office="B")) is not None
    assert judge(sign("企业登记"), sign("个体户登记", office="B")) is None


def test_few_items_tell_nothing() -> None:
    assert judge(sign("低保对象名册", {1, 2}), sign("城乡低保对象名册", {1, 2})) is None


SIGNS = st.builds(
    Sign,
    st.sampled_from("AB"),
    st.sampled_from(["37", "3709"]),
    st.text("甲乙丙丁戊", min_size=1, max_size=6),
    st.frozensets(st.integers(1, 12), max_size=12),
)


@given(SIGNS, SIGNS)
def test_whatever_is_alike_shares_a_key_and_is_alike_both_ways(one: Sign, other: Sign) -> None:
    likeness = judge(one, other)
    assert judge(other, one) == likeness
    if likeness is not None:
        assert set(one.keys()) & set(other.keys())


@given(st.frozensets(st.integers(1, 30), min_size=3), st.frozensets(st.integers(1, 30), min_size=3))
def test_items_that_are_alike_share_a_key_by_themselves(one: frozenset[int], other: frozenset[int]) -> None:
    first, second = Sign("A", "37", "甲乙丙丁", one), Sign("B", "37", "甲乙丙丁戊", other)
    if judge(first, second):
        assert set(first.keys()) & set(second.keys())
