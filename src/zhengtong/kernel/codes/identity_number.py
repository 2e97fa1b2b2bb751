"""
公民身份号码 GB 11643-1999.

Six digits of the region of first registration, eight of the birth date, three of sequence (odd for men, even for women), one check
character (ISO 7064 MOD 11-2). Checksum and date decide; the region is only a warning: regions are abolished while numbers stay.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from zhengtong.kernel.codes.faults import InvalidCode
from zhengtong.kernel.codes.lists import Sex
from zhengtong.kernel.sentences import say

LENGTH = 18
OLD_LENGTH = 15
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


@dataclass(frozen=True)
class IdentityNumber:
    """The parts of a valid number; ``text`` is the whole, 18 characters."""

    text: str
    region: str
    birth_date: date
    sequence: str

    @property
    def sex(self) -> Sex:
        """Read from the seventeenth digit: odd is male."""
        return Sex.MALE if int(self.sequence) % 2 else Sex.FEMALE

    def age_on(self, day: date) -> int:
        """Completed years on ``day``; negative before birth."""
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))

    def region_warning(self, known: Container[str]) -> str:
        """A sentence if the region is not among ``known`` six-digit codes (abolished, renamed, or mistyped), else an empty text."""
        return "" if self.region in known else say("行政区划 {region} 不在现行代码表中(可能已撤销),不影响号码有效", region=self.region)


def check_character(first_seventeen: str, *, field: str = "identity_number") -> str:
    """
    The eighteenth character.

    :raises InvalidCode: with rule ``length`` or ``alphabet``.
    """
    if len(first_seventeen) != LENGTH - 1:
        raise InvalidCode(
            say("校验码由前 17 位算出,这里有 {count} 位", count=len(first_seventeen)), field=field, rule="length", remedy="核对位数"
        )
    if not (first_seventeen.isascii() and first_seventeen.isdigit()):
        raise InvalidCode("公民身份号码前 17 位应为半角数字", field=field, rule="alphabet", remedy="全角数字请改为半角")
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    return _CHECK[total % 11]


def parse(number: str, *, field: str = "identity_number", on: date | None = None) -> IdentityNumber:
    """
    Take a number apart.

    :param field: the name of the field that holds it, for the error.
    :param on: today; when given, a birth date after it is refused.
    :raises InvalidCode: with rule ``length``, ``alphabet``, ``date`` or ``check``.
    """
    if len(number) == OLD_LENGTH:
        raise InvalidCode("这是 15 位旧号码,现行号码为 18 位", field=field, rule="length", remedy="升位为 18 位后再用,并请本人核对")
    if len(number) != LENGTH:
        raise InvalidCode(
            say("公民身份号码应为 18 位,这里是 {count} 位", count=len(number)), field=field, rule="length", remedy="核对位数,去掉空格"
        )
    expected = check_character(number[:-1], field=field)
    born = _date(number[6:14], field)
    if on is not None and born > on:
        raise InvalidCode("出生日期在今天之后", field=field, rule="date", remedy="核对第 7 至 14 位")
    if number[-1] not in _CHECK:
        raise InvalidCode("最后一位应为数字或大写 X", field=field, rule="alphabet", remedy="小写 x 请改为大写 X")
    if number[-1] != expected:
        raise InvalidCode("公民身份号码的校验码不符", field=field, rule="check", remedy="与身份证核对每一位")
    return IdentityNumber(number, number[:6], born, number[14:17])


def is_valid(number: str, *, on: date | None = None) -> bool:
    """Whether :func:`parse` accepts ``number``."""
    try:
        parse(number, on=on)
    except InvalidCode:
        return False
    return True


def compose(*, region: str, birth_date: date, sequence: int) -> str:
    """
    Make a number from its parts.

    :param region: six digits.
    :param sequence: 0 to 999; odd for a man, even for a woman.
    :raises InvalidCode: if a part does not fit.
    """
    first = f"{region}{birth_date:%Y%m%d}{sequence:03}"
    return parse(first + check_character(first)).text


def upgrade(old: str, *, field: str = "identity_number") -> str:
    """
    The 18-character number of a 15-digit one of before 1999: century ``19`` goes before the year, the check character to the end.

    People older than 100 in 1999 got the sequences 996 to 999 and were born in the 1800s; such a number is refused, not guessed.

    :raises InvalidCode: with rule ``length``, ``alphabet``, ``date`` or ``centenarian``.
    """
    if len(old) != OLD_LENGTH:
        raise InvalidCode(
            say("旧号码应为 {length} 位,这里是 {count} 位", length=OLD_LENGTH, count=len(old)),
            field=field,
            rule="length",
            remedy="18 位号码不用升位",
        )
    if not (old.isascii() and old.isdigit()):
        raise InvalidCode("旧号码应为半角数字", field=field, rule="alphabet", remedy="全角数字请改为半角")
    if int(old[-3:]) >= 996:
        raise InvalidCode("顺序码 996 至 999 属于 19 世纪出生的人,世纪无法推定", field=field, rule="centenarian", remedy="请公安机关核定")
    first = f"{old[:6]}19{old[6:]}"
    _date(first[6:14], field)
    return first + check_character(first)


def _date(digits: str, field: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as exc:
        raise InvalidCode("号码中的出生日期不存在", field=field, rule="date", remedy="核对第 7 至 14 位") from exc
