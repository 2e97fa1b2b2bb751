"""The periods of applications that run, and which of them another calendar would end on another day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from zhengtong.apps.flow.sharing.models import Application
from zhengtong.apps.flow.sharing.queries.applications import happened
from zhengtong.apps.flow.sharing.rules import clocks
from zhengtong.apps.flow.sharing.rules.states import ApplicationState
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, due_date

_PAGE = 500
#: what is due when a period of this name ends
DUTY_LABELS = {"answer": "答复", "delivery": "实际共享"}


@dataclass(frozen=True)
class OpenClock:
    """A period of an application that nothing has ended; ``name`` is answer or delivery."""

    row: Application
    name: str
    clock: Clock
    #: tells rounds of warnings apart, as :func:`~zhengtong.apps.flow.sharing.rules.clocks.warning_round` says
    round_name: str


def open_clocks() -> Iterator[OpenClock]:
    """Every period that runs or rests, page by page, with all that a warning about it reads."""
    last = 0
    while True:
        rows = list(
            Application.objects.filter(pk__gt=last)
            .exclude(state__in=[ApplicationState.DRAFT, ApplicationState.SIGNING, ApplicationState.REFUSED, ApplicationState.WITHDRAWN])
            .exclude(grant__standing__delivered_at__isnull=False)
            .select_related("resource", "consumer", "provider", "bureau")
            .prefetch_related("events", "fired_rungs")
            .order_by("pk")[:_PAGE]
        )
        for row in rows:
            events = happened(list(row.events.all()))
            answer = clocks.answer_clock(events, unconditional=row.sharing_type == "1")
            delivery = clocks.delivery_clock(events)
            if answer and not answer.stop:
                yield OpenClock(row, "answer", answer, clocks.warning_round(events))
            if delivery and not delivery.stop:
                yield OpenClock(row, "delivery", delivery, "")
        if len(rows) < _PAGE:
            return
        last = rows[-1].pk


@dataclass(frozen=True)
class Move:
    """A running period that ends on another day under another calendar."""

    open: OpenClock
    before: date
    after: date

    @property
    def number(self) -> str:
        """The application's number."""
        return self.open.row.number

    @property
    def duty(self) -> str:
        """What is due."""
        return DUTY_LABELS[self.open.name]

    @property
    def holder(self) -> str:
        """The office whose duty it is."""
        return self.open.row.provider.name


def moves(before: WorkingCalendar, after: WorkingCalendar, *, now: datetime) -> Iterator[Move]:
    """The periods that end on another day under ``after`` than under ``before``, as they look at ``now``."""
    for one in open_clocks():
        was, will = due_date(one.clock, before, now), due_date(one.clock, after, now)
        if was != will:
            yield Move(one, was, will)
