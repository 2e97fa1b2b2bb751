"""What comes due by itself: ratings reach the offices in crowds, tickets begin, warnings are given once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.ratings.models import FiredRung, Rating, Ticket
from zhengtong.apps.affairs.ratings.queries.figures import CHANGED
from zhengtong.apps.affairs.ratings.queries.tickets import clock_of, days_for
from zhengtong.apps.affairs.ratings.rules import showing
from zhengtong.apps.affairs.ratings.rules.vocabulary import TicketState
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.deadlines.alerts import escalate
from zhengtong.engines.deadlines.clock import read
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.outbox import api as outbox

_WORKER = "process:worker"


def follow(*, now: datetime) -> int:
    """Show offices the ratings that may be shown, and warn of answers that are due; returns how many of both."""
    waiting = Rating.objects.filter(released_at__isnull=True).values_list("office_id", flat=True).distinct()
    done = sum(_release(office, now) for office in list(waiting))
    running = Ticket.objects.filter(state=TicketState.OPEN).values_list("pk", flat=True)
    return done + sum(_remind(pk, now) for pk in list(running))


@transaction.atomic
def _release(office_id: int, now: datetime) -> int:
    rows = list(
        Rating.objects.select_for_update(of=("self",))
        .select_related("office")
        .filter(office_id=office_id, released_at__isnull=True)
        .order_by("given_at")
    )
    shown = rows[: showing.released([local_date(row.given_at) for row in rows], local_date(now))]
    if not shown:
        return 0
    Rating.objects.filter(pk__in=[row.pk for row in shown]).update(released_at=now)
    office = organisations.office(shown[0].office.code)
    held = Ticket.objects.select_for_update(of=("self",)).select_related("rating")
    begun = list(held.filter(rating__in=shown, state=TicketState.WAITING).order_by("key"))
    for ticket in begun:
        ticket.state, ticket.began_at, ticket.days = TicketState.OPEN, now, days_for(office.code, office.region)
        ticket.save()
        outbox.publish(CHANGED, {"case": ticket.rating.case_id}, at=now)
        security.record(
            "ratings:ticket:opened", at=now, actor=_WORKER, office=office.code, detail={"ticket": ticket.key, "days": ticket.days}
        )
    if begun:
        text = say("{count} 条差评待答复", count=len(begun))
        for role in (identity.Role.HANDLER, identity.Role.APPROVER):
            notices.tell(role, office.code, text, address="/work/ratings/", now=now)
    return len(shown)


@transaction.atomic
def _remind(pk: int, now: datetime) -> int:
    # who answers at this moment wins
    row = Ticket.objects.select_for_update(of=("self",)).select_related("rating__office").filter(pk=pk, state=TicketState.OPEN).first()
    if row is None:
        return 0
    reading = read(clock_of(row), working_days.current(), now)
    found = escalate(reading, set(row.fired.values_list("rung", flat=True)))
    if found.send is None:
        return 0
    FiredRung.objects.bulk_create([FiredRung(ticket=row, rung=rung, at=now) for rung in found.settled])
    late = say("差评答复已超期 {count} 个工作日", count=reading.overdue)
    text = late if reading.late else say("差评答复期限为 {due}", due=reading.due)
    office, address = row.rating.office.code, f"/work/ratings/one/{row.key}/"
    notices.tell(identity.Role.HANDLER, office, text, address=address, now=now)
    if found.send.remaining < 0:
        notices.tell(identity.Role.APPROVER, office, text, address=address, now=now)
    security.record("ratings:ticket:warned", at=now, actor=_WORKER, office=office, detail={"ticket": row.key, "rung": found.send.name})
    return 1
