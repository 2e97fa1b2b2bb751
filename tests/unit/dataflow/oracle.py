"""Conversion and rules in plain Python, one value at a time: slow, obvious, and what the vectorised forms must agree with."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Context, Decimal
from zoneinfo import ZoneInfo

from zhengtong.engines.dataflow.items import Item, ItemType

CHINA = ZoneInfo("Asia/Shanghai")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
WORDS = {**dict.fromkeys(("true", "t", "yes", "y", "1", "是"), True), **dict.fromkeys(("false", "f", "no", "n", "0", "否"), False)}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# every number a test draws is exact in it
WIDE = Context(prec=400)


def is_blank(letter: str) -> bool:
    """White space to Python, which takes the separators of ASCII for it too, or a space without width."""
    return letter.isspace() or letter in "\u200b\u2060\ufeff"


def stripped(text: str) -> str:
    """The text without the blanks around it."""
    while text and is_blank(text[0]):
        text = text[1:]
    while text and is_blank(text[-1]):
        text = text[:-1]
    return text


def convert(item: Item, text: str | None) -> object:
    """The value of a text under an item, None if it has none."""
    if text is None:
        return None
    if item.type is ItemType.TEXT:
        return text if item.length is None or len(text) <= item.length else None
    bare = stripped(text)
    kinds: dict[ItemType, Callable[[], object]] = {
        ItemType.INTEGER: lambda: _integer(item, bare),
        ItemType.DECIMAL: lambda: _decimal(item, bare),
        ItemType.DATE: lambda: _date(bare),
        ItemType.DATETIME: lambda: _moment(bare),
        ItemType.BOOLEAN: lambda: WORDS.get(bare.lower()),
        ItemType.DOUBLE: lambda: _double(bare),
    }
    return kinds[item.type]()


def _integer(item: Item, text: str) -> int | None:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        return None
    limit = 2 ** (item.width * 8 - 1)
    return int(text) if -limit <= int(text) < limit else None


def _double(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    return float(text) if math.isfinite(float(text)) else None


def _decimal(item: Item, text: str) -> Decimal | None:
    precision, scale = item.digits
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text) or (scale == 0 and text.lstrip("+-").startswith(".")):
        return None
    value = Decimal(text)
    exact = value.quantize(Decimal(1).scaleb(-scale), context=WIDE)
    if value != exact:
        return None
    return exact if abs(value) < Decimal(10) ** (precision - scale) else None


def _date(text: str) -> date | None:
    found = re.fullmatch(
        r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]+0{1,2}:00(?::00(?:\.0{1,6})?)?)?", text
    ) or re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    if compact := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2}))?", text):
        year, month, day, *clock = compact.groups()
        text = f"{year}-{month}-{day}" + (" {}:{}:{}".format(*clock) if clock[0] else "")
    found = re.fullmatch(
        r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
        r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6}))?)?)? ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?",
        text,
    )
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        naive = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "0").ljust(6, "0"))
        )
        if zone is None:
            local = naive.replace(tzinfo=CHINA)
            utc = local.astimezone(UTC)
            # a moment in a skipped hour does not come back as it went
            return utc if utc.astimezone(CHINA).replace(tzinfo=None) == naive else None
        if zone == "Z":
            return naive.replace(tzinfo=UTC)
        digits = zone[1:].replace(":", "").ljust(4, "0")
        if int(digits[:2]) > 15 or int(digits[2:]) > 59:
            return None
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if zone[0] == "-" else 1)
        return naive.replace(tzinfo=timezone(ahead)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_identity_number(text: str, *, legacy: bool = False) -> bool:
    if legacy and re.fullmatch(r"[0-9]{15}", text):
        return _date("19" + text[6:12]) is not None
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text) or _date(text[6:14]) is None:
        return False
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=False)) % 11] == text[17]


def is_credit_code(text: str) -> bool:
    if len(text) != 18 or any(letter not in ALPHABET for letter in text) or not re.fullmatch(r"[0-9]{6}", text[2:8]):
        return False
    total = sum(ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(text[:17]))
    return ALPHABET[(31 - total % 31) % 31] == text[17]


def with_identity_check(body: str) -> str:
    """17 digits and their check character."""
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def with_credit_check(body: str) -> str:
    """17 characters and their check character."""
    return body + ALPHABET[(31 - sum(ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(body)) % 31) % 31]
