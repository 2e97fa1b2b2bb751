"""Reviews that the bureau has before it, on their clock of two working days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.apps.resources.catalog.queries.worklists import under_bureaus_of
from zhengtong.apps.resources.catalog.rules.clocks import clock_of
from zhengtong.apps.resources.catalog.rules.vocabulary import STATE_LABELS, State
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import due_date


def open_reviews() -> QuerySet[Resource]:
    """The entries that lie before a bureau, longest waiting first, with office and region."""
    rows = Resource.objects.filter(state=State.APPROVED, review_began_at__isnull=False)
    return rows.select_related("office__region").order_by("review_began_at", "pk")


@dataclass(frozen=True)
class ReviewView:
    """An entry that waits for a review. ``clock`` is None before the department's head has passed it on."""

    id: int
    code: str
    name: str
    office_name: str
    state: str
    state_label: str
    clock: Watch | None


def reviews_to_do(actor: identity.Actor, *, now: datetime, limit: int = 100) -> list[ReviewView]:
    """What waits for this actor's review, most pressing first: those with a period by its start, then those of the own department."""
    wanted = Q(state=State.SUBMITTED, office__code__in=actor.offices(identity.Role.SHARING_HEAD))
    wanted |= Q(state=State.APPROVED, review_began_at__isnull=False) & under_bureaus_of(actor)
    rows = Resource.objects.filter(wanted).select_related("office").order_by("review_began_at", "pk")[:limit]
    return [
        ReviewView(
            id=row.pk,
            code=row.code or "",
            name=row.name,
            office_name=row.office.name,
            state=row.state,
            state_label=STATE_LABELS[State(row.state)],
            clock=watch(clock_of(row.review_began_at), working_days.current(), now) if row.review_began_at else None,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class ReviewMove:
    """A review that is due on another day under another calendar."""

    row: Resource
    before: date
    after: date

    @property
    def code(self) -> str:
        """The entry's code."""
        return self.row.code or str(self.row.pk)


def review_moves(before: WorkingCalendar, after: WorkingCalendar, *, now: datetime) -> Iterator[ReviewMove]:
    """The reviews that are due on another day under ``after`` than under ``before``."""
    for row in open_reviews():
        if row.review_began_at is None:
            continue
        clock = clock_of(row.review_began_at)
        was, will = due_date(clock, before, now), due_date(clock, after, now)
        if was != will:
            yield ReviewMove(row, was, will)
