"""
Cases as their applicant sees them: where each stands, who holds it until when, and what is asked of them.

Threat model. Somebody asks for another's case by its number: rows are found by the digest of the party in the session, so it does not
exist for them. A right for some items alone shows those alone. Offices are named, officials are not; what offices said to each other before
the decision stays theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from zhengtong.apps.affairs.cases.models import Case, Deed, Letter
from zhengtong.apps.affairs.cases.queries.cases import CaseHidden, CaseView, view_of
from zhengtong.apps.affairs.cases.rules.vocabulary import (
    DEED_LABELS,
    LETTER_LABELS,
    OPEN_OUTCOMES,
    OPEN_REASONS,
    OUTCOME_LABELS,
    PLAIN_LABELS,
    RESULT_LABELS,
    SHOWN_DEEDS,
    STATE_TONES,
    State,
)
from zhengtong.engines.deadlines.alerts import Watch
from zhengtong.engines.workflow.case import Waiting
from zhengtong.kernel.sentences import told

_COLUMNS = ("pk", "number", "item_name", "office__name", "state", "began_at", "ended_at", "due", "result")


@dataclass(frozen=True)
class Owner:
    """Whose cases: the digest by which the ledger names the party; ``items`` limits them to these codes, None to none of them."""

    digest: str
    items: tuple[str, ...] | None = None


@dataclass(frozen=True)
class PartyRow:
    """A line of my cases."""

    id: int
    number: str
    item_name: str
    office_name: str
    state: str
    began_at: datetime
    ended_at: datetime | None
    due: date | None
    result: str

    @property
    def state_label(self) -> str:
        """Where it stands, in plain words."""
        return PLAIN_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """The tone of the state."""
        return STATE_TONES[self.state]

    @property
    def result_label(self) -> str:
        """How it ended."""
        return RESULT_LABELS.get(self.result, "")

    @property
    def asks(self) -> bool:
        """Whether something is asked of the applicant."""
        return self.state == State.SUPPLEMENT


@dataclass(frozen=True)
class Holding:
    """Which office holds the case, with which step, until when; ``missing`` is what it asks of the applicant."""

    visit: int
    step_name: str
    office_name: str
    clock: Watch | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """A line of the course of a case, without the official."""

    at: datetime
    label: str
    step_name: str
    office_name: str
    outcome: str
    reason: Any
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PartyCase:
    """A case as its applicant sees it."""

    row: PartyRow
    applicant: str
    agent: str
    accepted_at: datetime | None
    reason: str
    clock: Watch | None
    holding: tuple[Holding, ...]
    course: tuple[Passage, ...]
    letters: tuple[tuple[Letter, str], ...]
    deliver_by: date | None
    delivered_at: datetime | None
    delivery: str

    @property
    def open(self) -> bool:
        """Whether it is still at work."""
        return self.row.ended_at is None


def owned(owner: Owner) -> QuerySet[Case]:
    """The rows of an owner; none without a digest."""
    rows = Case.objects.filter(applicant_digest=owner.digest) if owner.digest else Case.objects.none()
    return rows if owner.items is None else rows.filter(item_code__in=owner.items)


def of_party(owner: Owner, *, after: str = "", limit: int = 50) -> list[PartyRow]:
    """The cases of a party, newest first, after the id ``after``; one question of an index, without the documents of the engine."""
    rows = owned(owner).order_by("-pk")
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after))
    return [PartyRow(*one) for one in rows.values_list(*_COLUMNS)[:limit]]


def _found(owner: Owner, number: str) -> Case:
    row = owned(owner).select_related("office").filter(number=number).first()
    if row is None:
        raise CaseHidden
    return row


def party_case(owner: Owner, number: str, *, now: datetime) -> PartyCase:
    """
    One case of a party.

    :raises CaseHidden: unless it is theirs.
    """
    row = _found(owner, number)
    view = view_of(row, now)
    shown = (view.id, view.number, view.item_name, view.office_name, view.state, view.began_at, view.ended_at, row.due, view.result)
    holding = tuple(
        Holding(one.number, one.name, one.office_name, one.clock, one.waits_for if one.waiting == Waiting.SUPPLEMENT else ())
        for one in view.open
    )
    return PartyCase(
        row=PartyRow(*shown),
        applicant=view.applicant,
        agent=view.agent,
        accepted_at=view.accepted_at,
        reason=view.reason if view.ended_at else "",
        clock=view.clock if view.open else None,
        holding=holding,
        course=tuple(_passage(one, view) for one in Deed.objects.filter(case=row, kind__in=SHOWN_DEEDS).order_by("-height")),
        letters=tuple((one, LETTER_LABELS[one.kind]) for one in Letter.objects.filter(case=row)),
        deliver_by=view.deliver_by,
        delivered_at=view.delivered_at,
        delivery=view.delivery,
    )


def _passage(row: Deed, view: CaseView) -> Passage:
    step = next((one for one in view.branches if one.number == row.visit), None)
    outcome = str(row.document.get("outcome", ""))
    ended = view.ended_at is not None
    return Passage(
        row.at,
        DEED_LABELS[row.kind],
        step.name if step else "",
        row.office_name or (step.office_name if step else ""),
        OUTCOME_LABELS.get(outcome, outcome) if ended or outcome in OPEN_OUTCOMES else "",
        told(row.reason) if ended or row.kind in OPEN_REASONS or outcome in OPEN_OUTCOMES else "",
        tuple(row.document.get("missing", ())),
    )


def party_letter(owner: Owner, number: str, letter_number: str, *, now: datetime) -> tuple[CaseView, Letter]:
    """
    A letter of a party's case.

    :raises CaseHidden: unless there is one, and the case is theirs.
    """
    row = _found(owner, number)
    letter = Letter.objects.filter(case=row, number=letter_number).first()
    if letter is None:
        raise CaseHidden("没有这份文书")
    return view_of(row, now), letter
