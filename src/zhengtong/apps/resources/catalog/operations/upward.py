"""Reporting to the platform above: a batch of what it does not know yet, and its receipt. By the approvers of the bureau."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog.models import UpwardBatch, UpwardLine, UpwardState
from zhengtong.apps.resources.catalog.queries.upward import BatchUnknown, BatchView, to_revoke, waiting
from zhengtong.apps.resources.catalog.queries.upward import batch as batch_view
from zhengtong.apps.resources.catalog.rules import permissions, reading
from zhengtong.apps.resources.catalog.rules.findings import Finding
from zhengtong.apps.resources.catalog.rules.upward import Reply, UpAct, UpStatus, reply
from zhengtong.kernel.errors import Conflict

#: entries in one batch: a workbook of them can still be made while somebody waits
MOST_LINES = 3000
_MOST_KEPT = 1000


class NothingToReport(Conflict):
    """没有要上报的目录。"""

    code = "upward-nothing"


@transaction.atomic
def report_upward(*, actor: identity.Actor, office: str, now: datetime) -> int:
    """
    Make a batch of at most ``MOST_LINES`` entries that are new, changed or withdrawn since they were reported; returns its number.

    :raises NotAllowed: unless the actor approves for this bureau.
    :raises NothingToReport: if the platform above knows everything as it is.
    """
    permissions.require_report(actor, bureau=office)
    place = organisations.office(office)
    new = list(waiting(place.region).select_for_update(of=("self",)).order_by("pk")[:MOST_LINES])
    gone = list(to_revoke(place.region).select_for_update(of=("self",)).order_by("pk")[: MOST_LINES - len(new)])
    if not new and not gone:
        raise NothingToReport(remedy="有新发布、修改或下线的目录后再上报")
    row = UpwardBatch.objects.create(
        office_id=place.id, made_at=now, actor=actor.label, actor_name=actor.name, lines_count=len(new) + len(gone)
    )
    lines = [UpwardLine(batch=row, resource=one, act=UpAct.REPORT, version=one.served_version or one.version) for one in new]
    lines += [UpwardLine(batch=row, resource=one, act=UpAct.REVOKE, version=one.version) for one in gone]
    UpwardLine.objects.bulk_create(lines)
    UpwardState.objects.bulk_create(
        [UpwardState(resource=one.resource, status=UpStatus.PENDING, version=one.version, batch=row, reported_at=now) for one in lines],
        update_conflicts=True,
        unique_fields=["resource"],
        update_fields=["status", "version", "batch", "reported_at"],
    )
    security.record(
        "catalog:upward:reported",
        at=now,
        actor=actor.label,
        office=office,
        rows=len(lines),
        detail={"batch": row.pk, "reported": len(new), "revoked": len(gone)},
    )
    return row.pk


@transaction.atomic
def take_receipt(*, actor: identity.Actor, batch_id: int, data: bytes, file_name: str, now: datetime) -> BatchView:
    """
    Take the platform's answers in: good rows are kept with the entry, others are set aside with reasons. A later answer replaces it.

    :raises BatchUnknown: if there is no such batch, or it is another bureau's.
    :raises FileRefused: if the file is no table that can be read.
    """
    row = UpwardBatch.objects.select_for_update(of=("self",)).select_related("office").filter(pk=batch_id).first()
    if row is None or not permissions.may_report(actor, bureau=row.office.code):
        raise BatchUnknown
    records = reading.read(data)
    lines = {line.resource.code: line for line in UpwardLine.objects.select_related("resource").filter(batch=row)}
    kept_out, answers = list[tuple[reading.Record, list[Finding]]](), dict[str, Reply]()
    for record in records:
        found = reply(record.values)
        if isinstance(found, list):
            kept_out.append((record, found))
        elif found.code not in lines:
            kept_out.append((record, [Finding("code-foreign", "code", "这一批没有上报这条目录", "核对信息资源代码和批次", found.code)]))
        else:
            answers[found.code] = found
    _keep(row, [(lines[code], answer) for code, answer in answers.items()], now)
    row.quarantine = [
        {"position": record.position, "findings": [finding.as_kept() for finding in found]} for record, found in kept_out[:_MOST_KEPT]
    ]
    row.answered_count = row.lines.aggregate(count=Count("pk", filter=~Q(status=UpStatus.PENDING)))["count"]
    row.answered_at = now
    row.save()
    security.record(
        "catalog:upward:answered",
        at=now,
        actor=actor.label,
        office=row.office.code,
        rows=len(answers),
        detail={"batch": row.pk, "file": file_name[:200], "taken": len(answers), "quarantined": len(kept_out)},
    )
    return batch_view(batch_id, actor=actor)


def _keep(row: UpwardBatch, answers: list[tuple[UpwardLine, Reply]], now: datetime) -> None:
    for line, answer in answers:
        line.status, line.reason = answer.status, answer.reason
    UpwardLine.objects.bulk_update([line for line, _answer in answers], ["status", "reason"])
    by_resource = {line.resource_id: answer for line, answer in answers}
    # an entry that was reported again meanwhile waits for the answer to that
    states = list(UpwardState.objects.select_for_update().filter(resource__in=by_resource, batch=row))
    for state in states:
        answer = by_resource[state.resource_id]
        state.status, state.reason, state.answered_at = answer.status, answer.reason, now
        state.up_cata_id = answer.number or state.up_cata_id
    UpwardState.objects.bulk_update(states, ["status", "reason", "answered_at", "up_cata_id"])
