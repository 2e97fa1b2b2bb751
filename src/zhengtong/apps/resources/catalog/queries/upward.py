"""What is reported to the platform above: what waits, batches with their files, and where an entry stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import Resource, ResourceVersion, UpwardBatch, UpwardLine, UpwardState
from zhengtong.apps.resources.catalog.rules import permissions
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.upward import UP_STATUS_LABELS, UpAct, UpStatus
from zhengtong.apps.resources.catalog.rules.vocabulary import State
from zhengtong.apps.resources.catalog.rules.writing import WRITERS, Written, table_csv
from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.kernel.sentences import say, told


class BatchUnknown(NotFound):
    """没有这个上报批次,或您无权查看。"""

    code = "upward-batch-unknown"


@dataclass(frozen=True)
class BatchView:
    """A batch, and what of its last receipt was not taken."""

    id: int
    office: str
    office_name: str
    made_at: datetime
    actor_name: str
    lines: int
    answered: int
    answered_at: datetime | None
    quarantine: list[dict[str, Any]]


@dataclass(frozen=True)
class LineView:
    """An entry in a batch."""

    id: int
    resource: int
    code: str
    name: str
    office_name: str
    revoked: bool
    version: int
    status: str
    up_cata_id: str
    reason: str

    @property
    def status_label(self) -> str:
        """What the platform above says."""
        return UP_STATUS_LABELS[UpStatus(self.status)]


@dataclass(frozen=True)
class UpwardView:
    """Where an entry stands with the platform above."""

    status: str
    label: str
    version: int
    up_cata_id: str
    reason: str
    reported_at: datetime


def bureaus_of(actor: identity.Actor) -> list[organisations.OfficeView]:
    """The bureaus for which the actor approves."""
    found = organisations.offices_by_code(actor.offices(identity.Role.BUREAU_APPROVER)).values()
    return sorted((one for one in found if one.is_bureau), key=lambda one: one.code)


def waiting(region: str) -> QuerySet[Resource]:
    """Published entries of a region and below that the platform above does not know as they are; returned ones once they changed."""
    return Resource.objects.filter(state=State.PUBLISHED, office__region__code__startswith=region).filter(
        Q(upward__isnull=True) | Q(upward__version__lt=F("served_version")) | Q(upward__status=UpStatus.REVOKED)
    )


def to_revoke(region: str) -> QuerySet[Resource]:
    """Entries that the platform above has or is looking at, and that are published no longer."""
    known = (UpStatus.PENDING, UpStatus.PASSED)
    return Resource.objects.filter(state=State.WITHDRAWN, office__region__code__startswith=region, upward__status__in=known)


def upward_counts(office: organisations.OfficeView) -> dict[str, int]:
    """How many entries wait to be reported and to be revoked, and how many stand where."""
    stand = UpwardState.objects.filter(resource__office__region__code__startswith=office.region)
    counts = dict(stand.values_list("status").annotate(Count("pk")))
    return {"waiting": waiting(office.region).count(), "revoke": to_revoke(office.region).count(), **counts}


def batches(actor: identity.Actor, *, after: str = "", limit: int = 30) -> list[BatchView]:
    """The batches of the actor's bureaus, newest first, behind the number ``after``."""
    rows = UpwardBatch.objects.select_related("office").filter(office__code__in=[one.code for one in bureaus_of(actor)])
    if after.isdigit():
        rows = rows.filter(pk__lt=int(after))
    return [_view(row) for row in rows[:limit]]


def _view(row: UpwardBatch) -> BatchView:
    return BatchView(
        row.pk,
        row.office.code,
        row.office.name,
        row.made_at,
        row.actor_name,
        row.lines_count,
        row.answered_count,
        row.answered_at,
        row.quarantine,
    )


def batch(batch_id: int, *, actor: identity.Actor) -> BatchView:
    """
    A batch.

    :raises BatchUnknown: if there is none, or it is another bureau's.
    """
    row = UpwardBatch.objects.select_related("office").filter(pk=batch_id).first()
    if row is None or not permissions.may_report(actor, bureau=row.office.code):
        raise BatchUnknown
    return _view(row)


def batch_lines(batch_id: int, *, actor: identity.Actor, status: str = "", after: str = "", limit: int = 50) -> list[LineView]:
    """
    The entries of a batch, with one status or all, behind the line ``after``.

    :raises BatchUnknown: as :func:`batch`.
    """
    batch(batch_id, actor=actor)
    rows = UpwardLine.objects.select_related("resource__office", "resource__upward").filter(batch=batch_id).order_by("pk")
    if status:
        rows = rows.filter(status=status)
    if after.isdigit():
        rows = rows.filter(pk__gt=int(after))
    return [
        LineView(
            row.pk,
            row.resource_id,
            row.resource.code or "",
            row.resource.name,
            row.resource.office.name,
            row.act == UpAct.REVOKE,
            row.version,
            row.status,
            row.resource.upward.up_cata_id,
            row.reason,
        )
        for row in rows[:limit]
    ]


def batch_file(batch_id: int, *, actor: identity.Actor, kind: str) -> bytes:
    """
    What a batch reports, in the national form, word for word as it was published then: ``xlsx``, ``csv`` or ``json``.

    :raises BatchUnknown: as :func:`batch`.
    :raises Invalid: for another kind.
    """
    if kind not in WRITERS:
        raise Invalid(say("不能导出为 {kind}", kind=kind), field="kind", remedy="选择 xlsx、csv 或 json")
    batch(batch_id, actor=actor)
    return b"".join(WRITERS[kind](_written(batch_id)))  # a batch is small enough to wait for


def _written(batch_id: int) -> Iterator[Written]:
    lines = UpwardLine.objects.filter(batch=batch_id, act=UpAct.REPORT)
    versions = dict(lines.values_list("resource_id", "version"))
    rows = ResourceVersion.objects.select_related("resource__office").filter(resource__in=versions).order_by("resource_id")
    for row in rows.iterator(chunk_size=500):
        if row.number == versions[row.resource_id]:
            entry = row.resource
            yield Written(entry.code or "", entry.office.code, entry.office.name, entry.published_on, Content.of(row.document))


def revoked_file(batch_id: int, *, actor: identity.Actor) -> bytes:
    """
    Which entries a batch asks to revoke, as CSV.

    :raises BatchUnknown: as :func:`batch`.
    """
    batch(batch_id, actor=actor)
    rows = UpwardLine.objects.select_related("resource__upward").filter(batch=batch_id, act=UpAct.REVOKE).order_by("pk")
    head = ("信息资源代码", "信息资源名称", "up_cata_id")
    return table_csv(head, ((row.resource.code or "", row.resource.name, row.resource.upward.up_cata_id) for row in rows))


def quarantine_file(batch_id: int, *, actor: identity.Actor) -> bytes:
    """
    The rows of the last receipt that were not taken, as CSV.

    :raises BatchUnknown: as :func:`batch`.
    """
    kept_out = batch(batch_id, actor=actor).quarantine
    head = ("位置", "字段", "值", "规则", "怎么办")
    return table_csv(
        head,
        (
            (one["position"], finding["field"], finding["value"], told(finding["rule"]), told(finding["remedy"]))
            for one in kept_out
            for finding in one["findings"]
        ),
    )


def upward(resource_id: int) -> UpwardView | None:
    """Where an entry stands with the platform above; None if it was never reported."""
    row = UpwardState.objects.filter(resource=resource_id).first()
    if row is None:
        return None
    return UpwardView(row.status, UP_STATUS_LABELS[UpStatus(row.status)], row.version, row.up_cata_id, row.reason, row.reported_at)
