"""
Guardianships that no register bears out: an official at a window sees the evidence, and confirms or refuses.

Threat model. Somebody who knows a name and a number declares themselves the guardian of its owner: nothing of it works before an official
has confirmed it, and the ward, if they have an account, is told and may end it. An official looks through claims out of curiosity: lists
are masked, and whoever opens one leaves a trace that both persons read. Not defended: an official who confirms what they have not seen;
the ledger names them, and the ward is told again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.affairs.citizens.models import ActingRight
from zhengtong.apps.affairs.citizens.queries import RightUnknown, RightView, account_of, claim, opened
from zhengtong.apps.affairs.citizens.rules import Right, RightState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.parties import Party, PartyKind
from zhengtong.kernel.sentences import say

_SHORTEST, _LONGEST = 4, 200


@dataclass(frozen=True)
class ClaimOpened:
    """A claim, and who makes it in full."""

    claim: RightView
    holder: Party


def require_clerk(actor: identity.Actor) -> None:
    """:raises NotYours: unless the actor stands at a window, whichever office's."""
    if not actor.holds(identity.Role.CLERK):
        raise identity.NotYours("监护依据由政务服务窗口的工作人员确认")


@transaction.atomic
def open_claim(*, actor: identity.Actor, right_id: int, now: datetime) -> ClaimOpened:
    """
    A claim with the full names and numbers, to be compared with the papers on the table; recorded before it is shown.

    :raises NotYours: unless the actor stands at a window. :raises RightUnknown: if there is none.
    """
    require_clerk(actor)
    found = claim(right_id, on=local_date(now))
    row = ActingRight.objects.select_related("holder").get(pk=right_id)
    _record("citizens:guardian:opened", row, actor, now)
    return ClaimOpened(found, Party(PartyKind.PERSON, opened("person", row.holder.number_sealed), row.holder.name))


@transaction.atomic
def settle_claim(*, actor: identity.Actor, right_id: int, confirm: bool, why: str, now: datetime) -> None:
    """
    Confirm that the evidence of a guardianship was seen and holds, or refuse it; the claimant and the ward are told.

    :param why: what was seen, or why it does not suffice; 4 to 200 characters.
    :raises NotYours, RightUnknown: as :func:`open_claim`. :raises Invalid: without a reason. :raises Conflict: if it waits no longer.
    """
    require_clerk(actor)
    why = why.strip()
    if not _SHORTEST <= len(why) <= _LONGEST:
        raise Invalid("请写明看到的依据或理由,4 至 200 字", field="why", remedy="例如:已核对监护公证书原件")
    rows = ActingRight.objects.select_for_update(of=("self",)).select_related("holder")
    row = rows.filter(pk=right_id, right=Right.GUARDIAN, checked_at__isnull=True).first()
    if row is None:
        raise RightUnknown
    if row.state != RightState.CLAIMED:
        raise Conflict("这项监护登记不在等待确认", remedy="刷新页面,看它现在的状态")
    row.state = RightState.ACTIVE if confirm else RightState.DECLINED
    row.ended_at = None if confirm else now
    row.settled_by, row.settled_office, row.settled_at, row.settled_why = actor.label, actor.office, now, why
    row.save(update_fields=["state", "ended_at", "settled_by", "settled_office", "settled_at", "settled_why"])
    _record("citizens:guardian:confirmed" if confirm else "citizens:guardian:refused", row, actor, now)
    _tell(row, actor.office_name, confirm=confirm, now=now)


def _tell(row: ActingRight, office: str, *, confirm: bool, now: datetime) -> None:
    address = reverse("citizens:rights")
    if confirm:
        mine = say("{office}确认了您登记的监护关系,现在可以代为办理。", office=office)
        theirs = say("{office}确认了别人登记的对您的监护。不是这样的,请在“代办与授权”里结束它。", office=office)
    else:
        mine = say("{office}没有确认您登记的监护关系:{why}", office=office, why=row.settled_why)
        theirs = say("{office}没有确认别人登记的对您的监护。", office=office)
    notices.tell_account(row.holder.account_id, mine, address=address, now=now)
    ward = account_of(row.party_digest)
    if ward is not None:
        notices.tell_account(ward, theirs, address=address, now=now)


def _record(event: str, row: ActingRight, actor: identity.Actor, now: datetime) -> None:
    security.record(
        event,
        at=now,
        actor=actor.label,
        office=actor.office,
        subjects=(row.party_digest, row.holder.number_digest),
        detail={"right": row.right, "number": row.pk},
    )
