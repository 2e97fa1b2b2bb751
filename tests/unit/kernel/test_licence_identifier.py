"""电子证照标识: three identifiers seen in the wild, and that a changed character is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhengtong.kernel.codes import licence_identifier
from zhengtong.kernel.codes.faults import InvalidCode

SEEN = (
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize("text", SEEN)
def test_identifiers_in_use_are_right(text: str) -> None:
    found = licence_identifier.parse(text)
    assert found.text == text
    again = licence_identifier.compose(type_code=found.type_code, issuer=found.issuer, serial=found.serial, version=found.version)
    assert again == found


@pytest.mark.parametrize("text", SEEN)
def test_every_single_changed_character_is_found(text: str) -> None:
    start = len(licence_identifier.ROOT) + 1
    for at in range(start, len(text)):
        for other in set(ALPHABET) - {text[at]}:
            if text[at] != ".":
                assert not licence_identifier.is_valid(text[:at] + other + text[at + 1 :])


def test_root_and_capitals_may_be_left_out() -> None:
    assert licence_identifier.parse(SEEN[0].removeprefix(licence_identifier.ROOT + ".").lower()).text == SEEN[0]


@pytest.mark.parametrize("text", ["", "1.2.156", SEEN[0][:-2], SEEN[0].replace(".001.", ".000."), SEEN[0].replace("403", "4 03!")])
def test_what_is_no_identifier_is_refused_with_field_rule_and_remedy(text: str) -> None:
    with pytest.raises(InvalidCode) as caught:
        licence_identifier.parse(text, field="id")
    assert caught.value.field == "id"
    assert caught.value.rule
    assert caught.value.remedy


@given(serial=st.text(ALPHABET, min_size=1, max_size=40), version=st.integers(1, 999))
def test_what_is_composed_parses(serial: str, version: int) -> None:
    made = licence_identifier.compose(type_code="11100000000013338W011", issuer="340100", serial=serial, version=version)
    assert licence_identifier.parse(made.text) == made
