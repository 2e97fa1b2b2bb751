"""Scores of offices and entries, and what mends most of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality.models import EntryFault, EntryScore, MonthTally, OfficeTally, RuleTally
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.apps.resources.quality.rules.judging import BY_CODE, Rule
from zhengtong.kernel.errors import Invalid


@dataclass(frozen=True)
class OfficeScore:
    """How an office's entries stand together. ``average`` is of 0 to 100, the others are numbers of entries."""

    office: str
    name: str
    region_name: str
    entries: int
    average: float
    bound: int
    late: int

    @property
    def unbound(self) -> int:
        """Entries that nothing is bound to."""
        return self.entries - self.bound

    @property
    def key(self) -> str:
        """Where the next page of a list begins."""
        return f"{self.average!r}|{self.office}"


def office_scores(*, text: str = "", region: str = "", after: str = "", limit: int = 50) -> list[OfficeScore]:
    """
    Offices that have published entries, worst first.

    :raises Invalid: if ``after`` is no key of this list.
    """
    rows = _narrowed(text, region)
    if after:
        average, _, code = after.partition("|")
        try:
            rows = rows.filter(Q(average__gt=float(average)) | Q(average=float(average), office__gt=code))
        except ValueError as exc:
            raise Invalid("翻页位置不对", field="after", remedy="回到第一页") from exc
    return [_office(row) for row in rows.order_by("average", "office")[:limit]]


def _narrowed(text: str, region: str) -> QuerySet[OfficeTally]:
    rows = OfficeTally.objects.filter(entries__gt=0).select_related("office__region")
    if text:
        rows = rows.filter(Q(office__name__icontains=text) | Q(office__short_name__icontains=text))
    return rows.filter(office__region__code__startswith=region) if region else rows


def every_office_score(*, text: str = "", region: str = "") -> Iterator[OfficeScore]:
    """All of them, worst first, for a file."""
    return (_office(row) for row in _narrowed(text, region).order_by("average", "office").iterator())


def _office(row: OfficeTally) -> OfficeScore:
    return OfficeScore(row.office_id, row.office.name, row.office.region.name, row.entries, row.average, row.bound, row.late)


@dataclass(frozen=True)
class Whole:
    """All offices together."""

    entries: int
    average: float
    bound: int
    late: int


def whole() -> Whole:
    """How all published entries stand together, from the offices' sums."""
    sums = OfficeTally.objects.aggregate(*map(Sum, ("entries", "points", "bound", "late")))
    entries = sums["entries__sum"] or 0
    return Whole(entries, (sums["points__sum"] or 0) / entries if entries else 0.0, sums["bound__sum"] or 0, sums["late__sum"] or 0)


def may_see_office(actor: identity.Actor, office: str) -> bool:
    """Whether the actor may see which entries of the office break which rule."""
    found = organisations.offices_by_code([office]).get(office)
    return found is not None and permissions.may_see_office(actor, office=office, bureau=_bureau(found.region))


def require_to_see_office(actor: identity.Actor, office: organisations.OfficeView) -> None:
    """
    Refuse whoever may not.

    :raises NotAllowed: if the actor belongs neither to the office nor to its bureau.
    """
    permissions.require_to_see_office(actor, office=office.code, bureau=_bureau(office.region))


def _bureau(region: str) -> str:
    return organisations.bureau_code(region)


def office_score(office: str) -> OfficeScore | None:
    """How one office stands; None while nothing of it is published."""
    row = OfficeTally.objects.filter(office_id=office, entries__gt=0).select_related("office__region").first()
    return _office(row) if row else None


@dataclass(frozen=True)
class RuleScore:
    """How many entries of an office break a rule; ``gain`` is what mending it everywhere adds to the office's average."""

    rule: Rule
    entries: int
    points: int
    gain: float


def mend_first(office: str, *, entries: int) -> list[RuleScore]:
    """The rules that an office's entries break, the one that brings most points first."""
    rows = RuleTally.objects.filter(office_id=office, entries__gt=0).order_by("-points", "rule")
    return [RuleScore(BY_CODE[row.rule], row.entries, row.points, row.points / max(entries, 1)) for row in rows if row.rule in BY_CODE]


@dataclass(frozen=True)
class MonthScore:
    """Where an office stood at the end of a month."""

    month: date
    entries: int
    average: float


def months(office: str, *, limit: int = 12) -> list[MonthScore]:
    """The last months, latest first."""
    rows = MonthTally.objects.filter(office_id=office).order_by("-month")[:limit]
    return [MonthScore(row.month, row.entries, row.points / max(row.entries, 1)) for row in rows]


@dataclass(frozen=True)
class FaultView:
    """A rule that an entry breaks."""

    rule: Rule
    points: int


@dataclass(frozen=True)
class EntryView:
    """A measured entry; ``faults`` are the most expensive first."""

    id: int
    name: str
    code: str
    office: str
    score: int
    bound: bool
    late: bool
    due_on: date | None
    faults: tuple[FaultView, ...]

    @property
    def key(self) -> str:
        """Where the next page of a list begins."""
        return f"{self.score}|{self.id}"


def entry_scores(office: str, *, rule: str = "", after: str = "", limit: int = 50) -> list[EntryView]:
    """
    Entries of an office, worst first; with ``rule`` those that break it, by number.

    :raises Invalid: if ``after`` is no key of this list.
    """
    try:
        score, number = (int(part) for part in after.split("|")) if after else (-1, 0)
    except ValueError as exc:
        raise Invalid("翻页位置不对", field="after", remedy="回到第一页") from exc
    if rule:
        broken = (
            EntryFault.objects.filter(office_id=office, rule=rule, resource__gt=number)
            .order_by("resource")
            .values_list("resource", flat=True)
        )
        ids = list(broken[:limit])
        return sorted(_entries(EntryScore.objects.filter(pk__in=ids)), key=lambda one: one.id)
    rows = EntryScore.objects.filter(office_id=office).filter(Q(score__gt=score) | Q(score=score, resource__gt=number))
    return _entries(rows.order_by("score", "resource")[:limit])


def faulty(rule: str) -> QuerySet[EntryFault, int]:
    """The numbers of the entries that break a rule, to narrow other lists by."""
    return EntryFault.objects.filter(rule=rule).values_list("resource", flat=True)


def entry_score(resource_id: int, *, faults: bool = True) -> EntryView | None:
    """One entry as last measured, without its faults if nobody will read them; None if it is not published or not measured yet."""
    return next(iter(_entries(EntryScore.objects.filter(pk=resource_id), with_faults=faults)), None)


def _entries(rows: QuerySet[EntryScore], *, with_faults: bool = True) -> list[EntryView]:
    found = list(rows.select_related("resource").only(*_SHOWN))
    faults = dict[int, list[FaultView]]()
    for fault in [] if not with_faults else EntryFault.objects.filter(resource__in=[row.pk for row in found]).order_by("-points", "rule"):
        if fault.rule in BY_CODE:
            faults.setdefault(fault.resource_id, []).append(FaultView(BY_CODE[fault.rule], fault.points))
    return [
        EntryView(
            id=row.pk,
            name=row.name,
            code=row.resource.code or "",
            office=row.office_id,
            score=row.score,
            bound=row.bound,
            late=row.late,
            due_on=row.due_on,
            faults=tuple(faults.get(row.pk, ())),
        )
        for row in found
    ]


_SHOWN = ("name", "resource__code", "office_id", "score", "bound", "late", "due_on")


def is_insider(view: catalog.ResourceView, actor: identity.Actor) -> bool:
    """Whether the actor may mend an entry or oversees who does."""
    # most readers keep and review nothing, whichever bureau is in charge
    if not actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD, identity.Role.BUREAU_APPROVER):
        return False
    return permissions.may_see_office(actor, office=view.office, bureau=_bureau(view.region))
