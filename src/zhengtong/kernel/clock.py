"""The only place that reads the clock. Interfaces call it and pass the time down; nothing below an interface does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: Statutory days are counted on the calendar of the People's Republic of China.
CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one clock


def today() -> date:
    """Today's date in China."""
    return now().astimezone(CHINA).date()


def local_date(moment: datetime) -> date:
    """
    The date in China at ``moment``.

    :raises ValueError: if ``moment`` carries no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(CHINA).date()
