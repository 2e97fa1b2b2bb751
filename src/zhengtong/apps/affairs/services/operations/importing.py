"""
Taking lists of items in: our own column form, or the list that a place publishes.

Items come in as drafts, known again by their code; a row that a rule refuses stays in quarantine with the rule and the remedy. One file is
one transaction, so that it came in whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from django.db import transaction

from zhengtong.apps.affairs.services.models import ItemEvent, ItemImport, ItemVersion, Material, QuarantinedRow, ServiceItem
from zhengtong.apps.affairs.services.operations import storing
from zhengtong.apps.affairs.services.queries.forms import item_findings
from zhengtong.apps.affairs.services.queries.imports import ImportView, import_view
from zhengtong.apps.affairs.services.queries.items import content_in, local_codes, unreasoned, versions_with_materials
from zhengtong.apps.affairs.services.queries.sources import supplies
from zhengtong.apps.affairs.services.rules import checking, foreign, reading, tabulating
from zhengtong.apps.affairs.services.rules.content import Content
from zhengtong.apps.affairs.services.rules.reading import ItemFileRefused, Row
from zhengtong.apps.affairs.services.rules.sources import with_reasons
from zhengtong.apps.affairs.services.rules.states import ItemNotAllowed
from zhengtong.apps.affairs.services.rules.tabulating import Bad, Given, Taken
from zhengtong.apps.affairs.services.rules.vocabulary import OPEN_STATES, State, VersionState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import kept

Role = identity.Role
_OFFICES = 10_000
Progress = Callable[[int, int], None]


@dataclass
class _Counts:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    noted: int = 0
    published: int = 0


@dataclass
class _Batch:
    """What is to be written at the end of a file."""

    items: list[ServiceItem] = field(default_factory=list)
    versions: list[tuple[ItemVersion, Given]] = field(default_factory=list)
    changed: list[tuple[ItemVersion, Given]] = field(default_factory=list)
    events: list[ItemEvent] = field(default_factory=list)


def _offices(actor: identity.Actor | None) -> dict[str, organisations.OfficeView]:
    """The offices for which somebody may take items in: a steward's own, all of the bureau's region; all for a command."""
    every = organisations.search_offices(limit=_OFFICES)
    if actor is None:
        return {one.code: one for one in every}
    own, bureaus = actor.offices(Role.STEWARD), actor.offices(Role.BUREAU_APPROVER)
    looked_after = {region: organisations.bureau_code(region) in bureaus for region in {one.region for one in every}} if bureaus else {}
    return {one.code: one for one in every if one.code in own or looked_after.get(one.region)}


def _taken(rows: Sequence[Row], offices: dict[str, organisations.OfficeView]) -> tuple[str, Taken]:
    if tabulating.is_ours(rows):
        return "columns", tabulating.take(rows)
    if foreign.is_such(rows):
        bodies = [foreign.Body(one.code, one.name, str(int(one.level))) for one in offices.values()]
        return "list", foreign.take(rows, bodies, local_codes())
    raise ItemFileRefused(
        "认不出这是哪种事项清单", field="file", remedy="用导出的表格式,或有 事项名称、itemCode、deptCode、areaCode、taskType 这些列的清单"
    )


@transaction.atomic
def import_items(
    *,
    data: bytes,
    file_name: str,
    actor: identity.Actor | None,
    by: str,
    now: datetime,
    publish: bool = False,
    progress: Progress | None = None,
) -> ImportView:
    """
    Take a file in.

    :param actor: who hands it in; None for a command, which may everything.
    :param by: how the ledger names whoever does it.
    :param publish: the items are in force where they come from: those without errors are published at once, the others stay drafts.
    :raises ItemFileRefused: if it cannot be read as a list of items.
    :raises ItemNotAllowed: if the actor is neither a steward nor of the bureau, or a steward who would publish.
    """
    offices = _offices(actor)
    if not offices:
        raise ItemNotAllowed("导入事项需要数据专员或主管部门审核员角色", remedy="请有这个角色的同事办理")
    if publish and actor is not None and not actor.holds(Role.BUREAU_APPROVER):
        raise ItemNotAllowed("导入后直接发布由主管部门审核员办理", remedy="不勾选直接发布,导入后提交审核")
    form, taken = _taken(reading.read(data), offices)
    counts, batch = _Counts(), _Batch()
    _weigh(taken, offices, counts, batch, actor or by, now, progress)
    _write(batch, provisional=form == "list", now=now)
    if publish:
        counts.published = _published(batch, actor or by, now)
    run = ItemImport.objects.create(
        file_name=file_name[:300],
        sha256=hashlib.sha256(data).hexdigest(),
        form=form,
        at=now,
        actor=by,
        actor_name=actor.name if actor else "",
        offices=sorted(offices) if actor else [],
        total=counts.added + counts.changed + counts.unchanged + len(taken.bad),
        quarantined=len(taken.bad),
        **vars(counts),
    )
    QuarantinedRow.objects.bulk_create(_quarantined(run, one) for one in taken.bad)
    detail = {"run": run.pk, "file": run.file_name, "sha256": run.sha256, "quarantined": run.quarantined, **vars(counts)}
    security.record("services:import:done", at=now, actor=by, office=actor.office if actor else "", rows=run.total, detail=detail)
    return import_view(run)


def _published(batch: _Batch, by: identity.Actor | str, now: datetime) -> int:
    """Publish what came in without an error; returns how many."""
    pairs = (*batch.versions, *batch.changed)
    known = supplies(one.material_name for _version_row, given in pairs for one in given.content.materials)
    good = []
    for version, given in pairs:
        wrong = [
            *checking.check(given.content, task_type=given.code.basic.type),
            *unreasoned(given.content, known),
            *item_findings(given.content),
        ]
        if not checking.errors(tuple(wrong)):
            good.append((version, given))
    ids = [version.item_id for version, _given in good]
    ItemVersion.objects.filter(item__in=ids, state=VersionState.PUBLISHED).update(state=VersionState.REPLACED, replaced_at=now)
    rows = {row.pk: row for row in ServiceItem.objects.filter(pk__in=ids).select_related("office")}
    for version, given in good:
        version.state, version.published_at = VersionState.PUBLISHED, now
        row = rows[version.item_id]
        storing.set_found(row, given.content)
        row.published_at = now
        row.state = State.IN_USE if row.state == State.DRAFT else row.state
    ItemVersion.objects.bulk_update([version for version, _given in good], ["state", "published_at"])
    found = ("words", "pairs", "served", "topics", "events", "audience", "residence", "industries")
    ServiceItem.objects.bulk_update(rows.values(), ["name", "state", "published_at", *found])
    told = (storing.event_row(rows[version.item_id], "published", actor=by, now=now, version=version.number) for version, _given in good)
    ItemEvent.objects.bulk_create(told)
    return len(good)


def _quarantined(run: ItemImport, one: Bad) -> QuarantinedRow:
    told = {"sentence": kept(one.sentence), "remedy": kept(one.remedy)}
    return QuarantinedRow(run=run, sheet=one.sheet, number=one.number, field=one.field, rule=one.rule, record=one.record, **told)


def _weigh(
    taken: Taken,
    offices: dict[str, organisations.OfficeView],
    counts: _Counts,
    batch: _Batch,
    by: identity.Actor | str,
    now: datetime,
    progress: Progress | None,
) -> None:
    """Decide for each item whether it is new, changed or the same; what may not come in joins the bad rows."""
    codes_ = [one.code.text for one in taken.items]
    there = {one.code: one for one in ServiceItem.objects.select_for_update(of=("self",)).filter(code__in=codes_).select_related("office")}
    newest: dict[int, ItemVersion] = {}
    for version in versions_with_materials().filter(item__in=there.values()).order_by("number"):
        newest[version.item_id] = version
    for done, given in enumerate(taken.items, start=1):
        try:
            _one(given, offices, there.get(given.code.text), newest, counts, batch, by, now)
        except Invalid as exc:
            taken.bad.append(tabulating.bad(given.row, exc))
        if progress:
            progress(done, len(taken.items))


def _one(
    given: Given,
    offices: dict[str, organisations.OfficeView],
    row: ServiceItem | None,
    newest: dict[int, ItemVersion],
    counts: _Counts,
    batch: _Batch,
    by: identity.Actor | str,
    now: datetime,
) -> None:
    code = given.code
    if code.office not in offices:
        raise Invalid("没有登记这个单位,或不归您导入", field="dept_code", remedy="先登记单位,或由那个单位的数据专员导入")
    if not given.content.task_name:
        raise Invalid("没有填写事项名称", field="task_name", remedy="补上名称")
    version = newest.get(row.pk) if row else None
    before = content_in(version) if version else None
    given = replace(given, content=_signed(given, before, by, now))
    if row is None:
        facts = {"code": code.text, "office_id": code.office, "level": code.level, "basic_id": code.basic.text, "handle": code.handle}
        local = given.content.local_task_code if foreign.is_such([given.row]) else ""
        row = ServiceItem(**facts, local_code=local, name=given.content.task_name[:200], added_at=now, changed_at=now)
        batch.items.append(row)
        batch.versions.append((_version(row, 1, by, now), given))
        batch.events.append(storing.event_row(row, "imported", actor=by, now=now, version=1))
        counts.added += 1
    else:
        _again(given, row, version, counts, batch, by, now)
    counts.noted += bool(given.notes)


def _signed(given: Given, before: Content | None, by: identity.Actor | str, now: datetime) -> Content:
    """Reasons bear whoever brought them, not whom a file names; a command takes over what another installation recorded."""
    if isinstance(by, identity.Actor):
        return with_reasons(given.content, before, name=by.name, at=now)
    own = {one.material_name: one for one in with_reasons(given.content, before, name=by, at=now).materials}
    materials = tuple(one if one.reason_by and one.reason else own[one.material_name] for one in given.content.materials)
    return msgspec.structs.replace(given.content, materials=materials)


def _version(row: ServiceItem, number: int, by: identity.Actor | str, now: datetime) -> ItemVersion:
    return ItemVersion(item=row, number=number, made_at=now, made_by=by.label if isinstance(by, identity.Actor) else by)


def _again(
    given: Given, row: ServiceItem, version: ItemVersion | None, counts: _Counts, batch: _Batch, by: identity.Actor | str, now: datetime
) -> None:
    if row.state == State.CANCELLED:
        raise Invalid("这个事项已取消", field="task_code", remedy="另编编码,或从文件里删去")
    if version is not None and _same(content_in(version), given):
        counts.unchanged += 1
        return
    if version is not None and version.state == VersionState.SUBMITTED:
        raise Invalid("这个事项正在审核,不能改动", field="task_code", remedy="先撤回或等审核结束,再导入")
    if version is not None and version.state in OPEN_STATES:
        version.revision += 1
        version.state = VersionState.DRAFT
        batch.changed.append((version, given))
    else:
        made = _version(row, version.number + 1 if version else 1, by, now)
        made.revision = version.revision + 1 if version else 1
        batch.versions.append((made, given))
    row.changed_at = now
    row.save(update_fields=["changed_at"])
    batch.events.append(storing.event_row(row, "imported", actor=by, now=now, version=version.number if version else 1))
    counts.changed += 1


def _same(before: object, given: Given) -> bool:
    """Whether a file says nothing new; a list of names says nothing about what its office wrote since."""
    return before == given.content or foreign.is_such([given.row])


def _write(batch: _Batch, *, provisional: bool, now: datetime) -> None:
    named = [(given.code.basic, given.content.task_name) for _version_row, given in batch.versions]
    storing.basics(named, provisional=provisional, now=now)
    ServiceItem.objects.bulk_create(batch.items)
    for version, given in (*batch.versions, *batch.changed):
        version.document = storing.document_of(given.content)
    ItemVersion.objects.bulk_create(version for version, _given in batch.versions)
    ItemVersion.objects.bulk_update([version for version, _given in batch.changed], ["document", "revision", "state"])
    Material.objects.filter(version__in=[version for version, _given in batch.changed]).delete()
    everything = (*batch.versions, *batch.changed)
    Material.objects.bulk_create(row for version, given in everything for row in storing.materials_of(version, given.content))
    ItemEvent.objects.bulk_create(batch.events)
