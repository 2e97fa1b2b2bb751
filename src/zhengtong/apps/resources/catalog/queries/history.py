"""What was published before, what changed, and who did what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog.models import ResourceEvent, ResourceVersion
from zhengtong.apps.resources.catalog.queries.resources import ResourceUnknown, resource, working_copy
from zhengtong.apps.resources.catalog.rules.content import Content
from zhengtong.apps.resources.catalog.rules.differences import Difference, compare
from zhengtong.kernel.sentences import say, told

EVENT_LABELS = {
    "created": "新建",
    "edited": "编辑",
    "submitted": "提交审核",
    "recalled": "撤回提交",
    "approved": "部门审核通过",
    "returned": "退回",
    "published": "发布",
    "withdrawn": "下线",
    "discarded": "放弃修改",
    "imported": "导入",
    "refreshed": "导入更新",
    "warned": "期限提醒",
}


@dataclass(frozen=True)
class VersionLine:
    """That a version was published, and when."""

    number: int
    published_at: datetime


@dataclass(frozen=True)
class VersionView:
    """A published version; ``content`` is what it said."""

    number: int
    published_at: datetime
    content: Content


@dataclass(frozen=True)
class EventView:
    """A line of the timeline."""

    at: datetime
    actor: str
    actor_name: str
    event: str
    label: str
    reason: str


def versions(resource_id: int) -> list[VersionLine]:
    """
    The versions of a published entry, newest first, without what they said: a page lists dozens of them.

    :raises ResourceUnknown: if nothing of it is published.
    """
    rows = ResourceVersion.objects.filter(resource_id=resource_id, resource__served_version__isnull=False).order_by("-number")
    found = [VersionLine(number, at) for number, at in rows.values_list("number", "published_at")]
    if not found:
        raise ResourceUnknown(say("没有已发布的目录 {ref}", ref=resource_id), field="resource")
    return found


def version(ref: str | int, number: int) -> VersionView:
    """
    One version of a published entry.

    :raises ResourceUnknown: if nothing of it is published or it has no such version.
    """
    row = ResourceVersion.objects.filter(resource_id=resource(ref).id, number=number).first()
    if row is None:
        raise ResourceUnknown(say("该目录没有第 {number} 版", number=number), field="version")
    return _version(row)


def _version(row: ResourceVersion) -> VersionView:
    return VersionView(row.number, row.published_at, Content.of(row.document))


def difference(ref: str | int, before: int, after: int) -> Difference:
    """
    What changed between two published versions; version 0 is the empty entry.

    :raises ResourceUnknown: if a version does not exist.
    """
    return compare(_document(ref, before), _document(ref, after))


def _document(ref: str | int, number: int) -> dict[str, Any]:
    return version(ref, number).content.document() if number else {}


def pending_changes(ref: str | int, *, actor: identity.Actor) -> Difference:
    """
    What the working copy would change in the last published version.

    :raises ResourceUnknown: if there is no such entry.
    :raises NotAllowed: if the actor is neither of its office nor of the bureau.
    """
    view = working_copy(ref, actor=actor)
    last = ResourceVersion.objects.filter(resource_id=view.id).order_by("-number").first()
    return compare(Content.of(last.document).document() if last else {}, view.content.document())


def timeline(ref: str | int, *, actor: identity.Actor, limit: int = 100) -> list[EventView]:
    """
    Who did what to an entry, newest first.

    :raises ResourceUnknown: if there is no such entry.
    :raises NotAllowed: if the actor is neither of its office nor of the bureau.
    """
    view = working_copy(ref, actor=actor)
    rows = ResourceEvent.objects.filter(resource_id=view.id)[:limit]
    return [
        EventView(
            row.at,
            row.actor,
            say("平台") if row.actor.startswith("process:") else row.actor_name,
            row.event,
            EVENT_LABELS.get(row.event, row.event),
            told(row.reason),
        )
        for row in rows
    ]
