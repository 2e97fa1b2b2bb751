"""The districts of this node with how many open datasets have rows there: the map of the region on the front page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from zhengtong.apps.flow.opendata.models import DatasetRegion
from zhengtong.apps.flow.opendata.queries.access import open_rows
from zhengtong.apps.foundation.organisations import api as organisations


@dataclass(frozen=True)
class District:
    """A district, where it lies, and how many datasets open to all have rows there."""

    outline: organisations.OutlineView
    datasets: int


def districts() -> list[District]:
    """Every district by code; none where there are no outlines."""
    level = organisations.district_level()
    if not level:
        return []
    rows = DatasetRegion.objects.filter(level=level, dataset__in=open_rows()).values_list("region").annotate(total=Count("pk"))
    totals = dict(rows)
    return [District(one, totals.get(one.code, 0)) for one in organisations.outlines_at(level)]
