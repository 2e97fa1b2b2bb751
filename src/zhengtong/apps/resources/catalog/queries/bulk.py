"""Changes of many entries: whom they would reach, how far they are, what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog.models import BulkEdit, BulkLine, Resource
from zhengtong.apps.resources.catalog.models.bulk import BulkOutcomeKind, BulkState
from zhengtong.apps.resources.catalog.queries.worklists import WorkFilter, narrowed
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import Kept


class BulkUnknown(NotFound):
    """没有这次成批修改,或不是您做的。"""

    code = "bulk-unknown"


@dataclass(frozen=True)
class BulkView:
    """A change of many entries: ``total`` is what waits, was changed, said so already and was refused, together."""

    id: int
    started_at: datetime
    values: dict[str, Any]
    state: str
    failure: Kept
    waiting: int
    changed: int
    same: int
    refused: int
    undoes: int | None
    undone_by: int | None

    @property
    def total(self) -> int:
        """All its entries."""
        return self.waiting + self.changed + self.same + self.refused

    @property
    def done(self) -> int:
        """The entries that are settled."""
        return self.total - self.waiting

    @property
    def percent(self) -> int:
        """How far it is, of 100."""
        return self.done * 100 // self.total if self.total else 100

    @property
    def may_undo(self) -> bool:
        """Whether there is something to take back."""
        return self.state == BulkState.DONE and self.changed > 0 and self.undoes is None and self.undone_by is None


@dataclass(frozen=True)
class BulkRefusal:
    """An entry that could not be changed, and why."""

    id: int
    resource: int
    name: str
    reason: Kept


def editable(actor: identity.Actor, wanted: WorkFilter) -> QuerySet[Resource]:
    """The entries of a worklist that the actor keeps as steward; others' are not theirs to change, whatever they review."""
    rows = narrowed(actor, wanted).filter(office__code__in=actor.offices(identity.Role.STEWARD))
    return rows.filter(state=wanted.state) if wanted.state else rows


def count_editable(actor: identity.Actor, wanted: WorkFilter) -> int:
    """How many entries a change would reach."""
    return editable(actor, wanted).count()


def _views(rows: list[BulkEdit]) -> list[BulkView]:
    counted = BulkLine.objects.filter(edit__in=rows).order_by().values_list("edit", "outcome").annotate(Count("pk"))
    counts = {(edit, outcome): number for edit, outcome, number in counted}
    undone = dict(BulkEdit.objects.filter(undoes__in=rows).values_list("undoes", "pk"))
    return [
        BulkView(
            **{name: getattr(row, name) for name in ("id", "started_at", "values", "state", "failure")},
            **{kind.value: counts.get((row.pk, kind.value), 0) for kind in BulkOutcomeKind},
            undoes=row.undoes_id,
            undone_by=undone.get(row.pk),
        )
        for row in rows
    ]


def bulk_edits(actor: identity.Actor, *, limit: int = 20) -> list[BulkView]:
    """The actor's own changes, latest first."""
    return _views(list(BulkEdit.objects.filter(account_id=actor.account_id)[:limit]))


def bulk_edit(number: int, *, actor: identity.Actor) -> BulkView:
    """
    One of the actor's own changes.

    :raises BulkUnknown: if there is none, or it is somebody else's.
    """
    found = _views(list(BulkEdit.objects.filter(pk=number, account_id=actor.account_id)))
    if not found:
        raise BulkUnknown
    return found[0]


def bulk_refusals(number: int, *, actor: identity.Actor, after: str = "", limit: int = 50) -> list[BulkRefusal]:
    """
    What was refused, in order, behind the line ``after``.

    :raises BulkUnknown: if there is no such change, or it is somebody else's.
    """
    bulk_edit(number, actor=actor)
    rows = BulkLine.objects.filter(edit=number, outcome=BulkOutcomeKind.REFUSED).select_related("resource")
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after))
    return [BulkRefusal(row.pk, row.resource_id, row.resource.name, row.reason) for row in rows[:limit]]
