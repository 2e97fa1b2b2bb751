"""
Measuring entries: when one changed, when what stands behind it changed, and when time alone makes it late.

Fed from the outbox as the search index is; sums move by differences in the same transaction. A rebuild measures everything anew and then
counts the sums from what was measured, while pages go on showing what was known before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.apps.resources.quality.models import EntryFault, EntryScore, EntrySign
from zhengtong.apps.resources.quality.operations import documenting, itemising, pairing, sampling, tallying
from zhengtong.apps.resources.quality.queries import neighbours
from zhengtong.apps.resources.quality.rules.facts import Bound, Facts
from zhengtong.apps.resources.quality.rules.judging import Judgement, judge
from zhengtong.kernel import clock
from zhengtong.toolkit.outbox import api as outbox

#: The name under which quality reads the outbox.
READER = "quality"
#: Told with ``{"resource": id}`` by whoever binds data to an entry, or collected them.
BINDING_CHANGED = "quality:binding"
#: Told with ``{"words": [...], "standard": id}`` when the dictionary changed.
STANDARDS_CHANGED = "quality:standards"
#: what :func:`follow` reads of the outbox
FOLLOWED = (catalog.CHANGED, BINDING_CHANGED, STANDARDS_CHANGED)
_MESSAGES = 100
_CHUNK = 1000
_OFFICE_SUMS = ("entries", "points", "bound", "late")
_RULE_SUMS = ("entries", "points")


def binding_changed(resource_id: int, *, at: datetime) -> None:
    """Have an entry measured anew because what stands behind it changed; inside the caller's transaction."""
    outbox.publish(BINDING_CHANGED, {"resource": resource_id}, at=at)


def follow(*, now: datetime) -> int:
    """
    Take the next changes from the outbox; returns how many entries were looked at, 0 also while another process is at it.

    An installation whose entries were never measured measures them all first.
    """
    if not (EntryScore.objects.exists() and EntrySign.objects.exists()) and catalog.published_ids(limit=1):
        return rebuild(now=now)
    with outbox.batch(READER, topics=FOLLOWED, limit=_MESSAGES) as messages:
        for message in messages:
            if message.topic == STANDARDS_CHANGED:
                tallying.one_at_a_time()
                itemising.rematch(words=message.body["words"], standard=message.body["standard"])
        bodies = [message.body for message in messages if message.topic != STANDARDS_CHANGED]
        ids = sorted({int(number) for body in bodies for number in body.get("resources", [body.get("resource")])})
        for chunk in _chunks(ids):
            measure(chunk, now=now, changed=True)
    return len(ids)


def recheck(*, now: datetime) -> int:
    """Measure the entries that today makes late; returns how many, at most a thousand."""
    due = EntryScore.objects.filter(recheck_on__lte=clock.local_date(now)).order_by("recheck_on").values_list("pk", flat=True)[:_CHUNK]
    ids = list(due)
    if ids:
        measure(ids, now=now)
    return len(ids)


def rebuild(*, now: datetime, progress: Callable[[int], None] | None = None) -> int:
    """Measure every published entry anew and count all sums from there; returns how many entries."""
    with transaction.atomic():
        outbox.skip_to_end(READER)
    after, done = 0, 0
    while ids := catalog.published_ids(after=after, limit=_CHUNK):
        _take_away(EntryScore.objects.filter(pk__gt=after, pk__lt=ids[-1]).exclude(pk__in=ids).values_list("pk", flat=True), now)
        measure(ids, now=now, pairs=False)
        after, done = ids[-1], done + len(ids)
        if progress is not None:
            progress(done)
    _take_away(EntryScore.objects.filter(pk__gt=after).values_list("pk", flat=True), now)
    recount()
    pairing.pair_all()
    return done


def _take_away(ids: Iterable[int], now: datetime) -> None:
    for chunk in _chunks(list(ids)):
        measure(chunk, now=now)


@transaction.atomic
def measure(ids: Collection[int], *, now: datetime, pairs: bool = True, changed: bool = False) -> None:
    """
    Measure these entries; those that are not published are forgotten. Two dozen queries, however many entries.

    Without ``pairs`` those that look the same are left for :func:`pairing.pair_all` to find. Entries that ``changed`` are sampled anew.
    """
    tallying.one_at_a_time()
    today = clock.local_date(now)
    views = catalog.resources_by_id(ids)
    bound = neighbours.bound(views.keys())
    offices, rules = _before(ids)
    there = dict(EntryScore.objects.filter(pk__in=list(ids)).values_list("pk", "bound"))
    scores, faults = list[EntryScore](), list[EntryFault]()
    for view in views.values():
        behind = bound.get(view.id)
        found = judge(_facts(view, behind, today))
        scores.append(_score(view, found, is_bound=behind is not None, now=now))
        faults += [EntryFault(resource_id=view.id, office_id=view.office, rule=one.rule, points=one.points) for one in found.faults]
    for score in scores:
        _add(offices[(score.office_id,)], (1, score.score, score.bound, score.late))
    for fault in faults:
        _add(rules[fault.office_id, fault.rule], (1, fault.points))
    EntryFault.objects.filter(resource__in=list(ids)).delete()
    EntryScore.objects.filter(pk__in=list(ids)).delete()
    EntryScore.objects.bulk_create(scores)
    EntryFault.objects.bulk_create(faults)
    tallying.add("quality_officetally", ("office_id",), _OFFICE_SUMS, offices)
    tallying.add("quality_ruletally", ("office_id", "rule"), _RULE_SUMS, rules)
    itemising.take(ids, views)
    (pairing.take if pairs else pairing.sign)(ids)
    documenting.entries_came_or_went(there.keys() ^ views.keys())
    sampling.ask(bound.keys(), gone={number for number, was in there.items() if was} - bound.keys(), changed=changed)


def _facts(view: catalog.ResourceView, bound: Bound | None, today: date) -> Facts:
    return Facts(view.content, view.published_on or today, today, bound, view.flags)


def _score(view: catalog.ResourceView, found: Judgement, *, is_bound: bool, now: datetime) -> EntryScore:
    return EntryScore(
        resource_id=view.id,
        office_id=view.office,
        name=view.name,
        score=found.score,
        bound=is_bound,
        late=found.late,
        due_on=found.due_on,
        recheck_on=found.recheck_on,
        measured_at=now,
    )


_Sums = defaultdict[tuple[object, ...], list[int]]


def _before(ids: Collection[int]) -> tuple[_Sums, _Sums]:
    """What these entries count for so far, to be taken off."""
    offices: _Sums = defaultdict(lambda: [0] * len(_OFFICE_SUMS))
    rules: _Sums = defaultdict(lambda: [0] * len(_RULE_SUMS))
    for office, *sums in EntryScore.objects.filter(pk__in=list(ids)).values_list("office", "score", "bound", "late"):
        _add(offices[(office,)], (-1, *(-int(one) for one in sums)))
    for office, rule, points in EntryFault.objects.filter(resource__in=list(ids)).values_list("office", "rule", "points"):
        _add(rules[office, rule], (-1, -points))
    return offices, rules


def _add(sums: list[int], more: Sequence[int]) -> None:
    for place, one in enumerate(more):
        sums[place] += int(one)


_RECOUNT = """
    delete from quality_officetally;
    insert into quality_officetally (office_id, entries, points, bound, late)
    select office_id, count(*), sum(score), count(*) filter (where bound), count(*) filter (where late) from quality_entryscore group by 1;
    delete from quality_ruletally;
    insert into quality_ruletally (office_id, rule, entries, points)
    select office_id, rule, count(*), sum(points) from quality_entryfault group by 1, 2;
    delete from quality_itemgroupoffice;
    insert into quality_itemgroupoffice (group_id, office_id, uses)
    select group_id, office_id, count(*) from quality_itemuse where group_id is not null group by 1, 2;
    update quality_itemgroup g set offices = coalesce(d.offices, 0), uses = coalesce(d.uses, 0)
    from quality_itemgroup o
    left join (select group_id, count(*) as offices, sum(uses) as uses from quality_itemgroupoffice group by 1) d on d.group_id = o.id
    where g.id = o.id and (g.offices, g.uses) is distinct from (coalesce(d.offices, 0), coalesce(d.uses, 0));
"""


@transaction.atomic
def recount() -> None:
    """Count every sum from what was measured."""
    tallying.one_at_a_time()
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT)


def keep_month(*, now: datetime) -> int:
    """Write where every office stands into the running month; returns how many offices."""
    month = clock.local_date(now).replace(day=1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into quality_monthtally (office_id, month, entries, points) "
            "select office_id, %s, entries, points from quality_officetally where entries > 0 "
            "on conflict (office_id, month) do update set entries = excluded.entries, points = excluded.points",
            [month],
        )
        return int(cursor.rowcount)


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[begin : begin + _CHUNK] for begin in range(0, len(ids), _CHUNK))
