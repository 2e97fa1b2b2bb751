"""Codes of service items: what is composed is parsed back, and a wrong part is named."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import world
from zhengtong.apps.affairs.services.rules import codes
from zhengtong.apps.affairs.services.rules.vocabulary import LEVEL_LABELS, TYPE_LABELS
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.codes.lists import PROVINCES

SIGNS = string.digits + string.ascii_uppercase
BASICS = st.builds(
    codes.BasicCode,
    st.sampled_from(["00", *PROVINCES]),
    st.sampled_from(sorted(TYPE_LABELS)),
    st.text(string.digits, min_size=2, max_size=2),
    st.text(SIGNS, min_size=3, max_size=3),
    st.text(SIGNS, min_size=3, max_size=3),
)
OFFICES = st.integers(0, 10**9 - 1).map(lambda number: world.credit_code(f"11370000{number:09d}"))
ITEMS = st.builds(
    codes.ItemCode, OFFICES, st.sampled_from(sorted(LEVEL_LABELS)), BASICS, st.text(SIGNS, min_size=2, max_size=2) | st.just("")
)


def test_the_sample_of_the_field_comes_apart() -> None:
    found = codes.parse("11370800MB285591843370117002011")
    assert (found.office, found.level, found.handle) == ("11370800MB28559184", "3", "")
    assert found.basic == codes.BasicCode("37", "01", "17", "002", "011")


@given(ITEMS)
def test_what_is_composed_is_parsed_back(code: codes.ItemCode) -> None:
    assert codes.parse(code.text) == code
    assert codes.compose(office=code.office, level=code.level, basic=code.basic.text, handle=code.handle) == code
    assert len(code.text) in {codes.IMPLEMENTATION, codes.HANDLING}


@given(BASICS)
def test_a_basic_code_is_its_parts(code: codes.BasicCode) -> None:
    assert codes.parse_basic(code.text) == code
    parts = {"region": code.region, "type_": code.type, "department": code.department, "main": code.main, "sub": code.sub}
    assert codes.compose_basic(**parts) == code


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_refused_by_name(text: str) -> None:
    with contextlib.suppress(codes.ItemCodeInvalid, InvalidCode):
        assert codes.parse(text).text == text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("37011700201", "12 位"),
        ("3701170020 1", "前 6 位"),
        ("990117002011", "省级"),
        ("375517002011", "类型"),
        ("370117002o11", "大写"),
    ],
)
def test_a_wrong_basic_code_says_what_is_wrong(text: str, word: str) -> None:
    with pytest.raises(codes.ItemCodeInvalid, match=word) as caught:
        codes.parse_basic(text)
    assert caught.value.field == "catalog_code"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"office": "1137"}, "office"),
        ({"level": "8"}, "use_level"),
        ({"basic": "1"}, "catalog_code"),
        ({"handle": "1"}, "task_handle_item"),
    ],
)
def test_composing_names_the_part(parts: dict[str, str], field: str) -> None:
    good = {"office": "11370800MB28559184", "level": "3", "basic": "370117002011"}
    with pytest.raises((codes.ItemCodeInvalid, InvalidCode)) as caught:
        codes.compose(**{**good, **parts})
    assert caught.value.field == field


@given(st.text(min_size=1, max_size=60))
def test_a_local_code_gets_the_same_basic_code_again(local: str) -> None:
    made = codes.local_basic(local, region="51", type_="01")
    assert made == codes.local_basic(local, region="51", type_="01")
    assert codes.parse_basic(made.text).department == "00"
