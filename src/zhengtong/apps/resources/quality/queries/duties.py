"""How much of their duties offices have catalogued."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from zhengtong.apps.resources.quality.models import Duty, DutyEntry, DutyTally, EntryScore
from zhengtong.kernel.errors import Invalid, NotFound


class DutyUnknown(NotFound):
    """没有这项职责。"""

    code = "duty-unknown"


@dataclass(frozen=True)
class Coverage:
    """An office's duties and how many of them entries document; ``share`` in hundredths."""

    office: str
    name: str
    duties: int
    documented: int
    share: float

    @property
    def key(self) -> str:
        """Where the next page of a list begins."""
        return f"{self.share!r}|{self.office}"


def _narrowed(text: str) -> QuerySet[DutyTally]:
    rows = DutyTally.objects.select_related("office").order_by("share", "office")
    return rows.filter(Q(office__name__icontains=text) | Q(office__short_name__icontains=text)) if text else rows


def coverages(*, text: str = "", after: str = "", limit: int = 50) -> list[Coverage]:
    """
    Offices with a list of duties, the least covered first.

    :raises Invalid: if ``after`` is no key of this list.
    """
    rows = _narrowed(text)
    if after:
        share, _, code = after.partition("|")
        try:
            rows = rows.filter(Q(share__gt=float(share)) | Q(share=float(share), office_id__gt=code))
        except ValueError as exc:
            raise Invalid("翻页位置不对", field="after", remedy="回到第一页") from exc
    return [_coverage(row) for row in rows[:limit]]


def every_coverage(*, text: str = "") -> Iterator[Coverage]:
    """All of them, for a file."""
    return (_coverage(row) for row in _narrowed(text).iterator())


def coverage(office: str) -> Coverage | None:
    """One office; None while it has no list of duties."""
    row = DutyTally.objects.select_related("office").filter(office_id=office).first()
    return _coverage(row) if row else None


def _coverage(row: DutyTally) -> Coverage:
    return Coverage(row.office_id, row.office.name, row.duties, row.documented, row.share)


@dataclass(frozen=True)
class DutyView:
    """A duty with the published entries that document it, by number and name."""

    id: int
    number: str
    name: str
    legal_basis: str
    entries: tuple[tuple[int, str], ...]


def duties(office: str, *, gaps: bool = False, after: str = "", limit: int = 50) -> list[DutyView]:
    """An office's duties behind the number ``after``; with ``gaps`` those alone that no entry documents."""
    rows = Duty.objects.filter(office_id=office, number__gt=after)
    if gaps:
        published = EntryScore.objects.filter(pk=OuterRef("resource"))
        rows = rows.exclude(Exists(DutyEntry.objects.filter(Exists(published), duty=OuterRef("pk"))))
    found = list(rows.order_by("number")[:limit])
    links = list(DutyEntry.objects.filter(duty__in=found).values_list("duty", "resource"))
    names = dict(EntryScore.objects.filter(pk__in={resource for _duty, resource in links}).values_list("pk", "name"))
    return [
        DutyView(
            row.pk,
            row.number,
            row.name,
            row.legal_basis,
            tuple((resource, names[resource]) for duty, resource in links if duty == row.pk and resource in names),
        )
        for row in found
    ]
