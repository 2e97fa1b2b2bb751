"""What was used with a key by the day, for its holder and for those who answer for the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, Sum

from zhengtong.apps.flow.opendata.models import Usage

#: days that pages show
SHOWN_DAYS = 30


@dataclass(frozen=True)
class UseDay:
    """One day: answers of the row interface, files taken, and questions that were refused."""

    day: date
    answers: int
    files: int
    refused: int


@dataclass(frozen=True)
class Uses:
    """The last days on which there was anything, latest first, and the moment of the last use."""

    days: tuple[UseDay, ...] = ()
    last_at: datetime | None = None


def uses_of(callers: Sequence[str], *, today: date) -> Uses:
    """What callers (``key:<id>``, ``developer:<id>``) used in the last :data:`SHOWN_DAYS` days, together."""
    rows = Usage.objects.filter(caller__in=callers, day__gt=today - timedelta(days=SHOWN_DAYS))
    days: dict[date, dict[str, int]] = {}
    for one in rows.values("day", "kind").annotate(total=Sum("count")):
        days.setdefault(one["day"], {})[one["kind"]] = one["total"]
    last = Usage.objects.filter(caller__in=callers).aggregate(last=Max("last_at"))["last"]
    return Uses(
        tuple(
            UseDay(day, found.get("rows", 0) + found.get("asked", 0), found.get("download", 0), found.get("refused", 0))
            for day, found in sorted(days.items(), reverse=True)
        ),
        last,
    )
