"""Lists for those who keep and review the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog.models import Resource
from zhengtong.apps.resources.catalog.rules.vocabulary import State
from zhengtong.kernel.errors import Invalid


@dataclass(frozen=True)
class WorkFilter:
    """What a worklist shows; empty parts do not narrow it."""

    text: str = ""
    state: str = ""
    office: str = ""
    flagged: bool = False
    #: a code that whoever registered faults knows
    fault: str = ""
    #: ``changed`` (newest first) or ``name``
    order: str = "changed"


@dataclass(frozen=True)
class ResourceRow:
    """A line of a worklist. ``key`` is where the next page begins."""

    id: int
    code: str
    name: str
    office: str
    office_name: str
    sharing_type: str
    state: str
    version: int
    served_version: int | None
    changed_at: datetime
    review_began_at: datetime | None
    return_reason: str
    flags: int
    key: str


#: Gives the numbers of the entries that have a fault, by the fault's code.
Faulty = Callable[[str], QuerySet[Any, Any]]
_faulty: dict[str, Faulty] = {}
_fault_labels: dict[str, str] = {}


def register_faults(labels: Mapping[str, str], faulty: Faulty) -> None:
    """Let worklists be narrowed by faults that an app further up finds; registering them again changes nothing."""
    for code, label in labels.items():
        _faulty[code], _fault_labels[code] = faulty, label


def fault_labels() -> dict[str, str]:
    """The faults that worklists can be narrowed by, with their names."""
    return dict(_fault_labels)


def mine(actor: identity.Actor) -> Q:
    """The entries that an actor keeps or reviews: those of their offices, and of every office under their bureau."""
    return Q(office__code__in=actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD)) | under_bureaus_of(actor)


def under_bureaus_of(actor: identity.Actor) -> Q:
    """The entries of every office under the bureaus for which the actor approves; a lower bureau's own are not among them."""
    wanted = Q(pk__in=())
    for office in organisations.offices_by_code(actor.offices(identity.Role.BUREAU_APPROVER)).values():
        if not office.is_bureau:
            continue
        under = Q(office__region__code__startswith=office.region)
        for region in organisations.bureau_regions(office.region):
            under &= ~Q(office__region__code__startswith=region)
        wanted |= under
    return wanted


def narrowed(actor: identity.Actor, wanted: WorkFilter) -> QuerySet[Resource]:
    """The rows of a worklist in every state, unordered."""
    rows = Resource.objects.filter(mine(actor))
    if wanted.text:
        rows = rows.filter(Q(name__icontains=wanted.text) | Q(code__startswith=wanted.text) | Q(office__name__icontains=wanted.text))
    if wanted.office:
        rows = rows.filter(office__code=wanted.office)
    if wanted.flagged:
        rows = rows.exclude(flags=[])
    if wanted.fault in _faulty:
        rows = rows.filter(pk__in=_faulty[wanted.fault](wanted.fault))
    return rows


def worklist(actor: identity.Actor, wanted: WorkFilter, *, after: str = "", limit: int = 50) -> list[ResourceRow]:
    """
    Entries that the actor keeps or reviews, behind the row whose key is ``after``.

    :raises Invalid: if ``after`` is no key of this order.
    """
    rows = narrowed(actor, wanted).select_related("office")
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    by_name = wanted.order == "name"
    if after:
        rows = rows.filter(_behind(after, by_name=by_name))
    rows = rows.order_by("name_key", "pk") if by_name else rows.order_by("-changed_at", "-pk")
    return [_row(row, by_name=by_name) for row in rows[:limit]]


def _behind(after: str, *, by_name: bool) -> Q:
    first, _, last = after.rpartition("|")
    try:
        number = int(last)
        if by_name:
            return Q(name_key__gt=first) | Q(name_key=first, pk__gt=number)
        moment = datetime.fromisoformat(first)
    except ValueError as exc:
        raise Invalid("翻页位置不对", field="after", remedy="回到第一页") from exc
    return Q(changed_at__lt=moment) | Q(changed_at=moment, pk__lt=number)


def _row(row: Resource, *, by_name: bool) -> ResourceRow:
    return ResourceRow(
        id=row.pk,
        code=row.code or "",
        name=row.name,
        office=row.office.code,
        office_name=row.office.name,
        sharing_type=row.sharing_type,
        state=row.state,
        version=row.version,
        served_version=row.served_version,
        changed_at=row.changed_at,
        review_began_at=row.review_began_at,
        return_reason=row.return_reason,
        flags=len(row.flags),
        key=f"{row.name_key if by_name else row.changed_at.isoformat()}|{row.pk}",
    )


def work_counts(actor: identity.Actor, wanted: WorkFilter) -> dict[str, int]:
    """How many of the actor's entries stand in each state, whatever state ``wanted`` names."""
    counted = narrowed(actor, wanted).order_by().values_list("state").annotate(Count("pk"))
    return {state.value: 0 for state in State} | dict(counted)
