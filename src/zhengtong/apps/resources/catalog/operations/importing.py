"""
Taking foreign catalogs in.

A run goes through its file in chunks; the entries of a chunk, what it kept out and the run's place in the file commit together, so a run
that is killed goes on where it was, and its counts still add up to the records of the file. One process at a time works on a run; a run
whose worker is killed again and again without getting further stops for a person to look at.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F
from procrastinate.contrib.django import app as queue

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog.models import ImportRun
from zhengtong.apps.resources.catalog.models.imports import RunState
from zhengtong.apps.resources.catalog.operations.taking import Chunk, Intake
from zhengtong.apps.resources.catalog.queries import imports
from zhengtong.apps.resources.catalog.queries.imports import ImportRunView, ImportUnknown, run_view
from zhengtong.apps.resources.catalog.queries.resources import bureau_code
from zhengtong.apps.resources.catalog.rules import mapping as names
from zhengtong.apps.resources.catalog.rules import permissions, reading
from zhengtong.apps.resources.catalog.rules.mapping import gathered
from zhengtong.apps.resources.catalog.rules.taking import Options, identity_of
from zhengtong.kernel.errors import Conflict, Invalid, ZhengtongError
from zhengtong.kernel.sentences import in_turn, kept, say
from zhengtong.toolkit.locks import alone

log = structlog.get_logger()
#: The name of the task that works a queued import off.
TASK = "catalog:run-import"
#: so many new or changed entries alter the tables' statistics
_MANY = 500
_CHUNK = 1000
#: so often a run is taken up without getting further
MOST_STARTS = 3
Progress = Callable[[int, int], None]


class MappingInvalid(Invalid):
    """字段对应关系没有说清哪个字段是什么。"""

    code = "import-mapping-invalid"


class ImportStarted(Conflict):
    """这次导入已经开始。"""

    code = "import-started"


class ImportBusy(Conflict):
    """另一个进程正在处理这次导入。"""

    code = "import-busy"


@transaction.atomic
def receive_import(*, actor: identity.Actor, office: str, data: bytes, file_name: str, now: datetime, source: str = "") -> ImportRunView:
    """
    Keep an uploaded file and suggest what its fields are; nothing is taken into the catalog yet.

    :raises NotAllowed: if the actor may not import for the office.
    :raises FileRefused: if the file is no catalog that can be read.
    """
    place = organisations.office(office)
    bureau = bureau_code(place.region)
    permissions.require_import(actor, office=office, bureau=bureau, publish=False)
    whole_region = permissions.may_import_for_region(actor, bureau=bureau)
    row = _received(place, data, file_name, source, Options(whole_region=whole_region), now)
    row.actor, row.actor_name = actor.label, actor.name
    row.save()
    security.record(
        "catalog:import:received", at=now, actor=actor.label, office=office, detail={"run": row.pk, "file": file_name, "sha256": row.sha256}
    )
    return run_view(row)


def _received(place: organisations.OfficeView, data: bytes, file_name: str, source: str, options: Options, now: datetime) -> ImportRun:
    kind = reading.kind_of(data)
    records = reading.read(data)
    plain_name = file_name.replace("\\", "/").rpartition("/")[2][:200] or "upload"
    stored = default_storage.save(f"catalog-imports/{uuid.uuid4().hex}", ContentFile(data))
    row = ImportRun(
        office_id=place.id,
        source=source[:60] or f"{place.code}:{plain_name.rpartition('.')[0] or plain_name}"[:60],
        file_name=plain_name,
        stored_file=stored,
        kind=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        mapping=imports.suggested_mapping(records),
        options=options.as_dict(),
        started_at=now,
        total=len(records),
    )
    row.save()
    return ImportRun.objects.select_related("office").get(pk=row.pk)


@transaction.atomic
def start_import(
    *, actor: identity.Actor, run_id: int, mapping: Mapping[str, str], publish: bool, class_code: str, now: datetime
) -> ImportRunView:
    """
    Confirm mapping and options and queue the run for the worker.

    :raises NotAllowed: if the actor may not import for the office, or may not publish directly.
    :raises MappingInvalid: if the mapping names no title, or a field that we do not have.
    :raises ImportStarted: if it was started before.
    """
    row = ImportRun.objects.select_for_update(of=("self",)).select_related("office").filter(pk=run_id).first()
    if row is None:
        raise ImportUnknown("没有这次导入,或您无权查看")
    bureau = bureau_code(row.office.region_id)
    permissions.require_import(actor, office=row.office.code, bureau=bureau, publish=publish)
    if row.state not in {RunState.RECEIVED, RunState.FAILED}:
        raise ImportStarted("这次导入已经开始了", remedy="刷新页面,看进度或结果")
    problems = names.faulty(mapping)
    if problems:
        raise MappingInvalid(in_turn(problems), field="mapping")
    whole_region = permissions.may_import_for_region(actor, bureau=bureau)
    row.mapping = dict(mapping)
    row.options = Options(publish=publish, class_code=class_code.strip() or Options.class_code, whole_region=whole_region).as_dict()
    row.actor, row.actor_name, row.state, row.failure, row.starts = actor.label, actor.name, RunState.QUEUED, "", 0
    row.save()
    security.record("catalog:import:started", at=now, actor=actor.label, office=row.office.code, detail={"run": row.pk, "publish": publish})
    queue.configure_task(TASK).defer(run_id=row.pk)
    return run_view(row)


def import_file(
    *,
    data: bytes,
    file_name: str,
    office: str,
    by: str,
    now: datetime,
    source: str = "",
    mapping: Mapping[str, str] | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> ImportRunView:
    """
    Take a file in at once, for a process on the installation itself; ``by`` is how the ledger names it.

    :raises OfficeUnknown: if there is no such office.
    :raises FileRefused: if the file is no catalog that can be read.
    :raises MappingInvalid: if the mapping, given or found, names no title.
    """
    place = organisations.office(office)
    with transaction.atomic():
        row = _received(place, data, file_name, source, options or Options(whole_region=True), now)
        row.mapping = dict(mapping or row.mapping)
        problems = names.faulty(row.mapping)
        if problems:
            raise MappingInvalid(in_turn(problems), field="mapping")
        row.actor, row.state = by, RunState.QUEUED
        row.save()
    return run_import(run_id=row.pk, now=now, progress=progress)


def run_import(*, run_id: int, now: datetime, progress: Progress | None = None) -> ImportRunView:
    """
    Work an import off from where it stands; a run that is done is left as it is.

    :raises ImportUnknown: if there is no such import.
    :raises ImportBusy: if another process is at work on it.
    :raises ZhengtongError: what stopped it, after the run has been marked as failed.
    """
    with alone(f"catalog-import:{run_id}") as mine:
        row = ImportRun.objects.select_related("office").filter(pk=run_id).first()
        if row is None:
            raise ImportUnknown("没有这次导入,或您无权查看")
        if not mine:
            raise ImportBusy(remedy="等它结束")
        if row.state != RunState.DONE:
            _carry_out(row, now, progress)
        return run_view(ImportRun.objects.select_related("office").get(pk=run_id))


def _carry_out(row: ImportRun, now: datetime, progress: Progress | None) -> None:
    if row.starts >= MOST_STARTS:
        sentence = say("第 {done} 条之后,处理进程连续 {starts} 次中断,已停下;核对文件后可以从断处继续", done=row.done, starts=row.starts)
        ImportRun.objects.filter(pk=row.pk).update(state=RunState.FAILED, failure=kept(sentence))
        return
    ImportRun.objects.filter(pk=row.pk).update(state=RunState.RUNNING, failure="", starts=F("starts") + 1)
    try:
        _work_off(row, now, progress)
    except Exception as exc:
        sentence = exc.sentence if isinstance(exc, ZhengtongError) else say("平台出错,已记录;可以再次开始,会从断处继续")
        ImportRun.objects.filter(pk=row.pk).update(state=RunState.FAILED, failure=kept(sentence), starts=0)
        log.exception("catalog import failed", run=row.pk)
        raise


def give_up(source: str) -> None:
    """Say of this source's runs that were cut off that a newer one takes their place."""
    left = ImportRun.objects.filter(source=source, state__in=[RunState.QUEUED, RunState.RUNNING])
    left.update(state=RunState.FAILED, failure=kept(say("处理进程中断,由之后的采集接替")))


def _work_off(row: ImportRun, now: datetime, progress: Progress | None) -> None:
    records = reading.read(imports.stored_bytes(row))
    chunk = numbered(records, row.mapping)
    intake = Intake(row, organisations.office(row.office.code), now)
    while True:
        with transaction.atomic():
            run = ImportRun.objects.select_for_update(of=("self",)).select_related("office").get(pk=row.pk)
            part = chunk[run.done : run.done + _CHUNK]
            if part:
                intake.take(run, part)
            run.done += len(part)
            run.total, run.starts = len(records), 0
            if run.done == run.total:
                _finish(run, now)
            run.save()
        if progress is not None:
            progress(run.done, run.total)
        if run.done == run.total:
            return


def numbered(records: list[reading.Record], mapping: Mapping[str, str]) -> list[Chunk]:
    """Each record with its identity at the source; the second record of one identity gets ``#2``, so that none is lost."""
    seen = Counter[str]()
    found = []
    for record in records:
        name = identity_of(gathered(record.values, mapping))
        seen[name] += 1
        found.append(Chunk(record, name if seen[name] == 1 else f"{name}#{seen[name]}", seen[name]))
    return found


def _count_anew() -> None:
    """Let PostgreSQL see what has come in: until it has counted by itself, up to a minute, every search would read whole tables."""
    with connection.cursor() as cursor:
        cursor.execute("analyze catalog_resource, catalog_resourceversion, catalog_item")


def _finish(run: ImportRun, now: datetime) -> None:
    if run.added + run.changed >= _MANY:
        _count_anew()
    run.state, run.finished_at = RunState.DONE, now
    counts: dict[str, Any] = {name: getattr(run, name) for name in ("total", "added", "changed", "unchanged", "quarantined", "flagged")}
    security.record(
        "catalog:import:done",
        at=now,
        actor=run.actor,
        office=run.office.code,
        rows=run.total,
        detail={"run": run.pk, "source": run.source, "file": run.file_name, "sha256": run.sha256, **counts},
    )
