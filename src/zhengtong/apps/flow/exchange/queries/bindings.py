"""Reads of bindings, front databases and pushes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from zhengtong.apps.flow.exchange.models import Binding, DropFolder, FrontDatabase, Push
from zhengtong.apps.foundation.identity.api import Actor, Role


@dataclass(frozen=True)
class BindingView:
    """What stands behind a resource."""

    resource_id: int
    kind: str
    place: str
    schema: str
    table: str
    mapping: dict[str, str]
    rules: list[dict[str, Any]]
    mode: str
    cursor: str
    overlap: str
    every_minutes: int | None
    landed_at: datetime | None
    rows: int
    #: the edition of the file that is collected; None for tables
    edition: int | None
    absent: str
    #: the share of the rows, in hundredths, that one run may delete, and why it is another than usual
    most_vanishing: int
    vanishing_reason: str

    @property
    def is_file(self) -> bool:
        """Whether a file rather than a table stands behind the resource."""
        return self.kind == Binding.Kind.FILES


def binding(resource_id: int) -> BindingView | None:
    """The binding of a resource; None if there is none."""
    row = Binding.objects.filter(resource_id=resource_id).first()
    return _view(row) if row else None


def _view(row: Binding) -> BindingView:
    return BindingView(
        row.resource_id,
        row.kind,
        row.place,
        row.schema,
        row.table,
        row.mapping,
        row.rules,
        row.mode,
        row.cursor,
        row.overlap,
        row.every_minutes,
        row.landed_at,
        row.rows,
        row.edition_id,
        row.absent,
        row.most_vanishing,
        row.vanishing_reason,
    )


@dataclass(frozen=True)
class DropView:
    """A drop folder: its place below the installation's root, the pattern, and the last file that was refused (empty if none)."""

    folder: str
    place: str
    pattern: str
    refused_name: str
    refused_sentence: str
    refused_remedy: str
    refused_at: datetime | None


def drop_folder(resource_id: int) -> DropView | None:
    """The drop folder of a resource; None if there is none."""
    row = DropFolder.objects.filter(binding__resource_id=resource_id, binding__kind=Binding.Kind.FILES).first()
    if row is None:
        return None
    told = row.refusal
    at = datetime.fromisoformat(told["at"]) if told else None
    words = (told.get("name", ""), told.get("sentence", ""), told.get("remedy", ""))
    return DropView(row.name, f"{row.office}/{row.name}", row.pattern, *words, at)


def bound_resources() -> list[int]:
    """The resources behind which a table or a file stands."""
    return list(Binding.objects.order_by("resource_id").values_list("resource_id", flat=True))


def landed(resource_ids: list[int]) -> set[int]:
    """Those of the resources whose data is in the hub."""
    return set(Binding.objects.filter(resource_id__in=resource_ids, landed_at__isnull=False).values_list("resource_id", flat=True))


def landed_at(resource_ids: list[int]) -> dict[int, datetime]:
    """Since when the data of resources lies in the hub; those without any are absent."""
    rows = Binding.objects.filter(resource_id__in=resource_ids, landed_at__isnull=False).values_list("resource_id", "landed_at")
    return {resource_id: moment for resource_id, moment in rows if moment is not None}


@dataclass(frozen=True)
class FrontView:
    """A front database."""

    id: int
    office: str
    office_name: str
    name: str
    place: str
    schema: str


def bindings(actor: Actor, *, after: str = "", limit: int = 50) -> list[tuple[BindingView, str]]:
    """Bindings of the actor's offices with the names of their resources, by resource id."""
    rows = Binding.objects.select_related("resource").filter(resource__office__code__in=actor.offices(*Role)).order_by("resource_id")
    if after.isdecimal():
        rows = rows.filter(resource_id__gt=int(after))
    return [(_view(row), row.resource.name) for row in rows[:limit]]


def front_databases(actor: Actor) -> list[FrontView]:
    """Front databases of the actor's offices."""
    rows = FrontDatabase.objects.select_related("office").filter(office__code__in=actor.offices(*Role))
    return [FrontView(row.pk, row.office.code, row.office.name, row.name, row.place, row.schema) for row in rows]


@dataclass(frozen=True)
class PushView:
    """A push."""

    id: int
    grant: str
    resource: str
    front: str
    office: str
    table: str
    every_minutes: int | None
    next_run_at: datetime | None
    is_active: bool


def _push_view(row: Push) -> PushView:
    return PushView(
        id=row.pk,
        grant=row.grant.number,
        resource=row.grant.application.resource.name,
        front=row.front.name,
        office=row.front.office.code,
        table=f"{row.front.schema}.{row.table}",
        every_minutes=row.every_minutes,
        next_run_at=row.next_run_at,
        is_active=row.is_active,
    )


def _pushes() -> QuerySet[Push]:
    return Push.objects.select_related("front__office", "grant__application__resource").filter(ended_at__isnull=True)


def push_of_grant(grant_number: str) -> PushView | None:
    """The push of a grant; None if there is none."""
    row = _pushes().filter(grant__number=grant_number).first()
    return _push_view(row) if row else None


def pushes(actor: Actor, *, limit: int = 200) -> list[PushView]:
    """Pushes into front databases of the actor's offices, latest first."""
    return [_push_view(row) for row in _pushes().filter(front__office__code__in=actor.offices(*Role)).order_by("-pk")[:limit]]
