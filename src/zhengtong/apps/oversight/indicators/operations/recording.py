"""Papers on record."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.oversight.indicators.models import Evidence
from zhengtong.apps.oversight.indicators.rules import permissions
from zhengtong.apps.oversight.indicators.rules.index import BY_EVIDENCE
from zhengtong.kernel.errors import Conflict, Invalid, NotFound


class EvidenceUnknown(NotFound):
    """没有这份佐证材料。"""

    code = "evidence-unknown"


class EvidenceTwice(Conflict):
    """这个指标已登记过同名材料。"""

    code = "evidence-twice"


@transaction.atomic
def add_evidence(*, actor: identity.Actor, indicator: str, title: str, link: str, issued_on: date, now: datetime) -> int:
    """
    Put a paper on record; returns its number.

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises Invalid: if the indicator does not go by papers, or the title is empty.
    :raises EvidenceTwice: if the indicator has one of this title.
    """
    permissions.require_to_keep_evidence(actor)
    if indicator not in BY_EVIDENCE:
        raise Invalid("这个指标不靠材料佐证", field="indicator", remedy=", ".join(BY_EVIDENCE))
    if not title.strip():
        raise Invalid("请填写材料名称", field="title")
    try:
        with transaction.atomic():
            row = Evidence.objects.create(
                indicator=indicator,
                title=title.strip(),
                link=link,
                issued_on=issued_on,
                added_at=now,
                added_by=actor.label,
                added_name=actor.name,
            )
    except IntegrityError as exc:
        raise EvidenceTwice(field="title", remedy="改用不同的名称") from exc
    _record("added", row, actor, now)
    return row.pk


@transaction.atomic
def remove_evidence(*, actor: identity.Actor, evidence_id: int, now: datetime) -> str:
    """
    Take a paper off the record; returns its title.

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises EvidenceUnknown: if there is none, or it was taken off before.
    """
    permissions.require_to_keep_evidence(actor)
    row = Evidence.objects.select_for_update().filter(pk=evidence_id, removed_at__isnull=True).first()
    if row is None:
        raise EvidenceUnknown
    row.removed_at = now
    row.save()
    _record("removed", row, actor, now)
    return row.title


def _record(event: str, row: Evidence, actor: identity.Actor, now: datetime) -> None:
    detail = {"evidence": row.pk, "indicator": row.indicator, "title": row.title}
    security.record(f"indicators:evidence:{event}", at=now, actor=actor.label, office=actor.office, detail=detail)
