"""Decisions of people: which standard item an item is, and which office is the source of an item 数源单位."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.quality.models import ItemGroup, ItemUse, SourceDecision
from zhengtong.apps.resources.quality.models.item import Link
from zhengtong.apps.resources.quality.operations import itemising, tallying
from zhengtong.apps.resources.quality.queries.sources import CaseUnknown
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_MOST_AT_ONCE = 500
_LONGEST_REASON = 500


class SourceInvalid(Invalid):
    """不能这样指定数源单位。"""

    code = "source-invalid"


@transaction.atomic
def decide_links(*, actor: identity.Actor, use_ids: Iterable[int], confirmed: bool, now: datetime) -> int:
    """
    Say that items are the standard items proposed for them, or that they are not; returns how many were decided.

    :raises NotAllowed: unless the actor is a steward of every office concerned.
    :raises Invalid: for more than 500 at once.
    """
    ids = list(dict.fromkeys(use_ids))
    if len(ids) > _MOST_AT_ONCE:
        raise Invalid(say("一次最多 {most} 项", most=_MOST_AT_ONCE), field="use")
    tallying.one_at_a_time()
    uses = list(ItemUse.objects.select_for_update().filter(pk__in=ids, link=Link.PROPOSED).order_by("pk"))
    offices = Counter(use.office_id for use in uses)
    for office in offices:
        permissions.require_to_link(actor, office)
    for use in uses:
        use.link = Link.CONFIRMED if confirmed else Link.REFUSED
    itemising.regroup(uses)
    event = "quality:links:confirmed" if confirmed else "quality:links:refused"
    for office, count in sorted(offices.items()):
        standards = sorted({use.standard_id for use in uses if use.office_id == office and use.standard_id})
        detail = {"standards": standards[:50]}
        security.record(event, at=now, actor=actor.label, office=actor.office, provider=office, rows=count, detail=detail)
    return len(uses)


@transaction.atomic
def name_source(*, actor: identity.Actor, group_id: int, office: str, reason: str, now: datetime) -> None:
    """
    Name the office that an item comes from; the other ones that collect it are users from now on (条例 Art. 19).

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises CaseUnknown: if there is no such item.
    :raises SourceInvalid: without a reason, or for an office that does not collect it.
    """
    permissions.require_to_keep(actor)
    group = _locked(group_id)
    if not group.collectors.filter(office_id=office).exists():
        raise SourceInvalid("这个单位没有采集这一项", field="office", remedy="从采集这一项的单位中选择")
    _decide(group, office, reason, "named", actor=actor, now=now)


@transaction.atomic
def take_back_source(*, actor: identity.Actor, group_id: int, reason: str, now: datetime) -> None:
    """
    Name no office any more.

    :raises NotAllowed, CaseUnknown: as for naming.
    :raises SourceInvalid: without a reason, or where none is named.
    """
    permissions.require_to_keep(actor)
    group = _locked(group_id)
    if group.lead_id is None:
        raise SourceInvalid("没有指定数源单位", field="office")
    _decide(group, None, reason, "taken-back", actor=actor, now=now)


def _locked(group_id: int) -> ItemGroup:
    group = ItemGroup.objects.select_for_update().filter(pk=group_id).first()
    if group is None:
        raise CaseUnknown
    return group


def _decide(group: ItemGroup, office: str | None, reason: str, event: str, *, actor: identity.Actor, now: datetime) -> None:
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise SourceInvalid(say("请用不超过 {most} 字说明理由", most=_LONGEST_REASON), field="reason", remedy="写明依据的职责或法规")
    before = group.lead_id
    ItemGroup.objects.filter(pk=group.pk).update(lead=office, decided_at=now if office else None)
    SourceDecision.objects.create(group=group, lead_id=office, reason=reason, at=now, by=actor.label, by_name=actor.name)
    detail = {"item": group.name, "key": group.key, "lead": office or "", "before": before or "", "reason": reason}
    security.record(
        f"quality:source:{event}", at=now, actor=actor.label, office=actor.office, provider=office or before or "", detail=detail
    )
