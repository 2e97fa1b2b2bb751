"""Licence types: an office writes a version, the bureau publishes it or sends it back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from zhengtong.apps.affairs.licences.models import LicenceType, TypeVersion
from zhengtong.apps.affairs.licences.queries.types import TypeUnknown
from zhengtong.apps.affairs.licences.rules import access, types
from zhengtong.apps.affairs.licences.rules.states import WrongState
from zhengtong.apps.affairs.licences.rules.types import TypeDraft
from zhengtong.apps.affairs.licences.rules.vocabulary import TypeState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say

_SHORTEST_REASON = 4


class UnderWork(Conflict):
    """这个证照类型已有一个版本在编制或审核。"""

    code = "licence-type-under-work"


@transaction.atomic
def propose_type(*, actor: identity.Actor, office: str, draft: TypeDraft, now: datetime) -> str:
    """
    Write a type, or the next version of one, and send it to the bureau; returns its code. A version sent back is written anew.

    :raises NotYours: unless the actor is the office's steward. :raises Invalid: naming the field.
    :raises UnderWork: while the bureau has a version to decide on.
    """
    access.require_definer(actor, office)
    types.check_type(draft)
    place = organisations.office(office)
    bureau = organisations.bureau_for(place.region)
    code = office + draft.suffix
    row, _made = LicenceType.objects.get_or_create(
        code=code, defaults={"office_id": place.id, "bureau_id": bureau.id, "holder": draft.holder, "expected": draft.expected}
    )
    row = LicenceType.objects.select_for_update().get(pk=row.pk)
    if row.holder != draft.holder:
        raise Invalid("持证主体的种类定下后不能改", field="holder", remedy="另立一个证照类型")
    TypeVersion.objects.filter(type=row, state=TypeState.RETURNED).delete()
    number = TypeVersion.objects.filter(type=row).count() + 1
    try:
        with transaction.atomic():
            TypeVersion.objects.create(
                type=row,
                number=number,
                state=TypeState.REVIEW,
                name=draft.name.strip(),
                years=draft.years,
                legend=draft.legend.strip(),
                fields=[one.as_document() for one in draft.fields],
                made_at=now,
            )
    except IntegrityError as exc:
        raise UnderWork(remedy="等数据主管部门审核完") from exc
    if draft.expected is not None:
        LicenceType.objects.filter(pk=row.pk).update(expected=draft.expected)
    security.record(
        "licences:type:proposed",
        at=now,
        actor=actor.label,
        office=office,
        provider=office,
        detail={"type": code, "version": number, "name": draft.name},
    )
    notices.tell(
        identity.Role.BUREAU_APPROVER,
        bureau.code,
        say("证照类型“{name}”等待审核", name=draft.name),
        address=reverse("licences:type", args=[code]),
        now=now,
    )
    return code


@transaction.atomic
def decide_type(*, actor: identity.Actor, code: str, publish: bool, reason: str, now: datetime) -> None:
    """
    The bureau publishes the version under review, or sends it back with a reason.

    :raises TypeUnknown: if there is no such type. :raises NotYours: unless the actor approves for its bureau.
    :raises WrongState: if nothing is under review. :raises Invalid: if it is sent back without a reason.
    """
    row = LicenceType.objects.select_for_update(of=("self",)).select_related("office", "bureau").filter(code=code).first()
    if row is None:
        raise TypeUnknown
    access.require_reviewer(actor, row.bureau.code)
    version = TypeVersion.objects.filter(type=row, state=TypeState.REVIEW).first()
    if version is None:
        raise WrongState("这个证照类型没有待审核的版本")
    if not publish and len(reason.strip()) < _SHORTEST_REASON:
        raise Invalid("退回要写明理由", field="reason", remedy="至少 4 个字")
    version.state = TypeState.PUBLISHED if publish else TypeState.RETURNED
    version.decided_at, version.decided_by, version.reason = now, actor.label, reason.strip()
    version.save()
    if publish:
        row.current = version
        row.save(update_fields=["current"])
    security.record(
        "licences:type:published" if publish else "licences:type:returned",
        at=now,
        actor=actor.label,
        office=row.bureau.code,
        provider=row.office.code,
        detail={"type": code, "version": version.number, "reason": version.reason},
    )
    text = say("证照类型“{name}”已发布", name=version.name) if publish else say("证照类型“{name}”被退回", name=version.name)
    notices.tell(identity.Role.STEWARD, row.office.code, text, address=reverse("licences:type", args=[code]), now=now)
