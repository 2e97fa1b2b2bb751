"""Reads of docking: who handles where, what was handed over, where both sides differ, and what a system sees of its visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from zhengtong.apps.affairs.cases.models import Deed, Delivery, Difference, Docking, Visit
from zhengtong.apps.affairs.cases.queries.processes import running
from zhengtong.apps.affairs.cases.rules.docking import (
    DELIVERY_STATE_LABELS,
    LACKING_LABELS,
    DeliveryState,
    SystemActor,
    system_actor,
)
from zhengtong.apps.affairs.cases.rules.vocabulary import STAFF
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.workflow.case import Status
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import told as read


class VisitUnknown(NotFound):
    """没有这个环节,或它不由贵系统办理。"""

    code = "visit-unknown"


@dataclass(frozen=True)
class DockingView:
    """A docking as the page shows it; ``problem`` is why both lists could not be compared."""

    id: int
    office: str
    office_name: str
    system: str
    system_name: str
    address: str
    fields: tuple[str, ...]
    made_at: datetime
    compared_at: datetime | None
    problem: Any


@dataclass(frozen=True)
class DeliveryView:
    """Something that was handed over, or is to be."""

    id: int
    number: str
    step_name: str
    system_name: str
    state: str
    attempts: int
    made_at: datetime
    next_at: datetime
    problem: Any

    @property
    def state_label(self) -> str:
        """How it stands, in words."""
        return DELIVERY_STATE_LABELS[self.state]

    @property
    def dead(self) -> bool:
        """Whether somebody has to look."""
        return self.state == DeliveryState.DEAD


@dataclass(frozen=True)
class DifferenceView:
    """Where both sides say otherwise; ``delivery`` can be sent again (None: nothing was ever handed over)."""

    visit: str
    number: str
    step_name: str
    system_name: str
    kind: str
    found_at: datetime
    delivery: int | None

    @property
    def kind_label(self) -> str:
        """What differs, in words."""
        return LACKING_LABELS[self.kind]


@dataclass(frozen=True)
class Caller:
    """A docked system that has proved who it is."""

    docking: int
    actor: SystemActor
    fields: tuple[str, ...]


def may_see(actor: identity.Actor, office: str) -> bool:
    """Whether the actor may see what is handed over to an office's system."""
    return actor.holds(identity.Role.BUREAU_APPROVER) or office in actor.offices(*STAFF)


def _dockings(actor: identity.Actor) -> QuerySet[Docking]:
    rows = Docking.objects.select_related("office", "system").filter(ended_at__isnull=True)
    return rows if actor.holds(identity.Role.BUREAU_APPROVER) else rows.filter(office__code__in=actor.offices(*STAFF))


def dockings(actor: identity.Actor) -> list[DockingView]:
    """The dockings that the actor may see: all for approvers of the bureau, otherwise those of the actor's offices."""
    return [
        DockingView(
            row.pk,
            row.office.code,
            row.office.name,
            row.system_id,
            row.system.name,
            row.address,
            tuple(row.fields),
            row.made_at,
            row.compared_at,
            read(row.problem),
        )
        for row in _dockings(actor)
    ]


def pending(actor: identity.Actor, *, limit: int = 100) -> list[DeliveryView]:
    """What has not been handed over yet: what was given up first."""
    rows = Delivery.objects.select_related("docking__system", "visit__case").defer("visit__document", "visit__case__head")
    rows = rows.filter(docking__in=_dockings(actor), state__in=[DeliveryState.DEAD, DeliveryState.WAITING]).order_by("state", "pk")
    return [
        DeliveryView(
            row.pk,
            row.visit.case.number,
            row.visit.name,
            row.docking.system.name,
            row.state,
            row.attempts,
            row.made_at,
            row.next_at,
            read(row.problem),
        )
        for row in rows[:limit]
    ]


def differences(actor: identity.Actor, *, limit: int = 100) -> list[DifferenceView]:
    """Where both sides differ, oldest first."""
    rows = Difference.objects.select_related("docking__system").filter(docking__in=_dockings(actor), settled_at__isnull=True)[:limit]
    named = {one.visit: int(one.visit) for one in rows if one.visit.isdecimal() and len(one.visit) < 18}  # noqa: PLR2004 - a row's number
    mine = [row.docking_id for row in rows]
    known = {
        (one.docking_id, one.visit_id): one
        for one in Delivery.objects.select_related("visit__case").filter(docking__in=mine, visit__in=named.values())
    }
    found = []
    for row in rows:
        one = known.get((row.docking_id, named.get(row.visit, 0)))
        number, step = (one.visit.case.number, one.visit.name) if one else ("", "")
        system = row.docking.system.name
        found.append(DifferenceView(row.visit, number, step, system, row.kind, row.found_at, one.pk if one else None))
    return found


# ---------------------------------------------------------------------- what a system sees
def caller(system: str) -> Caller | None:
    """The docking of a system, as one who acts; None if it docks nowhere."""
    row = Docking.objects.select_related("office", "system").filter(system_id=system, ended_at__isnull=True).first()
    if row is None:
        return None
    return Caller(row.pk, system_actor(system, row.system.name, row.office.code, row.office.name), tuple(row.fields))


def visit_of(who: Caller, visit: int) -> Visit:
    """
    A visit that was handed over to a system, or is to be.

    :raises VisitUnknown: if it was not, or another office holds it by now.
    """
    found = Visit.objects.select_related("case", "office").filter(pk=visit, deliveries__docking=who.docking).first()
    if found is None or found.office.code != who.actor.office:
        raise VisitUnknown(field="visit", remedy="只能办理送达本系统的环节")
    return found


def open_visits(who: Caller, *, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
    """The open visits of a system's office, by id, behind the id ``after``."""
    rows = Visit.objects.select_related("case").filter(status=Status.OPEN, office__code=who.actor.office, deliveries__docking=who.docking)
    found = list(rows.filter(pk__gt=after).order_by("pk")[:limit])
    revisions = _revisions(found)
    return [_told(row, revisions[row.pk]) for row in found]


def handed_over(docking: Docking) -> list[int]:
    """The open visits that the other side has been told of."""
    rows = Visit.objects.filter(status=Status.OPEN, office_id=docking.office_id)
    sent = rows.filter(deliveries__docking=docking, deliveries__state=DeliveryState.SENT)
    return list(sent.values_list("pk", flat=True))


def told(visit: Visit) -> dict[str, Any]:
    """A visit as a system is told of it: nothing personal."""
    return _told(visit, revision(visit))


def revision(visit: Visit) -> int:
    """How many deeds were done on a visit: what a system's act must have seen."""
    return Deed.objects.filter(case_id=visit.case_id, visit=visit.number).count()


def _revisions(rows: list[Visit]) -> Mapping[int, int]:
    """The revision of each visit, in one question."""
    wanted = {(row.case_id, row.number): row.pk for row in rows}
    found = dict.fromkeys(wanted.values(), 0)
    for pair in Deed.objects.filter(case_id__in={row.case_id for row in rows}, visit__isnull=False).values_list("case_id", "visit"):
        if pair in wanted:
            found[wanted[pair]] += 1
    return found


def _told(visit: Visit, seen: int) -> dict[str, Any]:
    step = running(visit.case.process_id).process.by_key[visit.step]
    return {
        "visit": visit.pk,
        "revision": seen,
        "case": visit.case.number,
        "item": {"code": visit.case.item_code, "name": visit.case.item_name},
        "step": {"key": visit.step, "name": visit.name},
        "outcomes": list(step.duty.outcomes) if step.duty else [],
        "waiting": visit.waiting,
        "began": visit.began_at.isoformat(),
        "due": visit.due.isoformat() if visit.due else None,
        "application": f"/api/cases/v1/visits/{visit.pk}/application",
    }
