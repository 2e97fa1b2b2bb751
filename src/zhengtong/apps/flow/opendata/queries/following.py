"""What is new, for feeds, and everything there is, for search engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from zhengtong.apps.flow.opendata.models import Dataset, DatasetVersion
from zhengtong.apps.flow.opendata.rules.vocabulary import State

#: addresses in one sitemap; the protocol allows 50,000 (https://www.sitemaps.org/protocol.html)
SITEMAP_PAGE = 10_000


@dataclass(frozen=True)
class Update:
    """A version of an open dataset, as a feed tells of it. ``delta`` counts rows added, removed and changed; empty for the first."""

    dataset: int
    number: int
    newest: bool
    made_at: datetime
    title: str
    summary: str
    office_name: str
    theme: str
    rows: int
    delta: dict[str, int]


def updates(*, theme: str = "", office: str = "", dataset: int | None = None, limit: int = 50) -> list[Update]:
    """The latest versions of open datasets, newest first; of one theme, one office or one dataset where named."""
    rows = DatasetVersion.objects.filter(dataset__state=State.OPEN, dataset__current__isnull=False).select_related("dataset")
    if theme:
        rows = rows.filter(facts__theme=theme)
    if office:
        rows = rows.filter(facts__office=office)
    if dataset is not None:
        rows = rows.filter(dataset=dataset)
    return [
        Update(
            dataset=row.dataset_id,
            number=row.number,
            newest=row.pk == row.dataset.current_id,
            made_at=row.made_at,
            title=row.facts["title"],
            summary=row.facts["summary"],
            office_name=row.facts["office_name"],
            theme=row.facts["theme"],
            rows=row.rows,
            delta=row.delta,
        )
        for row in rows.order_by("-made_at", "-pk")[:limit]
    ]


def sitemap_pages() -> Sequence[int]:
    """The numbers of the sitemap's pages; a dataset stays on its page, whatever becomes of the others."""
    last = Dataset.objects.filter(state=State.OPEN).aggregate(last=Max("pk"))["last"] or 0
    return range(last // SITEMAP_PAGE + 1)


def sitemap_page(place: int) -> list[tuple[int, datetime]]:
    """Open datasets of a page with the moment their newest version was made."""
    rows = Dataset.objects.filter(state=State.OPEN, current__isnull=False)
    rows = rows.filter(pk__gte=place * SITEMAP_PAGE, pk__lt=(place + 1) * SITEMAP_PAGE).order_by("pk")
    return list(rows.values_list("pk", "current__made_at"))
