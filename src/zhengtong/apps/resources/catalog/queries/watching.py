"""The questions that somebody keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog.models import SavedSearch
from zhengtong.apps.resources.catalog.queries.index import reader
from zhengtong.apps.resources.catalog.queries.search import FACET_LABELS, value_label


@dataclass(frozen=True)
class SavedSearchView:
    """A kept question: its text, (facet, label of the facet, value, label of the value) of what narrows it, and what was told since."""

    id: int
    text: str
    chosen: tuple[tuple[str, str, str, str], ...]
    created_at: datetime
    told: int
    last_told_at: datetime | None


def saved_searches(actor: identity.Actor) -> list[SavedSearchView]:
    """
    The actor's own, newest first; there are at most ``MOST_SEARCHES``.

    :raises IndexMissing: before the index is first built.
    """
    rows = SavedSearch.objects.filter(account_id=actor.account_id).annotate(told=Count("hits"), last=Max("hits__found_at")).order_by("-pk")
    now = reader()
    names = now.office_names([row.chosen["office"] for row in rows if "office" in row.chosen])
    return [
        SavedSearchView(
            row.pk,
            row.text,
            tuple(
                (facet, FACET_LABELS[facet], value, names.get(value) or value_label(now, facet, value))
                for facet, value in row.chosen.items()
                if facet in FACET_LABELS
            ),
            row.created_at,
            row.told,
            row.last,
        )
        for row in rows
    ]
