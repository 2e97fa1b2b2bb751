"""
Days and moments as pages show them, in the reader's language and in China's time; files and interfaces keep ISO 8601.

Chinese readers get ``2026-06-01 08:00`` as GB/T 7408 writes it with a space instead of the T, English ones ``1 Jun 2026, 08:00``.
"""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import dateformat, translation

from zhengtong.kernel.clock import CHINA

_ENGLISH_DAY, _CHINESE_DAY = "j M Y", "Y-m-d"
_MINUTES, _SECONDS = "H:i", "H:i:s"


def _english() -> bool:
    return (translation.get_language() or "").startswith("en")


def day(value: date | datetime | None) -> str:
    """A day; of a moment its day in China. Empty for none."""
    if not isinstance(value, date):
        return ""
    here = value.astimezone(CHINA) if isinstance(value, datetime) and value.tzinfo else value
    return dateformat.format(here, _ENGLISH_DAY if _english() else _CHINESE_DAY)


def moment(value: datetime | None, *, seconds: bool = False) -> str:
    """A moment to the minute, or to the second. Empty for none."""
    if not isinstance(value, datetime):
        return day(value)
    here = value.astimezone(CHINA) if value.tzinfo else value
    clock = dateformat.format(here, _SECONDS if seconds else _MINUTES)
    return f"{day(here)}, {clock}" if _english() else f"{day(here)} {clock}"


def of_text(text: str) -> str:
    """An ISO day or moment out of data, to the second where it has any; at midnight sharp the day alone. Anything else stays as it is."""
    try:
        if "T" not in text:
            return day(date.fromisoformat(text))
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    here = found.astimezone(CHINA) if found.tzinfo else found
    return day(here) if here.time() == time() else moment(here, seconds=bool(here.second))
