"""Entries that look the same: the worklist, what one entry looks like, and what a form that is being filled in would be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality.models import AlikePair, AlikeVerdict, EntryScore, EntrySign, ItemGroup, StandardWord
from zhengtong.apps.resources.quality.queries.signs import prefixes_of, sign_of
from zhengtong.apps.resources.quality.rules import permissions
from zhengtong.apps.resources.quality.rules.alike import MOST_OFFICES, Likeness, Sign, judge, stem
from zhengtong.apps.resources.quality.rules.naming import group_key, kind_of, normalised
from zhengtong.kernel.errors import Invalid, NotFound

#: pairs that an entry's page lists
_MOST_SHOWN = 10


class PairUnknown(NotFound):
    """这两条目录没有列为疑似重复。"""

    code = "alike-pair-unknown"


@dataclass(frozen=True)
class Party:
    """One of two entries that look the same."""

    id: int
    name: str
    office: str
    office_name: str


@dataclass(frozen=True)
class PairView:
    """Two published entries that look the same. ``keep`` is the one that the other is to be merged into, 0 where nobody proposed that."""

    id: int
    first: Party
    second: Party
    likeness: Likeness
    settled: bool
    keep: int

    @property
    def key(self) -> str:
        """Where the next page of a list begins."""
        return f"{self.likeness.together}|{self.id}"

    @property
    def of_one_office(self) -> bool:
        """Whether both are of one office."""
        return self.first.office == self.second.office

    def other(self, number: int) -> Party:
        """The one that is not ``number``."""
        return self.second if self.first.id == number else self.first


@dataclass(frozen=True)
class AlikeFilter:
    """``office`` is a credit code; ``within`` shows pairs of one office only; ``settled`` those that were said not to be the same."""

    office: str = ""
    within: bool = False
    settled: bool = False


def alike_pairs(actor: identity.Actor, wanted: AlikeFilter, *, after: str = "", limit: int = 50) -> list[PairView]:
    """
    The pairs that concern the actor's offices, or the places under the actor's bureau, the most alike first.

    :raises Invalid: if ``after`` is no key of this list.
    """
    rows = _mine(actor).filter(settled=wanted.settled)
    if wanted.office:
        rows = rows.filter(Q(office_first=wanted.office) | Q(office_second=wanted.office))
    if wanted.within:
        rows = rows.filter(office_first=F("office_second"))
    if after:
        together, _, number = after.partition("|")
        try:
            rows = rows.filter(Q(together__lt=int(together)) | Q(together=int(together), pk__gt=int(number)))
        except ValueError as exc:
            raise Invalid("翻页位置不对", field="after", remedy="回到第一页") from exc
    return _views(rows.order_by("-together", "pk")[:limit])


def _mine(actor: identity.Actor) -> QuerySet[AlikePair]:
    offices = list(actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD))
    wanted = Q(office_first__in=offices) | Q(office_second__in=offices)
    for bureau in organisations.offices_by_code(actor.offices(identity.Role.BUREAU_APPROVER)).values():
        if bureau.is_bureau:
            wanted |= _under(bureau)
    return AlikePair.objects.filter(wanted)


def _under(bureau: organisations.OfficeView) -> Q:
    under = Q(region__startswith=bureau.region)
    for region in organisations.bureau_regions(bureau.region):
        under &= ~Q(region__startswith=region)
    return under


def alike_of(resource_id: int) -> list[PairView]:
    """What a published entry looks like and nobody has said it is not, the most alike first."""
    rows = AlikePair.objects.filter(Q(first=resource_id) | Q(second=resource_id), settled=False)
    return _views(rows.order_by("-together", "pk")[:_MOST_SHOWN])


def alike_pair(one: int, other: int) -> PairView:
    """
    A pair, in either order.

    :raises PairUnknown: if the two were not found to be alike.
    """
    found = _views(AlikePair.objects.filter(first=min(one, other), second=max(one, other)))
    if not found:
        raise PairUnknown
    return found[0]


def _views(rows: QuerySet[AlikePair]) -> list[PairView]:
    found = list(rows.select_related("office_first", "office_second"))
    names = dict(
        EntryScore.objects.filter(pk__in={one for row in found for one in (row.first_id, row.second_id)}).values_list("pk", "name")
    )
    return [
        PairView(
            row.pk,
            Party(row.first_id, names.get(row.first_id, ""), row.office_first_id, row.office_first.name),
            Party(row.second_id, names.get(row.second_id, ""), row.office_second_id, row.office_second.name),
            Likeness(row.names, row.items, row.shared),
            row.settled,
            row.keep_id or 0,
        )
        for row in found
    ]


@dataclass(frozen=True)
class VerdictView:
    """Why two entries are not the same, by whom and when."""

    reason: str
    at: datetime
    by_name: str


def verdict(one: int, other: int) -> VerdictView | None:
    """What was said of a pair; None while nobody said anything."""
    row = AlikeVerdict.objects.filter(first=min(one, other), second=max(one, other)).first()
    return VerdictView(row.reason, row.at, row.by_name) if row else None


def may_settle(actor: identity.Actor, one: catalog.ResourceView, other: catalog.ResourceView) -> bool:
    """Whether the actor may say of two entries of one place that they are not the same."""
    bureau = organisations.bureau_code(one.region)
    return permissions.may_settle(actor, offices=(one.office, other.office), bureau=bureau)


@dataclass(frozen=True)
class Hint:
    """A published entry that looks like the one that is being written; ``shared`` are names of items of both."""

    party: Party
    likeness: Likeness
    shared: tuple[str, ...]


def hints(office: str, name: str, items: Sequence[catalog.ItemContent], *, but: int = 0, limit: int = 5) -> list[Hint]:
    """
    Published entries that look like an entry of ``office`` with this name and these items, the most alike first; ``but`` is its own number.

    A handful of queries, however large the catalog is.
    """
    place = organisations.offices_by_code([office]).get(office)
    if place is None or not name.strip():
        return []
    numbers = group_numbers(items)
    groups = {numbers[item.key]: item.name for item in items if item.key in numbers}
    written = Sign(office, place.region, stem(name, prefixes_of([place])[office]), frozenset(groups))
    rows = EntrySign.objects.filter(keys__overlap=written.keys()).exclude(pk=but)
    others = {row.pk: sign_of(row) for row in rows}
    is_form = len({office, *(one.office for one in others.values() if one.stem == written.stem)}) > MOST_OFFICES
    found = {number: likeness for number, one in others.items() if (likeness := judge(written, one, is_form=is_form))}
    said = set(AlikeVerdict.objects.filter(Q(first=but) | Q(second=but)).values_list("first", "second")) if but else set()
    found = {number: one for number, one in found.items() if (min(number, but), max(number, but)) not in said}
    best = sorted(found, key=lambda number: (-found[number].together, number))[:limit]
    parties = _parties(best)
    return [
        Hint(parties[number], found[number], tuple(sorted(groups[one] for one in others[number].items & groups.keys())))
        for number in best
        if number in parties
    ]


def group_numbers(items: Sequence[catalog.ItemContent]) -> dict[str, int]:
    """
    The group of each item by the item's key, as it would be published: by the standard item of its name, else by name and type.

    What no published entry has gets a number of its own below zero; what every table has for itself is left out. Two queries.
    """
    norms = {normalised(item.name) for item in items}
    words = {word.word: word.standard for word in StandardWord.objects.select_related("standard").filter(word__in=norms)}
    keys = dict[str, str]()
    for item in items:
        norm = normalised(item.name)
        match = words.get(norm)
        fits = match is not None and (normalised(match.name) == norm or kind_of(match.data_type) == kind_of(item.data_type))
        key = group_key(norm, item.data_type, match.code if match is not None and fits else "")
        if key:
            keys[item.key] = key
    known = dict(ItemGroup.objects.filter(key__in=set(keys.values())).values_list("key", "pk"))
    fresh = {key: -place for place, key in enumerate(sorted(set(keys.values()) - known.keys()), start=1)}
    return {name: known.get(key) or fresh[key] for name, key in keys.items()}


def _parties(ids: Collection[int]) -> dict[int, Party]:
    rows = EntryScore.objects.filter(pk__in=list(ids)).select_related("office")
    return {row.pk: Party(row.pk, row.name, row.office_id, row.office.name) for row in rows}
