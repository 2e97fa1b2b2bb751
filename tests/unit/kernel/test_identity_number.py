"""Citizens' identity numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.kernel.codes import identity_number
from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.codes.lists import Sex

numbers = st.builds(
    identity_number.compose,
    region=st.integers(110000, 829999).map(str),
    birth_date=st.dates(date(1880, 1, 1), date(2030, 12, 31)),
    sequence=st.integers(0, 999),
)


def test_the_samples_of_the_standard() -> None:
    woman, man = identity_number.parse("11010519491231002X"), identity_number.parse("440524188001010014")
    assert (woman.sex, woman.birth_date, woman.region) == (Sex.FEMALE, date(1949, 12, 31), "110105")
    assert (man.sex, man.birth_date) == (Sex.MALE, date(1880, 1, 1))
    assert (woman.sex.label, man.sex.label) == ("女", "男")


@pytest.mark.parametrize(("day", "age"), [(date(1999, 12, 30), 49), (date(1999, 12, 31), 50), (date(1949, 12, 1), -1)])
def test_age_is_in_completed_years(day: date, age: int) -> None:
    assert identity_number.parse("11010519491231002X").age_on(day) == age


def test_an_abolished_region_is_a_warning_only() -> None:
    number = identity_number.parse("440524188001010014")
    assert "440524" in number.region_warning({"110105"})
    assert not number.region_warning({"440524"})


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("", "length"),
        ("110105491231002", "length"),
        ("1101051949123100２X", "alphabet"),
        ("11010519491231002x", "alphabet"),
        ("110105194912310021", "check"),
        ("11010519490231002X", "date"),
        ("11010519491331002X", "date"),
        ("1101051949123100 X", "alphabet"),
    ],
)
def test_a_refusal_names_the_rule(number: str, rule: str) -> None:
    with pytest.raises(InvalidCode) as refusal:
        identity_number.parse(number, field="GMSFHM")
    assert (refusal.value.rule, refusal.value.field) == (rule, "GMSFHM")
    assert refusal.value.remedy
    assert not identity_number.is_valid(number)


def test_nobody_is_born_tomorrow() -> None:
    number = identity_number.compose(region="370811", birth_date=date(2026, 3, 2), sequence=7)
    assert identity_number.is_valid(number, on=date(2026, 3, 2))
    with pytest.raises(InvalidCode) as refusal:
        identity_number.parse(number, on=date(2026, 3, 1))
    assert refusal.value.rule == "date"


def test_old_numbers_are_upgraded() -> None:
    assert identity_number.upgrade("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize(
    ("old", "rule"),
    [
        ("11010549123100", "length"),
        ("11010549123100X", "alphabet"),
        ("110105491331002", "date"),
        ("110105491231998", "centenarian"),
    ],
)
def test_an_old_number_that_cannot_be_upgraded_is_refused(old: str, rule: str) -> None:
    with pytest.raises(InvalidCode) as refusal:
        identity_number.upgrade(old)
    assert refusal.value.rule == rule


@given(numbers)
def test_upgrading_undoes_shortening(number: str) -> None:
    if number[6:8] == "19" and int(number[14:17]) < 996:
        assert identity_number.upgrade(number[:6] + number[8:17]) == number


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_changed_character_is_always_found(number: str, place: int, other: str) -> None:
    changed = number[:place] + other + number[place + 1 :]
    assert identity_number.is_valid(changed) == (changed == number)


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_accident(text: str) -> None:
    assert identity_number.is_valid(text) in {True, False}
