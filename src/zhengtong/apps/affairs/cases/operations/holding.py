"""Holds: a case may be worked on while a source is silent, but nothing is granted before it has spoken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.cases.models import Case, Hold
from zhengtong.apps.affairs.cases.operations.storing import Loaded
from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.rules.vocabulary import NEED_REASON, Post, Result
from zhengtong.engines.workflow.case import Moved
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import listed, say


class CaseHeld(Conflict):
    """有法定信息还没有从来源取得,现在不能作出准予决定。"""

    code = "case-held"


@dataclass(frozen=True)
class Owed:
    """A fact that a source owes: the field's key, what it is called, which source."""

    key: str
    title: str
    source: str


@transaction.atomic
def hold(*, number: str, owed: Iterable[Owed], now: datetime) -> None:
    """
    Let nothing be granted before these facts have come; again for the same fact changes nothing.

    :raises CaseUnknown: if there is no such case.
    """
    case = Case.objects.filter(number=number).first()
    if case is None:
        raise CaseUnknown
    made = [Hold(case=case, key=one.key, title=one.title[:200], source=one.source[:200], since=now) for one in owed]
    Hold.objects.bulk_create(made, ignore_conflicts=True)


@transaction.atomic
def lift(*, number: str, key: str, now: datetime) -> bool:
    """The source of a fact has spoken; whether something was held by it."""
    return bool(Hold.objects.filter(case__number=number, key=key, lifted_at__isnull=True).update(lifted_at=now))


def check(loaded: Loaded, moved: Moved, visit: int, outcome: str) -> None:
    """
    Refuse to grant while something is owed: the end of a process as granted, or the approver's word for it.

    :raises CaseHeld: naming what is owed and by whom.
    """
    place = loaded.places.get(visit)
    approved = place is not None and place.post is Post.APPROVER and outcome not in NEED_REASON
    if not approved and moved.case.result != Result.GRANTED:
        return
    owed = list(Hold.objects.filter(case_id=loaded.id, lifted_at__isnull=True))
    if owed:
        what = listed(say("{title}({source})", title=one.title, source=one.source) for one in owed)
        remedy = "来源恢复后平台会自动取得并解除;不准予的决定不受影响"
        raise CaseHeld(say("还没有取得:{what}", what=what), field="outcome", remedy=remedy)
