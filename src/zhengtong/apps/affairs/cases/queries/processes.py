"""Reads of process templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from zhengtong.apps.affairs.cases.models import ProcessTemplate
from zhengtong.apps.affairs.cases.rules import templates
from zhengtong.apps.affairs.cases.rules.vocabulary import TEMPLATE_LABELS, TEMPLATE_TONES, Post, TemplateState
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.engines.workflow import bpmn, bpmn_reading
from zhengtong.engines.workflow.process import Process
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say


class ProcessUnknown(NotFound):
    """没有这个流程,或它还没有发布。"""

    code = "process-unknown"


@dataclass(frozen=True)
class Running:
    """A published process as cases run on it: the engine's table, office of each lane (None: the case's own), post of each task."""

    id: int
    code: str
    version: int
    process: Process
    offices: Mapping[str, tuple[int, str] | None]
    posts: Mapping[str, Post]


@lru_cache(maxsize=512)
def running(template_id: int) -> Running:
    """
    A published process; it never changes, so it is read once.

    :raises ProcessUnknown: if it is a draft or unknown.
    """
    row = ProcessTemplate.objects.exclude(state=TemplateState.DRAFT).filter(pk=template_id).first()
    if row is None:
        raise ProcessUnknown
    known = organisations.offices_by_code(code for code in row.offices.values() if code)
    offices = {lane: (known[code].id, code) if code else None for lane, code in row.offices.items()}
    posts = {step: Post(post) for step, post in row.posts.items()}
    return Running(row.pk, row.code, row.version, bpmn_reading.read(row.bpmn), offices, posts)


def in_force(code: str) -> Running:
    """
    The version on which new cases of a process begin.

    :raises ProcessUnknown: if there is none in force.
    """
    found = ProcessTemplate.objects.filter(code=code, state=TemplateState.PUBLISHED).values_list("pk", flat=True).first()
    if found is None:
        raise ProcessUnknown(say("没有现行的流程 {code}", code=code), field="process", remedy="先发布流程")
    return running(found)


@dataclass(frozen=True)
class TemplateView:
    """A version of a process as pages show it."""

    id: int
    code: str
    version: int
    name: str
    state: str
    process: Process
    bpmn: str
    offices: Mapping[str, str]
    posts: Mapping[str, str]
    made_by: str
    made_at: datetime
    published_by: str
    published_at: datetime | None

    @property
    def state_label(self) -> str:
        """Its state in words."""
        return TEMPLATE_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """The tone of its state."""
        return TEMPLATE_TONES[self.state]


def _view(row: ProcessTemplate) -> TemplateView:
    return TemplateView(
        row.pk,
        row.code,
        row.version,
        row.name,
        row.state,
        bpmn_reading.read(row.bpmn),
        row.bpmn,
        row.offices,
        row.posts,
        row.made_by,
        row.made_at,
        row.published_by,
        row.published_at,
    )


def templates_listed(*, limit: int = 200) -> list[TemplateView]:
    """Of every process the version in force and the draft, by code."""
    rows = ProcessTemplate.objects.exclude(state=TemplateState.RETIRED).order_by("code", "-version")
    return [_view(row) for row in rows[:limit]]


def template(code: str, version: int) -> TemplateView:
    """
    One version of a process.

    :raises ProcessUnknown: if there is none.
    """
    row = ProcessTemplate.objects.filter(code=code, version=version).first()
    if row is None:
        raise ProcessUnknown(say("没有流程 {code} 第 {version} 版", code=code, version=version))
    return _view(row)


def draft(code: str) -> TemplateView:
    """
    The draft of a process.

    :raises ProcessUnknown: if it has none.
    """
    row = ProcessTemplate.objects.filter(code=code, state=TemplateState.DRAFT).first()
    if row is None:
        raise ProcessUnknown(say("流程 {code} 没有草稿", code=code))
    return _view(row)


def outcomes_of(template_id: int, step: str) -> tuple[str, ...]:
    """The outcomes of a task of a published process; none for what is no task."""
    duty = running(template_id).process.by_key[step].duty if step in running(template_id).process.by_key else None
    return duty.outcomes if duty else ()


def versions(code: str) -> list[TemplateView]:
    """All versions of a process, newest first."""
    return [_view(row) for row in ProcessTemplate.objects.filter(code=code).order_by("-version")]


def differences(code: str, version: int) -> tuple[templates.Change, ...]:
    """What a version says otherwise than the one before; nothing for the first."""
    before = ProcessTemplate.objects.filter(code=code, version__lt=version).order_by("-version").first()
    return templates.changes(bpmn_reading.read(before.bpmn), template(code, version).process) if before else ()


def exported(view: TemplateView) -> str:
    """The BPMN file of a version, laid out anew."""
    return bpmn.written(view.process)
