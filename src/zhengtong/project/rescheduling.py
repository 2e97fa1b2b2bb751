"""
When the working-day calendar is revised: which running periods end on another day, told to those who hold them and journaled.

Due dates are worked out whenever somebody asks, so nothing has to be repaired. A revision and the news of it may not come apart, so the
news is read from the outbox, whose position moves on with what was told.
"""

from __future__ import annotations

from datetime import datetime

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.flow.opendata import api as opendata
from zhengtong.apps.flow.participation import api as participation
from zhengtong.apps.flow.sharing import api as sharing
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.outbox import api as outbox


def follow_calendar(*, now: datetime) -> int:
    """Tell of every due date that revisions since the last turn have moved; returns how many there were."""
    told = 0
    with outbox.batch("due-dates", topics=(working_days.REVISED,)) as messages:
        for message in messages:
            told += tell_of_revision(message.body["revision"], now=now)
    return told


def tell_of_revision(revision: int, *, now: datetime) -> int:
    """Tell of the due dates that one revision has moved, in the caller's transaction; returns how many there were."""
    made = working_days.revision(revision)
    before, after = working_days.around(revision)
    cause = say("第 {number} 次修订,{notice}", number=revision, notice=made.notice)
    applications = sharing.reschedule(before=before, after=after, cause=cause, now=now)
    reviews = catalog.reschedule_reviews(before=before, after=after, cause=cause, now=now)
    requests = opendata.reschedule_requests(before=before, after=after, cause=cause, now=now)
    voices = participation.reschedule(before=before, after=after, cause=cause, now=now)
    running = cases.reschedule(before=before, after=after, cause=cause, revision=revision, now=now)
    moved = {"applications": applications, "reviews": reviews, "requests": requests, "voices": voices, "cases": running}
    days = sorted({day.date.isoformat() for day in working_days.changed(before, after, made.year)})
    security.record(
        "calendar:due-dates:moved",
        at=now,
        actor="process:worker",
        rows=sum(moved.values()),
        detail={"revision": revision, "days": days, **moved},
    )
    return sum(moved.values())
