"""Unified social credit codes and the organisation codes inside them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.kernel.codes import credit_code, organisation_code
from zhengtong.kernel.codes.faults import InvalidCode, tidy
from zhengtong.kernel.errors import Invalid

VALID = ("91110000600037341L", "91330000755918469E", "11430000006122244L", "11370800MB28559184")

letters = st.sampled_from(credit_code.ALPHABET)
codes = st.builds(
    credit_code.compose,
    authority=letters,
    category=letters,
    region=st.integers(110000, 829999).map(str),
    organisation=st.text(letters, min_size=8, max_size=8),
)


@pytest.mark.parametrize("code", VALID)
def test_real_codes_are_valid(code: str) -> None:
    parts = credit_code.parse(code)
    assert parts.text == code
    assert parts.organisation_code_agrees


def test_a_code_is_taken_apart() -> None:
    parts = credit_code.parse("11430000006122244L")
    assert (parts.authority_name, parts.category_name, parts.region, parts.organisation_code) == ("机构编制", "机关", "430000", "006122244")


def test_published_codes_are_valid(shared_data: Path) -> None:
    with (shared_data / "crypto-vectors/uscc_sample.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row[0] for row in csv.reader(file)][1:]
    assert len(rows) == 100
    for code in rows:
        assert credit_code.parse(code).organisation_code_agrees


@pytest.mark.parametrize(
    ("authority", "category", "kind"), [("N", "2", "村级集体经济组织"), ("A", "1", ""), ("Y", "1", "其他"), ("5", "1", "社会团体")]
)
def test_authorities_may_be_letters(authority: str, category: str, kind: str) -> None:
    code = credit_code.compose(authority=authority, category=category, region="370811", organisation="MA3C0AB1")
    assert credit_code.parse(code).category_name == kind
    assert credit_code.parse(code).authority == authority


@pytest.mark.parametrize("code", ["600037341", "755918469", "006122244"])
def test_real_organisation_codes(code: str) -> None:
    assert organisation_code.check(code) == code


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("", "length"),
        ("91110000600037341", "length"),
        ("91110000600037341L ", "length"),
        ("91110000600037341l", "alphabet"),
        ("9111000O600037341L", "alphabet"),
        ("91110000600037341K", "check"),
        ("9111000A600037341L", "region"),
    ],
)
def test_a_refusal_names_the_rule(code: str, rule: str) -> None:
    with pytest.raises(InvalidCode) as refusal:
        credit_code.parse(code, field="uscc")
    assert isinstance(refusal.value, Invalid)
    assert (refusal.value.rule, refusal.value.field) == (rule, "uscc")
    assert refusal.value.remedy
    assert refusal.value.as_dict()["rule"] == rule
    assert not credit_code.is_valid(code)


def test_a_refusal_never_repeats_the_value() -> None:
    with pytest.raises(InvalidCode) as refusal:
        credit_code.parse("91110000600037341K")
    assert "600037341" not in str(refusal.value.as_dict())


@pytest.mark.parametrize(("code", "rule"), [("60003734", "length"), ("600037342", "check"), ("6000-7341", "alphabet")])
def test_organisation_codes_are_refused(code: str, rule: str) -> None:
    with pytest.raises(InvalidCode) as refusal:
        organisation_code.check(code)
    assert refusal.value.rule == rule
    assert not organisation_code.is_valid(code)


def test_parts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidCode):
        credit_code.compose(authority="91", category="1", region="110000", organisation="60003734")
    with pytest.raises(InvalidCode):
        credit_code.check_character("911")


def test_sloppy_typing_is_tidied() -> None:
    assert tidy(" 9111 0000\u3000600037341l\n") == "91110000600037341L"


@given(codes)
def test_composed_codes_are_valid(code: str) -> None:
    parts = credit_code.parse(code)
    assert parts.organisation_code_agrees
    assert parts.authority + parts.category + parts.region + parts.organisation_code + code[-1] == code


@given(codes, st.integers(0, 17), letters)
def test_one_changed_character_is_always_found(code: str, place: int, other: str) -> None:
    changed = code[:place] + other + code[place + 1 :]
    assert credit_code.is_valid(changed) == (changed == code)


@given(codes, st.integers(0, 16))
def test_two_swapped_neighbours_are_always_found(code: str, place: int) -> None:
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert credit_code.is_valid(changed) == (changed == code)


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_accident(text: str) -> None:
    assert credit_code.is_valid(text) in {True, False}
    assert organisation_code.is_valid(text) in {True, False}
