"""
Which published entries look the same, kept with every change of an entry, of its items' groups and of the dictionary.

An entry's signs are written when it is measured; its pairs follow from the entries that share one of its keys, which an index finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Q, QuerySet

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.quality.models import AlikePair, AlikeVerdict, EntryScore, EntrySign, ItemUse
from zhengtong.apps.resources.quality.operations import tallying
from zhengtong.apps.resources.quality.queries.signs import prefixes_of, sign_of
from zhengtong.apps.resources.quality.rules.alike import MOST_OFFICES, Likeness, Sign, judge, stem

_CHUNK = 1000
#: so many keys are looked up in the index; for more a place is read whole, which comparing arrays with so many would cost more than
_MOST_KEYS = 200
_SIGNED = ("office_id", "region", "stem", "items", "keys")
_MEASURED = ("office_first_id", "office_second_id", "region", "names", "items", "shared", "together")


def sign(ids: Collection[int]) -> list[Sign]:
    """Write the signs of these entries, forget those that are not published; returns what came or went."""
    before = {one.pk: one for one in EntrySign.objects.filter(pk__in=list(ids))}
    scores = list(EntryScore.objects.filter(pk__in=list(ids)))
    offices = organisations.offices_by_code({one.office_id for one in scores})
    prefixes = prefixes_of(offices.values())
    groups = defaultdict[int, set[int]](set)
    for resource, group in ItemUse.objects.filter(resource__in=list(ids), group__isnull=False).values_list("resource", "group"):
        groups[resource].add(group)
    fresh, moved = list[EntrySign](), list[Sign]()
    for score in scores:
        made = Sign(
            score.office_id, offices[score.office_id].region, stem(score.name, prefixes[score.office_id]), frozenset(groups[score.pk])
        )
        row = EntrySign(
            pk=score.pk, office_id=made.office, region=made.region, stem=made.stem, items=sorted(made.items), keys=sorted(made.keys())
        )
        old = before.pop(score.pk, None)
        if old is None or any(getattr(old, name) != getattr(row, name) for name in _SIGNED):
            fresh.append(row)
            moved += [made, *([sign_of(old)] if old else [])]
    moved += [sign_of(old) for old in before.values()]
    EntrySign.objects.filter(pk__in=list(before)).delete()
    EntrySign.objects.bulk_create(fresh, update_conflicts=True, unique_fields=["resource"], update_fields=[*_SIGNED])
    return moved


def take(ids: Collection[int]) -> None:
    """Sign entries whose name, office or items may have changed, and find their pairs, and those of others with their names."""
    names = sign(ids)
    keys = {one.stem_key for one in names}
    namesakes = {row.pk for row in _holding(keys, {one.region for one in names}) if sign_of(row).stem_key in keys}
    pair({*ids, *namesakes})


def _holding(keys: Collection[int], regions: Collection[str]) -> QuerySet[EntrySign]:
    """The entries that hold one of these keys, which are of these places; others of the places may be among them."""
    if not keys:
        return EntrySign.objects.none()
    if len(keys) <= _MOST_KEYS:
        return EntrySign.objects.filter(keys__overlap=sorted(keys))
    return EntrySign.objects.filter(region__in=list(regions))


def pair(ids: Collection[int]) -> None:
    """Make the pairs of these entries what their signs say; half a dozen queries, however many entries."""
    mine = {row.pk: row for row in EntrySign.objects.filter(pk__in=list(ids))}
    wanted = _found(mine)
    there = {(row.first_id, row.second_id): row for row in AlikePair.objects.filter(Q(first__in=list(ids)) | Q(second__in=list(ids)))}
    fresh, changed = list[AlikePair](), list[AlikePair]()
    for key, row in wanted.items():
        old = there.pop(key, None)
        if old is None:
            fresh.append(row)
        elif any(getattr(old, name) != getattr(row, name) for name in _MEASURED):
            row.pk, row.settled, row.keep_id = old.pk, old.settled, old.keep_id
            changed.append(row)
    AlikePair.objects.filter(pk__in=[row.pk for row in there.values()]).delete()
    AlikePair.objects.bulk_update(changed, _MEASURED, batch_size=_CHUNK)
    seen = set(AlikeVerdict.objects.filter(first__in={row.first_id for row in fresh}).values_list("first", "second")) if fresh else set()
    for row in fresh:
        row.settled = (row.first_id, row.second_id) in seen
    AlikePair.objects.bulk_create(fresh, batch_size=_CHUNK)


def _found(mine: Mapping[int, EntrySign]) -> dict[tuple[int, int], AlikePair]:
    """The pairs of these entries with whatever shares a key with them."""
    wanted = {key for row in mine.values() for key in row.keys}
    others = {row.pk: row for row in _holding(wanted, {row.region for row in mine.values()})}
    signs = {number: sign_of(row) for number, row in others.items()}
    holders = defaultdict[int, list[int]](list)
    for number, row in others.items():
        for key in row.keys:
            holders[key].append(number)
    found = dict[tuple[int, int], AlikePair]()
    for number, row in mine.items():
        one = signs[number]
        is_form = _is_form(signs[other] for other in holders[one.stem_key])
        for other in {other for key in row.keys for other in holders[key]} - {number}:
            both = (min(number, other), max(number, other))
            if both not in found and (likeness := judge(one, signs[other], is_form=is_form)):
                found[both] = _pair(both, signs, likeness)
    return found


def _is_form(namesakes: Iterable[Sign]) -> bool:
    return len({one.office for one in namesakes}) > MOST_OFFICES


def _pair(key: tuple[int, int], signs: Mapping[int, Sign], likeness: Likeness) -> AlikePair:
    first, second = signs[key[0]], signs[key[1]]
    return AlikePair(
        first_id=key[0],
        second_id=key[1],
        office_first_id=first.office,
        office_second_id=second.office,
        region=first.region,
        names=likeness.names,
        items=likeness.items,
        shared=likeness.shared,
        together=likeness.together,
    )


def pair_all(progress: Callable[[int], None] | None = None) -> int:
    """Find the pairs of all signed entries, place by place; returns how many entries were looked at."""
    after, done = ("", 0), 0
    while True:
        rows = EntrySign.objects.filter(Q(region__gt=after[0]) | Q(region=after[0], pk__gt=after[1])).order_by("region", "pk")
        found = list(rows.values_list("region", "pk")[:_CHUNK])
        if not found:
            return done
        with transaction.atomic():
            tallying.one_at_a_time()
            pair([number for _region, number in found])
        after, done = found[-1], done + len(found)
        if progress is not None:
            progress(done)
