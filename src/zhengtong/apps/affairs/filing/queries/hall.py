"""Reads of halls: queues, seats that are free, who stands at my window."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from zhengtong.apps.affairs.filing.models import Appointment, Hall, Ticket, WindowVisit
from zhengtong.apps.affairs.filing.queries.drafts import Filer
from zhengtong.apps.affairs.filing.queries.keeping import opened
from zhengtong.apps.affairs.filing.rules.queueing import Consent, TicketState, slots
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.parties import Party, PartyKind

_WINDOW = "8"


class HallUnknown(NotFound):
    """没有这个大厅,或不归您的单位管。"""

    code = "hall-unknown"


class VisitUnknown(NotFound):
    """没有这次接待,或已经结束。"""

    code = "visit-unknown"


@dataclass(frozen=True)
class HallView:
    """A hall."""

    code: str
    name: str
    address: str
    office: str
    office_name: str
    opens: time
    closes: time
    seats: int


@dataclass(frozen=True)
class Called:
    """A number and where it stands."""

    number: int
    state: TicketState
    window: str
    called_at: datetime | None


@dataclass(frozen=True)
class Queue:
    """A day in a hall: numbers that are called now, those that wait, how many were served."""

    hall: HallView
    called: tuple[Called, ...]
    waiting: tuple[int, ...]
    served: int
    missed: tuple[int, ...]


@dataclass(frozen=True)
class Slot:
    """A half hour and how many seats are left."""

    at: time
    left: int


@dataclass(frozen=True)
class AppointmentView:
    """An appointment; the name is masked."""

    public: UUID
    hall_name: str
    address: str
    day: date
    at: time
    seat: int
    party: str
    item_name: str


@dataclass(frozen=True)
class VisitView:
    """A visit at a window, as the clerk who opened it sees it."""

    id: int
    public: UUID
    party: Party
    digest: str
    agent: Party | None
    basis: str
    contact: str
    purpose: str
    consent: Consent
    began_at: datetime
    ended_at: datetime | None


def _view(row: Hall) -> HallView:
    office = row.office
    return HallView(row.code, row.name, row.address, office.code, office.name, row.opens, row.closes, row.slot_seats)


def halls(*, offices: frozenset[str] | None = None) -> list[HallView]:
    """Halls by code: those of some offices, or all that are open."""
    rows = Hall.objects.select_related("office").filter(is_open=True)
    if offices is not None:
        rows = rows.filter(office__code__in=offices)
    return [_view(row) for row in rows]


def hall(code: str) -> HallView:
    """
    A hall.

    :raises HallUnknown: if there is none.
    """
    row = Hall.objects.select_related("office").filter(code=code, is_open=True).first()
    if row is None:
        raise HallUnknown
    return _view(row)


def queue(code: str, *, day: date) -> Queue:
    """
    The numbers of a day.

    :raises HallUnknown: if there is no such hall.
    """
    view = hall(code)
    rows = list(Ticket.objects.filter(hall__code=code, day=day).order_by("number"))
    called = sorted((row for row in rows if row.state == TicketState.CALLED), key=lambda row: row.called_at or row.taken_at, reverse=True)
    return Queue(
        view,
        tuple(Called(row.number, TicketState(row.state), row.window, row.called_at) for row in called),
        tuple(row.number for row in rows if row.state == TicketState.WAITING),
        sum(row.state == TicketState.SERVED for row in rows),
        tuple(row.number for row in rows if row.state == TicketState.MISSED),
    )


def free(code: str, *, day: date) -> list[Slot]:
    """The half hours of a day with the seats that are left."""
    view = hall(code)
    taken = Counter(Appointment.objects.filter(hall__code=code, day=day, cancelled_at=None).values_list("at", flat=True))
    return [Slot(at, max(0, view.seats - taken[at])) for at in slots(view.opens, view.closes)]


def appointments_of(account_id: int, *, since: date) -> list[AppointmentView]:
    """One's own appointments from a day on."""
    rows = Appointment.objects.select_related("hall").filter(account_id=account_id, day__gte=since, cancelled_at=None)
    return [_appointment(row) for row in rows]


def appointments_in(actor: identity.Actor, code: str, *, day: date) -> list[AppointmentView]:
    """
    Who comes on a day, for the clerks of the hall.

    :raises HallUnknown: for everybody else.
    """
    view = hall(code)
    if not actor.has(identity.Role.CLERK, view.office):
        raise HallUnknown
    rows = Appointment.objects.select_related("hall").filter(hall__code=code, day=day, cancelled_at=None)
    return [_appointment(row) for row in rows]


def _appointment(row: Appointment) -> AppointmentView:
    masked = f"{row.party_name[:1]}{'*' * (len(row.party_name) - 1)}"
    return AppointmentView(row.public, row.hall.name, row.hall.address, row.day, row.at, row.seat, masked, row.item_name)


def visit(actor: identity.Actor, public: UUID) -> VisitView:
    """
    A visit that the actor opened and that has not ended.

    :raises VisitUnknown: otherwise.
    """
    row = WindowVisit.objects.filter(public=public, account_id=actor.account_id, ended_at=None).first()
    if row is None or not actor.has(identity.Role.CLERK, actor.office):
        raise VisitUnknown(remedy="从“窗口”里重新登记来办事的人")
    return _visit(row)


def visits(actor: identity.Actor, *, limit: int = 20) -> list[VisitView]:
    """The visits that the actor has open, latest first."""
    return [_visit(row) for row in WindowVisit.objects.filter(account_id=actor.account_id, ended_at=None)[:limit]]


def _visit(row: WindowVisit) -> VisitView:
    context = f"visit:{row.public}"
    party = Party(PartyKind(row.party_kind), opened(f"{context}:party", row.party_sealed), row.party_name)
    agent = Party(PartyKind.PERSON, opened(f"{context}:agent", row.agent_sealed), row.agent_name) if row.agent_name else None
    return VisitView(
        row.pk,
        row.public,
        party,
        row.party_digest,
        agent,
        row.agent_basis,
        opened(f"{context}:contact", row.contact_sealed) or "",
        row.purpose,
        Consent(row.consent),
        row.began_at,
        row.ended_at,
    )


def filer_at(actor: identity.Actor, here: VisitView) -> Filer:
    """The clerk as somebody who files for whom stands there."""
    return Filer(actor.account_id, actor.label, here.party, here.digest, _WINDOW, here.agent, here.basis, here.contact, here.id)
