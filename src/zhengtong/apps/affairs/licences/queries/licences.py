"""Licences as lists and pages show them: persons masked, values left sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from zhengtong.apps.affairs.licences.models import Job, JobRow, Licence
from zhengtong.apps.affairs.licences.rules import access, states
from zhengtong.apps.affairs.licences.rules.vocabulary import (
    ACT_LABELS,
    JOB_LABELS,
    OPERATION_LABELS,
    STATE_LABELS,
    STATE_TONES,
    Act,
    JobState,
    Operation,
    State,
)
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.codes import licence_identifier
from zhengtong.kernel.codes.faults import InvalidCode, tidy
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.parties import Party

ORDERS = ("newest", "oldest", "ends")
_MOST_DIGITS = 18


class LicenceUnknown(NotFound):
    """没有这个证照,或您无权查看。"""

    code = "licence-unknown"


class JobUnknown(NotFound):
    """没有这次批量制发,或您无权查看。"""

    code = "licence-job-unknown"


@dataclass(frozen=True)
class LicenceView:
    """One licence: public facts and the holder masked."""

    id: int
    identifier: str
    type_code: str
    name: str
    office: str
    office_name: str
    version: int
    holder_shown: str
    code_shown: str
    state: State
    valid_from: date
    valid_until: date | None
    issued_at: datetime
    case: str
    newer: str
    acts: tuple[Act, ...] = ()

    @property
    def state_label(self) -> str:
        """The state in words."""
        return STATE_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """How the state is coloured."""
        return STATE_TONES.get(self.state, "refused")


@dataclass(frozen=True)
class Sought:
    """What somebody looks for: an identifier or the holder's whole code, a type, a state, an order."""

    text: str = ""
    type_code: str = ""
    state: str = ""
    order: str = "newest"


@dataclass(frozen=True)
class EventView:
    """One line of a licence's history."""

    at: datetime
    label: str
    state_label: str
    by: str
    reason: str
    entry: str


def rows() -> QuerySet[Licence]:
    """Licences with what views need."""
    return Licence.objects.select_related("type", "made_by", "office", "replaced_by")


def view_of(row: Licence, actor: identity.Actor | None = None) -> LicenceView:
    """The view of a row, with what the actor may do to it."""
    acts: tuple[Act, ...] = ()
    if actor is not None:
        decides, issues = access.may_decide(actor, row.office.code), access.may_issue(actor, row.office.code)
        acts = tuple(one for one in states.possible(State(row.state)) if decides or (issues and one is Act.ANNOTATE))
    return LicenceView(
        row.pk,
        row.identifier,
        row.type.code,
        row.made_by.name,
        row.office.code,
        row.office.name,
        row.version,
        row.holder_shown,
        row.code_shown,
        State(row.state),
        row.valid_from,
        row.valid_until,
        row.issued_at,
        row.case,
        row.replaced_by.identifier if row.replaced_by else "",
        acts,
    )


def _mine(actor: identity.Actor) -> QuerySet[Licence]:
    return rows().filter(office__code__in=actor.offices(*access.ISSUERS, *access.DECIDERS))


def _narrowed(found: QuerySet[Licence], sought: Sought) -> QuerySet[Licence]:
    if sought.text:
        try:
            found = found.filter(identifier=licence_identifier.parse(sought.text).text)
        except InvalidCode:
            code = tidy(sought.text)
            found = found.filter(holder__in=[security.subject_digest(kind, code) for kind in ("person", "company")])
    if sought.type_code:
        found = found.filter(type__code=sought.type_code)
    return found.filter(state=sought.state) if sought.state else found


def licences(actor: identity.Actor, sought: Sought, *, after: str = "", limit: int = 50) -> list[LicenceView]:
    """Licences of the actor's offices behind a cursor (:func:`cursor`)."""
    found = _narrowed(_mine(actor), sought)
    value, _, number = after.rpartition("~")
    last = int(number) if number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS else None
    if sought.order == "ends":
        found = found.filter(valid_until__isnull=False).order_by("valid_until", "pk")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            last = None
        else:
            found = found.extra(where=["(licences_licence.valid_until, licences_licence.id) > (%s, %s)"], params=[day, last or 0])
    elif sought.order == "oldest":
        found = found.order_by("pk").filter(**({"pk__gt": last} if last is not None else {}))
    else:
        found = found.order_by("-pk").filter(**({"pk__lt": last} if last is not None else {}))
    return [view_of(row, actor) for row in found[:limit]]


def cursor(view: LicenceView) -> str:
    """Where a list goes on behind a row."""
    return f"{view.valid_until or ''}~{view.id}"


def every(actor: identity.Actor, sought: Sought) -> Iterator[LicenceView]:
    """All that match, 500 at a time, for an export; masked like the list."""
    after = ""
    while page := licences(actor, sought, after=after, limit=500):
        yield from page
        after = cursor(page[-1])


def licence(identifier: str, *, actor: identity.Actor) -> LicenceView:
    """:raises LicenceUnknown: if there is none or the actor belongs neither to its office nor to the type's bureau."""
    row = rows().filter(identifier=identifier).first()
    if row is None or row.office.code not in actor.offices(*access.ISSUERS, *access.DECIDERS):
        raise LicenceUnknown
    return view_of(row, actor)


def history(identifier: str) -> list[EventView]:
    """What was done to a licence since its issue, newest first; the caller has decided who may see it."""
    found = []
    events = Licence.objects.get(identifier=identifier).events.all()
    for one in events:
        label = ACT_LABELS[Act(one.act)] if one.act else OPERATION_LABELS[Operation(one.operation)]
        found.append(EventView(one.at, label, STATE_LABELS[State(one.state)], one.by.removeprefix("account:"), one.reason, one.entry))
    return found


def of_holder(party: Party, *, limit: int = 200) -> list[LicenceView]:
    """The licences of a person or company, newest first, without those that a newer version replaced."""
    found = rows().filter(holder=security.subject_digest(party.kind.value, party.code), replaced_by=None)
    return [view_of(row) for row in found.order_by("-pk")[:limit]]


@dataclass(frozen=True)
class JobView:
    """An issue in bulk and how far it is."""

    id: int
    name: str
    type_code: str
    type_name: str
    office: str
    office_name: str
    state: JobState
    total: int
    issued: int
    refused: int
    asked_at: datetime
    ended_at: datetime | None

    @property
    def state_label(self) -> str:
        """The state in words."""
        return JOB_LABELS[self.state]

    @property
    def percent(self) -> int:
        """How much is done."""
        return 100 * (self.issued + self.refused) // self.total if self.total else 0


def _job(row: Job) -> JobView:
    version = row.type_version
    return JobView(
        row.pk,
        row.name,
        version.type.code,
        version.name,
        row.office.code,
        row.office.name,
        JobState(row.state),
        row.total,
        row.issued,
        row.refused,
        row.asked_at,
        row.ended_at,
    )


def jobs(actor: identity.Actor, *, limit: int = 50) -> list[JobView]:
    """Issues in bulk of the actor's offices, newest first."""
    found = Job.objects.select_related("type_version__type", "office").filter(office__code__in=actor.offices(*access.ISSUERS))
    return [_job(row) for row in found.order_by("-pk")[:limit]]


def job(number: int, *, actor: identity.Actor) -> JobView:
    """:raises JobUnknown: if there is none or it is another office's."""
    row = Job.objects.select_related("type_version__type", "office").filter(pk=number).first()
    if row is None or not access.may_issue(actor, row.office.code):
        raise JobUnknown
    return _job(row)


def refusals(number: int, *, limit: int = 100_000) -> list[tuple[int, dict[str, Any]]]:
    """Line and refusal of rows that were kept back; line 1 is the first below the header. The caller has decided who may see them."""
    found = JobRow.objects.filter(job_id=number, refusal__isnull=False).order_by("line").values_list("line", "refusal")
    return [(line, refusal or {}) for line, refusal in found[:limit]]
