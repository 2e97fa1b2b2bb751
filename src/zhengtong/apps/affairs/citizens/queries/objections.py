"""Reads of objections: one's own, an office's list with lamps, the bureau's, and figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from zhengtong.apps.affairs.citizens.models import Objection
from zhengtong.apps.affairs.citizens.rules import objections as rules
from zhengtong.apps.affairs.citizens.rules.objections import Ground, Standing
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.engines.deadlines.clock import Clock
from zhengtong.kernel.errors import NotFound


class ObjectionUnknown(NotFound):
    """没有这项异议,或与您无关。"""

    code = "objection-unknown"


@dataclass(frozen=True)
class ObjectionView:
    """An objection; who made it is masked. ``clock`` is None once nobody is to answer."""

    id: int
    person_name: str
    entry_at: datetime
    event: str
    office: str
    office_name: str
    purpose: str
    case: str
    ground: Ground
    text: str
    state: Standing
    made_at: datetime
    clock: Watch | None
    answer: str
    answered_at: datetime | None
    granted: bool | None
    appeal: str
    escalated_at: datetime | None
    ruling: str
    settled_at: datetime | None

    @property
    def ground_label(self) -> str:
        """What is found wrong, in words."""
        return rules.GROUND_LABELS[self.ground]

    @property
    def state_label(self) -> str:
        """Where it stands, in words."""
        return rules.STANDING_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """The tone of the state."""
        return rules.STANDING_TONES[self.state]


@dataclass(frozen=True)
class ObjectionFigures:
    """Of some offices: made, waiting, answered in time of those answered, granted."""

    made: int
    waiting: int
    answered: int
    in_time: int
    granted: int


def clock_of(row: Objection) -> Clock:
    """The period that runs, or ran last."""
    return Clock(row.clock_began_at, row.days)


def _views(rows: list[Objection], now: datetime) -> list[ObjectionView]:
    offices = organisations.offices_by_code({row.office for row in rows})
    calendar = working_days.current()
    return [
        ObjectionView(
            id=row.pk,
            person_name=f"{row.person.name[:1]}{'*' * (len(row.person.name) - 1)}",
            entry_at=row.entry_at,
            event=row.event,
            office=row.office,
            office_name=offices[row.office].name if row.office in offices else row.office,
            purpose=row.purpose,
            case=row.case,
            ground=Ground(row.ground),
            text=row.text,
            state=Standing(row.state),
            made_at=row.made_at,
            clock=watch(clock_of(row), calendar, now, lamps=rules.LAMPS) if row.state in rules.WAITING else None,
            answer=row.answer,
            answered_at=row.answered_at,
            granted=row.granted,
            appeal=row.appeal,
            escalated_at=row.escalated_at,
            ruling=row.ruling,
            settled_at=row.settled_at,
        )
        for row in rows
    ]


def _behind(rows: QuerySet[Objection], after: str, *, newest: bool) -> QuerySet[Objection]:
    rows = rows.select_related("person").order_by("-pk" if newest else "pk")
    return rows.filter(**{"pk__lt" if newest else "pk__gt": int(after)}) if after.isdecimal() else rows


def own_objections(person_id: int, *, now: datetime, after: str = "", limit: int = 50) -> list[ObjectionView]:
    """A person's objections, newest first."""
    return _views(list(_behind(Objection.objects.filter(person_id=person_id), after, newest=True)[:limit]), now)


def own_objection(person_id: int, number: int, *, now: datetime) -> ObjectionView:
    """:raises ObjectionUnknown: unless it is the person's."""
    return _only(Objection.objects.filter(person_id=person_id, pk=number), now)


def objected(person_id: int, entries: list[str]) -> dict[str, int]:
    """Entry → the objection that a person made to it."""
    return dict(Objection.objects.filter(person_id=person_id, entry__in=entries).values_list("entry", "pk"))


def _seen(actor: identity.Actor) -> QuerySet[Objection]:
    mine = Q(office__in=actor.offices(*rules.ANSWERERS))
    if actor.holds(identity.Role.BUREAU_APPROVER):
        mine |= Q(escalated_at__isnull=False)
    return Objection.objects.filter(mine)


def objections(actor: identity.Actor, *, now: datetime, waiting: bool = True, after: str = "", limit: int = 50) -> list[ObjectionView]:
    """What the actor's offices (and, escalated, the bureau) are to answer, longest waiting first; or what was answered, newest first."""
    rows = _seen(actor)
    rows = rows.filter(state__in=rules.WAITING) if waiting else rows.exclude(state__in=rules.WAITING)
    return _views(list(_behind(rows, after, newest=not waiting)[:limit]), now)


def objection(actor: identity.Actor, number: int, *, now: datetime) -> ObjectionView:
    """:raises ObjectionUnknown: unless the actor answers for its office, or it was taken to the bureau that they approve for."""
    return _only(_seen(actor).filter(pk=number), now)


def _only(rows: QuerySet[Objection], now: datetime) -> ObjectionView:
    found = _views(list(rows.select_related("person")), now)
    if not found:
        raise ObjectionUnknown
    return found[0]


def objection_figures(actor: identity.Actor) -> ObjectionFigures:
    """Of the objections that the actor sees."""
    answered = Q(answered_at__isnull=False)
    found = _seen(actor).aggregate(
        made=Count("pk"),
        waiting=Count("pk", filter=Q(state__in=rules.WAITING)),
        answered=Count("pk", filter=answered),
        in_time=Count("pk", filter=answered & Q(in_time=True)),
        granted=Count("pk", filter=Q(granted=True)),
    )
    return ObjectionFigures(**found)
