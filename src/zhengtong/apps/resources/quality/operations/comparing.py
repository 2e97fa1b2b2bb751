"""Decisions of the bureau about items whose values were compared."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.quality.models import ContentPair, ContentVerdict
from zhengtong.apps.resources.quality.queries.contents import ComparisonUnknown
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_LONGEST_REASON = 500


class ContentInvalid(Invalid):
    """不能这样办理。"""

    code = "content-invalid"


@transaction.atomic
def settle_content(*, actor: identity.Actor, one: int, other: int, reason: str, now: datetime) -> None:
    """
    Say why what two items have in common, or have not, is no matter; it leaves the worklist for as long as both items are published.

    :raises NotAllowed: unless the actor is an approver of the bureau.
    :raises ComparisonUnknown: if they were not compared.
    :raises ContentInvalid: without a reason.
    """
    permissions.require_to_keep(actor)
    pair = _locked(one, other)
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise ContentInvalid(say("请用不超过 {most} 字说明理由", most=_LONGEST_REASON), field="reason", remedy="写明核对的结果")
    said = {"reason": reason, "at": now, "by": actor.label, "by_name": actor.name}
    ContentVerdict.objects.update_or_create(first=pair.first, second=pair.second, defaults=said)
    _mark(pair, actor, now, settled=True, reason=reason)


@transaction.atomic
def reopen_content(*, actor: identity.Actor, one: int, other: int, now: datetime) -> None:
    """
    Take that back; the ledger keeps what was said.

    :raises NotAllowed, ComparisonUnknown: as for saying it.
    :raises ContentInvalid: if nobody said it.
    """
    permissions.require_to_keep(actor)
    pair = _locked(one, other)
    gone, _by_model = ContentVerdict.objects.filter(first=pair.first, second=pair.second).delete()
    if not gone:
        raise ContentInvalid("还没有标记为已核对", field="reason", remedy="刷新页面")
    _mark(pair, actor, now, settled=False)


def _locked(one: int, other: int) -> ContentPair:
    rows = ContentPair.objects.select_for_update(of=("self",)).select_related("first", "second")
    pair = rows.filter(first=min(one, other), second=max(one, other)).first()
    if pair is None:
        raise ComparisonUnknown
    return pair


def _mark(pair: ContentPair, actor: identity.Actor, now: datetime, *, settled: bool, **detail: str) -> None:
    pair.settled = settled
    pair.save(update_fields=["settled"])
    security.record(
        "quality:content:settled" if settled else "quality:content:reopened",
        at=now,
        actor=actor.label,
        office=actor.office,
        provider=pair.office_first_id,
        detail={
            "first": pair.first.resource_id,
            "first_item": pair.first.key,
            "second": pair.second.resource_id,
            "second_item": pair.second.key,
            "kind": pair.kind,
            **detail,
        },
    )
