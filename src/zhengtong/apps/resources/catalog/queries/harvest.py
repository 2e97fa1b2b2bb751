"""Sources that are harvested, as their keepers see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog.models import HarvestSource, ImportRun
from zhengtong.apps.resources.catalog.queries.imports import ImportRunView, run_view
from zhengtong.apps.resources.catalog.queries.resources import bureau_code
from zhengtong.apps.resources.catalog.rules import permissions
from zhengtong.apps.resources.catalog.rules.harvest.kinds import KIND_LABELS, Kind
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import Kept


class HarvestUnknown(NotFound):
    """没有这个来源,或您无权查看。"""

    code = "harvest-unknown"


@dataclass(frozen=True)
class HarvestView:
    """A source: what it is, when it was and will be read, and what the last reading brought."""

    id: int
    office: str
    office_name: str
    title: str
    kind: str
    address: str
    options: dict[str, Any]
    every_hours: int
    state: str
    failure: Kept
    read_at: datetime | None
    next_at: datetime | None
    vanished: int
    last_run: ImportRunView | None
    changed_name: str

    @property
    def kind_label(self) -> str:
        """What is found at its address."""
        return KIND_LABELS[Kind(self.kind)]

    @property
    def working(self) -> bool:
        """Whether it is being read or waits to be."""
        return self.state in {"queued", "running"}


def _view(row: HarvestSource) -> HarvestView:
    names = (
        "id",
        "title",
        "kind",
        "address",
        "options",
        "every_hours",
        "state",
        "failure",
        "read_at",
        "next_at",
        "vanished",
        "changed_name",
    )
    return HarvestView(
        **{name: getattr(row, name) for name in names},
        office=row.office.code,
        office_name=row.office.name,
        last_run=run_view(row.last_run) if row.last_run else None,
    )


def harvest_sources(actor: identity.Actor, *, after: str = "", limit: int = 50) -> list[HarvestView]:
    """The sources of the offices for which the actor is steward or approver, behind the number ``after``."""
    offices = actor.offices(identity.Role.STEWARD, identity.Role.BUREAU_APPROVER)
    rows = HarvestSource.objects.select_related("office", "last_run__office").filter(office__code__in=offices)
    if after.isdigit():
        rows = rows.filter(pk__gt=int(after))
    return [_view(row) for row in rows[:limit]]


def harvest_source(source_id: int, *, actor: identity.Actor) -> HarvestView:
    """
    A source.

    :raises HarvestUnknown: if there is none, or the actor may not import for its office.
    """
    row = HarvestSource.objects.select_related("office", "last_run__office").filter(pk=source_id).first()
    if row is None or not permissions.may_import(actor, office=row.office.code, bureau=bureau_code(row.office.region_id)):
        raise HarvestUnknown
    return _view(row)


def harvest_runs(source_id: int, *, actor: identity.Actor, limit: int = 20) -> list[ImportRunView]:
    """
    What the last readings brought, newest first.

    :raises HarvestUnknown: as :func:`harvest_source`.
    """
    harvest_source(source_id, actor=actor)
    rows = ImportRun.objects.select_related("office").filter(source=f"harvest:{source_id}")
    return [run_view(row) for row in rows[:limit]]
