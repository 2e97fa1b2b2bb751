"""Natural and legal persons as everything that serves them names them: holders of licences, applicants, those who act for others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zhengtong.kernel.codes import credit_code, identity_number

_KEPT_AT_FRONT, _KEPT_AT_END = 6, 4


class PartyKind(StrEnum):
    """Of what kind a party is; the words in which the ledger digests its subjects."""

    PERSON = "person"
    COMPANY = "company"

    @property
    def code_type(self) -> str:
        """Type of the code that names such a party: 111 identity number, 001 unified social credit code (GB/T 36903-2018)."""
        return "111" if self is PartyKind.PERSON else "001"


@dataclass(frozen=True)
class Party:
    """A person or company, by name and by identity number (GB 11643-1999) or unified social credit code (GB 32100-2015)."""

    kind: PartyKind
    code: str
    name: str

    @property
    def masked_code(self) -> str:
        """The code with its middle hidden: 110105********002X. A company's code is public and stays whole."""
        if self.kind is PartyKind.COMPANY:
            return self.code
        hidden = len(self.code) - _KEPT_AT_FRONT - _KEPT_AT_END
        return f"{self.code[:_KEPT_AT_FRONT]}{'*' * hidden}{self.code[-_KEPT_AT_END:]}"

    @property
    def masked_name(self) -> str:
        """A person's name without the given name: 张**. A company's name is public and stays whole."""
        return self.name if self.kind is PartyKind.COMPANY else f"{self.name[:1]}{'*' * (len(self.name) - 1)}"


def party(kind: PartyKind | str, code: str, name: str, *, field: str = "code") -> Party:
    """
    A party whose code has been checked and written in its standard form.

    :raises InvalidCode: naming ``field`` if the code cannot be one of that kind.
    """
    which = PartyKind(kind)
    if which is PartyKind.PERSON:
        return Party(which, identity_number.parse(code, field=field).text, name.strip())
    return Party(which, credit_code.parse(code, field=field).text, name.strip())
