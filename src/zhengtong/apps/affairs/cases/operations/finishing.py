"""After the decision: delivered, then laid in the archive."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.cases.models import Case
from zhengtong.apps.affairs.cases.operations import letters, storing
from zhengtong.apps.affairs.cases.operations.storing import Doing, Loaded
from zhengtong.apps.affairs.cases.queries.access import sees
from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.rules import access
from zhengtong.apps.affairs.cases.rules.vocabulary import CHANGED, DELIVERY_LABELS, Delivery, Milestone
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.workflow.case import Moved, Status
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import listed, say
from zhengtong.toolkit.outbox import api as outbox


class NotFinished(Conflict):
    """办件现在还不能送达或归档。"""

    code = "case-not-finished"


@transaction.atomic
def deliver(*, actor: identity.Actor, number: str, way: str, act_id: str, now: datetime, note: str = "") -> None:
    """
    The result reached its applicant (行政许可法 44: within ten working days of the decision).

    :raises CaseUnknown, NotYours: without the case, or without being clerk or handler of its office.
    :raises NotFinished: before the end, or if it was delivered.
    """
    if way not in set(Delivery):
        raise Invalid(
            "没有这种送达方式", field="way", remedy=say("可以是:{ways}", ways=listed(say(one) for one in DELIVERY_LABELS.values()))
        )
    loaded = _finished(actor, number)
    if storing.done_before(loaded.id, act_id):
        return
    if not Case.objects.filter(pk=loaded.id, delivered_at__isnull=True).update(delivered_at=now, delivery=way):
        raise NotFinished("结果已经送达", field="way", remedy="刷新页面")
    doing = Doing(act_id, "deliver", actor.label, actor.name, {"way": str(way)}, actor.office_name, reason=note.strip())
    storing.add_deed(loaded, doing, at=now)
    letters.write_for(loaded, Moved(loaded.case), doing, actor.office_name, at=now, until=lambda: None)
    outbox.publish(CHANGED, {"number": number, "what": str(Milestone.DELIVERED)}, at=now)


@transaction.atomic
def archive(*, actor: identity.Actor, number: str, act_id: str, now: datetime) -> None:
    """
    Lay a case in the archive: delivered, or ended without anything to deliver.

    :raises CaseUnknown, NotYours, NotFinished: as :func:`deliver`.
    """
    loaded = _finished(actor, number)
    if storing.done_before(loaded.id, act_id):
        return
    row = Case.objects.get(pk=loaded.id)
    if row.deliver_by is not None and row.delivered_at is None:
        raise NotFinished("结果还没有送达", field="act", remedy="先送达,再归档")
    if row.archived_at is not None:
        raise NotFinished("办件已经归档", field="act", remedy="刷新页面")
    Case.objects.filter(pk=loaded.id).update(archived_at=now)
    storing.add_deed(loaded, Doing(act_id, "archive", actor.label, actor.name, {}, actor.office_name), at=now)


def _finished(actor: identity.Actor, number: str) -> Loaded:
    loaded = storing.load(number)
    if not access.may_finish(actor, loaded.office):
        if not sees(actor, number):
            raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
        raise identity.NotYours("送达和归档由牵头单位的窗口人员或承办人员办理")
    if loaded.case.status is Status.OPEN:
        raise NotFinished("办件还没有办结", field="act", remedy="先办结")
    return loaded
