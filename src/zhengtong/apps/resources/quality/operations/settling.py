"""What people decide about entries that look the same: that they are not, or that one is to be merged into the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality.models import AlikePair, AlikeVerdict
from zhengtong.apps.resources.quality.queries.alike import PairUnknown, group_numbers
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.kernel.actors import Role
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say

_LONGEST_REASON = 500


class VerdictInvalid(Invalid):
    """不能这样办理疑似重复。"""

    code = "alike-verdict-invalid"


@transaction.atomic
def settle_alike(*, actor: identity.Actor, one: int, other: int, reason: str, now: datetime) -> None:
    """
    Say that two entries are not the same; they are not shown as alike any more.

    :raises PairUnknown: if they were not found to be alike.
    :raises NotAllowed: unless the actor keeps one of them, or their bureau's approver is acting.
    :raises VerdictInvalid: without a reason, or where it was said before.
    """
    pair = _locked(actor, one, other)
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise VerdictInvalid(say("请用不超过 {most} 字说明理由", most=_LONGEST_REASON), field="reason", remedy="写明两条目录有什么不同")
    if pair.settled:
        raise VerdictInvalid("已标记为不重复", field="reason", remedy="刷新页面")
    AlikeVerdict.objects.create(first_id=pair.first_id, second_id=pair.second_id, reason=reason, at=now, by=actor.label, by_name=actor.name)
    pair.settled, pair.keep_id = True, None
    pair.save(update_fields=["settled", "keep"])
    _told("settled", pair, actor, now, reason=reason)


@transaction.atomic
def reopen_alike(*, actor: identity.Actor, one: int, other: int, now: datetime) -> None:
    """
    Take back that two entries are not the same; the ledger keeps what was said.

    :raises PairUnknown, NotAllowed: as for saying it.
    :raises VerdictInvalid: if nobody said it.
    """
    pair = _locked(actor, one, other)
    gone, _by_model = AlikeVerdict.objects.filter(first=pair.first_id, second=pair.second_id).delete()
    if not gone:
        raise VerdictInvalid("没有标记过不重复", field="reason", remedy="刷新页面")
    pair.settled = False
    pair.save(update_fields=["settled"])
    _told("reopened", pair, actor, now)


@transaction.atomic
def propose_merge(*, actor: identity.Actor, keep: int, drop: int, now: datetime) -> int:
    """
    Propose that one entry takes the other's place; returns how many items went into the draft of the one to keep.

    What the other has more goes into a working copy, which is submitted, reviewed and published as every change is; the head of the other's
    office is told, who withdraws it as every entry is withdrawn. Nothing readers see changes by the proposal itself.

    :raises PairUnknown: if they were not found to be alike.
    :raises NotAllowed: unless the actor is a steward of the entry to keep.
    :raises WrongState: while that entry is under review.
    """
    pair = _row(keep, drop)
    kept, dropped = catalog.working_copy(keep, actor=actor), catalog.resource(drop)
    catalog.require_to_edit(kept, actor=actor)
    content, count = merged(kept.content, dropped.content)
    if count:
        catalog.save_draft(actor=actor, resource_id=keep, revision=kept.revision, content=content, now=now)
    pair.keep_id = keep
    pair.save(update_fields=["keep"])
    text = say("建议下线目录“{drop}”:与“{keep}”重复,信息项已并入后者的草稿", drop=dropped.name, keep=kept.name)
    notices.tell(Role.SHARING_HEAD, dropped.office, text, address=reverse("catalog:copy", args=[drop]), now=now)
    _told("merge-proposed", pair, actor, now, keep=keep, drop=drop, items=count)
    return count


def merged(kept: catalog.Content, dropped: catalog.Content) -> tuple[catalog.Content, int]:
    """The content of the one to keep with the items that only the other has, behind its own; and how many these are."""
    keys, names = {item.key for item in kept.items}, {item.name for item in kept.items}
    there, theirs = set(group_numbers(kept.items).values()), group_numbers(dropped.items)
    fresh = list[catalog.ItemContent]()
    for item in dropped.items:
        group = theirs.get(item.key, 0)
        if item.name in names or (group > 0 and group in there):
            continue
        key, number = item.key, 2
        while key in keys:
            key, number = f"{item.key[:56]}_{number}", number + 1
        keys.add(key)
        fresh.append(replace(item, key=key, is_key=False))
    return replace(kept, items=(*kept.items, *fresh)), len(fresh)


def _row(one: int, other: int) -> AlikePair:
    pair = AlikePair.objects.select_for_update().filter(first=min(one, other), second=max(one, other)).first()
    if pair is None:
        raise PairUnknown
    return pair


def _locked(actor: identity.Actor, one: int, other: int) -> AlikePair:
    pair = _row(one, other)
    bureau = organisations.bureau_code(pair.region)
    permissions.require_to_settle(actor, offices=(pair.office_first_id, pair.office_second_id), bureau=bureau)
    return pair


def _told(event: str, pair: AlikePair, actor: identity.Actor, now: datetime, **detail: object) -> None:
    security.record(
        f"quality:alike:{event}",
        at=now,
        actor=actor.label,
        office=actor.office,
        provider=pair.office_first_id,
        detail={"first": pair.first_id, "second": pair.second_id, **detail},
    )
