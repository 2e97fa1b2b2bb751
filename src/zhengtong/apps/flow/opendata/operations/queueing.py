"""Ask for a build and hand it to the worker in one transaction, so that none is asked for that nobody carries out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from procrastinate.contrib.django import app

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata.models import Build, Dataset
from zhengtong.apps.flow.opendata.rules.vocabulary import BuildKind, BuildState, State
from zhengtong.kernel.errors import Conflict

#: the name and queue of the worker's task
TASK, QUEUE = "opendata.carry_out", "opendata"
#: a build without a sign of life for so long is offered to the workers again; a lock tells whether it was killed
SILENCE = timedelta(minutes=2)
#: datasets looked at in one turn
_AT_A_TIME = 500


class BuildOpen(Conflict):
    """这个数据集正在检测或生成,请等它结束。"""

    code = "build-open"


def ask(row: Dataset, kind: BuildKind, *, now: datetime) -> uuid.UUID:
    """
    Have the worker measure or publish a dataset; inside the caller's transaction.

    :raises BuildOpen: if a build is open.
    """
    try:
        with transaction.atomic():
            build = Build.objects.create(dataset=row, revision=row.revision, kind=kind, asked_at=now)
    except IntegrityError as exc:
        raise BuildOpen from exc
    _defer(build.pk)
    return build.pk


def _defer(build_id: uuid.UUID) -> None:
    app.configure_task(TASK, queue=QUEUE, allow_unknown=True).defer(build_id=str(build_id))


def follow(*, now: datetime) -> int:
    """
    Ask for what the worker has to do by itself: versions of open datasets whose data was collected anew, tables of versions that have none,
    and builds whose worker was killed. Safe to repeat; returns how many were asked for.
    """
    asked = 0
    lost = Build.objects.filter(state=BuildState.RUNNING).filter(Q(beat_at__lt=now - SILENCE) | Q(beat_at__isnull=True))
    for build in lost[:_AT_A_TIME]:
        if Build.objects.filter(pk=build.pk, state=BuildState.RUNNING, beat_at=build.beat_at).update(state=BuildState.QUEUED):
            _defer(build.pk)
            asked += 1
    idle = Dataset.objects.filter(state=State.OPEN).exclude(builds__state__in=[BuildState.QUEUED, BuildState.RUNNING])
    looked = {resource_id: (number, moment) for number, resource_id, moment in idle.values_list("pk", "resource_id", "looked_at")}
    landed = exchange.landed_at(list(looked))
    refused = Build.objects.filter(
        dataset=OuterRef("pk"), state__in=[BuildState.FAILED, BuildState.BLOCKED], asked_at__gte=OuterRef("current__made_at")
    )
    lacking = idle.filter(~Exists(refused), current__table__isnull=True)
    newer = list(lacking.values_list("pk", flat=True))
    newer += [
        number for resource_id, (number, moment) in looked.items() if resource_id in landed and _is_newer(landed[resource_id], moment)
    ]
    for row in Dataset.objects.filter(pk__in=newer[:_AT_A_TIME]).order_by("pk"):
        try:
            with transaction.atomic():
                ask(row, BuildKind.PUBLISH, now=now)
        except BuildOpen:
            continue
        asked += 1
    return asked


def _is_newer(landed: datetime, looked: datetime | None) -> bool:
    return looked is None or landed > looked
