"""
Numbers of people inside of values, however they are written: with spaces, hyphens or full-width digits, in the middle of a sentence, of 18
digits or of the 15 that were given out until 1999.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from zhengtong.kernel.codes import identity_number

#: full-width signs and the plain ones they stand for
WIDE = dict(zip("０１２３４５６７８９Ｘｘ－　", "0123456789Xx- ", strict=True))
#: what people put between the parts of a number
BETWEEN = r"[ \-\u2010-\u2015_.·]{0,2}"
#: at least fifteen digits, parts put apart or not: what is worth looking at
LONG = rf"[0-9](?:{BETWEEN}[0-9]){{13}}{BETWEEN}[0-9Xx]"
_RUN = re.compile(rf"[0-9](?:{BETWEEN}[0-9Xx])*")
_PARTS = re.compile(r"[0-9]+[Xx]?")
#: sixteen digits at least: the shorter ones of American Express are not given out in China, and read like old identity numbers
_CARD = re.compile(r"(?:62\d|4\d\d|5[1-5]\d|35\d)\d{13,16}")
_CENTURY = "19"
#: nobody alive was born in another, and other long numbers seldom have such digits there
_CENTURIES = frozenset({"18", "19", "20"})
#: 省级 codes of GB/T 2260, by their first two digits
_PROVINCES = frozenset({*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82})
_FEW = 3


def identities(value: str) -> Iterator[tuple[str, bool]]:
    """Every identity number of a value, without what was put between its digits, and whether it is one of the old ones."""
    for text in _candidates(value):
        if len(text) == identity_number.LENGTH and text[6:8] in _CENTURIES and text[0] != "0" and identity_number.is_valid(text.upper()):
            yield text, False
        elif len(text) == identity_number.OLD_LENGTH and is_old(text):
            yield text, True


def is_old(text: str) -> bool:
    """Whether fifteen digits can be an old identity number, which has no check character: a province, then a day of the last century."""
    if not (text.isascii() and text.isdigit()) or int(text[:2]) not in _PROVINCES or text[2:4] == "00" or text[12:] == "000":
        return False
    try:
        datetime.strptime(_CENTURY + text[6:12], "%Y%m%d")  # noqa: DTZ007 - a day of the calendar
    except ValueError:
        return False
    return True


def cards(value: str) -> Iterator[str]:
    """Every bank card number of a value (ISO/IEC 7812-1)."""
    for text in _candidates(value):
        if _CARD.fullmatch(text) and luhn(text) and len(set(text)) > _FEW and not identity_number.is_valid(text):
            yield text


def luhn(number: str) -> bool:
    """Whether the last digit proves the others (ISO/IEC 7812-1)."""
    digits = [int(one) for one in reversed(number)]
    return sum(digits[0::2]) % 10 == -sum(sum(divmod(2 * one, 10)) for one in digits[1::2]) % 10


def _candidates(value: str) -> Iterator[str]:
    """
    Whole groups of digits, put together as long as nothing but small signs stands between them: a number is written in one group or in
    several, and never begins or ends in the middle of one.
    """
    for run in _RUN.finditer(value):
        parts = _PARTS.findall(run[0])
        for first in range(len(parts)):
            joined = ""
            for part in parts[first:]:
                joined += part
                if len(joined) > 19:  # noqa: PLR2004 - the longest card
                    break
                yield joined
