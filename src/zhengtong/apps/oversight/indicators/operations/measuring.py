"""Measuring: every open dataset when it changed and once a week, the portal once a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.oversight.indicators.models import DatasetScore, PortalScore
from zhengtong.apps.oversight.indicators.queries import scores
from zhengtong.apps.oversight.indicators.rules import index, mqa

_AT_A_TIME = 50
_AGAIN = timedelta(days=7)
_SHORTEST_SUMMARY = 15
#: where a dataset is named in its own description; nobody calls it
_SITE = opendata.Site("https://portal.invalid", "portal")


def measure_due(*, now: datetime) -> int:
    """Measure datasets that are new, changed or were measured a week ago, a few at a time; returns how many. Safe to repeat."""
    known = dict(DatasetScore.objects.filter(measured_at__gt=now - _AGAIN).values_list("dataset_id", "changed_at"))
    due = [number for number, changed_at in opendata.published_changes() if known.get(number) != changed_at][:_AT_A_TIME]
    for number in due:
        try:
            _measure(opendata.published_one(number), now)
        except (opendata.DatasetUnknown, opendata.DatasetGone, opendata.ConditionalOnly):
            continue  # it was withdrawn meanwhile
    return len(due)


def _measure(dataset: opendata.Published, now: datetime) -> None:
    writer = opendata.DcatWriter(_SITE)
    name = writer.dataset(dataset)
    standing = opendata.standing_files(dataset.id)
    shares = mqa.measure(writer.graph, str(name), reached=lambda address: address.rpartition("/")[2] in standing)
    filled = [float(one["share"]) / 100 for one in dataset.profile]
    DatasetScore.objects.update_or_create(
        dataset_id=dataset.id,
        defaults={
            "office": dataset.facts["office"],
            "changed_at": dataset.modified_at,
            "measured_at": now,
            "points": mqa.points(shares),
            "lost": mqa.lost(shares),
            "theme": dataset.facts["theme"],
            "rows": dataset.rows,
            "filled": sum(filled) / len(filled) if filled else 0.0,
            "described": _described(dataset),
            "has_rows": dataset.has_rows,
            "all_forms": {one.form for one in dataset.row_files} >= set(opendata.ROW_FORMS),
        },
    )


def _described(dataset: opendata.Published) -> bool:
    summary, title = dataset.facts["summary"].strip(), dataset.facts["title"].strip()
    meant = all(str(one["name"]).strip() and str(one["name"]) != one["key"] for one in dataset.columns)
    return summary != title and len(summary) >= _SHORTEST_SUMMARY and meant


def measure_portal(*, today: date) -> bool:
    """Keep the portal's figures of a day, once it is there; the first of a day counts. Returns whether they were kept now."""
    if PortalScore.objects.filter(day=today).exists():
        return False
    found = scores.portal(today=today)
    if not found.datasets:
        return False
    PortalScore.objects.get_or_create(
        day=today, defaults={"mqa": found.mqa, "index": index.whole(found.values), "datasets": found.datasets}
    )
    return True
