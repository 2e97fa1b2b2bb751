"""What is typed in pinyin, by sound, as a question, or for short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.resources.catalog.rules import segmenting, sounding
from zhengtong.apps.resources.catalog.rules.questions import asked_for


def test_a_sign_of_the_same_sound_has_the_same_pairs() -> None:
    assert sounding.sounds("不动产等级") == sounding.sounds("不动产登记")
    assert sounding.sounds("社保") != sounding.sounds("社会")
    assert sounding.sounds("社") == []


@pytest.mark.parametrize(
    ("letters", "ways"),
    [
        ("gongjijin", {("gong_ji", "ji_jin")}),
        ("minzheng", {("min_zheng",)}),
        ("mzj", set()),
        ("xi", set()),
        ("pm25", set()),
        ("http", set()),
    ],
)
def test_letters_are_pinyin_where_they_can_be_read_so(letters: str, ways: set[tuple[str, ...]]) -> None:
    assert ways <= set(sounding.spelled(letters))
    assert bool(ways) == bool(sounding.spelled(letters))


@given(st.text("教育民政社会保障信息登记", min_size=2, max_size=8))
def test_what_is_spelled_out_reads_back(run: str) -> None:
    letters = "".join(pair.split("_")[0] for pair in sounding.sounds(run)) + sounding.sounds(run)[-1].split("_")[1]
    assert any(set(way) <= set(sounding.sounds(run)) or len(way) <= len(run) for way in sounding.spelled(letters))


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("怎么查我的社保缴费", "社保缴费"),
        ("在哪里可以查到离婚登记", "离婚登记"),
        ("什么时候停水?", "停水"),
        ("如何查询新能源汽车", "新能源汽车"),
        ("办理结果信息", "办理结果信息"),
        ("有限公司", "有限公司"),
        ("怎么办", "怎么办"),
        ("", ""),
    ],
)
def test_a_question_is_taken_down_to_what_it_asks_for_and_a_name_is_left_whole(text: str, about: str) -> None:
    assert asked_for(text) == about


@given(st.text(max_size=30))
def test_no_question_is_left_empty(text: str) -> None:
    assert bool(asked_for(text).strip()) == bool(text.strip())


def test_offices_are_known_by_the_first_signs_of_their_words() -> None:
    assert {"人社", "社局"} <= segmenting.shortened("人力资源和社会保障局")
    assert {"住建", "建局"} <= segmenting.shortened("住房和城乡建设局")
    assert {"市监", "监局"} <= segmenting.shortened("市场监督管理局")
    assert segmenting.shortened("GDP") == frozenset()
