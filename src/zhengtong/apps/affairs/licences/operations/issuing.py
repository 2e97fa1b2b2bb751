"""Issue licences: one by an official, one from a decided case, the next version of one."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.affairs.licences.models import Licence, LicenceEvent, LicenceType, TypeVersion
from zhengtong.apps.affairs.licences.operations import making
from zhengtong.apps.affairs.licences.operations.making import Wanted
from zhengtong.apps.affairs.licences.operations.status import touch
from zhengtong.apps.affairs.licences.queries.contents import holder_of
from zhengtong.apps.affairs.licences.queries.licences import LicenceUnknown
from zhengtong.apps.affairs.licences.queries.types import TypeUnknown
from zhengtong.apps.affairs.licences.rules import access
from zhengtong.apps.affairs.licences.rules.states import WrongState
from zhengtong.apps.affairs.licences.rules.vocabulary import Operation, State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.parties import Party

_SHORTEST_REASON = 4


class CaseTaken(Conflict):
    """这个办件已经发过这种证照,持证主体不同。"""

    code = "licence-case-taken"


def current_version(type_code: str) -> TypeVersion:
    """
    The version by which licences of a type are issued now.

    :raises TypeUnknown: if there is none.
    """
    row = LicenceType.objects.select_related("current").filter(code=type_code, current__isnull=False).first()
    if row is None or row.current is None:
        raise TypeUnknown
    row.current.type = row
    return row.current


@transaction.atomic
def issue(
    *,
    by: str,
    type_code: str,
    office: str,
    holder: Party,
    values: dict[str, str],
    now: datetime,
    begins: date | None = None,
    ends: date | None = None,
    case: str = "",
) -> str:
    """
    Issue a licence and return its identifier. With a ``case`` it is issued once: asked again, the same identifier is returned.

    :param by: who acts, as the ledger names them; the caller has decided that they may.
    :raises TypeUnknown: if nothing is issued by this type.
    :raises Invalid: naming the field.
    :raises CaseTaken: if the case has such a licence of somebody else.
    """
    version = current_version(type_code)
    place = organisations.office(office)
    wanted = making.check(version, Wanted(holder, values, begins or local_date(now), ends, case))
    row = making.make(version, place, [wanted], now=now)[0]
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        there = Licence.objects.filter(type=version.type, case=case).first() if case else None
        if there is None:
            raise
        if there.holder != row.holder:
            raise CaseTaken(field="case") from None
        return there.identifier
    security.record(
        "licences:licence:issued",
        at=now,
        actor=by,
        office=office,
        provider=office,
        case=case,
        items=tuple(wanted.values),
        subjects=(row.holder,),
        rows=1,
        detail={"identifier": row.identifier},
    )
    return row.identifier


def issue_by_hand(
    *,
    actor: identity.Actor,
    type_code: str,
    office: str,
    holder: Party,
    values: dict[str, str],
    begins: date,
    ends: date | None,
    now: datetime,
) -> str:
    """
    An official issues a licence of their office; returns its identifier.

    :raises NotYours: unless they issue for it. Further as :func:`issue`.
    """
    access.require_issuer(actor, office)
    return issue(by=actor.label, type_code=type_code, office=office, holder=holder, values=values, now=now, begins=begins, ends=ends)


@transaction.atomic
def change(*, actor: identity.Actor, identifier: str, values: dict[str, str], name: str, reason: str, now: datetime) -> str:
    """
    Issue the next version of a licence with other values; the one before is worth nothing from now on. Returns the new identifier.

    :param name: the holder's name from now on; the code stays.
    :raises LicenceUnknown: if there is none. :raises NotYours: unless the actor issues for its office.
    :raises WrongState: unless it is valid and has no newer version. :raises Invalid: naming the field.
    """
    row = Licence.objects.select_for_update(of=("self",)).select_related("type__current", "office").filter(identifier=identifier).first()
    if row is None:
        raise LicenceUnknown
    access.require_issuer(actor, row.office.code)
    if len(reason.strip()) < _SHORTEST_REASON:
        raise Invalid("请写明变更的事由", field="reason", remedy="至少 4 个字")
    if row.state != State.VALID:
        raise WrongState("只有有效的证照可以变更")
    version = current_version(row.type.code)
    old = holder_of(row)
    holder = Party(old.kind, old.code, name.strip() or old.name)
    wanted = making.check(version, Wanted(holder, values, row.valid_from, row.valid_until))
    new = making.make(version, organisations.office(row.office.code), [wanted], now=now, replaces=row)[0]
    # the one before steps aside first: only one version of a serial is the current one
    Licence.objects.filter(pk=row.pk).update(state=State.OTHER, replaced_by_id=new.pk)
    Licence.objects.bulk_create([new])
    entry = security.record(
        "licences:licence:changed",
        at=now,
        actor=actor.label,
        office=row.office.code,
        provider=row.office.code,
        subjects=(new.holder,),
        rows=1,
        items=tuple(wanted.values),
        detail={"identifier": new.identifier, "before": row.identifier, "reason": reason.strip()},
    )
    LicenceEvent.objects.create(
        licence=row, at=now, operation=Operation.CHANGED, state=State.OTHER, by=actor.label, reason=reason.strip(), entry=entry
    )
    touch([row.pk], now=now)
    return new.identifier
