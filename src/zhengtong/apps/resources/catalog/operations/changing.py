"""
Changing many entries at once: everything that a worklist finds, not only what is ticked on a page.

Which entries are meant is settled when the change is started; the worker then changes each as its steward would by hand: under the same
permissions, asked again at that moment, in a working copy that is reviewed before readers see it, with timeline and ledger. Each is refused
for itself. What it said before is kept with it, so that the change can be undone where nobody has changed it since. Entries are settled
by the dozen, each with its outcome: a worker that is killed leaves the rest to the next one, and what stopped by a fault goes on when its
keeper says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog.models import BulkEdit, BulkLine, Resource, ResourceVersion
from zhengtong.apps.resources.catalog.models.bulk import BulkOutcomeKind, BulkState
from zhengtong.apps.resources.catalog.operations import storing
from zhengtong.apps.resources.catalog.queries.bulk import BulkView, bulk_edit, editable
from zhengtong.apps.resources.catalog.queries.resources import content_of
from zhengtong.apps.resources.catalog.queries.worklists import WorkFilter
from zhengtong.apps.resources.catalog.rules import bulk
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.states import Act, after
from zhengtong.kernel import clock
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.kernel.sentences import kept, say

log = structlog.get_logger()
MOST_CHANGED = 5000
_CHUNK = 50


class SelectionMoved(Conflict):
    """符合条件的目录和您看到的不一样多了。"""

    code = "bulk-selection-moved"


class NotUndoable(Conflict):
    """这次修改不能撤销。"""

    code = "bulk-not-undoable"


class NotResumable(Conflict):
    """这次修改没有停下。"""

    code = "bulk-not-resumable"


@transaction.atomic
def change_many(*, actor: identity.Actor, wanted: WorkFilter, said: Mapping[str, Any], expected: int, now: datetime) -> BulkView:
    """
    Settle which entries are to change to what, and queue it; ``expected`` is how many the actor was shown.

    :raises Invalid: if nothing is to change, a value is not allowed, or the entries are none or more than ``MOST_CHANGED``.
    :raises SelectionMoved: if there are now more or fewer than the actor saw.
    """
    values = bulk.values_of(said)
    ids = list(editable(actor, wanted).order_by("pk").values_list("pk", flat=True)[: MOST_CHANGED + 1])
    if not ids:
        raise Invalid("没有您可以修改的目录", field="wanted", remedy="放宽条件;只有本单位数据专员能修改")
    if len(ids) > MOST_CHANGED:
        raise Invalid(say("一次最多 {most} 条", most=MOST_CHANGED), field="wanted", remedy="缩小条件,分几次修改")
    if len(ids) != expected:
        raise SelectionMoved(say("符合条件的目录现在是 {count} 条", count=len(ids)), remedy="核对后再确认一次")
    row = BulkEdit.objects.create(account_id=actor.account_id, started_at=now, values=values)
    BulkLine.objects.bulk_create([BulkLine(edit=row, resource_id=number, values=values) for number in ids])
    return _queued(row, len(ids), actor, now)


@transaction.atomic
def undo_change(*, actor: identity.Actor, number: int, now: datetime) -> BulkView:
    """
    Queue the return of every changed entry to what it said before, once.

    :raises BulkUnknown: if there is no such change, or it is somebody else's.
    :raises NotUndoable: if it is not done, changed nothing, is an undoing or has been undone.
    """
    BulkEdit.objects.select_for_update().filter(pk=number, account_id=actor.account_id).first()
    view = bulk_edit(number, actor=actor)
    if not view.may_undo:
        raise NotUndoable(remedy="只有办完的、改动了目录且没有撤销过的修改可以撤销")
    row = BulkEdit.objects.create(account_id=actor.account_id, started_at=now, values=view.values, undoes_id=number)
    changed = BulkLine.objects.filter(edit=number, outcome=BulkOutcomeKind.CHANGED)
    lines = [BulkLine(edit=row, resource_id=line.resource_id, values=line.before) for line in changed]
    BulkLine.objects.bulk_create(lines)
    return _queued(row, len(lines), actor, now)


@transaction.atomic
def resume_change(*, actor: identity.Actor, number: int, now: datetime) -> BulkView:
    """
    Let a change that stopped go on with the entries that still wait.

    :raises BulkUnknown: if there is no such change, or it is somebody else's.
    :raises NotResumable: if it has not stopped.
    """
    stopped = BulkEdit.objects.filter(pk=number, account_id=actor.account_id, state=BulkState.FAILED)
    view = bulk_edit(number, actor=actor)
    if not stopped.update(state=BulkState.QUEUED, failure=""):
        raise NotResumable(remedy="只有中途停下的修改可以继续")
    detail = {"change": number, "waiting": view.waiting}
    security.record("catalog:change:resumed", at=now, actor=actor.label, office=actor.office, rows=view.waiting, detail=detail)
    return bulk_edit(number, actor=actor)


def _queued(row: BulkEdit, count: int, actor: identity.Actor, now: datetime) -> BulkView:
    detail = {"change": row.pk, "values": row.values, "undoes": row.undoes_id}
    security.record("catalog:change:started", at=now, actor=actor.label, office=actor.office, rows=count, detail=detail)
    return bulk_edit(row.pk, actor=actor)


def work_off_changes(*, now: datetime) -> int:
    """Change what still waits, the change that was started first first; how many changes were worked off."""
    numbers = list(BulkEdit.objects.filter(state=BulkState.QUEUED).order_by("pk").values_list("pk", "account_id"))
    for number, account in numbers:
        try:
            actor = identity.actor(account, on=clock.local_date(now))
            while _chunk(number, actor, now):
                pass
        except OperationalError:  # the database went away: the next turn goes on
            raise
        except Exception as exc:
            sentence = exc.sentence if isinstance(exc, ZhengtongError) else say("平台出错,已记录")
            BulkEdit.objects.filter(pk=number).update(state=BulkState.FAILED, failure=kept(sentence))
            log.exception("change of many entries failed", change=number)
    return len(numbers)


@transaction.atomic
def _chunk(number: int, actor: identity.Actor, now: datetime) -> bool:
    """Change the next entries; False when none waits and the change is done."""
    row = BulkEdit.objects.select_for_update().get(pk=number)
    if row.state != BulkState.QUEUED:
        return False
    lines = list(BulkLine.objects.filter(edit=row, outcome=BulkOutcomeKind.WAITING)[:_CHUNK])
    for line in lines:
        try:
            with transaction.atomic():
                line.outcome = _change(line, row, actor, now)
        except ZhengtongError as exc:
            line.outcome, line.reason = BulkOutcomeKind.REFUSED, kept(exc.sentence)
    BulkLine.objects.bulk_update(lines, ["outcome", "reason", "before", "values"])
    if not lines:
        _finish(row, actor, now)
    return bool(lines)


def _finish(row: BulkEdit, actor: identity.Actor, now: datetime) -> None:
    row.state, row.finished_at, row.failure = BulkState.DONE, now, ""
    row.save()
    view = bulk_edit(row.pk, actor=actor)
    detail = {"change": row.pk, "changed": view.changed, "same": view.same, "refused": view.refused, "undoes": row.undoes_id}
    security.record("catalog:change:done", at=now, actor=actor.label, office=actor.office, rows=view.total, detail=detail)


def _change(line: BulkLine, row: BulkEdit, actor: identity.Actor, now: datetime) -> BulkOutcomeKind:
    entry = storing.locked(line.resource_id)
    line.before = {name: getattr(entry, name) for name in map(bulk.field_of, line.values)}
    line.values = bulk.outcome(line.values, line.before)
    if line.before == line.values:
        return BulkOutcomeKind.SAME
    if row.undoes_id is not None and line.before != _made_by(row.undoes_id, line.resource_id):
        raise Conflict("这条目录在成批修改之后又被改过,没有撤销", remedy="打开这条目录自行修改")
    state = storing.moved(entry, Act.EDIT, actor=actor)
    for name, value in line.values.items():
        setattr(entry, name, value)
    entry.state = state
    if row.undoes_id is not None and _as_last_published(entry):
        entry.state = after(Act.DISCARD, entry.state, served=entry.served_version is not None, version=entry.version)
    storing.finish(entry, "edited", actor=actor, now=now)
    return BulkOutcomeKind.CHANGED


def _made_by(number: int, resource_id: int) -> dict[str, Any]:
    """What a change made an entry say."""
    return dict(BulkLine.objects.values_list("values", flat=True).get(edit=number, resource=resource_id))


def _as_last_published(entry: Resource) -> bool:
    """Whether the working copy says nothing but the last version: then it is none, and nobody has to review it."""
    last = ResourceVersion.objects.filter(resource=entry, number=entry.version).first()
    return last is not None and Content.of(last.document) == content_of(entry)
