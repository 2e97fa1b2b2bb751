"""
The items of published entries, grouped by what is the same item.

Kept with every change of an entry and of the dictionary; counters of groups move by differences, so that one entry costs the same however
large the catalog is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality.models import ItemGroup, ItemUse, StandardItem, StandardWord
from zhengtong.apps.resources.quality.models.item import Link
from zhengtong.apps.resources.quality.operations import pairing, sampling, tallying
from zhengtong.apps.resources.quality.rules.naming import group_key, kind_of, normalised

_CHUNK = 5000
_FIELDS = ("office_id", "name", "norm", "data_type", "length", "dictionary", "sensitivity", "standard_id", "link", "group_id")
_DECIDED = (Link.CONFIRMED, Link.REFUSED)


@dataclass
class _Moves:
    """Items that came to a group, or left it, by office."""

    counted: Counter[tuple[int, str]] = field(default_factory=Counter)

    def come(self, use: ItemUse) -> None:
        if use.group_id:
            self.counted[use.group_id, use.office_id] += 1

    def leave(self, use: ItemUse) -> None:
        if use.group_id:
            self.counted[use.group_id, use.office_id] -= 1

    def apply(self) -> None:
        """Carry the differences into the groups; four statements."""
        moved = {key: (difference,) for key, difference in self.counted.items() if difference}
        if not moved:
            return
        tallying.add("quality_itemgroupoffice", ("group_id", "office_id"), ("uses",), moved)
        by_group = Counter[int]()
        for (group, _office), (difference,) in moved.items():
            by_group[group] += difference
        groups = list({group for group, _office in moved})
        with connection.cursor() as cursor:
            cursor.execute("delete from quality_itemgroupoffice where uses = 0 and group_id = any(%s)", [groups])
            cursor.execute(
                "update quality_itemgroup g set uses = g.uses + d.uses, "
                "offices = (select count(*) from quality_itemgroupoffice o where o.group_id = g.id) "
                "from unnest(%s::bigint[], %s::bigint[]) as d(id, uses) where g.id = d.id",
                [groups, [by_group[group] for group in groups]],
            )


def take(ids: Collection[int], views: Mapping[int, catalog.ResourceView]) -> None:
    """Make the items of these entries what is published; entries that are not published any more have none."""
    there = {(use.resource_id, use.key): use for use in ItemUse.objects.filter(resource__in=list(ids))}
    wanted = {(view.id, item.key): _use(view, item) for view in views.values() for item in view.items}
    for key, use in wanted.items():
        if (old := there.get(key)) and old.norm == use.norm and kind_of(old.data_type) == kind_of(use.data_type) and old.link in _DECIDED:
            use.link, use.standard_id = old.link, old.standard_id
    _place(wanted.values())
    moves = _Moves()
    fresh, changed = list[ItemUse](), list[ItemUse]()
    for key, use in wanted.items():
        before = there.pop(key, None)
        if before is None:
            fresh.append(use)
        elif any(getattr(before, name) != getattr(use, name) for name in _FIELDS):
            use.pk = before.pk
            changed.append(use)
            moves.leave(before)
        else:
            continue
        moves.come(use)
    for gone in there.values():
        moves.leave(gone)
    ItemUse.objects.filter(pk__in=[use.pk for use in there.values()]).delete()
    ItemUse.objects.bulk_update(changed, _FIELDS, batch_size=_CHUNK)
    ItemUse.objects.bulk_create(fresh, batch_size=_CHUNK)
    moves.apply()


def _use(view: catalog.ResourceView, item: catalog.ItemContent) -> ItemUse:
    return ItemUse(
        resource_id=view.id,
        office_id=view.office,
        key=item.key,
        name=item.name,
        norm=normalised(item.name),
        data_type=item.data_type,
        length=item.length,
        dictionary=item.dictionary,
        sensitivity=item.sensitivity,
    )


def rematch(*, words: Collection[str], standard: int) -> None:
    """Find standard items anew for items of these names, and for those that are linked to one that changed or was withdrawn."""
    wanted = ItemUse.objects.filter(Q(norm__in=list(words)) | Q(standard=standard))
    in_force = StandardItem.objects.filter(pk=standard, withdrawn_at__isnull=True).exists()
    after = 0
    while uses := list(wanted.filter(pk__gt=after).order_by("pk")[:_CHUNK]):
        for use in uses:
            if use.link == Link.CONFIRMED and use.standard_id == standard and not in_force:
                use.link, use.standard_id = Link.NONE, None
        regroup(uses)
        after = uses[-1].pk


def regroup(uses: Iterable[ItemUse]) -> None:
    """Put items, whose links may have been decided otherwise, into the groups where they belong now, and keep them."""
    uses = list(uses)
    before = {use.pk: use.group_id for use in uses}
    moves = _Moves()
    for use in uses:
        moves.leave(use)
    _place(uses)
    for use in uses:
        moves.come(use)
    ItemUse.objects.bulk_update(uses, ("standard_id", "link", "group_id"), batch_size=_CHUNK)
    moves.apply()
    elsewhere = {use.resource_id for use in uses if use.group_id != before[use.pk]}
    pairing.take(elsewhere)
    sampling.again(elsewhere)


def _place(uses: Collection[ItemUse]) -> None:
    """Give items that nobody decided about the standard item of their name, and all of them their group; three queries."""
    open_ones = [use for use in uses if use.link not in _DECIDED]
    words = {
        word.word: word.standard
        for word in StandardWord.objects.select_related("standard").filter(word__in={use.norm for use in open_ones})
    }
    for use in open_ones:
        match = words.get(use.norm)
        fits = match is not None and (normalised(match.name) == use.norm or kind_of(match.data_type) == kind_of(use.data_type))
        use.standard_id, use.link = (match.pk, Link.PROPOSED) if match and fits else (None, Link.NONE)
    known = {match.pk: match for match in words.values()}
    missing = {use.standard_id for use in uses if use.standard_id} - known.keys()
    known |= StandardItem.objects.in_bulk([one for one in missing if one])
    keys = dict[int, str]()
    facts = defaultdict[str, dict[str, object]](dict)
    for number, use in enumerate(uses):
        standard = known.get(use.standard_id or 0) if use.link != Link.REFUSED else None
        key = group_key(use.norm, use.data_type, standard.code if standard else "")
        keys[number] = key
        if key:
            facts[key] = {"name": standard.name if standard else use.name, "standard": standard}
    groups = _groups(facts)
    for number, use in enumerate(uses):
        use.group_id = groups.get(keys[number])


def _groups(facts: Mapping[str, dict[str, object]]) -> dict[str, int]:
    known = dict(ItemGroup.objects.filter(key__in=list(facts)).values_list("key", "pk"))
    fresh = [ItemGroup(key=key, **facts[key]) for key in sorted(facts.keys() - known.keys())]
    ItemGroup.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        known |= dict(ItemGroup.objects.filter(key__in=[one.key for one in fresh]).values_list("key", "pk"))
    return known
