"""How a build ends: findings kept, a version made, nothing changed, held back, failed. One transaction each."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.flow.opendata.models import Build, Dataset, VersionFile
from zhengtong.apps.flow.opendata.operations import journal, locating, tabling
from zhengtong.apps.flow.opendata.operations.filing import Made, filed
from zhengtong.apps.flow.opendata.queries.openings import parties_of, passed_of
from zhengtong.apps.flow.opendata.rules.findings import Finding, blocking
from zhengtong.apps.flow.opendata.rules.vocabulary import BuildKind, BuildState, State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.rowquery.table import Table
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.sentences import say


def holds(row: Dataset, found: list[Finding]) -> bool:
    """Whether a finding that nobody let pass holds the rows back."""
    return bool(blocking(found, passed_of(row)))


def _end(build: Build, state: BuildState, now: datetime) -> BuildState:
    build.state, build.ended_at, build.progress = state, now, 1000
    build.save(update_fields=["state", "ended_at", "progress", "failure"])
    return state


def _current(build: Build) -> Dataset | None:
    """The dataset, locked; None if what was proposed has changed or ended since the build was asked for."""
    row = journal.locked(build.dataset_id)
    wanted = {State.MEASURING} if build.kind == BuildKind.MEASURE else {State.RELEASED, State.OPEN}
    return row if row.revision == build.revision and row.state in wanted else None


def _keep(row: Dataset, rows: int, found: list[Finding], data_at: datetime, now: datetime) -> None:
    row.findings, row.rows, row.measured_at, row.looked_at = [one.document() for one in found], rows, now, data_at


@transaction.atomic
def measured(build: Build, rows: int, found: list[Finding], data_at: datetime, *, now: datetime) -> BuildState:
    """The gates were measured for a proposal: its head decides next."""
    row = _current(build)
    if row is None:
        return _end(build, BuildState.FAILED, now)
    _keep(row, rows, found, data_at, now)
    row.state = State.MEASURED
    reason = say("{count} 行,发现 {found} 个问题", count=rows, found=len(found))
    journal.write(row, "measured", by=journal.WORKER, now=now, reason=reason, detail={"findings": len(found)})
    journal.tell_about(row, identity.Role.SHARING_HEAD, row.resource.office.code, "请审核数据开放", now)
    return _end(build, BuildState.DONE, now)


@transaction.atomic
def blocked(build: Build, rows: int, found: list[Finding], data_at: datetime, *, now: datetime) -> BuildState:
    """The gates hold the rows back: the old version stands, or the first one does not come about; the steward is told."""
    row = _current(build)
    if row is None:
        return _end(build, BuildState.FAILED, now)
    _keep(row, rows, found, data_at, now)
    first = blocking(found, passed_of(row))[0]
    if row.state == State.RELEASED:
        row.state = State.RETURNED
        row.reason = _kept(first)
    journal.write(row, "blocked", by=journal.WORKER, now=now, reason=first.sentence, detail={"gate": first.gate, "column": first.column})
    for role in (identity.Role.STEWARD, identity.Role.SHARING_HEAD):
        journal.tell_about(row, role, row.resource.office.code, "新数据没有通过检测,没有发布", now)
    journal.tell_about(row, identity.Role.BUREAU_APPROVER, parties_of(row).bureau, "新数据没有通过检测,没有发布", now)
    return _end(build, BuildState.BLOCKED, now)


def _kept(finding: Finding) -> object:
    return finding.document()["sentence"]


@transaction.atomic
def unchanged(build: Build, rows: int, found: list[Finding], data_at: datetime, table: Table | None, *, now: datetime) -> BuildState:
    """The data was collected anew and says the same: the version stands and is fresh; ``table`` is given if it had none."""
    row = _current(build)
    if row is None:
        return _end(build, BuildState.FAILED, now)
    _keep(row, rows, found, data_at, now)
    if table is not None and row.current is not None:
        tabling.name_table(row.current, table, now=now)
    row.data_at = data_at
    if row.state == State.RELEASED:  # it was withdrawn, and is opened again as it was
        row.state = State.OPEN
        journal.write(row, "reopened", by=journal.WORKER, now=now)
    else:
        row.save()
    return _end(build, BuildState.UNCHANGED, now)


def published(build: Build, made: Made, found: list[Finding], table: Table, *, now: datetime) -> BuildState:
    """A version is made: files into the store and rows into a table first, then one transaction that names both."""
    files = filed(build, made, passed_of(build.dataset), found, now=now)
    regions = locating.counted(made.sheet.frame, build.dataset.place)
    with transaction.atomic():
        row = _current(build)
        if row is None:
            return _end(build, BuildState.FAILED, now)
        version = files.version
        version.save(force_insert=True)
        for one in files.rows:
            one.version = version
        VersionFile.objects.bulk_create(files.rows)
        tabling.name_table(version, table, now=now)
        locating.keep(row, regions if not row.conditional else {})
        _keep(row, made.sheet.rows, found, made.data_at, now)
        row.current, row.state, row.data_at = version, State.OPEN, made.data_at
        row.published_at = row.published_at or now
        detail = {"version": version.number, "content": version.content, "delta": version.delta}
        reason = say("第 {number} 版,{count} 行", number=version.number, count=version.rows)
        journal.write(row, "published", by=journal.WORKER, now=now, reason=reason, detail=detail)
        if version.number == 1:
            journal.tell_about(row, identity.Role.STEWARD, row.resource.office.code, "数据集已开放", now)
        return _end(build, BuildState.DONE, now)


@transaction.atomic
def failed(build: Build, error: ZhengtongError, *, now: datetime) -> BuildState:
    """Nothing came of it: an open dataset keeps its version, a proposal goes back to its steward with the reason."""
    row = _current(build)
    build.failure = error.as_kept()
    if row is None:
        return _end(build, BuildState.FAILED, now)
    row.looked_at = exchange.landed_at([row.resource_id]).get(row.resource_id)
    if row.state != State.OPEN:
        row.state, row.reason = State.RETURNED, build.failure["message"]
    journal.write(row, "failed", by=journal.WORKER, now=now, reason=error.sentence, detail={"code": error.code})
    journal.tell_about(row, identity.Role.STEWARD, row.resource.office.code, "没有生成新版本", now)
    return _end(build, BuildState.FAILED, now)
