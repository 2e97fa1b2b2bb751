"""
What comes due by itself: silence, reminders, escalation; and what a changed calendar moves; and the anchors of the chains.

Each case is seen to in a transaction of its own, under ids that say what and when, so that a worker may be killed between any two and
several may work side by side.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from zhengtong.apps.affairs.cases.models import Case, FiredRung, Visit
from zhengtong.apps.affairs.cases.operations import letters, storing
from zhengtong.apps.affairs.cases.operations.acting import address_of
from zhengtong.apps.affairs.cases.operations.storing import WORKER, Doing, Loaded
from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.rules.access import Place
from zhengtong.apps.affairs.cases.rules.projection import NO_DAYS, days_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.workflow import acts
from zhengtong.engines.workflow.case import Status
from zhengtong.engines.workflow.running import apply
from zhengtong.engines.workflow.timing import DueMoved, Reminder, due_moved, reminders, silent
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import in_turn, say

Role = identity.Role
_AT_ONCE = 200
_MOST_HEADS = 500
#: how the ledger and the timeline name the platform
_PLATFORM = "平台"
#: the rung from which the lead office's approver is told too
_LAST_RUNG = -3


def follow(*, now: datetime) -> int:
    """See to cases of which something may be due today; returns how many were looked at."""
    today = local_date(now)
    whole = Case.objects.filter(ended_at__isnull=True, look_on__lte=today).values_list("number", flat=True)[:_AT_ONCE]
    parts = Visit.objects.filter(status=Status.OPEN, look_on__lte=today).values_list("case__number", flat=True)[:_AT_ONCE]
    numbers = list(dict.fromkeys([*whole, *parts]))
    for number in numbers:
        follow_case(number, now=now)
    return len(numbers)


@transaction.atomic
def follow_case(number: str, *, now: datetime) -> None:
    """Let what was silent pass and warn of what is due, of one case."""
    loaded = storing.load(number)
    at = max(now, loaded.case.latest)
    for _ in range(len(loaded.case.visits) + 1):
        passed = next(iter(silent(loaded.running.process, loaded.case, loaded.calendar, at)), None)
        if passed is None:
            break
        _let_pass(loaded, passed.number, at)
    for reminder in reminders(loaded.case, loaded.calendar, at):
        _remind(loaded, reminder, at)
    if loaded.case.status is Status.OPEN:
        _look_later(loaded, at)


def _let_pass(loaded: Loaded, visit: int, at: datetime) -> None:
    act = acts.LetPass(id=f"silence/{visit}", by=WORKER, number=visit)
    place = loaded.places[visit]
    moved = apply(loaded.running.process, loaded.case, act, at=at, calendar=loaded.calendar)
    doing = Doing(act.id, act.kind, WORKER, _PLATFORM, acts.act_document(act), visit=visit)
    storing.keep(loaded, moved, doing, at=at)
    letters.write_for(loaded, moved, doing, "", at=at, until=lambda: None)
    text = say("逾期未办,已按流程规定处理:{name}", name=loaded.item_name)
    for office, role in {(place.office, Role.APPROVER), (loaded.office, Role.APPROVER)}:
        notices.tell(role, office, text, address=address_of(loaded.number), now=at)


def _remind(loaded: Loaded, reminder: Reminder, at: datetime) -> None:
    number = reminder.number or 0
    made = FiredRung.objects.bulk_create(
        [FiredRung(case_id=loaded.id, visit=number, rung=rung, at=at) for rung in reminder.settled], ignore_conflicts=True
    )
    act = acts.Remind(id=f"remind/{number}/{'+'.join(reminder.settled)}", by=WORKER, number=reminder.number, rungs=reminder.settled)
    place = loaded.places.get(number)
    moved = apply(loaded.running.process, loaded.case, act, at=at, calendar=loaded.calendar)
    reading = reminder.reading
    late = say("办理已超期 {count} 个工作日", count=reading.overdue)
    text = late if reading.late else say("办理期限为 {due}", due=reading.due)
    storing.keep(
        loaded, moved, Doing(act.id, act.kind, WORKER, _PLATFORM, acts.act_document(act), visit=reminder.number, reason=text), at=at
    )
    if made:
        _tell(
            loaded, place.office if place else loaded.office, place, reminder, say("{text}:{title}", text=text, title=loaded.item_name), at
        )


def _tell(loaded: Loaded, office: str, place: Place | None, reminder: Reminder, text: str, at: datetime) -> None:
    address = address_of(loaded.number)
    if place and place.account_id:
        notices.tell_account(place.account_id, text, address=address, now=at)
    else:
        notices.tell(place.post.role if place else Role.HANDLER, office, text, address=address, now=at)
    if reminder.send.remaining < 0 and not (place and place.post.role is Role.APPROVER and not place.account_id):
        notices.tell(Role.APPROVER, office, text, address=address, now=at)
    if reminder.send.remaining <= _LAST_RUNG and office != loaded.office:
        notices.tell(Role.APPROVER, loaded.office, text, address=address, now=at)


def _look_later(loaded: Loaded, at: datetime) -> None:
    """Write when each period is to be looked at next, behind today; no deed, as nothing was done."""
    calendar = loaded.calendar
    whole = days_of(loaded.case.clock, calendar, at, looked=True)
    Case.objects.filter(pk=loaded.id).update(look_on=whole.look_on)
    for visit in loaded.case.open:
        days = NO_DAYS if visit.waiting else days_of(visit.clock, calendar, at, looked=True)
        Visit.objects.filter(case_id=loaded.id, number=visit.number).update(look_on=days.look_on)


# ---------------------------------------------------------------------- a calendar that changed
def reschedule(*, before: WorkingCalendar, after: WorkingCalendar, cause: str, revision: int, now: datetime) -> int:
    """
    Work out the days of every open case anew and journal what moved; returns how many periods did.

    :param before, after: the calendar without and with the revision.
    :param cause: the notice or order that changed it, in words.
    """
    moved = 0
    numbers = Case.objects.filter(ended_at__isnull=True).order_by("pk").values_list("number", flat=True)
    for number in numbers.iterator(chunk_size=1000):
        moved += _reschedule(number, before, after, cause, revision, now)
    return moved


@transaction.atomic
def _reschedule(number: str, before: WorkingCalendar, after: WorkingCalendar, cause: str, revision: int, now: datetime) -> int:
    try:
        loaded = storing.load(number)
    except CaseUnknown:
        return 0
    if loaded.case.status is not Status.OPEN or storing.done_before(loaded.id, f"calendar/{revision}"):
        return 0
    at = max(now, loaded.case.latest)
    moves = due_moved(loaded.case, before, after, at)
    if not moves:
        return 0
    text = say("工作日历调整({cause}):{moves}", cause=cause, moves=in_turn(_said(loaded, one) for one in moves))
    facts = [[one.number, one.before.isoformat(), one.after.isoformat()] for one in moves]
    doing = Doing(f"calendar/{revision}", "rescheduled", WORKER, _PLATFORM, {"revision": revision, "moved": facts}, reason=text)
    storing.append(loaded, doing, at=at, days=True)
    for place in {place.office: place for place in loaded.places.values()}.values():
        notices.tell(
            place.post.role, place.office, say("{text}:{title}", text=text, title=loaded.item_name), address=address_of(number), now=at
        )
    return len(moves)


def _said(loaded: Loaded, move: DueMoved) -> str:
    if move.number is None:
        return say("总时限由 {before} 改为 {after}", before=move.before, after=move.after)
    name = loaded.running.process.by_key[loaded.case.visits[move.number].step].name
    return say("“{name}”由 {before} 改为 {after}", name=name, before=move.before, after=move.after)


# ---------------------------------------------------------------------- anchors
def anchor(*, now: datetime) -> int:
    """
    Lay the heads of chains that have grown into the ledger, many in one entry; returns how many.

    What is not anchored yet is anchored in the next turn; a chain cut behind its anchor shows.
    """
    with transaction.atomic():
        rows = list(
            Case.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(Q(anchored__lt=F("height")))
            .order_by("pk")
            .values_list("pk", "number", "height", "hash")[:_MOST_HEADS]
        )
        if not rows:
            return 0
        heads = {number: [height, hash_] for _pk, number, height, hash_ in rows}
        security.record("cases:deeds:anchored", at=now, actor=WORKER, rows=len(rows), detail={"heads": heads})
        with connection.cursor() as cursor:
            cursor.execute("update cases_case set anchored = height where id = any(%s)", [[row[0] for row in rows]])
    return len(rows)
