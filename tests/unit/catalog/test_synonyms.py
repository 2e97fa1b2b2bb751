"""Words that mean the same, initials, and why an entry was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.apps.resources.catalog.rules import segmenting
from zhengtong.apps.resources.catalog.rules.indexed import letters
from zhengtong.apps.resources.catalog.rules.reasons import reasons
from zhengtong.apps.resources.catalog.rules.synonyms import (
    LONGEST,
    MOST_LINES,
    MOST_WORDS,
    NONE,
    SynonymsInvalid,
    groups_of,
    plain,
    synonyms,
    words_of,
)

KNOWN = synonyms([("低保", "最低生活保障"), ("IT", "信息技术"), ("生活保障金", "救助金")])


def test_a_group_is_read_from_a_line() -> None:
    assert words_of(" 低保、最低生活保障,低保;ＣＣＴＶ ") == ("低保", "最低生活保障", "cctv")


@pytest.mark.parametrize(
    "line",
    [
        "低保",
        "低保、低保",
        "、,;",
        "低保、!!!",
        f"低保、{'长' * (LONGEST + 1)}",
        "、".join(f"词{number}" for number in range(MOST_WORDS + 1)),
    ],
)
def test_what_is_no_group_is_refused_with_a_remedy(line: str) -> None:
    with pytest.raises(SynonymsInvalid) as refused:
        words_of(line)
    assert refused.value.field == "words"
    assert refused.value.remedy


def test_lines_are_refused_by_their_number() -> None:
    assert groups_of("甲、乙\n\n丙,丁\n") == [("甲", "乙"), ("丙", "丁")]
    for text, line in (("甲、乙\n\n丙", "第 3 行"), ("甲、乙\n乙、丙", "第 2 行"), ("甲、乙\n丙、甲", "第 2 行")):
        with pytest.raises(SynonymsInvalid, match=line):
            groups_of(text)
    for text in ("", " \n ", "\n".join(f"词{number}、语{number}" for number in range(MOST_LINES + 1))):
        with pytest.raises(SynonymsInvalid):
            groups_of(text)


def test_a_question_is_split_at_known_words() -> None:
    assert KNOWN.split("城乡低保人员") == [("城乡",), ("低保", "最低生活保障"), ("人员",)]
    assert KNOWN.split("最低生活保障") == [("最低生活保障", "低保")]
    assert KNOWN.split("最低生活保障金") == [("最低生活保障", "低保"), ("金",)]
    assert KNOWN.split("生活保障金") == [("生活保障金", "救助金")]
    assert KNOWN.split("ＩＴ 设备") == [("it", "信息技术"), ("设备",)]
    assert KNOWN.split("unit item") == [("unit item",)]
    assert KNOWN.split("  ") == []
    assert NONE.split("低保") == [("低保",)]


@given(st.text(max_size=30), st.lists(st.lists(st.text("低保最高it金 ", min_size=1, max_size=4), min_size=2, max_size=3), max_size=4))
def test_splitting_loses_no_sign_of_the_question(text: str, groups: list[list[str]]) -> None:
    taken: set[str] = set()
    usable = []
    for group in groups:
        words = [word for word in dict.fromkeys(map(plain, group)) if word and word not in taken]
        taken.update(words)
        if len(words) > 1:
            usable.append(words)
    pieces = synonyms(usable).split(text)
    assert "".join("".join(piece[0].split()) for piece in pieces) == "".join(plain(text).split())


def test_initials_begin_at_words_and_have_three_letters_at_least() -> None:
    found = letters("民政局婚姻登记")
    assert {"mzj", "mzjh", "hydj", "hyd"} <= found
    assert "mz" not in found
    assert "zjh" not in found
    assert letters("GDP统计") == set()
    assert letters("GDP统计表") == {"tjb"}


@given(st.text(max_size=40))
def test_initials_are_latin_letters_that_a_question_keeps_whole(text: str) -> None:
    for one in letters(text):
        assert segmenting.question(one) == [[one]]


DOCUMENT = {
    "name": "城乡最低生活保障对象信息",
    "summary": "按月更新的救助名单",
    "tags": ["救助"],
    "themes": ["社会保障"],
}


def why(text: str) -> list[tuple[str, str, str]]:
    items = ("公民身份号码", "家庭人口")
    found = reasons(DOCUMENT, items=items, code="307001/000001", offices=("云州市民政局", "民政局"), pieces=KNOWN.split(text))
    return [(one.asked, one.found, one.place) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("低保", [("低保", "最低生活保障", "name")]),
        ("城乡 人口", [("城乡", "城乡", "name"), ("人口", "人口", "item")]),
        ("民政局", [("民政局", "民政局", "provider")]),
        ("社会保障", [("社会保障", "社会保障", "label")]),
        ("按月更新", [("按月更新", "按月更新", "summary")]),
        ("307001", [("307001", "307001", "code")]),
        ("mzj", [("mzj", "云州市民政局", "initials")]),
        ("minzhengju", [("minzhengju", "云州市民政局", "sound")]),
        ("最底生活保障", [("保障", "保障", "name")]),
        ("民证局", [("民证局", "云州市民政局", "sound")]),
        ("救济金名册", [("救济金名册", "救济金名册", "apart")]),
        ("", []),
    ],
)
def test_each_part_of_a_question_says_where_it_was_found(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert why(text) == expected
