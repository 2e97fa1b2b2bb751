"""Tickets, as offices and the bureau may see them: never who, never which case, no time but the month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhengtong.apps.affairs.ratings.models import Rating, Term, Ticket
from zhengtong.apps.affairs.ratings.queries import reasons
from zhengtong.apps.affairs.ratings.rules import access, showing
from zhengtong.apps.affairs.ratings.rules.vocabulary import (
    APPEAL_LABELS,
    CROWD,
    GRADE_LABELS,
    REMEDY_LABELS,
    TICKET_LABELS,
    TICKET_TONES,
    USUAL_DAYS,
    Appeal,
    TicketState,
)
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.engines.deadlines.clock import Clock
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import NotFound


class TicketUnknown(NotFound):
    """没有这张差评工单,或您无权查看。"""

    code = "rating-ticket-unknown"


@dataclass(frozen=True)
class TicketView:
    """
    A bad rating and what became of it.

    :ivar item_name: empty as long as too few ratings of the item lie at the office.
    :ivar month: when it was given, no finer.
    :ivar text: what was said, without numbers.
    """

    key: str
    office: str
    office_name: str
    item_name: str
    month: str
    grade: int
    grade_label: str
    reasons: tuple[str, ...]
    text: str
    named: bool
    state: str
    state_label: str
    tone: str
    clock: Watch | None
    remedy_label: str
    answer: str
    answered_by: str
    in_time: bool | None
    reached: bool | None
    content: bool | None
    call_note: str
    appeal: str
    appeal_label: str
    appeal_reason: str
    decision_reason: str
    acts: frozenset[str]


def clock_of(row: Ticket) -> Clock:
    """The period of a ticket that has begun."""
    if row.began_at is None or row.days is None:
        raise ValueError("the ticket has not begun")
    clock = Clock(row.began_at, row.days)
    return clock.stopped(at=row.answered_at, outcome="answered") if row.answered_at else clock


def days_for(office: str, region: str) -> int:
    """In how many working days an office answers: its own term, else that of the longest region it lies in, else the usual."""
    places = [office, *(region[:length] for length in range(len(region), 1, -1))]
    terms = dict(Term.objects.filter(place__in=places).values_list("place", "days"))
    return next((terms[one] for one in places if one in terms), USUAL_DAYS)


def terms() -> list[Term]:
    """Every term that was set."""
    return list(Term.objects.all())


def visible(actor: identity.Actor) -> Q:
    """The tickets that an actor may see: of their office once it may know, for the bureau all of other offices."""
    own = actor.offices(*access.STAFF)
    mine = Q(rating__office__code__in=own, rating__released_at__isnull=False) & ~Q(state=TicketState.WAITING)
    return mine | ~Q(rating__office__code__in=own) if actor.holds(identity.Role.BUREAU_APPROVER) else mine


#: list → what stands in it
LIST_LABELS = {"open": "待答复", "call": "待回访", "appeal": "待复核申诉", "done": "已办"}
_WANTED = {
    "open": Q(state__in=[TicketState.OPEN, TicketState.WAITING]),
    "call": Q(state__in=[TicketState.OPEN, TicketState.WAITING, TicketState.ANSWERED], reached__isnull=True) & ~Q(rating__contact_sealed="")
    | Q(reached=False),
    "appeal": Q(appeal=Appeal.ASKED),
    "done": Q(state__in=[TicketState.ANSWERED, TicketState.WITHDRAWN]) & ~Q(appeal=Appeal.ASKED),
}


def tickets(actor: identity.Actor, which: str, *, now: datetime, after: str = "", limit: int = 50) -> list[TicketView]:
    """One of the lists, in the order of keys, which say nothing about time; ``after`` a key."""
    rows = _rows().filter(visible(actor), _WANTED[which], key__gt=after)[:limit]
    return [_view(row, actor, now) for row in rows]


def counts(actor: identity.Actor) -> dict[str, int]:
    """How many stand in each list."""
    found = Ticket.objects.filter(visible(actor)).aggregate(
        **{f"in_{name}": Count("pk", filter=wanted) for name, wanted in _WANTED.items()}
    )
    return {name: int(found[f"in_{name}"]) for name in _WANTED}


def ticket(actor: identity.Actor, key: str, *, now: datetime) -> TicketView:
    """
    One ticket.

    :raises TicketUnknown: for whoever may not see it.
    """
    row = _rows().filter(visible(actor), key=key).first()
    if row is None:
        raise TicketUnknown
    return _view(row, actor, now)


def _rows() -> QuerySet[Ticket]:
    alike = (
        Rating.objects.filter(office=OuterRef("rating__office"), item_code=OuterRef("rating__item_code"), released_at__isnull=False)
        .order_by()
        .values("item_code")
        .annotate(total=Count("pk"))
        .values("total")
    )
    return Ticket.objects.select_related("rating__office").annotate(crowd=Coalesce(Subquery(alike), 0))


def _view(row: Ticket, actor: identity.Actor, now: datetime) -> TicketView:
    rating, known = row.rating, reasons.labels()
    begun = row.began_at is not None and row.state in {TicketState.OPEN, TicketState.ANSWERED}
    return TicketView(
        row.key,
        rating.office.code,
        rating.office.name,
        rating.item_name if getattr(row, "crowd", 0) >= CROWD else "",
        showing.month_of(local_date(rating.given_at)),
        rating.grade,
        GRADE_LABELS[rating.grade],
        tuple(known[one] for one in rating.reasons if one in known),
        showing.masked(rating.text),
        bool(rating.contact_sealed),
        row.state,
        TICKET_LABELS[row.state],
        TICKET_TONES[row.state],
        watch(clock_of(row), working_days.current(), now) if begun else None,
        REMEDY_LABELS.get(row.remedy, ""),
        row.answer,
        row.answered_by_name,
        row.in_time,
        row.reached,
        row.content,
        row.call_note,
        row.appeal,
        APPEAL_LABELS.get(row.appeal, ""),
        row.appeal_reason,
        row.decision_reason,
        _acts(row, actor),
    )


def _acts(row: Ticket, actor: identity.Actor) -> frozenset[str]:
    office, found = row.rating.office.code, set()
    if row.state == TicketState.OPEN and access.may_answer(actor, office):
        found.add("answer")
    if not row.appeal and row.state != TicketState.WITHDRAWN and access.may_appeal(actor, office):
        found.add("appeal")
    if access.oversees(actor, office):
        found.add("identify")
        if row.rating.contact_sealed and not row.reached:
            found.add("call")
        if row.appeal == Appeal.ASKED:
            found.add("decide")
    return frozenset(found)
