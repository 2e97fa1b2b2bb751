"""National numbers as Polars expressions: identity numbers (GB 11643-1999) and unified social credit codes (GB 32100-2015)."""

from __future__ import annotations

import polars as pl

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_MODULUS = 31
#: values of the letters the alphabet leaves out, in base 36
_LEFT_OUT = tuple(int(letter, 36) for letter in "IOSVZ")
_ELEVEN = 11


def is_identity_number(text: pl.Expr, *, legacy: bool = False) -> pl.Expr:
    """
    Whether each value is a citizen identity number: 18 characters, a real date of birth, the right check character.

    The region is not looked at: regions are abolished, numbers are not. ``legacy`` also accepts 15 digits (before 1999) by their date.
    """
    shape = text.str.contains(r"^[0-9]{17}[0-9X]$")
    body = pl.when(shape).then(text.str.slice(0, 17)).cast(pl.Int64, strict=False)
    total = pl.sum_horizontal(body // 10 ** (16 - place) % 10 * weight for place, weight in enumerate(_IDENTITY_WEIGHTS))
    check = text.str.slice(17, 1).replace_strict(list(_IDENTITY_CHECKS), list(range(_ELEVEN)), default=-1, return_dtype=pl.Int64)
    good = shape & _is_date(body // 1000 % 10**8) & (check == total % _ELEVEN)
    if legacy:
        short = pl.when(text.str.contains(r"^[0-9]{15}$")).then(text).cast(pl.Int64, strict=False)
        good |= _is_date(19_000_000 + short // 1000 % 10**6).fill_null(value=False)
    return good.fill_null(value=False)


def _is_date(number: pl.Expr) -> pl.Expr:
    """Whether an integer YYYYMMDD is a day of the Gregorian calendar; arithmetic, because parsing text costs ten times more."""
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    february = pl.when(leap).then(29).otherwise(28)
    days = pl.when(month == 2).then(february).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)  # noqa: PLR2004 - months
    return (year >= 1) & month.is_between(1, 12) & (day >= 1) & (day <= days)


def is_credit_code(text: pl.Expr) -> pl.Expr:
    """
    Whether each value is a unified social credit code: 18 characters of the alphabet without I O S V Z, the right check character.

    The first characters may be letters (A military, N rural collectives, Y others), which common libraries refuse.
    """
    shape = text.str.contains(rf"^[{_CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{_CREDIT_ALPHABET}]{{10}}$")
    safe = pl.when(shape).then(text)
    total = pl.sum_horizontal(_credit_value(safe, place) * weight for place, weight in enumerate(_CREDIT_WEIGHTS))
    check = (_CREDIT_MODULUS - total % _CREDIT_MODULUS) % _CREDIT_MODULUS
    return (shape & (check == _credit_value(safe, len(_CREDIT_WEIGHTS)))).fill_null(value=False)


def _credit_value(text: pl.Expr, place: int) -> pl.Expr:
    """The value (0 to 30) of the character at ``place``."""
    base36 = text.str.slice(place, 1).str.to_integer(base=36, strict=False)
    gaps = pl.sum_horizontal((base36 > left_out).cast(pl.Int64) for left_out in _LEFT_OUT)
    return base36 - gaps
