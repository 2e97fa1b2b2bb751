"""Review: the office submits, its head approves, the bureau publishes; either sends back with reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.apps.resources.catalog.operations import storing
from zhengtong.apps.resources.catalog.operations.numbering import take_codes
from zhengtong.apps.resources.catalog.queries.resources import ResourceView, content_of, view_of
from zhengtong.apps.resources.catalog.rules.completeness import gaps
from zhengtong.apps.resources.catalog.rules.findings import Incomplete
from zhengtong.apps.resources.catalog.rules.states import Act
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.kernel.sentences import say

_MOST_AT_ONCE = 500


class ReasonMissing(Invalid):
    """请说明理由,别人才好办理。"""

    code = "catalog-reason-missing"


@transaction.atomic
def submit(*, actor: identity.Actor, resource_id: int, now: datetime) -> ResourceView:
    """
    Hand a draft to the office's head.

    :raises NotAllowed: if the actor is no steward of its office.
    :raises WrongState: if it is no draft.
    :raises Incomplete: with every gap at once.
    """
    row = storing.locked(resource_id)
    row.state = storing.moved(row, Act.SUBMIT, actor=actor)
    _require_complete(row)
    row.return_reason = ""
    storing.finish(row, "submitted", actor=actor, now=now)
    return view_of(row, content_of(row))


@transaction.atomic
def recall(*, actor: identity.Actor, resource_id: int, now: datetime) -> ResourceView:
    """
    Take a submitted entry back before the head has decided.

    :raises NotAllowed: if the actor is no steward of its office.
    :raises WrongState: if it does not wait for the head.
    """
    row = storing.locked(resource_id)
    row.state = storing.moved(row, Act.RECALL, actor=actor)
    storing.finish(row, "recalled", actor=actor, now=now)
    return view_of(row, content_of(row))


@transaction.atomic
def approve(*, actor: identity.Actor, resource_id: int, now: datetime) -> ResourceView:
    """
    The head's consent: the entry gets its code, and the bureau's two working days begin (条例 Art. 17).

    :raises NotAllowed: if the actor is not the sharing head of its office.
    :raises WrongState: if it does not wait for the head.
    :raises ClassCodeInvalid: if its classification fits no code.
    """
    row = storing.locked(resource_id)
    row.state = storing.moved(row, Act.APPROVE, actor=actor)
    if row.code is None:
        row.code = take_codes(row.class_code)[0]
    row.review_began_at = now
    storing.finish(row, "approved", actor=actor, now=now)
    return view_of(row, content_of(row))


@transaction.atomic
def publish(*, actor: identity.Actor, resource_id: int, now: datetime) -> ResourceView:
    """
    The bureau publishes: a version is made, and readers see it from now on.

    :raises NotAllowed: if the actor is no approver of the bureau of its region.
    :raises WrongState: if it does not wait for the bureau.
    :raises Incomplete: with every gap at once.
    """
    row = storing.locked(resource_id)
    storing.moved(row, Act.PUBLISH, actor=actor)
    _require_complete(row)
    row.published_on, row.review_began_at, row.return_reason = clock.local_date(now), None, ""
    content = content_of(row)
    version = storing.version_row(row, content, now=now)
    storing.finish(row, "published", actor=actor, now=now)
    version.save()
    return view_of(row, content)


@transaction.atomic
def send_back(*, actor: identity.Actor, resource_id: int, reason: str, now: datetime) -> ResourceView:
    """
    Return an entry from either review to its steward.

    :raises NotAllowed: if the actor is not who reviews it now.
    :raises WrongState: if it is not under review.
    :raises ReasonMissing: without a reason.
    """
    row = storing.locked(resource_id)
    row.state = storing.moved(row, Act.RETURN, actor=actor)
    row.return_reason, row.review_began_at = _reason(reason, say("退回必须说明理由")), None
    storing.finish(row, "returned", actor=actor, now=now, reason=row.return_reason)
    return view_of(row, content_of(row))


@transaction.atomic
def withdraw(*, actor: identity.Actor, resource_id: int, reason: str, now: datetime) -> ResourceView:
    """
    Take an entry off the shelf; its versions stay.

    :raises NotAllowed: if the actor is neither the office's sharing head nor an approver of the bureau.
    :raises WrongState: if readers do not see it anyway.
    :raises ReasonMissing: without a reason.
    """
    row = storing.locked(resource_id)
    row.state = storing.moved(row, Act.WITHDRAW, actor=actor)
    row.served_version, row.review_began_at = None, None
    storing.finish(row, "withdrawn", actor=actor, now=now, reason=_reason(reason, say("下线必须说明理由")))
    return view_of(row, content_of(row))


@dataclass(frozen=True)
class Refusal:
    """An entry that an act on several could not be done to."""

    id: int
    name: str
    error: ZhengtongError


@dataclass(frozen=True)
class BulkOutcome:
    """What became of an act on several entries."""

    done: tuple[int, ...]
    refused: tuple[Refusal, ...]


_SINGLE: dict[Act, Callable[..., ResourceView]] = {Act.SUBMIT: submit, Act.APPROVE: approve, Act.PUBLISH: publish}


def act_on_several(*, actor: identity.Actor, act: Act, resource_ids: Iterable[int], now: datetime) -> BulkOutcome:
    """
    Submit, approve or publish several entries, each for itself: those that are refused do not hold up the others.

    :raises Invalid: for another act, or for more than 500 entries.
    """
    ids = list(dict.fromkeys(resource_ids))
    if act not in _SINGLE:
        raise Invalid("只能成批提交、审核或发布", field="act")
    if len(ids) > _MOST_AT_ONCE:
        raise Invalid(say("一次最多 {most} 条", most=_MOST_AT_ONCE), field="resource")
    names = dict(Resource.objects.filter(pk__in=ids).values_list("pk", "name"))
    done, refused = list[int](), list[Refusal]()
    for number in ids:
        try:
            _SINGLE[act](actor=actor, resource_id=number, now=now)
        except ZhengtongError as exc:
            refused.append(Refusal(number, names.get(number, str(number)), exc))
        else:
            done.append(number)
    return BulkOutcome(tuple(done), tuple(refused))


def _require_complete(row: Resource) -> None:
    found = gaps(content_of(row), pattern=settings.ENVIRONMENT.resource_code_pattern)
    if found:
        raise Incomplete(found)


def _reason(reason: str, what: str) -> str:
    if not reason.strip():
        raise ReasonMissing(what, field="reason", remedy="写明哪里要改、怎样改")
    return reason.strip()
