"""The bureau's two working days: warned of before they end, marked when they are over, escalated once per rung."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity.api import Role
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog.models import Resource, ResourceEvent, ReviewWarning
from zhengtong.apps.resources.catalog.queries.resources import bureau_code
from zhengtong.apps.resources.catalog.queries.reviews import open_reviews, review_moves
from zhengtong.apps.resources.catalog.rules.clocks import clock_of
from zhengtong.engines.deadlines.alerts import Rung, escalate, unreached
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Reading, read
from zhengtong.kernel.sentences import kept, say

_WORKER = "process:worker"


def remind_reviewers(*, now: datetime) -> int:
    """Warn about every review that has reached a new rung; returns how many warnings were given."""
    return sum(_warn(row, row.review_began_at, now) for row in open_reviews().iterator() if row.review_began_at)


@transaction.atomic
def _warn(row: Resource, began: datetime, now: datetime) -> int:
    reading = read(clock_of(began), working_days.current(), now)
    # who reviews at this moment wins: an entry that has just been published or sent back is not warned about
    there = Resource.objects.select_for_update().filter(pk=row.pk, revision=row.revision).exists()
    fired = set(ReviewWarning.objects.filter(resource=row, review_began_at=began).values_list("rung", flat=True))
    step = escalate(reading, fired)
    if not there or not step.settled:
        return 0
    ReviewWarning.objects.bulk_create([ReviewWarning(resource=row, review_began_at=began, rung=rung, at=now) for rung in step.settled])
    if step.send is None:
        return 0
    _tell(row, step.send, reading, now)
    return 1


def _tell(row: Resource, rung: Rung, reading: Reading, now: datetime) -> None:
    """The approvers first, the bureau's head once it is late, and at the last rung the head of the office that waits for its entry."""
    bureau = bureau_code(row.office.region_id)
    late, due = say("目录审核发布已超期 {count} 个工作日", count=reading.overdue), say("目录审核发布期限为 {due}", due=reading.due)
    text = late if reading.late else due
    _journal(row, text, now)
    detail = {"id": row.pk, "name": row.name, "due": reading.due.isoformat(), "overdue": reading.overdue}
    security.record("catalog:resource:warned", at=now, actor=_WORKER, provider=row.office.code, resource=row.code or "", detail=detail)
    _notify(Role.BUREAU_APPROVER, bureau, row, text, now)
    if rung.remaining < 0:
        _notify(Role.SHARING_HEAD, bureau, row, text, now)
    if rung.remaining <= -3:  # noqa: PLR2004 - the last rung of escalation
        _notify(Role.SHARING_HEAD, row.office.code, row, text, now)


def _journal(row: Resource, text: str, now: datetime) -> None:
    ResourceEvent.objects.create(resource=row, at=now, actor=_WORKER, actor_name="平台", event="warned", reason=kept(text))


def _notify(role: Role, office: str, row: Resource, text: str, now: datetime) -> None:
    about = say("{text}:{resource}({number})", text=say(text), resource=row.name, number=row.code)
    notices.tell(role, office, about, address=reverse("catalog:copy", args=[row.pk]), now=now)


@transaction.atomic
def reschedule_reviews(*, before: WorkingCalendar, after: WorkingCalendar, cause: str, now: datetime) -> int:
    """
    Tell the approvers of every review that ``after`` puts on another day than ``before``; returns how many.

    A warning that was given for a day that now lies further ahead is forgotten, so that it is given again in time.
    """
    told = 0
    for move in review_moves(before, after, now=now):
        row = move.row
        text = say("工作日历调整({cause}),目录审核发布期限由 {before} 改为 {after}", cause=cause, before=move.before, after=move.after)
        _journal(row, text, now)
        _notify(Role.BUREAU_APPROVER, bureau_code(row.office.region_id), row, text, now)
        if row.review_began_at:
            ahead = unreached(read(clock_of(row.review_began_at), after, now))
            ReviewWarning.objects.filter(resource=row, review_began_at=row.review_began_at, rung__in=ahead).delete()
        told += 1
    return told
