"""
The hall: somebody stands at a window, numbers are called, half hours are booked.

Threat model. A clerk reads a citizen's data out of curiosity: nothing is fetched before a visit is open, which keeps the sentence of
consent, how it was given, and the purpose, and stands in the ledger about the person. A clerk goes on after the person has left: an ended
visit files nothing. Two windows call at one instant: the row is taken by one of them. Two people want the last seat: seats are numbered,
and the database gives each once.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.db.models import Max

from zhengtong.apps.affairs.filing.models import Appointment, Hall, Ticket, WindowVisit
from zhengtong.apps.affairs.filing.queries.hall import HallUnknown, VisitUnknown
from zhengtong.apps.affairs.filing.queries.keeping import sealed
from zhengtong.apps.affairs.filing.rules.queueing import CONSENT_TEXT, Consent, SlotRefused, TicketState, check_slot
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import CHINA, local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.parties import Party

Role = identity.Role


@dataclass(frozen=True)
class Standing:
    """Who stands at a window: the party, who acts for it if not itself, on what ground, how to reach them, what for."""

    party: Party
    contact: str
    purpose: str
    agent: Party | None = None
    basis: str = ""


@transaction.atomic
def begin_visit(*, actor: identity.Actor, standing: Standing, consent: Consent, now: datetime) -> uuid.UUID:
    """
    Open a visit; from now on the clerk may file for the party.

    :raises NotYours: unless the actor is a clerk of their office.
    :raises Invalid: without a purpose, or for an agent without a ground.
    """
    _require_clerk(actor)
    if not standing.purpose.strip():
        raise Invalid("请写明来办什么事", field="purpose", remedy="写事项的名称,当事人会看到它")
    if standing.agent is not None and not standing.basis.strip():
        raise Invalid("代办要写明依据", field="basis", remedy="例如授权委托书、监护人、社区代办")
    public, digest = uuid.uuid4(), security.subject_digest(standing.party.kind, standing.party.code)
    agent = standing.agent
    WindowVisit.objects.create(
        public=public,
        office_id=organisations.office(actor.office).id,
        account_id=actor.account_id,
        party_kind=standing.party.kind,
        party_digest=digest,
        party_sealed=sealed(f"visit:{public}:party", standing.party.code),
        party_name=standing.party.name,
        agent_sealed=sealed(f"visit:{public}:agent", agent.code) if agent else "",
        agent_name=agent.name if agent else "",
        agent_basis=standing.basis.strip()[:100] if agent else "",
        contact_sealed=sealed(f"visit:{public}:contact", standing.contact),
        consent=consent,
        consent_text=CONSENT_TEXT,
        purpose=standing.purpose.strip()[:200],
        began_at=now,
    )
    security.record(
        "filing:visit:begun",
        at=now,
        actor=actor.label,
        office=actor.office,
        purpose=standing.purpose.strip()[:200],
        subjects=(digest,),
        detail={"visit": public.hex, "consent": consent, "agent": agent is not None},
    )
    return public


@transaction.atomic
def end_visit(*, actor: identity.Actor, public: uuid.UUID, now: datetime) -> None:
    """
    Who stood there has left.

    :raises VisitUnknown: unless it is an open visit of the actor's.
    """
    row = WindowVisit.objects.select_for_update().filter(public=public, account_id=actor.account_id, ended_at=None).first()
    if row is None:
        raise VisitUnknown
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    detail = {"visit": public.hex}
    security.record("filing:visit:ended", at=now, actor=actor.label, office=actor.office, subjects=(row.party_digest,), detail=detail)


def _require_clerk(actor: identity.Actor) -> None:
    if not actor.has(Role.CLERK, actor.office):
        raise identity.NotYours("窗口由窗口人员使用")


# ---------------------------------------------------------------------- halls and numbers
@transaction.atomic
def add_hall(
    *, actor: identity.Actor | str, office: str, code: str, name: str, address: str, opens: time, closes: time, seats: int, now: datetime
) -> None:
    """
    Set up a hall.

    :raises NotYours: unless the actor approves for the office. :raises Conflict: if the code is taken. :raises Invalid: naming the field.
    """
    if isinstance(actor, identity.Actor) and not actor.has(Role.APPROVER, office):
        raise identity.NotYours("大厅由本单位的审批人员设立")
    if opens >= closes:
        raise Invalid("关门应晚于开门", field="closes", remedy="核对时间")
    if not 1 <= seats <= 100:  # noqa: PLR2004 - as the constraint says
        raise Invalid("每个时段可预约 1 至 100 人", field="seats", remedy="改小")
    place = organisations.office(office)
    try:
        with transaction.atomic():
            Hall.objects.create(code=code, name=name, address=address, office_id=place.id, opens=opens, closes=closes, slot_seats=seats)
    except IntegrityError as exc:
        raise Conflict("已有这个代码的大厅", field="code", remedy="换一个代码") from exc
    detail = {"hall": code, "name": name}
    security.record("filing:hall:added", at=now, actor=identity.label_of(actor), office=office, detail=detail)


def _hall(code: str, actor: identity.Actor) -> Hall:
    row = Hall.objects.select_related("office").filter(code=code).first()
    if row is None or not actor.has(Role.CLERK, row.office.code):
        raise HallUnknown
    return row


@transaction.atomic
def take_number(*, actor: identity.Actor, hall: str, now: datetime) -> int:
    """
    The next number of the day, from the machine at the door (where a clerk is signed in) or from a clerk.

    :raises HallUnknown: unless the actor is a clerk of the hall's office.
    """
    row, day = Hall.objects.select_for_update().get(pk=_hall(hall, actor).pk), local_date(now)
    last = Ticket.objects.filter(hall=row, day=day).aggregate(last=Max("number"))["last"] or 0
    return Ticket.objects.create(hall=row, day=day, number=last + 1, taken_at=now).number


@transaction.atomic
def call_next(*, actor: identity.Actor, hall: str, window: str, now: datetime) -> int | None:
    """
    Call the next number to a window, whose present one is done with; None if nobody waits.

    :raises HallUnknown: unless the actor is a clerk of the hall's office. :raises Invalid: without a window.
    """
    row, day = _hall(hall, actor), local_date(now)
    place = window.strip()[:10]
    if not place:
        raise Invalid("请写明窗口号", field="window", remedy="例如 3")
    # one call at a window at a time: the hall's row is held
    Hall.objects.select_for_update().get(pk=row.pk)
    here = Ticket.objects.filter(hall=row, day=day, window=place, state=TicketState.CALLED)
    here.update(state=TicketState.SERVED, ended_at=now)
    found = Ticket.objects.filter(hall=row, day=day, state=TicketState.WAITING).order_by("number").first()
    if found is None:
        return None
    found.state, found.called_at, found.window, found.account_id = TicketState.CALLED, now, place, actor.account_id
    found.save()
    return found.number


@transaction.atomic
def miss(*, actor: identity.Actor, hall: str, window: str, now: datetime) -> int | None:
    """The number that was called to a window did not come; returns it, None if none was called there."""
    row = _hall(hall, actor)
    found = Ticket.objects.select_for_update().filter(hall=row, day=local_date(now), window=window, state=TicketState.CALLED).first()
    if found is None:
        return None
    found.state, found.ended_at = TicketState.MISSED, now
    found.save(update_fields=["state", "ended_at"])
    return found.number


# ---------------------------------------------------------------------- appointments
def book(
    *, account_id: int, party: Party, hall: str, day: date, at: time, item_code: str = "", item_name: str = "", now: datetime
) -> uuid.UUID:
    """
    A seat in a half hour.

    :raises HallUnknown: if there is no such hall. :raises SlotRefused: if nobody can come then, or the half hour is full.
    :raises Conflict: if the party has an appointment in the hall on that day.
    """
    row = Hall.objects.filter(code=hall, is_open=True).first()
    if row is None:
        raise HallUnknown
    working = working_days.current().is_working(day)
    check_slot(day, at, opens=row.opens, closes=row.closes, working=working, now=now.astimezone(CHINA))
    digest = security.subject_digest(party.kind, party.code)
    public = uuid.uuid4()
    for _try in range(row.slot_seats + 1):
        taken = set(Appointment.objects.filter(hall=row, day=day, at=at, cancelled_at=None).values_list("seat", flat=True))
        seat = next((one for one in range(1, row.slot_seats + 1) if one not in taken), None)
        if seat is None:
            raise SlotRefused("这个时段已经约满", field="at", remedy="选择别的时段")
        try:
            with transaction.atomic():
                Appointment.objects.create(
                    public=public,
                    hall=row,
                    day=day,
                    at=at,
                    seat=seat,
                    account_id=account_id,
                    party_name=party.name,
                    party_digest=digest,
                    item_code=item_code,
                    item_name=item_name,
                    made_at=now,
                )
        except IntegrityError as exc:
            if Appointment.objects.filter(hall=row, day=day, party_digest=digest, cancelled_at=None).exists():
                raise Conflict("您这一天在这个大厅已有预约", field="day", remedy="先取消原来的预约") from exc
            continue  # somebody else took the seat at the same moment
        return public
    raise SlotRefused("这个时段已经约满", field="at", remedy="选择别的时段")


@transaction.atomic
def cancel(*, account_id: int, public: uuid.UUID, now: datetime) -> None:
    """
    Give a seat back.

    :raises HallUnknown: unless it is an appointment of the account's that is still to come.
    """
    today = local_date(now)
    found = Appointment.objects.filter(public=public, account_id=account_id, cancelled_at=None, day__gte=today)
    if not found.update(cancelled_at=now):
        raise HallUnknown("没有这个预约,或已经过了")
