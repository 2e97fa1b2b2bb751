"""Writes of process templates, by the data bureau of the node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from zhengtong.apps.affairs.cases.models import ProcessTemplate
from zhengtong.apps.affairs.cases.queries.processes import ProcessUnknown
from zhengtong.apps.affairs.cases.rules import templates
from zhengtong.apps.affairs.cases.rules.templates import TemplateIncomplete
from zhengtong.apps.affairs.cases.rules.vocabulary import TemplateState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.workflow import bpmn, bpmn_reading
from zhengtong.kernel.sentences import say

Role = identity.Role


def require_author(actor: identity.Actor) -> None:
    """
    Refuse whoever does not keep the processes.

    :raises NotYours: without the role of an approver of the data bureau.
    """
    if not actor.holds(Role.BUREAU_APPROVER):
        raise identity.NotYours("流程模板由数据主管部门的审核员管理")


@transaction.atomic
def take_process(*, actor: identity.Actor, file: bytes | str, offices: Mapping[str, str] | None = None, now: datetime) -> tuple[str, int]:
    """
    Take a BPMN file as the draft of its process, in place of the draft there was; returns code and version.

    Lanes that an earlier version named keep their office, tasks their post.

    :param offices: lane → credit code, empty for the case's own office; what is not named stays as it was.
    :raises NotYours: as :func:`require_author`.
    :raises OutsideSubset, InvalidProcess: if the file is no process that cases can run on.
    """
    require_author(actor)
    process = bpmn_reading.read(file)
    rows = ProcessTemplate.objects.select_for_update().filter(code=process.key)
    draft = rows.filter(state=TemplateState.DRAFT).first()
    before = draft or rows.order_by("-version").first()
    version = draft.version if draft else (rows.aggregate(last=Max("version"))["last"] or 0) + 1
    process = replace(process, version=version)
    lanes = templates.lanes(process)
    known = {**(before.offices if before else {}), **(offices or {})}
    posts = {
        **templates.usual_posts(process),
        **{key: post for key, post in (before.posts if before else {}).items() if key in process.by_key},
    }
    row = draft or ProcessTemplate(code=process.key, version=version)
    row.name, row.bpmn = process.name, bpmn.written(process)
    row.offices, row.posts = {lane: known[lane] for lane in lanes if lane in known}, posts
    row.made_by, row.made_at = actor.label, now
    row.save()
    security.record("cases:process:drafted", at=now, actor=actor.label, office=actor.office, detail=_named(row))
    return row.code, row.version


@transaction.atomic
def assign_lanes(*, actor: identity.Actor, code: str, offices: Mapping[str, str], posts: Mapping[str, str], now: datetime) -> None:
    """
    Say which office stands behind each lane of a draft, and who of it does each task.

    :raises NotYours: as :func:`require_author`.
    :raises ProcessUnknown: if the process has no draft.
    :raises TemplateIncomplete: for an office or post that is none.
    """
    require_author(actor)
    row = _draft(code)
    process = bpmn_reading.read(row.bpmn)
    known = organisations.offices_by_code(value for value in offices.values() if value)
    for lane, office in offices.items():
        if office and (office not in known or known[office].valid_until is not None):
            raise TemplateIncomplete(say("没有代码为“{code}”的单位", code=office), field=f"office-{lane}", remedy="填写在册单位的代码")
    row.offices = {lane: offices[lane] for lane in templates.lanes(process) if lane in offices}
    row.posts = {**row.posts, **{key: post for key, post in posts.items() if key in row.posts}}
    row.save()
    security.record(
        "cases:process:assigned", at=now, actor=actor.label, office=actor.office, detail={**_named(row), "offices": row.offices}
    )


@transaction.atomic
def publish_process(*, actor: identity.Actor, code: str, now: datetime) -> int:
    """
    Let new cases begin on the draft of a process; those that run stay with their version. Returns the version.

    :raises NotYours: as :func:`require_author`.
    :raises ProcessUnknown: if the process has no draft.
    :raises TemplateIncomplete: the first thing that is missing.
    """
    require_author(actor)
    row = _draft(code)
    for fault in templates.faults(bpmn_reading.read(row.bpmn), row.offices, row.posts):
        raise fault
    ProcessTemplate.objects.filter(code=code, state=TemplateState.PUBLISHED).update(state=TemplateState.RETIRED)
    row.state, row.published_by, row.published_at = TemplateState.PUBLISHED, actor.label, now
    row.save()
    security.record("cases:process:published", at=now, actor=actor.label, office=actor.office, detail=_named(row))
    return row.version


def _draft(code: str) -> ProcessTemplate:
    row = ProcessTemplate.objects.select_for_update().filter(code=code, state=TemplateState.DRAFT).first()
    if row is None:
        raise ProcessUnknown(say("流程 {code} 没有草稿", code=code), field="code", remedy="先导入新的一版")
    return row


def _named(row: ProcessTemplate) -> dict[str, object]:
    return {"process": row.code, "version": row.version, "name": row.name}
