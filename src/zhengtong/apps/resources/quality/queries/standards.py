"""Reads of the dictionary of standard items, and of the links between it and the items of entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.quality.models import EntryScore, ItemGroup, ItemUse, StandardItem, StandardVersion
from zhengtong.apps.resources.quality.models.item import Link
from zhengtong.apps.resources.quality.rules.naming import group_key, normalised
from zhengtong.apps.resources.quality.rules.standards import StandardContent, deviations
from zhengtong.kernel.errors import NotFound


class StandardUnknown(NotFound):
    """没有这个标准数据元。"""

    code = "standard-unknown"


@dataclass(frozen=True)
class StandardView:
    """A standard item; ``group`` is the number of the items that are it, None while there are none."""

    id: int
    code: str
    content: StandardContent
    version: int
    withdrawn: bool
    changed_at: datetime
    group: int | None = None
    uses: int = 0
    offices: int = 0


def content_of(row: StandardItem) -> StandardContent:
    """What a row says."""
    return StandardContent(
        name=row.name,
        data_type=row.data_type,
        definition=row.definition,
        synonyms=tuple(row.synonyms),
        length=row.length,
        code_list=row.code_list,
        sensitivity=row.sensitivity,
        source=row.source,
    )


def _views(rows: list[StandardItem]) -> list[StandardView]:
    groups = {group.key: group for group in ItemGroup.objects.filter(key__in=[group_key("", "", row.code) for row in rows])}
    found = []
    for row in rows:
        group = groups.get(group_key("", "", row.code))
        counts = (group.pk, group.uses, group.offices) if group else (None, 0, 0)
        found.append(StandardView(row.pk, row.code, content_of(row), row.version, row.withdrawn_at is not None, row.changed_at, *counts))
    return found


def _narrowed(text: str) -> QuerySet[StandardItem]:
    rows = StandardItem.objects.all()
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(code__istartswith=text) | Q(words__word__contains=normalised(text) or text)
        ).distinct()
    return rows


def standards(*, text: str = "", after: str = "", limit: int = 50) -> list[StandardView]:
    """Standard items by code behind the code ``after``."""
    return _views(list(_narrowed(text).filter(code__gt=after).order_by("code")[:limit]))


def every_standard(*, text: str = "") -> Iterator[StandardView]:
    """All standard items in force, for a file."""
    for row in _narrowed(text).filter(withdrawn_at__isnull=True).order_by("code").iterator():
        yield StandardView(row.pk, row.code, content_of(row), row.version, withdrawn=False, changed_at=row.changed_at)


def standard(standard_id: int) -> StandardView:
    """
    One standard item.

    :raises StandardUnknown: if there is none.
    """
    row = StandardItem.objects.filter(pk=standard_id).first()
    if row is None:
        raise StandardUnknown
    return _views([row])[0]


def standard_versions(standard_id: int, *, limit: int = 50) -> list[StandardVersion]:
    """What was decided about a standard item, latest first."""
    return list(StandardVersion.objects.filter(standard=standard_id).order_by("-number")[:limit])


@dataclass(frozen=True)
class UseView:
    """An item of a published entry beside the standard item that bears its name; ``deviates`` are the fields that differ."""

    id: int
    resource: int
    resource_name: str
    office: str
    office_name: str
    key: str
    name: str
    data_type: str
    length: int | None
    dictionary: str
    standard: StandardContent | None
    standard_id: int | None
    link: str
    deviates: tuple[str, ...]
    group: int | None

    @property
    def link_label(self) -> str:
        """How it stands to the standard item, in words."""
        return str(Link(self.link).label)


def _use(row: ItemUse, names: Mapping[int, str]) -> UseView:
    content = content_of(row.standard) if row.standard and row.link != Link.REFUSED else None
    found = (
        deviations(data_type=row.data_type, length=row.length, dictionary=row.dictionary, standard=content) if content is not None else []
    )
    return UseView(
        id=row.pk,
        resource=row.resource_id,
        resource_name=names.get(row.resource_id, ""),
        office=row.office_id,
        office_name=row.office.name,
        key=row.key,
        name=row.name,
        data_type=row.data_type,
        length=row.length,
        dictionary=row.dictionary,
        standard=content,
        standard_id=row.standard_id if content else None,
        link=row.link,
        deviates=tuple(found),
        group=row.group_id,
    )


def _uses(rows: QuerySet[ItemUse], limit: int | None = None) -> list[UseView]:
    shown = ("resource_id", "office__name", "office__code", "key", "name", "data_type", "length", "dictionary", "link", "group_id")
    standard = ("code", "name", "synonyms", "data_type", "length", "code_list", "sensitivity", "definition", "source")
    found = list(rows.select_related("office", "standard").only(*shown, *(f"standard__{one}" for one in standard)).order_by("pk")[:limit])
    names = dict(EntryScore.objects.filter(pk__in={row.resource_id for row in found}).values_list("pk", "name"))
    return [_use(row, names) for row in found]


def proposals(actor: identity.Actor, *, after: str = "", limit: int = 50) -> list[UseView]:
    """Items of the actor's offices, as their steward, for which a standard item is proposed, behind the number ``after``."""
    rows = ItemUse.objects.filter(office__in=sorted(actor.offices(identity.Role.STEWARD)), link=Link.PROPOSED)
    return _uses(rows.filter(pk__gt=int(after) if after.isdigit() else 0), limit)


def uses_of_group(group_id: int, *, after: str = "", limit: int = 50) -> list[UseView]:
    """The items that are the same one, by number behind ``after``."""
    rows = ItemUse.objects.filter(group=group_id, pk__gt=int(after) if after.isdigit() else 0)
    return _uses(rows, limit)
