"""Licence types as pages and other apps see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from zhengtong.apps.affairs.licences.models import Licence, LicenceType, TypeVersion
from zhengtong.apps.affairs.licences.rules.types import Field
from zhengtong.apps.affairs.licences.rules.vocabulary import TYPE_STATE_LABELS, State, TypeState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.parties import PartyKind


class TypeUnknown(NotFound):
    """没有这个证照类型,或还没有发布。"""

    code = "licence-type-unknown"


@dataclass(frozen=True)
class TypeView:
    """A type in its current version, or the one under work before the first was published."""

    code: str
    name: str
    office: str
    office_name: str
    bureau: str
    holder: PartyKind
    fields: tuple[Field, ...]
    years: int
    legend: str
    version: int
    state: TypeState
    reason: str
    expected: int | None
    made_at: datetime
    published: bool

    @property
    def state_label(self) -> str:
        """Where the newest version stands."""
        return TYPE_STATE_LABELS[self.state]


@dataclass(frozen=True)
class Coverage:
    """How many hold a valid licence of a type, and how many should."""

    type: TypeView
    holders: int
    licences: int
    suspended: int
    ended: int

    @property
    def share(self) -> float | None:
        """Holders in percent of those expected; None where that is not known."""
        return round(100 * self.holders / self.type.expected, 1) if self.type.expected else None


def _view(row: LicenceType) -> TypeView:
    newest = max(row.versions.all(), key=lambda one: one.number)
    shown = newest if row.current is None else row.current
    return TypeView(
        row.code,
        shown.name,
        row.office.code,
        row.office.name,
        row.bureau.code,
        PartyKind(row.holder),
        tuple(Field.of(one) for one in shown.fields),
        shown.years,
        shown.legend,
        shown.number,
        TypeState(newest.state),
        newest.reason,
        row.expected,
        newest.made_at,
        row.current is not None,
    )


def types(*, offices: frozenset[str] | None = None, published: bool = False, text: str = "") -> list[TypeView]:
    """Types by office and code; of some offices, published ones, or those whose name or code holds a text."""
    rows = LicenceType.objects.select_related("office", "bureau", "current").prefetch_related("versions").order_by("office__code", "code")
    if offices is not None:
        rows = rows.filter(office__code__in=offices)
    if published:
        rows = rows.filter(current__isnull=False)
    if text:
        rows = rows.filter(Q(code__icontains=text) | Q(versions__name__icontains=text)).distinct()
    return [_view(row) for row in rows]


def type_view(code: str) -> TypeView:
    """:raises TypeUnknown: if there is none."""
    row = LicenceType.objects.select_related("office", "bureau", "current").prefetch_related("versions").filter(code=code).first()
    if row is None:
        raise TypeUnknown
    return _view(row)


def proposed(code: str) -> TypeView | None:
    """The version under review, as it would be."""
    row = LicenceType.objects.select_related("office", "bureau").prefetch_related("versions").filter(code=code).first()
    waiting = TypeVersion.objects.filter(type__code=code, state=TypeState.REVIEW).first()
    if row is None or waiting is None:
        return None
    row.current = waiting
    return _view(row)


def types_waiting(actor: identity.Actor) -> list[TypeView]:
    """Types that wait for the actor as a bureau's approver."""
    bureaus = actor.offices(identity.Role.BUREAU_APPROVER)
    rows = LicenceType.objects.filter(bureau__code__in=bureaus, versions__state=TypeState.REVIEW)
    return [view for row in rows if (view := proposed(row.code)) is not None]


def coverage() -> list[Coverage]:
    """Every published type with its figures."""
    counted = {
        row["type__code"]: row
        for row in Licence.objects.filter(replaced_by=None)
        .values("type__code")
        .annotate(
            licences=Count("pk"),
            holders=Count("holder", distinct=True, filter=Q(state=State.VALID)),
            suspended=Count("pk", filter=Q(state=State.SUSPENDED)),
            valid=Count("pk", filter=Q(state=State.VALID)),
        )
    }
    found = []
    for one in types(published=True):
        row = counted.get(one.code, {"licences": 0, "holders": 0, "suspended": 0, "valid": 0})
        ended = row["licences"] - row["valid"] - row["suspended"]
        found.append(Coverage(one, row["holders"], row["licences"], row["suspended"], ended))
    return found
