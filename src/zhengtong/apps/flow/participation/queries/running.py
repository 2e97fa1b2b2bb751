"""The periods of demands and corrections that run, and which of them another calendar would end on another day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from zhengtong.apps.flow.participation.models import Correction, Demand
from zhengtong.apps.flow.participation.rules import clocks
from zhengtong.apps.flow.participation.rules.vocabulary import RUNNING, SUBJECT_LABELS, CorrectionState, DemandState, Lengthening, Subject
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, Extension, due_date


def period_of(row: Demand | Correction, *, stopped: datetime | None = None) -> Clock:
    """The period that runs, or ran until somebody answered."""
    if isinstance(row, Correction):
        return clocks.clock_of(clocks.CORRECTION, row.clock_began_at, stopped=stopped)
    extended = []
    if row.lengthening == Lengthening.GRANTED and row.extended_at is not None and row.clock == clocks.PROVIDER:
        extended = [Extension(row.extended_at, row.extension_days, row.extended_by, row.extension_reason)]
    return clocks.clock_of(row.clock, row.clock_began_at, extended=extended, stopped=stopped)


def round_of(row: Demand | Correction) -> str:
    """What tells rounds of warnings apart: a period that was made longer warns anew. Empty for the first."""
    return "extended" if isinstance(row, Demand) and row.lengthening == Lengthening.GRANTED else ""


@dataclass(frozen=True)
class Move:
    """A running period that ends on another day under another calendar."""

    row: Demand | Correction
    before: date
    after: date

    @property
    def number(self) -> str:
        """The number of what waits."""
        return self.row.number

    @property
    def duty(self) -> str:
        """What it is."""
        return SUBJECT_LABELS[Subject.DEMAND if isinstance(self.row, Demand) else Subject.CORRECTION]

    @property
    def holder(self) -> str:
        """The office that has to act."""
        if isinstance(self.row, Correction):
            return self.row.dataset.resource.office.name
        provider = self.row.provider if self.row.state == DemandState.PROVIDER else None
        return provider.name if provider else self.row.bureau.name


def _running() -> Iterator[Demand | Correction]:
    yield from Demand.objects.filter(state__in=sorted(RUNNING)).select_related("provider", "bureau").order_by("pk").iterator()
    rows = Correction.objects.filter(state=CorrectionState.OPEN).select_related("dataset__resource__office")
    yield from rows.order_by("pk").iterator()


def moves(before: WorkingCalendar, after: WorkingCalendar, *, now: datetime) -> Iterator[Move]:
    """The periods that end on another day under ``after`` than under ``before``, as they look at ``now``."""
    for row in _running():
        clock = period_of(row)
        was, will = due_date(clock, before, now), due_date(clock, after, now)
        if was != will:
            yield Move(row, was, will)
