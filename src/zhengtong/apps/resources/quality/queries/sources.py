"""Cases for 一数一源: items that several offices collect, and what was decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from zhengtong.apps.resources.quality.models import ItemGroup, ItemGroupOffice, ItemUse, SourceDecision
from zhengtong.apps.resources.quality.models.item import Link
from zhengtong.apps.resources.quality.rules.naming import normalised
from zhengtong.apps.resources.quality.rules.standards import StandardContent, deviations
from zhengtong.kernel.errors import Invalid, NotFound


class CaseUnknown(NotFound):
    """没有这个信息项。"""

    code = "source-case-unknown"


@dataclass(frozen=True)
class CaseView:
    """The same item of several offices. ``lead`` is the credit code of its source, empty until one is named."""

    id: int
    name: str
    standard_id: int | None
    standard_code: str
    offices: int
    uses: int
    lead: str
    lead_name: str
    decided_at: datetime | None

    @property
    def key(self) -> str:
        """Where the next page of a list begins."""
        return f"{self.offices}|{self.uses}|{self.id}"


@dataclass(frozen=True)
class CaseFilter:
    """``text`` is how the item's name begins; ``decided`` is yes, no or empty; ``office`` a credit code."""

    text: str = ""
    decided: str = ""
    office: str = ""


def _narrowed(wanted: CaseFilter) -> QuerySet[ItemGroup]:
    rows = ItemGroup.objects.filter(offices__gte=2).select_related("standard", "lead")
    if wanted.text:
        norm = normalised(wanted.text) or wanted.text
        rows = rows.filter(Q(key__startswith=f"n:{norm}") | Q(standard__name__startswith=wanted.text))
    if wanted.decided:
        rows = rows.filter(lead__isnull=wanted.decided == "no")
    if wanted.office:
        rows = rows.filter(collectors__office_id=wanted.office)
    return rows.order_by("-offices", "-uses", "pk")


def source_cases(wanted: CaseFilter, *, after: str = "", limit: int = 50) -> list[CaseView]:
    """
    Items that two offices or more collect, those of most offices first.

    :raises Invalid: if ``after`` is no key of this list.
    """
    rows = _narrowed(wanted)
    if after:
        try:
            offices, uses, number = (int(part) for part in after.split("|"))
        except ValueError as exc:
            raise Invalid("翻页位置不对", field="after", remedy="回到第一页") from exc
        rows = rows.filter(
            Q(offices__lt=offices) | Q(offices=offices, uses__lt=uses) | Q(offices=offices, uses=uses, pk__gt=number), offices__lte=offices
        )
    return [_view(row) for row in rows[:limit]]


def every_case(wanted: CaseFilter) -> Iterator[CaseView]:
    """All of them, for a file."""
    return (_view(row) for row in _narrowed(wanted).iterator())


def _view(row: ItemGroup) -> CaseView:
    return CaseView(
        id=row.pk,
        name=row.standard.name if row.standard else row.name,
        standard_id=row.standard_id,
        standard_code=row.standard.code if row.standard else "",
        offices=row.offices,
        uses=row.uses,
        lead=row.lead_id or "",
        lead_name=row.lead.name if row.lead else "",
        decided_at=row.decided_at,
    )


def source_case(group_id: int) -> CaseView:
    """
    One item, also where a single office collects it.

    :raises CaseUnknown: if there is none.
    """
    row = ItemGroup.objects.select_related("standard", "lead").filter(pk=group_id).first()
    if row is None:
        raise CaseUnknown
    return _view(row)


@dataclass(frozen=True)
class ItemSource:
    """An item of an entry that has a standard item or that other offices collect too; ``deviates`` are the fields unlike the standard."""

    name: str
    link: str
    standard_id: int | None
    standard_name: str
    deviates: tuple[str, ...]
    case: int | None
    offices: int
    lead_name: str
    is_source: bool


_SOURCE_FIELDS = (
    *(
        "name",
        "link",
        "office_id",
        "data_type",
        "length",
        "dictionary",
        "group_id",
        "group__offices",
        "group__lead_id",
        "group__lead__name",
    ),
    *("standard_id", "standard__name", "standard__data_type", "standard__length", "standard__code_list"),
)


def item_sources(resource_id: int) -> list[ItemSource]:
    """The items of a published entry that have a standard item or that two offices or more collect, in one query."""
    rows = ItemUse.objects.filter(resource=resource_id).order_by("pk").values_list(*_SOURCE_FIELDS)
    return [found for row in rows if (found := _item_source(*row)) and (found.standard_id or found.offices > 1)]


def _item_source(
    name: str,
    link: str,
    office: str,
    data_type: str,
    length: int | None,
    dictionary: str,
    group: int | None,
    offices: int | None,
    lead: str | None,
    lead_name: str | None,
    standard: int | None,
    *content: Any,
) -> ItemSource:
    linked = standard is not None and link != Link.REFUSED
    deviates: list[str] = []
    if linked:
        standard_name, standard_type, standard_length, code_list = content
        said = StandardContent(standard_name, standard_type, "", length=standard_length, code_list=code_list)
        deviates = deviations(data_type=data_type, length=length, dictionary=dictionary, standard=said)
    return ItemSource(
        name=name,
        link=link,
        standard_id=standard if linked else None,
        standard_name=content[0] if linked else "",
        deviates=tuple(deviates),
        case=group,
        offices=offices or 0,
        lead_name=lead_name or "",
        is_source=lead is not None and lead == office,
    )


@dataclass(frozen=True)
class Collector:
    """An office that collects an item, and in how many places."""

    office: str
    name: str
    uses: int


def collectors(group_id: int, *, limit: int = 500) -> list[Collector]:
    """The offices that collect an item, those that do so most first."""
    rows = ItemGroupOffice.objects.filter(group=group_id).select_related("office").order_by("-uses", "office")[:limit]
    return [Collector(row.office_id, row.office.name, row.uses) for row in rows]


def source_decisions(group_id: int, *, limit: int = 50) -> list[SourceDecision]:
    """What was decided about an item, latest first."""
    return list(SourceDecision.objects.filter(group=group_id).select_related("lead")[:limit])
