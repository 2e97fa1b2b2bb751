"""What every write of sharing does besides: a line in the timeline, notices, and the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse

from zhengtong.apps.flow.sharing.models import Application, ApplicationEvent
from zhengtong.apps.flow.sharing.queries.applications import ApplicationUnknown, parties_of, visible
from zhengtong.apps.flow.sharing.rules import access, states
from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.flow.sharing.rules.states import ApplicationAct, ApplicationState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import kept, say


@dataclass
class Opened:
    """An application locked for one act, and who acts for which office."""

    row: Application
    actor: identity.Actor
    office: str


def open_for(number: str, act: ApplicationAct, actor: identity.Actor) -> Opened:
    """
    Lock an application for an act.

    :raises ApplicationUnknown: if the actor's offices have no part in it.
    :raises NotYours: if the actor lacks the role.
    :raises WrongState: if the act has no place in its present state.
    """
    row = (
        Application.objects.select_for_update(of=("self",))
        .select_related("resource", "consumer", "provider", "bureau")
        .filter(number=number)
        .first()
    )
    if row is None or not visible(row, actor):
        raise ApplicationUnknown(say("没有申请 {number},或您无权查看", number=number))
    office = access.require(actor, act, parties_of(row))
    states.check(ApplicationState(row.state), act)
    return Opened(row, actor, office)


def write(
    opened: Opened,
    kind: EventKind,
    *,
    now: datetime,
    state: ApplicationState | None = None,
    reason: str = "",
    days: int = 0,
    missing: Iterable[dict[str, str]] = (),
    detail: dict[str, Any] | None = None,
) -> None:
    """Move the application on, add the line to its timeline and the entry to the ledger."""
    row = opened.row
    if state is not None:
        row.state = state
    row.changed_at = now
    row.save()
    names = organisations.offices_by_code([opened.office])
    ApplicationEvent.objects.create(
        application=row,
        kind=kind,
        at=now,
        actor=opened.actor.label,
        actor_name=opened.actor.name,
        office_name=names[opened.office].name if opened.office in names else "",
        reason=kept(reason),
        days=days,
        missing=list(missing),
    )
    facts = {"application": row.number, **({"reason": str(reason)} if reason else {}), **(detail or {})}
    security.record(
        f"sharing:application:{kind}",
        at=now,
        actor=opened.actor.label,
        office=opened.office,
        provider=row.provider.code,
        resource=row.resource.code or "",
        purpose=row.purpose_code,
        detail=facts,
    )


def tell_about(row: Application, role: identity.Role, office: str, text: str, now: datetime) -> None:
    """A notice about an application."""
    address = reverse("sharing:application", args=[row.number])
    notices.tell(
        role,
        office,
        say("{text}:{resource}({number})", text=say(text), resource=row.resource.name, number=row.number),
        address=address,
        now=now,
    )


def next_number(prefix: str, now: datetime) -> str:
    """A number that the database gives once: prefix, year, six digits or more. Each kind of number counts for itself."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval(%s)", [f"sharing_{prefix}_number"])
        row = cursor.fetchone()
    return f"{prefix}{local_date(now).year}{row[0] if row else 0:06d}"
