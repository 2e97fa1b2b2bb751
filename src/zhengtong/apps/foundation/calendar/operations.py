"""Writes of the working-day calendar; every one stands in the ledger, and none changes what an earlier one said."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.calendar import queries
from zhengtong.apps.foundation.calendar.models import Revision
from zhengtong.apps.foundation.calendar.queries import Proposal
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.toolkit.outbox import api as outbox

#: Told to the outbox with ``{"revision": number}`` in the transaction that made it: due dates are to be worked out anew.
REVISED = "calendar:revised"


class ChangedMeanwhile(Conflict):
    """工作日历刚被别人修订过,请重新预览后再确认。"""

    code = "calendar-changed-meanwhile"


class ReasonMissing(Invalid):
    """请说明修订的理由,期限变动的人要看到它。"""

    code = "calendar-reason-missing"


@transaction.atomic
def revise(*, actor: identity.Actor, year: int, notice: str, settles: bool, lines: str, reason: str, based_on: int, now: datetime) -> int:
    """
    Add a notice, alter or remove single days; returns the number of the revision.

    :param lines: one ``2027-01-01 休 元旦`` a line; with ``settles`` the whole of a yearly notice.
    :param based_on: the last revision that the administrator knew of, 0 for none.
    :raises NotYours: without the duty of the system administrator.
    :raises ReasonMissing: without a reason.
    :raises ChangedMeanwhile: if there is a later revision.
    :raises YearOutside, NoticeMissing, DaysRefused: as :func:`~zhengtong.apps.foundation.calendar.queries.propose`.
    """
    identity.require(actor, identity.Act.MANAGE_CALENDAR)
    return _write(queries.propose(year=year, notice=notice, settles=settles, lines=lines), actor, reason, based_on, now)


@transaction.atomic
def undo(*, actor: identity.Actor, number: int, reason: str, based_on: int, now: datetime) -> int:
    """
    Undo a revision by another one; returns the number of the new one.

    :raises RevisionUnknown, AlreadyUndone: as :func:`~zhengtong.apps.foundation.calendar.queries.propose_undoing`.
    :raises NotYours, ReasonMissing, ChangedMeanwhile: as :func:`revise`.
    """
    identity.require(actor, identity.Act.MANAGE_CALENDAR)
    return _write(queries.propose_undoing(number), actor, reason, based_on, now)


def _write(proposal: Proposal, actor: identity.Actor, reason: str, based_on: int, now: datetime) -> int:
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if proposal.based_on != based_on:
        raise ChangedMeanwhile
    number, days = based_on + 1, [[one.date.isoformat(), str(one.mark), one.occasion] for one in proposal.days]
    try:
        with transaction.atomic():
            Revision.objects.create(
                number=number,
                year=proposal.year,
                notice=proposal.notice,
                settles=proposal.settles,
                days=days,
                undoes_id=proposal.undoes,
                reason=reason.strip(),
                made_at=now,
                made_by=actor.label,
                made_by_name=actor.name,
            )
    except IntegrityError as exc:
        raise ChangedMeanwhile from exc
    detail = {"revision": number, "year": proposal.year, "notice": proposal.notice, "reason": reason.strip()}
    if proposal.undoes:
        security.record("calendar:revision:undone", at=now, actor=actor.label, detail=detail | {"undoes": proposal.undoes})
    else:
        security.record("calendar:revision:made", at=now, actor=actor.label, detail=detail | {"settles": proposal.settles, "days": days})
    outbox.publish(REVISED, {"revision": number}, at=now)
    queries.forget_answer()
    return number
