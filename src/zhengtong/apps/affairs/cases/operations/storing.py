"""
How a case is read for an act and written after it: two statements under the lock of its row, and one that writes everything.

The engine's documents are the truth; columns beside them are derived in the same statement, so that they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection

from zhengtong.apps.affairs.cases.queries.ended import CaseUnknown
from zhengtong.apps.affairs.cases.queries.processes import Running, running
from zhengtong.apps.affairs.cases.rules import chain, states
from zhengtong.apps.affairs.cases.rules.access import Place
from zhengtong.apps.affairs.cases.rules.projection import NO_DAYS, days_of
from zhengtong.apps.affairs.cases.rules.vocabulary import CHANGED, DELIVERY_DAYS, NEED_REASON, RESULT_CODES, Milestone, Post, Result
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.workflow.case import Case as EngineCase
from zhengtong.engines.workflow.case import Happening, Moved, Status, Visit
from zhengtong.engines.workflow.documents import case_from, head_document, visit_document
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import Conflict
from zhengtong.kernel.sentences import kept, say
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.outbox import api as outbox

WORKER = "process:worker"
#: the reason of a refusal that nobody spoke: a condition of the process led to it
_BY_CONDITION = "依照流程规定的条件作出"


class CaseEnded(Conflict):
    """办件已经办结,不能再这样办理。"""

    code = "case-ended"


@dataclass
class Loaded:
    """A case whose row is held until the transaction ends; only open visits are read."""

    id: int
    number: str
    running: Running
    office_id: int
    office: str
    item_name: str
    #: the reasons of refusals so far
    reason: str
    height: int
    hash: str
    case: EngineCase
    #: by which its periods are counted, as it was when the row was held
    calendar: WorkingCalendar
    places: dict[int, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class Doing:
    """Who does what: the parts of a deed that the engine does not know."""

    act: str
    kind: str
    actor: str
    actor_name: str
    document: dict[str, Any]
    office_name: str = ""
    visit: int | None = None
    reason: str = ""
    #: the result of a case that is ended early
    ending: Result = Result.WITHDRAWN


# three statements sent at once. The visits have one of their own, so that what others committed while the lock was waited for is seen
_HOLD = """
    select c.id, c.process_id, c.office_id, o.code, c.item_name, c.reason, c.height, c.hash, c.head::text
    from cases_case c join organisations_office o on o.id = c.office_id where c.number = %(number)s for update of c;
    select v.number, v.office_id, o.code, v.post, v.account_id, v.document::text
    from cases_visit v join organisations_office o on o.id = v.office_id
    where v.case_id = (select id from cases_case where number = %(number)s) and v.status = 'open' order by v.number;
"""
_TELL = """
    told as (
        insert into cases_deed (case_id, height, act, kind, visit, at, actor, actor_name, office_name, document, happenings, reason,
            previous, hash)
        select id, %(height)s, %(act)s, %(kind)s, %(visit)s::smallint, %(at)s, %(actor)s, %(actor_name)s, %(office_name)s,
            %(document)s::jsonb, %(happenings)s::jsonb, %(kept)s::jsonb, %(previous)s, %(hash)s from written
    )
"""
_LIST = """
    , listed as (
    insert into cases_visit (case_id, number, step, name, office_id, lead_id, post, account_id, began_at, ended_at, status, waiting,
        outcome, due, yellow_on, red_on, look_on, document)
    select w.id, r.number, r.step, r.name, r.office_id, %(lead)s, r.post, r.account_id, r.began_at, r.ended_at, r.status, r.waiting,
        r.outcome, r.due, r.yellow_on, r.red_on, r.look_on, r.document
    from written w, jsonb_to_recordset(%(visits)s::jsonb) as r(number int, step text, name text, office_id bigint, post text,
        account_id bigint, began_at timestamptz, ended_at timestamptz, status text, waiting text, outcome text, due date, yellow_on date,
        red_on date, look_on date, document jsonb)
"""
_CHANGE = """
    with written as (
        update cases_case set head = %(head)s::jsonb, state = %(state)s, accepted_at = coalesce(accepted_at, %(accepted)s),
            ended_at = %(ended)s, result = %(result)s, result_code = %(code)s, reason = %(reason)s,
            due = %(due)s, yellow_on = %(yellow)s, red_on = %(red)s,
            look_on = %(look)s, deliver_by = %(deliver)s, height = %(height)s, hash = %(hash)s
        where id = %(id)s returning id
    ),
"""
#: visits of offices whose own system handles them are handed over to it, each once: written by the same statement
_HAND_OVER = """
    ) insert into cases_delivery (docking_id, visit_id, state, attempts, made_at, next_at, problem)
    select d.id, l.id, 'waiting', 0, %(at)s, %(at)s, '""'::jsonb
    from listed l join cases_docking d on d.office_id = l.office_id and d.ended_at is null where l.status = 'open'
    on conflict (docking_id, visit_id) do nothing
"""
_OVER_THE_OLD = """
    on conflict (case_id, number) do update set office_id = excluded.office_id, post = excluded.post, account_id = excluded.account_id,
        ended_at = excluded.ended_at, status = excluded.status, waiting = excluded.waiting, outcome = excluded.outcome, due = excluded.due,
        yellow_on = excluded.yellow_on, red_on = excluded.red_on, look_on = excluded.look_on, document = excluded.document
"""
_LISTED = " returning id, office_id, status"
_WRITE = _CHANGE + _TELL + _LIST + _OVER_THE_OLD + _LISTED + _HAND_OVER
#: the row of a new case, its materials, its first deed and its first visits
_ENTER = """
    with written as (
        insert into cases_case (number, key, process_id, item_code, item_version, item_name, office_id, source, applicant_kind,
            applicant_name, applicant_sealed, applicant_digest, agent_kind, agent_name, agent_sealed, agent_basis, contact_sealed, answers,
            state, head, began_at, accepted_at, ended_at, result, result_code, reason, due, yellow_on, red_on, look_on, deliver_by,
            delivery, height, hash, anchored)
        values (%(number)s, %(key)s, %(process)s, %(item_code)s, %(item_version)s, %(item_name)s, %(lead)s, %(source)s,
            %(applicant_kind)s, %(applicant_name)s, %(applicant_sealed)s, %(applicant_digest)s, %(agent_kind)s, %(agent_name)s,
            %(agent_sealed)s, %(agent_basis)s, %(contact_sealed)s, %(answers)s::jsonb, %(state)s, %(head)s::jsonb, %(at)s, %(accepted)s,
            %(ended)s, %(result)s, %(code)s, %(reason)s, %(due)s, %(yellow)s, %(red)s, %(look)s, %(deliver)s, '', %(height)s, %(hash)s, 0)
        returning id
    ), given as (
        insert into cases_material (case_id, name, source, reference, there, at)
        select w.id, m.name, m.source, m.reference, m.there, %(at)s
        from written w, jsonb_to_recordset(%(materials)s::jsonb) as m(name text, source text, reference text, there boolean)
    ),
"""
_BEGIN = _ENTER + _TELL + _LIST + _LISTED + _HAND_OVER
_read = msgspec.json.Decoder().decode


def _json(document: Any) -> str:
    return msgspec.json.encode(document).decode()


def load(number: str) -> Loaded:
    """
    Hold a case and read what an act needs.

    :raises CaseUnknown: if there is none of this number.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD + working_days.LATEST, {"number": number})
        row = cursor.fetchone()
        if row is None:
            raise CaseUnknown(say("没有办件 {number},或您无权查看", number=number))
        case_id, process_id, office_id, office, item_name, reason, height, hash_, head = row
        cursor.nextset()
        visits = cursor.fetchall()
        cursor.nextset()
        token = cursor.fetchone()
    case = case_from(_read(head), [_read(document) for *_place, document in visits])
    places = {one: Place(at, code, Post(post), account) for one, at, code, post, account, _document in visits}
    told = working_days.by_token(token[0] if token else None)
    return Loaded(case_id, number, running(process_id), office_id, office, item_name, reason, height, hash_, case, told, places)


def place_of(loaded: Loaded, visit: Visit) -> Place:
    """Where a visit is: where it was, or where the process puts it."""
    known = loaded.places.get(visit.number)
    if known is not None:
        return known
    office = loaded.running.offices.get(visit.role)
    office_id, code = office or (loaded.office_id, loaded.office)
    return Place(office_id, code, loaded.running.posts[visit.step])


def keep(
    loaded: Loaded, moved: Moved, doing: Doing, *, at: datetime, places: Mapping[int, Place] | None = None, looked: bool = False
) -> None:
    """
    Write the case after an act, its deed, and every visit that changed; ``places`` of visits that go elsewhere.

    With ``looked`` the days of all open visits are written anew, as what was due of them has been seen to.
    """
    loaded.places.update(places or {})
    written = _written(loaded, moved, doing, at, looked=looked)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"id": loaded.id, **written})
    _publish(loaded, moved, doing, at)
    loaded.case, loaded.height, loaded.hash, loaded.reason = moved.case, written["height"], written["hash"], written["reasons"]
    loaded.places = {one.number: loaded.places[one.number] for one in moved.case.open}


def keep_new(
    loaded: Loaded, moved: Moved, doing: Doing, facts: Mapping[str, Any], materials: Sequence[Mapping[str, Any]], *, at: datetime
) -> None:
    """Write a case that begins: its row with what its filing says (``facts`` by column), its materials, first deed and first visits."""
    own: dict[str, Any] = {
        "number": loaded.number,
        "process": loaded.running.id,
        "answers": _json(facts["answers"]),
        "materials": _json(materials),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {**_written(loaded, moved, doing, at), **facts, **own})
    _publish(loaded, moved, doing, at)


def _written(loaded: Loaded, moved: Moved, doing: Doing, at: datetime, *, looked: bool = False) -> dict[str, Any]:
    case, calendar = moved.case, loaded.calendar
    numbers = dict.fromkeys((*moved.changed, *((one.number for one in case.open) if looked else ())))
    for number in numbers:
        loaded.places[number] = place_of(loaded, case.visits[number])
    rows = [_row(loaded, case.visits[number], at, calendar, looked=looked) for number in numbers]
    days = days_of(case.clock, calendar, at, looked=looked) if case.status is Status.OPEN else NO_DAYS
    result = _result(case, doing)
    reason = _reasons(loaded, moved, doing)
    return {
        "lead": loaded.office_id,
        "head": _json(head_document(case)),
        "state": str(states.state_of(loaded.running.process, case)),
        "accepted": at if states.accepted(loaded.running.process, case) else None,
        "ended": None if case.status is Status.OPEN else at,
        "result": result,
        "code": RESULT_CODES[result] if result else None,
        "reasons": reason,
        "reason": "" if result == Result.GRANTED else reason or (_BY_CONDITION if result else ""),
        "due": days.due,
        "yellow": days.yellow_on,
        "red": days.red_on,
        "look": days.look_on,
        "deliver": _deliver_by(result, calendar.add(local_date(at), DELIVERY_DAYS)) if result else None,
        "visits": _json(rows),
        **_deed(loaded, moved.happenings, doing, at),
    }


def _publish(loaded: Loaded, moved: Moved, doing: Doing, at: datetime) -> None:
    """Tell of what happened for the first time; ``loaded`` is still the case as it was."""
    process, found = loaded.running.process, []
    if loaded.height == 0:
        found.append(Milestone.RECEIVED)
    if doing.kind == "ask-supplement":
        found.append(Milestone.MISSING)
    if process.counted_from and states.accepted(process, moved.case) and not states.accepted(process, loaded.case):
        found.append(Milestone.ACCEPTED)
    if moved.case.status is not Status.OPEN:
        found.append(Milestone.ENDED)
    for what in found:
        outbox.publish(CHANGED, {"number": loaded.number, "what": str(what)}, at=at)


def append(loaded: Loaded, doing: Doing, *, at: datetime, happenings: tuple[Happening, ...] = (), days: bool = False) -> None:
    """Write a deed that is none of the engine's, and with ``days`` the days of everything that runs, by the present calendar."""
    keep(loaded, Moved(loaded.case, happenings, tuple(one.number for one in loaded.case.open) if days else ()), doing, at=at)


def add_deed(loaded: Loaded, doing: Doing, *, at: datetime) -> None:
    """Write a deed about a case that has ended; nothing else of it changes."""
    deed = _deed(loaded, (), doing, at)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with written as (update cases_case set height = %(height)s, hash = %(hash)s where id = %(id)s returning id)
            insert into cases_deed (case_id, height, act, kind, visit, at, actor, actor_name, office_name, document, happenings, reason,
                previous, hash)
            select id, %(height)s, %(act)s, %(kind)s, %(visit)s, %(at)s, %(actor)s, %(actor_name)s, %(office_name)s, %(document)s::jsonb,
                %(happenings)s::jsonb, %(kept)s::jsonb, %(previous)s, %(hash)s from written
            """,
            {"id": loaded.id, **deed},
        )
    loaded.height, loaded.hash = deed["height"], deed["hash"]


def done_before(case_id: int, act: str) -> bool:
    """Whether a deed of this id was done; for acts that the engine does not know."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from cases_deed where case_id = %s and act = %s", [case_id, act])
        return cursor.fetchone() is not None


def _deed(loaded: Loaded, happenings: tuple[Happening, ...], doing: Doing, at: datetime) -> dict[str, Any]:
    told = [[str(one.what), one.step, one.number, one.detail] for one in happenings]
    height, reason = loaded.height + 1, kept(doing.reason)
    document = chain.document(
        loaded.number,
        height,
        act=doing.act,
        kind=doing.kind,
        visit=doing.visit,
        at=at,
        actor=(doing.actor, doing.actor_name, doing.office_name),
        facts=doing.document,
        happenings=told,
        reason=reason,
    )
    return {
        "height": height,
        "act": doing.act,
        "kind": doing.kind,
        "visit": doing.visit,
        "at": at,
        "actor": doing.actor,
        "actor_name": doing.actor_name,
        "office_name": doing.office_name,
        "document": _json(doing.document),
        "happenings": _json(told),
        "kept": _json(reason),
        "previous": loaded.hash,
        "hash": chain.link(Digest(environment().digest), loaded.hash, document),
    }


def _row(loaded: Loaded, visit: Visit, at: datetime, calendar: WorkingCalendar, *, looked: bool) -> dict[str, Any]:
    place = loaded.places[visit.number]
    resting = visit.status is not Status.OPEN or visit.waiting is not None
    days = NO_DAYS if resting else days_of(visit.clock, calendar, at, looked=looked)
    return {
        "number": visit.number,
        "step": visit.step,
        "name": loaded.running.process.by_key[visit.step].name,
        "office_id": place.office_id,
        "post": str(place.post),
        "account_id": place.account_id,
        "began_at": visit.began.isoformat(),
        "ended_at": visit.ended.isoformat() if visit.ended else None,
        "status": str(visit.status),
        "waiting": str(visit.waiting or ""),
        "outcome": visit.outcome,
        "due": _day(days.due),
        "yellow_on": _day(days.yellow_on),
        "red_on": _day(days.red_on),
        "look_on": _day(days.look_on),
        "document": visit_document(visit),
    }


def _result(case: EngineCase, doing: Doing) -> str:
    if case.status is Status.OPEN:
        return ""
    return str(doing.ending) if case.status is Status.WITHDRAWN else case.result


def _deliver_by(result: str, day: date) -> date | None:
    return day if result in {Result.GRANTED, Result.REFUSED} else None


def _reasons(loaded: Loaded, moved: Moved, doing: Doing) -> str:
    """The reasons of refusals so far, with this act's; kept as plain text, as a letter says them."""
    found = [loaded.reason] if loaded.reason else []
    if moved.case.status is Status.WITHDRAWN:
        found = [str(doing.reason)]
    visit = moved.case.visits.get(doing.visit) if doing.visit is not None else None
    if visit is not None and visit.status is Status.DONE and visit.outcome in NEED_REASON - {"reassess", "return"}:
        name = loaded.running.process.by_key[visit.step].name
        found.append(f"{name}:{doing.reason or say('逾期未办,按规定视为不同意')}")  # data: letters are Chinese
    return "\n".join(found)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
