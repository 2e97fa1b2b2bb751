"""
Reading what somebody applied with, unmasked: with a purpose, and with a trace before anything is shown.

Whoever holds an open step may; so may the auditors of its offices. Everybody else sees masks, and a clerk who asks without holding
anything is refused, on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from zhengtong.apps.affairs.cases.models import Case, Consultation
from zhengtong.apps.affairs.cases.operations import storing
from zhengtong.apps.affairs.cases.queries.access import sees
from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.rules import access
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.parties import Party, PartyKind
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.keys import node_keys


class PurposeMissing(Invalid):
    """请写明查看的用途,当事人会看到它。"""

    code = "case-purpose-missing"


@dataclass(frozen=True)
class Application:
    """What somebody applied with."""

    number: str
    applicant: Party
    agent: Party | None
    agent_basis: str
    contact: str
    answers: Mapping[str, Any]


def read_application(*, actor: identity.Actor, number: str, purpose: str, now: datetime) -> Application:
    """
    What somebody applied with, unmasked, to who holds the case; the ledger has who read it, why, and about whom.

    :raises CaseUnknown: if the actor may not see the case.
    :raises NotYours: if the actor holds no open step of it; this refusal stands in the ledger.
    :raises PurposeMissing: without a purpose.
    """
    if not purpose.strip():
        raise PurposeMissing(field="purpose")
    row = Case.objects.select_related("office").filter(number=number).first()
    refusal = _refusal(actor, number)
    if row is None or refusal is CaseUnknown:
        if row is not None:
            _trace(row, actor, purpose, now, outcome=CaseUnknown.code)
        raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
    if refusal is not None:
        _trace(row, actor, purpose, now, outcome=refusal.code)
        raise refusal("只有正在办理这个办件的人可以查看申请人的信息")
    # nothing is shown before the trace is durable
    with transaction.atomic():
        _trace(row, actor, purpose, now)
    agent = Party(PartyKind(row.agent_kind), _opened(row.agent_sealed, number, "agent"), row.agent_name) if row.agent_kind else None
    applicant = Party(PartyKind(row.applicant_kind), _opened(row.applicant_sealed, number, "applicant"), row.applicant_name)
    contact = _opened(row.contact_sealed, number, "contact") if row.contact_sealed else ""
    return Application(number, applicant, agent, row.agent_basis, contact, row.answers)


def may_read(actor: identity.Actor, number: str) -> bool:
    """Whether the actor may read the application unmasked."""
    return _refusal(actor, number) is None


@transaction.atomic
def _refusal(actor: identity.Actor, number: str) -> type[CaseUnknown | identity.NotYours] | None:
    if not sees(actor, number):
        return CaseUnknown
    loaded = storing.load(number)
    if any(access.holds(actor, place) or actor.has(identity.Role.AUDITOR, place.office) for place in loaded.places.values()):
        return None
    asked = Consultation.objects.filter(case_id=loaded.id, answered_at__isnull=True).values_list("office__code", flat=True)
    return None if any(access.may_answer(actor, office) for office in asked) else identity.NotYours


def _trace(row: Case, actor: identity.Actor, purpose: str, now: datetime, *, outcome: str = "ok") -> None:
    security.record(
        "cases:application:read",
        at=now,
        actor=actor.label,
        office=actor.office,
        provider=row.office.code,
        purpose=purpose.strip(),
        case=row.number,
        items=("applicant", "agent", "contact", "answers"),
        subjects=(row.applicant_digest,),
        rows=1 if outcome == "ok" else 0,
        outcome=outcome,
    )


def _opened(sealed: str, number: str, what: str) -> str:
    return unseal(node_keys().seal, sealed, f"case:{number}:{what}").decode()
