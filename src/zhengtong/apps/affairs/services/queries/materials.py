"""The materials ledger in figures: what could be avoided, and how much is, per office and item."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from zhengtong.apps.affairs.services.models import Material
from zhengtong.apps.affairs.services.queries.items import looked_after
from zhengtong.apps.affairs.services.queries.sources import supplies
from zhengtong.apps.affairs.services.rules.sources import Share, Supply
from zhengtong.apps.affairs.services.rules.vocabulary import AVOIDED, OPEN_STATES, Source, VersionState
from zhengtong.apps.foundation.identity import api as identity

_AVOIDED = [one.value for one in AVOIDED]
_STANDING = [VersionState.PUBLISHED.value, *(one.value for one in OPEN_STATES)]


def _materials(actor: identity.Actor) -> QuerySet[Material]:
    """Materials of versions that are published or worked on, of the items that somebody looks after."""
    return Material.objects.filter(version__item__in=looked_after(actor).values("pk"), version__state__in=_STANDING)


@dataclass(frozen=True)
class Avoidable:
    """A material that is asked for although a connected source could supply it; ``reason`` is empty where none was recorded."""

    id: int
    item_id: int
    item_name: str
    office_name: str
    material: str
    reason: str
    reason_by: str
    published: bool
    supply: Supply


def avoidable(actor: identity.Actor, *, office: str = "", after: str = "", limit: int = 50) -> list[Avoidable]:
    """Materials that could be avoided, by item; page by the id after which to go on."""
    asked = _materials(actor).filter(source=Source.UPLOAD)
    if office:
        asked = asked.filter(version__item__office__code=office)
    known = supplies(asked.values_list("name", flat=True).distinct())
    rows = asked.filter(name__in=list(known)).order_by("pk").select_related("version__item__office")
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after))
    return [
        Avoidable(
            row.pk,
            row.version.item_id,
            row.version.item.name,
            row.version.item.office.name,
            row.name,
            row.document.get("reason", ""),
            row.document.get("reason_by", ""),
            row.version.state == VersionState.PUBLISHED,
            known[row.name],
        )
        for row in rows[:limit]
    ]


@dataclass(frozen=True)
class OfficeShare:
    """How many required materials of an office's items nobody has to hand in, and how many more could be avoided."""

    office: str
    office_name: str
    items: int
    share: Share
    could: int


def shares(actor: identity.Actor) -> list[OfficeShare]:
    """The planned share of each office whose items somebody looks after, most left to do first."""
    found = _materials(actor).filter(version__state=VersionState.PUBLISHED).exclude(needed="2")
    known = supplies(found.filter(source=Source.UPLOAD).values_list("name", flat=True).distinct())
    rows = found.values("version__item__office__code", "version__item__office__name").annotate(
        items=Count("version__item", distinct=True),
        total=Count("pk"),
        spared=Count("pk", filter=Q(source__in=_AVOIDED)),
        could=Count("pk", filter=Q(source=Source.UPLOAD, name__in=list(known))),
    )
    made = [
        OfficeShare(
            row["version__item__office__code"],
            row["version__item__office__name"],
            row["items"],
            Share(row["spared"], row["total"]),
            row["could"],
        )
        for row in rows
    ]
    return sorted(made, key=lambda one: (-one.could, one.office_name))
