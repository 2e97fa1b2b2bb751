"""What every write does besides: a line in the trail, the ledger for acts of officials and of the platform, notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from zhengtong.apps.flow.participation.models import Comment, Correction, Demand, Event
from zhengtong.apps.flow.participation.queries.places import Something, parties_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.sentences import kept, say

WORKER = "process:worker"
VISITOR = "visitor"
Role = identity.Role


def line(row: Something, kind: str, *, by: identity.Actor | str, now: datetime, reason: str = "") -> str:
    """Add a line to the trail; returns who acted, as the ledger names them."""
    label = by.label if isinstance(by, identity.Actor) else by
    name = by.name if isinstance(by, identity.Actor) else say("平台") if by == WORKER else say("提交人")
    Event.objects.create(number=row.number, kind=kind, at=now, actor=label, actor_name=kept(name), reason=kept(reason))
    return label


def note(
    row: Something, kind: str, *, by: identity.Actor | str, now: datetime, reason: str = "", detail: dict[str, Any] | None = None
) -> None:
    """Add a line to the trail, and the entry to the ledger unless a visitor acted: visitors' acts are no administration."""
    label = line(row, kind, by=by, now=now, reason=reason)
    if label == VISITOR:
        return
    parties = parties_of(row)
    office = by.office if isinstance(by, identity.Actor) else parties[0].bureau
    facts = {"number": row.number, **({"reason": str(reason)} if reason else {}), **(detail or {})}
    security.record(_event(row, kind), at=now, actor=label, office=office, provider=parties[0].office, detail=facts)


def _event(row: Something, kind: str) -> str:
    match row:
        case Demand():
            return f"participation:demand:{kind}"
        case Correction():
            return f"participation:correction:{kind}"
        case Comment():
            return f"participation:comment:{kind}"
        case _:
            return f"participation:reuse:{kind}"


def address_of(row: Something) -> str:
    """Where officials see to it."""
    if isinstance(row, Demand):
        return reverse("participation:desk-demand", args=[row.number])
    return reverse("participation:desk-voice", args=[row.number])


def tell_office(row: Something, text: str, now: datetime, *, head: bool = False) -> None:
    """A notice to the office that has to act: its stewards, and its head too where it is pressing."""
    for place in {one.office for one in parties_of(row)} - {""}:
        notices.tell(Role.STEWARD, place, _about(row, text), address=address_of(row), now=now)
        if head:
            notices.tell(Role.SHARING_HEAD, place, _about(row, text), address=address_of(row), now=now)


def tell_bureau(row: Something, text: str, now: datetime, *, head: bool = False) -> None:
    """A notice to the bureau that looks after it."""
    for place in {one.bureau for one in parties_of(row)} - {""}:
        notices.tell(Role.BUREAU_APPROVER, place, _about(row, text), address=address_of(row), now=now)
        if head:
            notices.tell(Role.SHARING_HEAD, place, _about(row, text), address=address_of(row), now=now)


def tell_filer(row: Something, text: str, now: datetime, *, address: str) -> None:
    """A notice to the official who handed it in; everybody else looks at the private page."""
    if row.account_id is not None:
        notices.tell_account(row.account_id, _about(row, text), address=address, now=now)


def _about(row: Something, text: str) -> str:
    title = row.dataset.title if isinstance(row, Comment | Correction) else row.title
    return say("{text}:{title}", text=say(text), title=title)
