"""Entries that are published and marked open to society, for whoever sees that they really are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from zhengtong.apps.resources.catalog.models import Resource


@dataclass(frozen=True)
class MarkedOpen:
    """An entry that says it is open, and on which condition."""

    id: int
    code: str
    name: str
    office: str
    office_name: str
    open_condition: str


def marked_open(
    *, offices: Collection[str], regions: Collection[str] = (), without: Collection[int] = (), after: str = "", limit: int = 50
) -> list[MarkedOpen]:
    """Published entries marked open of some offices, or below some regions, without those given by number; in order of their numbers."""
    wanted = Q(office__code__in=offices)
    for region in regions:
        wanted |= Q(office__region__code__startswith=region)
    rows = Resource.objects.filter(wanted, is_open=True, served_version__isnull=False).exclude(pk__in=without)
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after[:18]))
    return [
        MarkedOpen(row.pk, row.code or "", row.name, row.office.code, row.office.name, row.open_condition)
        for row in rows.select_related("office").order_by("pk")[:limit]
    ]
