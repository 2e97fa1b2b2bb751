"""
Figures from events: a case's facts are written anew whenever something happened to it, and the sums that they belong to with them.

Both are worked out from the truth, never added to, so that doing it twice changes nothing and a killed worker loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.ratings.models import BranchFact, CaseFact, Figure
from zhengtong.apps.affairs.ratings.queries.figures import CHANGED
from zhengtong.kernel.clock import local_date
from zhengtong.toolkit.outbox import api as outbox

READER = "ratings-figures"
TOPICS = (cases.CHANGED, CHANGED)
_AT_ONCE = 500


@dataclass(frozen=True, order=True)
class Cell:
    """One item at one office in one month (its first day)."""

    office_id: int
    item_code: str
    month: date


def follow_figures() -> int:
    """Count what has happened since the last time; returns how many cases were looked at."""
    with outbox.batch(READER, topics=TOPICS, limit=_AT_ONCE) as messages:
        numbers = {str(one.body["number"]) for one in messages if one.topic == cases.CHANGED}
        rated = {int(one.body["case"]) for one in messages if one.topic == CHANGED}
        cells = set().union(*(_refresh(number) for number in sorted(numbers)))
        cells |= _cells(CaseFact.objects.filter(case_id__in=rated))
        _sum_up(cells)
    return len(numbers) + len(rated)


def rebuild_figures() -> int:
    """Work everything out anew from the cases; returns how many there are."""
    done, last = 0, 0
    while rows := cases.numbers_after(last, _AT_ONCE):
        with transaction.atomic():
            _sum_up(set().union(*(_refresh(number) for _pk, number in rows)))
        done, last = done + len(rows), rows[-1][0]
    with transaction.atomic():
        known = _cells(CaseFact.objects.all())
        for row in Figure.objects.all():
            if Cell(row.office_id, row.item_code, row.month) not in known:
                row.delete()
        _sum_up(known)
    return done


def _cells(facts: Iterable[CaseFact]) -> set[Cell]:
    found = set()
    for one in facts:
        found.add(Cell(one.office_id, one.item_code, one.received))
        if one.ended is not None:
            found.add(Cell(one.office_id, one.item_code, one.ended))
    return found


def _refresh(number: str) -> set[Cell]:
    """Write the facts of a case; returns the sums that they belong to, and those that they belonged to before."""
    try:
        course = cases.course(number)
    except cases.CaseUnknown:
        return set()
    before = _cells(CaseFact.objects.filter(case_id=course.id))
    fact, _made = CaseFact.objects.update_or_create(
        case_id=course.id,
        defaults={
            "office_id": course.office_id,
            "item_code": course.item_code,
            "item_name": course.item_name,
            "received": _month(course.began_at),
            "ended": _month(course.ended_at) if course.ended_at else None,
            "visits": course.visits,
            "online": course.online,
            "materials": course.materials,
            "avoided": course.avoided,
            "days": course.days,
            "in_time": course.in_time,
        },
    )
    fact.branches.all().delete()
    BranchFact.objects.bulk_create(
        [BranchFact(fact=fact, number=one.number, office_id=one.office_id, over=one.over) for one in course.branches]
    )
    return before | _cells([fact])


def _month(at: datetime) -> date:
    return local_date(at).replace(day=1)


_SUM = """
    insert into ratings_figure (office_id, item_code, item_name, month, received, received_ended, cases, no_visit, one_visit, online,
        materials, avoided, timed, in_time, p50, p90, ratings, good_ratings, bad_due, bad_in_time)
    select %(office)s, %(item)s, max(f.item_name), %(month)s,
        count(*) filter (where f.received = %(month)s),
        count(*) filter (where f.received = %(month)s and f.ended is not null),
        count(*) filter (where e), count(*) filter (where e and f.visits = 0), count(*) filter (where e and f.visits = 1),
        count(*) filter (where e and f.online),
        coalesce(sum(f.materials) filter (where e), 0), coalesce(sum(f.avoided) filter (where e), 0),
        count(f.in_time) filter (where e), count(*) filter (where e and f.in_time),
        percentile_cont(0.5) within group (order by f.days) filter (where e),
        percentile_cont(0.9) within group (order by f.days) filter (where e),
        count(r.id) filter (where e), count(r.id) filter (where e and r.grade <= 3),
        count(t.id) filter (where e and t.state in ('open', 'answered')), count(t.id) filter (where e and t.in_time)
    from ratings_casefact f
    cross join lateral (select coalesce(f.ended = %(month)s, false) as e) as at_end
    left join ratings_rating r on r.case_id = f.case_id and not r.void
    left join ratings_ticket t on t.rating_id = r.id
    where f.office_id = %(office)s and f.item_code = %(item)s and (f.received = %(month)s or f.ended = %(month)s)
    having count(*) > 0
    on conflict (office_id, item_code, month) do update set item_name = excluded.item_name, received = excluded.received,
        received_ended = excluded.received_ended, cases = excluded.cases, no_visit = excluded.no_visit, one_visit = excluded.one_visit,
        online = excluded.online, materials = excluded.materials, avoided = excluded.avoided, timed = excluded.timed,
        in_time = excluded.in_time, p50 = excluded.p50, p90 = excluded.p90, ratings = excluded.ratings,
        good_ratings = excluded.good_ratings, bad_due = excluded.bad_due, bad_in_time = excluded.bad_in_time
"""


def _sum_up(cells: set[Cell]) -> None:
    with connection.cursor() as cursor:
        # always in one order: two that work side by side wait for each other and do not lock each other out
        for cell in sorted(cells):
            cursor.execute(_SUM, {"office": cell.office_id, "item": cell.item_code, "month": cell.month})
            if cursor.rowcount == 0:
                Figure.objects.filter(office_id=cell.office_id, item_code=cell.item_code, month=cell.month).delete()
