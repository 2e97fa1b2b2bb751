"""Files of items that were taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from zhengtong.apps.affairs.services.models import ItemImport, QuarantinedRow
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.errors import NotFound
from zhengtong.toolkit import csv_text

Role = identity.Role


class ItemImportUnknown(NotFound):
    """没有这次导入,或您无权查看。"""

    code = "service-import-unknown"


@dataclass(frozen=True)
class ImportView:
    """What came of a file."""

    id: int
    file_name: str
    form: str
    at: datetime
    actor_name: str
    total: int
    added: int
    changed: int
    unchanged: int
    quarantined: int
    noted: int
    published: int


@dataclass(frozen=True)
class QuarantineView:
    """A row that was not taken; ``sentence`` and ``remedy`` as tables keep sentences."""

    id: int
    sheet: str
    number: int
    field: str
    rule: str
    sentence: Any
    remedy: Any
    record: dict[str, str]


def import_view(row: ItemImport) -> ImportView:
    """The view of a run."""
    names = ("file_name", "form", "at", "actor_name", "total", "added", "changed", "unchanged", "quarantined", "noted", "published")
    return ImportView(row.pk, *(getattr(row, name) for name in names))


def _seen(actor: identity.Actor) -> QuerySet[ItemImport]:
    """Runs of the actor's own; those who publish see what commands took in too."""
    own = ItemImport.objects.filter(actor=actor.label)
    return own | ItemImport.objects.filter(actor__startswith="process:") if actor.holds(Role.BUREAU_APPROVER) else own


def imports(actor: identity.Actor, *, limit: int = 30) -> list[ImportView]:
    """Runs that somebody may see, the newest first."""
    return [import_view(row) for row in _seen(actor).order_by("-pk")[:limit]]


def import_run(number: int, actor: identity.Actor) -> ImportView:
    """
    One run.

    :raises ItemImportUnknown: if there is none that the actor may see.
    """
    row = _seen(actor).filter(pk=number).first()
    if row is None:
        raise ItemImportUnknown
    return import_view(row)


def quarantine(number: int, actor: identity.Actor, *, after: str = "", limit: int = 50) -> list[QuarantineView]:
    """What a run kept out, by its place."""
    import_run(number, actor)
    rows = QuarantinedRow.objects.filter(run=number)
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after))
    names = ("sheet", "number", "field", "rule", "sentence", "remedy", "record")
    return [QuarantineView(row.pk, *(getattr(row, name) for name in names)) for row in rows[:limit]]


def quarantine_csv(number: int, actor: identity.Actor, told: Any) -> bytes:
    """
    What a run kept out as CSV: place, element, rule, sentence, remedy, and the row as it was.

    :param told: says a kept sentence in the reader's language.
    """
    rows = quarantine(number, actor, limit=100_000)
    columns = list(dict.fromkeys(name for row in rows for name in row.record))
    head = ["sheet", "row", "field", "rule", "sentence", "remedy", *columns]
    lines = [
        [row.sheet, row.number, row.field, row.rule, told(row.sentence), told(row.remedy), *(row.record.get(name, "") for name in columns)]
        for row in rows
    ]
    return csv_text.MARK + csv_text.encode([head, *lines])
