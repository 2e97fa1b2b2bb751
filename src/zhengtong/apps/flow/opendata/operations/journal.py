"""What every write of opening data does besides: a line in the timeline, the ledger, notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from zhengtong.apps.flow.opendata.models import Dataset, DatasetEvent
from zhengtong.apps.flow.opendata.queries.openings import DatasetUnknown, parties_of
from zhengtong.apps.flow.opendata.rules import permissions, states
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.sentences import kept, say

WORKER = "process:worker"


def locked(number: int) -> Dataset:
    """
    The row of a dataset, held until the transaction ends.

    :raises DatasetUnknown: if there is none.
    """
    row = Dataset.objects.select_for_update(of=("self",)).select_related("resource__office", "current").filter(pk=number).first()
    if row is None:
        raise DatasetUnknown
    return row


def open_for(number: int, act: states.Act, actor: identity.Actor) -> Dataset:
    """
    Lock a dataset for an act.

    :raises DatasetUnknown: if the actor has no part in it.
    :raises NotAllowed: if the act is not the actor's.
    :raises WrongState: if it has no place in the present state.
    """
    row = locked(number)
    parties = parties_of(row)
    if not permissions.may_see(actor, parties):
        raise DatasetUnknown
    permissions.require(actor, act, parties, state=row.state)
    states.check(row.state, act)
    return row


def write(
    row: Dataset, kind: str, *, by: identity.Actor | str, now: datetime, reason: str = "", detail: dict[str, Any] | None = None
) -> None:
    """Save the dataset, add the line to its timeline and the entry to the ledger."""
    row.changed_at = now
    row.save()
    label = by.label if isinstance(by, identity.Actor) else by
    name = by.name if isinstance(by, identity.Actor) else say("平台")
    DatasetEvent.objects.create(dataset=row, kind=kind, at=now, actor=label, actor_name=kept(name), reason=kept(reason))
    facts = {"dataset": row.pk, "revision": row.revision, **({"reason": str(reason)} if reason else {}), **(detail or {})}
    security.record(
        f"opendata:dataset:{kind}",
        at=now,
        actor=label,
        office=by.office if isinstance(by, identity.Actor) else row.resource.office.code,
        provider=row.resource.office.code,
        resource=row.resource.code or "",
        items=tuple(item["key"] for item in row.items),
        rows=row.rows or 0,
        detail=facts,
    )


def tell_about(row: Dataset, role: identity.Role, office: str, text: str, now: datetime) -> None:
    """A notice about the opening of a dataset."""
    address = reverse("opendata:opening", args=[row.pk])
    notices.tell(role, office, say("{text}:{title}", text=say(text), title=row.title), address=address, now=now)
