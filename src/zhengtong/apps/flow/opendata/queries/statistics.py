"""How much is open, by theme and office, whether it is on time, and how often it is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Sum

from zhengtong.apps.flow.opendata.models import Dataset, DownloadDay, VersionFile
from zhengtong.apps.flow.opendata.rules import freshness
from zhengtong.apps.flow.opendata.rules.vocabulary import FORM_LABELS, ROW_FORMS, THEME_LABELS, Form, State
from zhengtong.kernel import clock
from zhengtong.kernel.sentences import say


@dataclass(frozen=True)
class Line:
    """What one theme or one office has open. ``value`` is its code, by which lists are narrowed."""

    value: str
    label: str
    datasets: int
    rows: int
    downloads: int
    late: int

    @property
    def on_time(self) -> int:
        """Datasets that are not late."""
        return self.datasets - self.late


@dataclass(frozen=True)
class Statistics:
    """The figures of the portal. ``days`` are downloads a day, oldest first; ``forms`` files of newest versions: form, files, bytes."""

    total: Line
    themes: tuple[Line, ...]
    offices: tuple[Line, ...]
    forms: tuple[tuple[str, int, int], ...]
    days: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class _Row:
    theme: str
    office: str
    office_name: str
    rows: int
    downloads: int
    late: bool


def statistics(*, now: datetime, days: int = 30) -> Statistics:
    """The figures of this moment, with downloads of the last ``days`` days."""
    today = clock.local_date(now)
    facts = ("current__facts__theme", "current__facts__office", "current__facts__office_name", "current__rows", "downloads")
    opened = Dataset.objects.filter(state=State.OPEN, current__isnull=False)
    rows = [
        _Row(theme, office, name, count, downloads, freshness.days_late(cycle, clock.local_date(data_at or made_at), today) > 0)
        for theme, office, name, count, downloads, cycle, data_at, made_at in opened.values_list(
            *facts, "current__facts__update_cycle", "data_at", "current__data_at"
        )
    ]
    names = {row.office: row.office_name for row in rows}
    return Statistics(
        total=_line("", say("合计"), rows),
        themes=_lines(rows, lambda row: row.theme, lambda code: say(THEME_LABELS.get(code, code))),
        offices=_lines(rows, lambda row: row.office, lambda code: names[code]),
        forms=_forms(),
        days=_days(today, days),
    )


def _lines(rows: list[_Row], value: Callable[[_Row], str], label: Callable[[str], str]) -> tuple[Line, ...]:
    grouped: dict[str, list[_Row]] = {}
    for row in rows:
        grouped.setdefault(value(row), []).append(row)
    found = [_line(code, label(code), some) for code, some in grouped.items()]
    return tuple(sorted(found, key=lambda one: (-one.datasets, one.value)))


def _line(value: str, label: str, rows: list[_Row]) -> Line:
    counts = (len(rows), sum(one.rows for one in rows), sum(one.downloads for one in rows), sum(one.late for one in rows))
    return Line(value, label, *counts)


def _forms() -> tuple[tuple[str, int, int], ...]:
    files = VersionFile.objects.filter(version__dataset__state=State.OPEN, version__dataset__current=F("version"))
    counted = {form: (files_, size) for form, files_, size in files.values_list("form").annotate(Count("pk"), Sum("size"))}
    return tuple((FORM_LABELS[Form(form)], *counted[form]) for form in ROW_FORMS if form in counted)


def _days(today: date, days: int) -> tuple[tuple[date, int], ...]:
    since = today - timedelta(days=days - 1)
    counted = dict(DownloadDay.objects.filter(day__gte=since, day__lte=today).values_list("day").annotate(Sum("downloads")))
    return tuple((day, counted.get(day, 0)) for day in (since + timedelta(days=one) for one in range(days)))
