"""Persons and companies by name and code."""

from __future__ import annotations

import pytest

from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.parties import PartyKind, party


def test_a_person_is_masked_and_a_company_is_not() -> None:
    person = party("person", "11010519491231002X", " 张三丰 ")
    assert (person.masked_code, person.masked_name) == ("110105********002X", "张**")
    company = party(PartyKind.COMPANY, "91110000600037341L", "某某有限公司")
    assert (company.masked_code, company.masked_name) == (company.code, company.name)


def test_codes_have_the_types_of_the_standard() -> None:
    assert (PartyKind.PERSON.code_type, PartyKind.COMPANY.code_type) == ("111", "001")


@pytest.mark.parametrize(("kind", "code"), [("person", "91110000600037341L"), ("company", "11010519491231002X"), ("person", "110105")])
def test_a_code_of_another_kind_is_refused_by_field(kind: str, code: str) -> None:
    with pytest.raises(InvalidCode) as refused:
        party(kind, code, "某人", field="holder_code")
    assert refused.value.field == "holder_code"
