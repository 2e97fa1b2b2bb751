"""What becomes of issued licences: suspend, resume, withdraw, revoke, cancel, annotate; and expiry, by the worker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.licences.models import Licence, LicenceEvent
from zhengtong.apps.affairs.licences.operations.status import touch
from zhengtong.apps.affairs.licences.queries.licences import LicenceUnknown
from zhengtong.apps.affairs.licences.rules import access, states
from zhengtong.apps.affairs.licences.rules.vocabulary import Act, Operation, State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Invalid

_SHORTEST_REASON, _LONGEST_REASON, _AT_A_TIME = 4, 400, 500
_EVENTS = {
    Act.SUSPEND: "licences:licence:suspended",
    Act.RESUME: "licences:licence:resumed",
    Act.WITHDRAW: "licences:licence:withdrawn",
    Act.REVOKE: "licences:licence:revoked",
    Act.CANCEL: "licences:licence:cancelled",
    Act.ANNOTATE: "licences:licence:annotated",
}


@transaction.atomic
def act(*, actor: identity.Actor, identifier: str, what: Act, reason: str, now: datetime) -> None:
    """
    Do something to a licence. An annotation (加注) is its reason.

    :raises LicenceUnknown: if there is none.
    :raises NotYours: unless the actor decides for its office; annotating is for those who issue as well.
    :raises WrongState: if the act does not fit. :raises Invalid: without a reason.
    """
    row = Licence.objects.select_for_update(of=("self",)).select_related("office").filter(identifier=identifier).first()
    if row is None:
        raise LicenceUnknown
    if what is Act.ANNOTATE and access.may_issue(actor, row.office.code):
        pass
    else:
        access.require_decider(actor, row.office.code)
    reason = reason.strip()
    if not _SHORTEST_REASON <= len(reason) <= _LONGEST_REASON:
        raise Invalid("请写明事由,4 至 400 字", field="reason", remedy="写明事实和依据")
    state, operation = states.after(what, State(row.state))
    Licence.objects.filter(pk=row.pk).update(state=state)
    entry = security.record(
        _EVENTS[what],
        at=now,
        actor=actor.label,
        office=row.office.code,
        provider=row.office.code,
        subjects=(row.holder,),
        rows=1,
        detail={"identifier": row.identifier, "before": row.state, "after": state.value, "reason": reason},
    )
    LicenceEvent.objects.create(licence=row, at=now, operation=operation, act=what, state=state, by=actor.label, reason=reason, entry=entry)
    if state != row.state:
        touch([row.pk], now=now)


def expire(*, now: datetime) -> int:
    """
    Licences whose last day is over end, some at a time, each batch with its entry; returns how many. Safe to call from several workers:
    a batch that another one holds is left to it.
    """
    total = 0
    while done := _expire_some(now):
        total += done
    return total


@transaction.atomic
def _expire_some(now: datetime) -> int:
    over = Licence.objects.filter(state=State.VALID, valid_until__lt=local_date(now)).order_by("valid_until", "pk")
    rows = list(over.select_for_update(skip_locked=True)[:_AT_A_TIME])
    if not rows:
        return 0
    Licence.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.EXPIRED)
    entry = security.record(
        "licences:licence:expired",
        at=now,
        actor="process:worker",
        subjects=tuple(row.holder for row in rows),
        rows=len(rows),
        detail={"identifiers": [row.identifier for row in rows]},
    )
    LicenceEvent.objects.bulk_create(
        LicenceEvent(licence=row, at=now, operation=Operation.EXPIRED, state=State.EXPIRED, by="process:worker", entry=entry)
        for row in rows
    )
    touch([row.pk for row in rows], now=now)
    return len(rows)
