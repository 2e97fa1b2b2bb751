"""Handing in, publishing, returning; suspending, resuming and cancelling an item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.affairs.services.models import ItemVersion, ServiceItem
from zhengtong.apps.affairs.services.operations import storing
from zhengtong.apps.affairs.services.queries.items import ItemView, bureau_code, findings, own_item, standing_of
from zhengtong.apps.affairs.services.rules import checking, states
from zhengtong.apps.affairs.services.rules.checking import Incomplete
from zhengtong.apps.affairs.services.rules.states import REASONED, Act
from zhengtong.apps.affairs.services.rules.vocabulary import State, VersionState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import say

Role = identity.Role
_EVENTS = {
    Act.SUBMIT: "submitted",
    Act.RECALL: "recalled",
    Act.PUBLISH: "published",
    Act.RETURN: "returned",
    Act.SUSPEND: "suspended",
    Act.RESUME: "resumed",
    Act.CANCEL: "cancelled",
}
_LONGEST_REASON = 500


def _complete(row: ServiceItem, actor: identity.Actor) -> ItemView:
    view = own_item(row.pk, actor)
    if wrong := checking.errors(findings(view)):
        raise Incomplete(wrong)
    return view


def _submit(row: ServiceItem, version: ItemVersion, *, actor: identity.Actor, now: datetime) -> None:
    view = _complete(row, actor)
    version.state, version.submitted_at, version.return_reason = VersionState.SUBMITTED, now, ""
    version.save()
    if bureau := bureau_code(row):
        _told(Role.BUREAU_APPROVER, bureau, say("有一个事项等待审核:{name}", name=view.name), row, now)


def _recall(_row: ServiceItem, version: ItemVersion) -> None:
    version.state = VersionState.DRAFT
    version.save()


def _publish(row: ServiceItem, version: ItemVersion, *, actor: identity.Actor, now: datetime) -> None:
    view = _complete(row, actor)  # connected sources may have come since it was handed in
    ItemVersion.objects.filter(item=row, state=VersionState.PUBLISHED).update(state=VersionState.REPLACED, replaced_at=now)
    version.state, version.published_at = VersionState.PUBLISHED, now
    version.save()
    storing.set_found(row, view.content)
    row.published_at = now
    if row.state == State.DRAFT:
        row.state = State.IN_USE
    _told(Role.STEWARD, row.office_id, say("事项已发布:{name}", name=view.name), row, now)


def _return(row: ServiceItem, version: ItemVersion, *, reason: str, now: datetime) -> None:
    version.state, version.return_reason = VersionState.RETURNED, reason
    version.save()
    _told(Role.STEWARD, row.office_id, say("事项被退回:{name}", name=row.name), row, now)


def _told(role: Role, office: str, text: str, row: ServiceItem, now: datetime) -> None:
    notices.tell(role, office, text, address=reverse("services:item", args=[row.pk]), now=now)


def _stand(row: ServiceItem, state: State, reason: str) -> None:
    row.state, row.state_reason = state, reason


def _need(act: Act, reason: str) -> str:
    reason = reason.strip()
    if act in REASONED and not reason:
        raise Invalid("没有填写理由", field="reason", remedy="写明理由,对方和历史记录里都能看到")
    if len(reason) > _LONGEST_REASON:
        raise Invalid(say("理由超过 {most} 个字", most=_LONGEST_REASON), field="reason", remedy="写得简短些")
    return reason


@transaction.atomic
def act_on_item(*, actor: identity.Actor, item_id: int, act: Act, reason: str = "", now: datetime) -> None:
    """
    Do one of the acts of review or standing.

    :raises ItemUnknown: for somebody of neither the office nor the bureau.
    :raises ItemNotAllowed, ItemState: as the rules say.
    :raises Invalid: where the act needs a reason and none is given.
    :raises Incomplete: with every error, where a version is handed in or published that has some.
    """
    row = storing.locked(item_id, actor)
    version = storing.working(row)
    states.require(actor, act, standing_of(row, version.state if version else None))
    reason = _need(act, reason)
    deeds: dict[Act, Callable[[], None]] = {
        Act.SUSPEND: partial(_stand, row, State.SUSPENDED, reason),
        Act.RESUME: partial(_stand, row, State.IN_USE, ""),
        Act.CANCEL: partial(_stand, row, State.CANCELLED, reason),
    }
    if version is not None:
        deeds |= {
            Act.SUBMIT: partial(_submit, row, version, actor=actor, now=now),
            Act.RECALL: partial(_recall, row, version),
            Act.PUBLISH: partial(_publish, row, version, actor=actor, now=now),
            Act.RETURN: partial(_return, row, version, reason=reason, now=now),
        }
    deeds[act]()
    row.changed_at = now
    row.save()
    storing.tell(row, _EVENTS[act], actor=actor, now=now, version=version.number if version else None, reason=reason)


@dataclass
class Several:
    """What came of one act on several items; each refusal with the item it is about."""

    done: list[int] = field(default_factory=list)
    refused: list[tuple[int, ZhengtongError]] = field(default_factory=list)


def act_on_items(*, actor: identity.Actor, item_ids: Sequence[int], act: Act, reason: str = "", now: datetime) -> Several:
    """Do an act to each of several items, each by itself: what is refused keeps no other from being done."""
    outcome = Several()
    for item_id in item_ids:
        try:
            act_on_item(actor=actor, item_id=item_id, act=act, reason=reason, now=now)
        except ZhengtongError as exc:
            outcome.refused.append((item_id, exc))
        else:
            outcome.done.append(item_id)
    return outcome
