"""How a code is refused, and how a typed code is tidied before it is looked at."""

from __future__ import annotations

import unicodedata

from zhengtong.kernel.errors import Invalid


class InvalidCode(Invalid):
    """
    A code breaks the rule of its standard.

    ``rule`` is a stable word for machines and quality reports (``length``, ``alphabet``, ``check``, ``date``, ``region``), the sentence is
    for people, ``remedy`` says what to do next. The sentence never repeats the value: it may be a person's number.
    """

    code = "invalid-code"

    def __init__(self, sentence: str = "", *, field: str = "", rule: str = "", remedy: str = "") -> None:
        self.rule = rule
        super().__init__(sentence, field=field, remedy=remedy)

    def as_dict(self) -> dict[str, str]:
        """The flat object of every error, with the broken ``rule``."""
        return {**super().as_dict(), **({"rule": self.rule} if self.rule else {})}


def tidy(text: str) -> str:
    """
    What a person meant to type: full-width characters become ASCII (NFKC), all white space goes, letters become capitals.

    Nothing here tidies silently; a caller that accepts sloppy input calls this first and stores the result.
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
