"""
What the columns behind items hold, by keyed hashes of some of their values, and what items of different offices have in common.

An entry's columns are sampled after what stands behind it changed, one entry at a time, outside every lock of measuring; samples and pairs
go with their items. No value comes here: who reads the columns hands on keyed hashes (:func:`neighbours.register_sampler`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from zhengtong.apps.resources.quality.models import ContentPair, ContentVerdict, EntrySample, ItemSample, ItemUse
from zhengtong.apps.resources.quality.models.item import Link
from zhengtong.apps.resources.quality.operations import tallying
from zhengtong.apps.resources.quality.queries import neighbours
from zhengtong.apps.resources.quality.rules.contents import EVERY, MOST_ITEMS, Column, Content, Sample, Why, compare, meaning, verdict

#: any number of our own; who holds it is the only one to sample
_LOCK = 7_241_906_114
#: items of other offices that an entry's items are compared with because they are the same item, and because values meet
_MOST_SAME = 1000
_MOST_MET = 500
#: of an item, the smallest hashes by which others are looked up: at 60 in 100 in common, one of them is missed by all with chance 10⁻⁸
_LOOKED_UP = 20


def ask(bound: Collection[int], *, gone: Collection[int], changed: bool) -> None:
    """Have bound entries sampled that never were, or all if they ``changed``; forget those that are ``gone`` or not bound any more."""
    if gone:
        EntrySample.objects.filter(pk__in=list(gone)).delete()
        ItemSample.objects.filter(use__resource__in=list(gone)).delete()
        ContentPair.objects.filter(Q(first__resource__in=list(gone)) | Q(second__resource__in=list(gone))).delete()
    if bound:
        if changed:
            again(bound)
        EntrySample.objects.bulk_create([EntrySample(pk=number) for number in sorted(bound)], ignore_conflicts=True)


def again(ids: Collection[int]) -> None:
    """Have entries sampled anew, those of them that are sampled at all."""
    EntrySample.objects.filter(pk__in=list(ids)).update(asked=F("asked") + 1)


def sample_next(*, now: datetime) -> int:
    """
    Sample the entry that waits longest; returns how many were sampled, 0 where none waits or another process is at it.

    An entry is sampled at most every six hours. Doing it again changes nothing while its rows are the same.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
            if cursor.fetchone() != (True,):
                return 0
        waiting = EntrySample.objects.filter(Q(sampled_at=None) | Q(sampled_at__lte=now - EVERY), asked__gt=F("done"))
        row = waiting.order_by(F("sampled_at").asc(nulls_first=True), "resource").first()
        if row is None:
            return 0
        uses = list(ItemUse.objects.filter(resource=row.pk).select_related("standard").order_by("pk"))
        found = neighbours.sampled(row.pk, [use.key for use in uses[:MOST_ITEMS]])
        tallying.one_at_a_time()
        _keep(row.pk, uses, found, now)
        # what was asked for meanwhile stays asked for
        EntrySample.objects.filter(pk=row.pk).update(done=row.asked, sampled_at=now)
        return 1


def _keep(resource_id: int, uses: Iterable[ItemUse], found: Mapping[str, Column | Why] | None, now: datetime) -> None:
    """Write the samples of an entry and compare them; items that went meanwhile are left out."""
    there = set(ItemUse.objects.filter(resource=resource_id).values_list("pk", flat=True))
    ItemSample.objects.filter(use__resource=resource_id).delete()
    ContentPair.objects.filter(Q(first__resource=resource_id) | Q(second__resource=resource_id)).delete()
    if found is None:
        return
    kept = [_row(use, found.get(use.key, Why.MANY), now) for use in uses if use.pk in there]
    ItemSample.objects.bulk_create(kept)
    _pair([row for row in kept if row.why == Why.COMPARED])


def _row(use: ItemUse, column: Column | Why, now: datetime) -> ItemSample:
    if isinstance(column, Why):
        return ItemSample(use=use, why=column, sampled_at=now)
    standard = use.standard if use.link != Link.REFUSED else None
    sensitivity = use.sensitivity or (standard.sensitivity if standard else "")
    why = verdict(column, is_code=bool(use.dictionary or (standard and standard.code_list)), sensitivity=sensitivity)
    if why != Why.COMPARED:
        return ItemSample(use=use, why=why, values=column.values, sampled_at=now)
    return ItemSample(use=use, values=column.values, hashes=list(column.hashes), forms=dict(column.forms), sampled_at=now)


def _sample(row: ItemSample) -> Sample:
    return Sample(tuple(row.hashes), row.values, row.forms)


def _pair(mine: Collection[ItemSample]) -> None:
    """Compare items with those that are the same one at other offices, and with those whose values meet theirs."""
    if not mine:
        return
    office = next(iter(mine)).use.office_id
    others = ItemSample.objects.filter(why="").exclude(use__office__in=[office]).select_related("use").order_by("pk")
    groups = {row.use.group_id for row in mine} - {None}
    same = defaultdict[int, list[ItemSample]](list)
    for other in others.filter(use__group__in=groups)[:_MOST_SAME]:
        same[other.use.group_id or 0].append(other)
    smallest = {value for row in mine for value in row.hashes[:_LOOKED_UP]}
    met = list(others.filter(hashes__overlap=sorted(smallest))[:_MOST_MET])
    pairs = dict[tuple[int, int], ContentPair]()
    for row in mine:
        known, hashes = _sample(row), set(row.hashes[:_LOOKED_UP])
        candidates = [*same[row.use.group_id or 0], *(other for other in met if not hashes.isdisjoint(other.hashes))]
        for other in candidates:
            key = (min(row.pk, other.pk), max(row.pk, other.pk))
            if key not in pairs and (pair := _compared(row.use, known, other)):
                pairs[key] = pair
    _store(pairs)


def _compared(use: ItemUse, known: Sample, other: ItemSample) -> ContentPair | None:
    shares = compare(known, _sample(other))
    same_item = use.group_id is not None and use.group_id == other.use.group_id
    kind = meaning(shares, same_item=same_item, same_name=use.norm == other.use.norm)
    if kind is None:
        return None
    there, back = shares.there, shares.back
    first, second = use, other.use
    if second.pk < first.pk:
        first, second, there, back = second, first, back, there
    return ContentPair(
        first=first,
        second=second,
        office_first_id=first.office_id,
        office_second_id=second.office_id,
        kind=kind,
        there=there,
        back=back,
        compared=shares.compared,
        forms=min(100, shares.forms),
        # what is apart is worse the less it shares
        together=100 - (shares.most or 0) if kind == Content.APART else shares.most or 0,
    )


def _store(pairs: Mapping[tuple[int, int], ContentPair]) -> None:
    if not pairs:
        return
    said = set(ContentVerdict.objects.filter(first__in={first for first, _second in pairs}).values_list("first", "second"))
    for key, pair in pairs.items():
        pair.settled = key in said
    ContentPair.objects.bulk_create(pairs.values())
