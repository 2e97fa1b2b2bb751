"""Work lists: each page one indexed question, paged by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import F, Q, QuerySet

from zhengtong.apps.affairs.cases.models import Case, Consultation, Visit
from zhengtong.apps.affairs.cases.queries.access import part_of
from zhengtong.apps.affairs.cases.rules.projection import Days, lamp_of, watch_of
from zhengtong.apps.affairs.cases.rules.vocabulary import OUTCOME_LABELS, STAFF, STATE_LABELS, STATE_TONES, Post, State
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.deadlines.alerts import Lamp, Watch
from zhengtong.engines.workflow.case import WAITING_LABELS, Status
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.codes import credit_code, identity_number
from zhengtong.kernel.errors import ZhengtongError
from zhengtong.kernel.parties import Party, PartyKind

_MOST_COUNTED = 99
#: what a line of a list does not show; reading a form and an engine's document for each took longer than finding the lines
_HEAVY = ("head", "answers", "applicant_sealed", "agent_sealed", "contact_sealed", "reason")


class Desk(StrEnum):
    """A list of the workbench."""

    TODO = "todo"
    OFFICE = "office"
    SOON = "soon"
    OVERDUE = "overdue"
    RESTING = "resting"
    OTHERS = "others"
    CONSULTED = "consulted"
    DELIVER = "deliver"
    DONE = "done"


DESK_LABELS: Mapping[str, str] = {
    Desk.TODO: "待我办理",
    Desk.OFFICE: "本单位在办",
    Desk.SOON: "即将到期",
    Desk.OVERDUE: "已逾期",
    Desk.RESTING: "等申请人或特别程序",
    Desk.OTHERS: "别的单位在办",
    Desk.CONSULTED: "请我会商",
    Desk.DELIVER: "待送达",
    Desk.DONE: "已办",
}
_LAMP_WORDS: Mapping[str, str] = {Lamp.GREEN: "正常", Lamp.YELLOW: "临近期限", Lamp.RED: "紧急或逾期", Lamp.GREY: "暂停计时"}
_LAMP_TONES: Mapping[str, str] = {Lamp.GREEN: "active", Lamp.YELLOW: "waiting", Lamp.RED: "refused", Lamp.GREY: ""}
LAMP_LABELS = _LAMP_WORDS


@dataclass(frozen=True)
class WorkRow:
    """A line of a list: a step of a case, or a case (``visit`` 0). ``remaining`` are working days to the last day, negative when late."""

    id: int
    number: str
    item_name: str
    applicant: str
    state: str
    visit: int
    step: str
    step_name: str
    office_name: str
    post: str
    holder: str
    waiting: str
    due: date | None
    remaining: int
    lamp: Lamp
    began_at: datetime
    ended_at: datetime | None
    outcome: str
    process: int
    key: str

    @property
    def state_label(self) -> str:
        """The state of the case in words."""
        return STATE_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """The tone of its state."""
        return STATE_TONES[self.state]

    @property
    def lamp_label(self) -> str:
        """What the lamp means."""
        return _LAMP_WORDS[self.lamp]

    @property
    def lamp_tone(self) -> str:
        """The tone of the lamp."""
        return _LAMP_TONES[self.lamp]

    @property
    def late(self) -> bool:
        """Whether the last day has passed."""
        return self.remaining < 0

    @property
    def waiting_label(self) -> str:
        """For what its time rests, in words."""
        return WAITING_LABELS.get(self.waiting, "")

    @property
    def outcome_label(self) -> str:
        """The outcome in words."""
        return OUTCOME_LABELS.get(self.outcome, self.outcome)


@dataclass(frozen=True)
class Wanted:
    """What of a list: items whose name begins so, one process, one step of it, a state of the case."""

    item: str = ""
    step: str = ""
    state: str = ""
    sort: str = "due"


def work(
    actor: identity.Actor, desk: Desk, *, now: datetime, wanted: Wanted | None = None, after: str = "", limit: int = 50
) -> list[WorkRow]:
    """A page of a list behind the key ``after``, by last day; what is done by when it was done, latest first."""
    wanted, today = wanted or Wanted(), local_date(now)
    if desk is Desk.DELIVER:
        return _to_deliver(actor, wanted, after, limit, today)
    rows = _rows(actor, desk, today)
    if wanted.item:
        rows = rows.filter(case__item_name__startswith=wanted.item)
    if wanted.step:
        rows = rows.filter(step=wanted.step)
    if wanted.state in set(State):
        rows = rows.filter(case__state=wanted.state)
    newest = desk is Desk.DONE or wanted.sort == "began"
    if newest:
        place = "ended_at" if desk is Desk.DONE else "began_at"
        found = _behind_moment(rows, place, after).order_by(F(place).desc(), "-pk")[:limit]
        return [_visit_row(row, today, f"{getattr(row, place).isoformat()}|{row.pk}") for row in found]
    found = _behind_day(rows, "due", after).order_by(F("due").asc(nulls_last=True), "pk")[:limit]
    return [_visit_row(row, today, f"{row.due or ''}|{row.pk}") for row in found]


@dataclass(frozen=True)
class Pressing:
    """A line of the actor's own list with its period."""

    row: WorkRow
    clock: Watch | None


def to_do(actor: identity.Actor, *, now: datetime, limit: int = 50) -> list[Pressing]:
    """What waits for the actor, the most pressing first; none for whoever has no post."""
    if not actor.offices(*STAFF):
        return []
    today = local_date(now)
    found = _rows(actor, Desk.TODO, today).filter(waiting="").order_by(F("due").asc(nulls_last=True), "pk")[:limit]
    calendar = working_days.current()
    return [
        Pressing(_visit_row(one, today, ""), watch_of(Days(one.due, one.yellow_on, one.red_on), calendar, today, resting=False))
        for one in found
    ]


def counts(actor: identity.Actor, *, now: datetime) -> dict[str, int]:
    """How many lines the lists that ask for something have, each counted up to 99."""
    today = local_date(now)
    desks = (Desk.TODO, Desk.SOON, Desk.OVERDUE, Desk.CONSULTED)
    found = {str(desk): _rows(actor, desk, today).values("pk")[:_MOST_COUNTED].count() for desk in desks}
    return found | {str(Desk.DELIVER): _deliverable(actor).values("pk")[:_MOST_COUNTED].count()}


def search(actor: identity.Actor, text: str, *, now: datetime, after: str = "", limit: int = 50) -> list[WorkRow]:
    """
    Cases that the actor may see, newest first: by number (its beginning), by an applicant's whole identity number or credit code, or by the
    beginning of the item's name. A name of a person finds nothing: people are looked up by their number, and that is on record.
    """
    text = text.strip()
    rows = Case.objects.filter(part_of(actor)).select_related("office").defer(*_HEAVY).order_by("-pk")
    digest = _digest(text)
    if digest:
        rows = rows.filter(applicant_digest=digest)
    elif text[:6].isdecimal():
        rows = rows.filter(number__startswith=text)
    else:
        rows = rows.filter(item_name__startswith=text)
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after))
    return [_case_row(row, local_date(now), str(row.pk)) for row in rows[:limit]]


def _digest(text: str) -> str:
    for kind, read in ((PartyKind.PERSON, identity_number.parse), (PartyKind.COMPANY, credit_code.parse)):
        try:
            return security.subject_digest(kind, read(text).text)
        except ZhengtongError:
            continue
    return ""


def _rows(actor: identity.Actor, desk: Desk, today: date) -> QuerySet[Visit]:
    offices = actor.offices(*STAFF)
    rows = Visit.objects.select_related("case", "office", "account").defer("document", *(f"case__{name}" for name in _HEAVY))
    here = rows.filter(office__code__in=offices)
    if desk is Desk.OTHERS:
        return rows.filter(lead__code__in=offices, status=Status.OPEN).exclude(office__code__in=offices)
    if desk is Desk.CONSULTED:
        asked = Consultation.objects.filter(office__code__in=offices, answered_at__isnull=True)
        return rows.filter(status=Status.OPEN, case__in=asked.values("case"))
    if desk is Desk.DONE:
        return here.exclude(status=Status.OPEN)
    waiting = {
        Desk.TODO: _waits_for(actor),
        Desk.SOON: Q(yellow_on__lte=today, due__gte=today),
        Desk.OVERDUE: Q(due__lt=today),
        Desk.RESTING: ~Q(waiting=""),
    }
    return here.filter(waiting.get(desk, Q()), status=Status.OPEN)


def _waits_for(actor: identity.Actor) -> Q:
    """Steps that the actor took on, or that wait for anybody of a post that the actor holds."""
    found = Q(account=actor.account_id)
    for post in Post:
        if offices := actor.offices(post.role):
            found |= Q(account__isnull=True, post=post, office__code__in=offices)
    return found


def _deliverable(actor: identity.Actor) -> QuerySet[Case]:
    rows = Case.objects.select_related("office").defer(*_HEAVY).filter(office__code__in=actor.offices(*STAFF))
    return rows.filter(ended_at__isnull=False, delivered_at__isnull=True, result_code__lte=1)


def _to_deliver(actor: identity.Actor, wanted: Wanted, after: str, limit: int, today: date) -> list[WorkRow]:
    rows = _deliverable(actor)
    if wanted.item:
        rows = rows.filter(item_name__startswith=wanted.item)
    found = _behind_day(rows, "deliver_by", after).order_by("deliver_by", "pk")[:limit]
    return [_case_row(row, today, f"{row.deliver_by or ''}|{row.pk}") for row in found]


def _behind_day(rows: QuerySet, place: str, after: str) -> QuerySet:  # type: ignore[type-arg]  # of either table
    day, _, pk = after.partition("|")
    if not pk.isdecimal():
        return rows
    if not day:
        return rows.filter(**{f"{place}__isnull": True, "pk__gt": int(pk)})
    try:
        known = date.fromisoformat(day)
    except ValueError:
        return rows
    return rows.filter(Q(**{f"{place}__gt": known}) | Q(**{place: known, "pk__gt": int(pk)}) | Q(**{f"{place}__isnull": True}))


def _behind_moment(rows: QuerySet[Visit], place: str, after: str) -> QuerySet[Visit]:
    moment, _, pk = after.partition("|")
    if not pk.isdecimal():
        return rows
    try:
        known = datetime.fromisoformat(moment)
    except ValueError:
        return rows
    return rows.filter(Q(**{f"{place}__lt": known}) | Q(**{place: known, "pk__lt": int(pk)}))


def _visit_row(row: Visit, today: date, key: str) -> WorkRow:
    case, days = row.case, Days(row.due, row.yellow_on, row.red_on)
    return WorkRow(
        row.pk,
        case.number,
        case.item_name,
        masked(case),
        case.state,
        row.number,
        row.step,
        row.name,
        row.office.short_name or row.office.name,
        row.post,
        row.account.name if row.account else "",
        row.waiting,
        row.due,
        _remaining(row.due, today),
        lamp_of(days, today, resting=bool(row.waiting)),
        row.began_at,
        row.ended_at,
        row.outcome,
        case.process_id,
        key,
    )


def _case_row(row: Case, today: date, key: str) -> WorkRow:
    due = row.deliver_by if row.ended_at else row.due
    days = Days(due) if row.ended_at else Days(row.due, row.yellow_on, row.red_on)
    return WorkRow(
        row.pk,
        row.number,
        row.item_name,
        masked(row),
        row.state,
        0,
        "",
        "",
        row.office.short_name or row.office.name,
        "",
        "",
        "",
        due,
        _remaining(due, today),
        lamp_of(days, today, resting=row.state in {State.SUPPLEMENT, State.SUSPENDED}),
        row.began_at,
        row.ended_at,
        row.result,
        row.process_id,
        key,
    )


def masked(case: Case) -> str:
    """The applicant as lists show it: a person's given name hidden."""
    return Party(PartyKind(case.applicant_kind), "", case.applicant_name).masked_name


def _remaining(due: date | None, today: date) -> int:
    if due is None:
        return 0
    calendar = working_days.current()
    return calendar.between(today, due) if today <= due else -calendar.between(due, today)
