"""One case as its page shows it: who holds it and until when, every branch, what was done, and what this person may do now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhengtong.apps.affairs.cases.models import Case, Deed, Letter, Material, Note, Opinion, Visit
from zhengtong.apps.affairs.cases.models import Consultation as Asked
from zhengtong.apps.affairs.cases.queries.access import sees
from zhengtong.apps.affairs.cases.queries.processes import running
from zhengtong.apps.affairs.cases.queries.worklist import masked
from zhengtong.apps.affairs.cases.rules import access, chain
from zhengtong.apps.affairs.cases.rules.access import Place
from zhengtong.apps.affairs.cases.rules.projection import SHARES
from zhengtong.apps.affairs.cases.rules.vocabulary import (
    DEED_LABELS,
    LETTER_LABELS,
    MATERIAL_LABELS,
    OUTCOME_LABELS,
    RESULT_LABELS,
    SOURCE_LABELS,
    STAFF,
    STATE_CODES,
    STATE_LABELS,
    STATE_TONES,
    Post,
)
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.crypto.digests import Digest
from zhengtong.engines.deadlines.alerts import Watch
from zhengtong.engines.deadlines.clock import Clock, read
from zhengtong.engines.deadlines.explanation import Explanation, explain
from zhengtong.engines.workflow import drawing
from zhengtong.engines.workflow.case import STATUS_LABELS, WHAT_LABELS, Status
from zhengtong.engines.workflow.case import Case as EngineCase
from zhengtong.engines.workflow.case import Visit as EngineVisit
from zhengtong.engines.workflow.documents import case_from
from zhengtong.engines.workflow.process import Process
from zhengtong.engines.workflow.running import allowed
from zhengtong.engines.workflow.timing import Holder, Outlook, critical_path, holders
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say, told
from zhengtong.toolkit.environment import environment


class CaseHidden(NotFound):
    """没有这个办件,或您无权查看。"""

    code = "case-unknown"


@dataclass(frozen=True)
class BranchView:
    """A visit of a step."""

    number: int
    step: str
    name: str
    office: str
    office_name: str
    post: Post
    holder: str
    status: str
    clock: Watch | None
    budget: str
    waiting: str
    waits_for: tuple[str, ...]
    outcome: str
    silent: bool
    began_at: datetime
    ended_at: datetime | None
    #: working days it has to spare; None once it is over
    slack: int | None

    @property
    def status_label(self) -> str:
        """How it stands."""
        return STATUS_LABELS[self.status]

    @property
    def outcome_label(self) -> str:
        """Its outcome in words."""
        return OUTCOME_LABELS.get(self.outcome, self.outcome)

    @property
    def open(self) -> bool:
        """Whether it waits for somebody."""
        return self.status == Status.OPEN


@dataclass(frozen=True)
class DeedView:
    """A line of the timeline."""

    height: int
    label: str
    at: datetime
    actor_name: str
    office_name: str
    step_name: str
    outcome: str
    reason: Any
    lines: tuple[str, ...]
    led_to: tuple[str, ...]
    hash: str


@dataclass(frozen=True)
class Offer:
    """An act that this person may do now; ``visit`` 0 is the whole case."""

    kind: str
    visit: int
    step_name: str
    outcomes: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    most_days: int = 0


@dataclass(frozen=True)
class CaseView:
    """A case; names of persons are masked."""

    id: int
    number: str
    item_code: str
    item_name: str
    item_version: str
    office: str
    office_name: str
    applicant: str
    applicant_kind: str
    agent: str
    agent_basis: str
    source: str
    state: str
    began_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    result: str
    result_code: int | None
    reason: str
    delivered_at: datetime | None
    delivery: str
    deliver_by: Any
    archived_at: datetime | None
    process_code: str
    process_version: int
    process: Process
    case: EngineCase
    clock: Watch | None
    holders: tuple[Holder, ...]
    outlook: Outlook | None
    branches: tuple[BranchView, ...]
    height: int
    hash: str
    anchored: int

    @property
    def state_label(self) -> str:
        """The state in words."""
        return STATE_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """The tone of the state."""
        return STATE_TONES[self.state]

    @property
    def state_code(self) -> str:
        """The state as it is reported."""
        return STATE_CODES[self.state]

    @property
    def result_label(self) -> str:
        """The result in words."""
        return RESULT_LABELS.get(self.result, "")

    @property
    def source_label(self) -> str:
        """Where it was filed."""
        return SOURCE_LABELS[self.source]

    @property
    def late(self) -> bool:
        """Whether the whole, or a step that waits for somebody, is late."""
        clocks = [self.clock, *(one.clock for one in self.open)] if self.open else []
        return any(clock is not None and clock.reading.late for clock in clocks)

    @property
    def open(self) -> tuple[BranchView, ...]:
        """The branches that wait for somebody."""
        return tuple(one for one in self.branches if one.open)


def case(number: str, *, actor: identity.Actor, now: datetime) -> CaseView:
    """
    A case that the actor may see.

    :raises CaseHidden: if there is none of this number, or the actor has no part in it.
    """
    row = Case.objects.select_related("office").filter(number=number).first()
    if row is None or not sees(actor, number):
        raise CaseHidden(say("没有办件 {number},或您无权查看", number=number))
    return view_of(row, now)


def view_of(row: Case, now: datetime) -> CaseView:
    """The view of a row; the caller has decided who may see it."""
    ran, calendar = running(row.process_id), working_days.current()
    rows = list(Visit.objects.select_related("office", "account").filter(case=row).order_by("number"))
    engine = case_from(row.head, [one.document for one in rows])
    at = max(now, engine.latest)
    outlook = critical_path(ran.process, engine, calendar, at)
    slack = {branch.number: branch.slack for branch in outlook.branches} if outlook else {}
    return CaseView(
        id=row.pk,
        number=row.number,
        item_code=row.item_code,
        item_name=row.item_name,
        item_version=row.item_version,
        office=row.office.code,
        office_name=row.office.name,
        applicant=masked(row),
        applicant_kind=row.applicant_kind,
        agent=_masked_agent(row),
        agent_basis=row.agent_basis,
        source=row.source,
        state=row.state,
        began_at=row.began_at,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        result=row.result,
        result_code=row.result_code,
        reason=row.reason,
        delivered_at=row.delivered_at,
        delivery=row.delivery,
        deliver_by=row.deliver_by,
        archived_at=row.archived_at,
        process_code=ran.code,
        process_version=ran.version,
        process=ran.process,
        case=engine,
        clock=_watch(engine.clock, at),
        holders=holders(ran.process, engine, calendar, at),
        outlook=outlook,
        branches=tuple(_branch(one, engine.visits[one.number], at, slack.get(one.number)) for one in rows),
        height=row.height,
        hash=row.hash,
        anchored=row.anchored,
    )


def _masked_agent(row: Case) -> str:
    return f"{row.agent_name[:1]}{'*' * (len(row.agent_name) - 1)}" if row.agent_kind == "person" else row.agent_name


def _watch(clock: Clock | None, at: datetime) -> Watch | None:
    if clock is None:
        return None
    reading = read(clock, working_days.current(), at)
    return Watch(reading, SHARES.lamp(reading))


def _branch(row: Visit, visit: EngineVisit, at: datetime, slack: int | None) -> BranchView:
    clock = visit.clock
    return BranchView(
        row.number,
        row.step,
        row.name,
        row.office.code,
        row.office.name,
        Post(row.post),
        row.account.name if row.account else "",
        row.status,
        _watch(clock, at),
        clock.unit.of(clock.total) if clock else "",
        row.waiting,
        visit.waits_for,
        row.outcome,
        visit.silent,
        row.began_at,
        row.ended_at,
        slack if row.status == Status.OPEN else None,
    )


# ---------------------------------------------------------------------- what this person may do
def offers(view: CaseView, actor: identity.Actor) -> list[Offer]:
    """The acts that the actor may do now, of the open steps in order, then of the whole."""
    found: list[Offer] = []
    places = {one.number: place for one, place in _places(view)}
    for visit in view.case.open:
        place, step = places[visit.number], view.process.by_key[visit.step]
        duty = step.duty
        kinds = [kind for kind in allowed(view.process, visit) if access.may(kind, actor, place)]
        if duty is not None:
            found += [Offer(kind, visit.number, step.name, duty.outcomes, duty.special, duty.extension) for kind in kinds]
        if access.works_for(actor, place.office):
            found.append(Offer("opinion", visit.number, step.name, duty.outcomes if duty else ()))
    asked = Asked.objects.select_related("office").filter(case_id=view.id, answered_at__isnull=True)
    if view.case.status is Status.OPEN:
        found += [Offer("answer", one.visit, one.question) for one in asked if access.may_answer(actor, one.office.code)]
    return [*found, *_whole(view, actor)]


def _whole(view: CaseView, actor: identity.Actor) -> list[Offer]:
    found = []
    if view.case.status is Status.OPEN:
        if view.process.extension and view.clock is not None and actor.has(identity.Role.APPROVER, view.office):
            found.append(Offer("extend", 0, "", most_days=view.process.extension))
        if access.may_end(actor, view.office, given_up=True):
            found.append(Offer("withdraw", 0, ""))
        if any(actor.offices(*STAFF) & {one.office} for one in view.open):
            found.append(Offer("material", 0, ""))
    elif access.may_finish(actor, view.office):
        if view.deliver_by is not None and view.delivered_at is None:
            found.append(Offer("deliver", 0, ""))
        elif view.archived_at is None:
            found.append(Offer("archive", 0, ""))
    if access.works_for(actor, actor.office):
        found.append(Offer("note", 0, ""))
    return found


def _places(view: CaseView) -> list[tuple[BranchView, Place]]:
    accounts = dict(Visit.objects.filter(case_id=view.id, status=Status.OPEN).values_list("number", "account_id"))
    return [(one, Place(0, one.office, one.post, accounts.get(one.number))) for one in view.open]


# ---------------------------------------------------------------------- what lies in it
def timeline(view: CaseView) -> list[DeedView]:
    """Every deed, newest first."""
    steps = {one.number: one for one in view.branches}
    names = {step.key: step.name for step in view.process.steps}
    return [_deed(row, steps, names) for row in Deed.objects.filter(case_id=view.id).order_by("-height")]


def _deed(row: Deed, steps: Mapping[int, BranchView], names: Mapping[str, str]) -> DeedView:
    document, step = row.document, steps.get(row.visit or 0)
    outcome = str(document.get("outcome", ""))
    lines = tuple(document.get("missing", ())) + tuple(str(document[name]) for name in ("procedure", "question") if document.get(name))
    led = tuple(
        say("{what}:{name}", what=say(WHAT_LABELS[what]), name=names.get(key) or say(RESULT_LABELS.get(detail, detail)))
        for what, key, _number, detail in row.happenings
        if what in {"step-began", "joined", "case-ended", "time-rests", "time-runs"}
    )
    return DeedView(
        row.height,
        DEED_LABELS[row.kind],
        row.at,
        row.actor_name,
        row.office_name,
        step.name if step else "",
        OUTCOME_LABELS.get(outcome, outcome),
        told(row.reason),
        lines,
        led,
        row.hash,
    )


def number_of(key: str) -> str:
    """The number of the case that was opened under a key; empty if there is none."""
    return Case.objects.filter(key=key).values_list("number", flat=True).first() or ""


def special_of(view: CaseView, visit: int) -> tuple[str, ...]:
    """The procedures that may be held in a step and whose time is not counted."""
    duty = view.process.by_key[view.case.visits[visit].step].duty
    return duty.special if duty else ()


def was_done(number: str, act: str, *, actor: identity.Actor, now: datetime) -> bool:
    """Whether the actor has done an act of this id to a case that they may see."""
    return Deed.objects.filter(case_id=case(number, actor=actor, now=now).id, act=act, actor=actor.label).exists()


@dataclass(frozen=True)
class Papers:
    """What lies in a case besides its course; ``notes`` are those of the reader's office."""

    materials: list[tuple[Material, str]]
    opinions: list[Opinion]
    notes: list[Note]
    letters: list[tuple[Letter, str]]
    consultations: list[Asked]


def papers(view: CaseView, actor: identity.Actor) -> Papers:
    """Materials, opinions, the reader's office's notes, letters, consultations."""
    return Papers(
        [(one, MATERIAL_LABELS[one.source]) for one in Material.objects.filter(case_id=view.id).prefetch_related("files")],
        list(Opinion.objects.filter(case_id=view.id)),
        list(Note.objects.filter(case_id=view.id, office__code=actor.office)) if actor.office else [],
        [(one, LETTER_LABELS[one.kind]) for one in Letter.objects.filter(case_id=view.id)],
        list(Asked.objects.select_related("office").filter(case_id=view.id)),
    )


def letter(number: str, letter_number: str, *, actor: identity.Actor, now: datetime) -> tuple[CaseView, Letter]:
    """
    A letter of a case that the actor may see.

    :raises CaseHidden: if there is none.
    """
    view = case(number, actor=actor, now=now)
    row = Letter.objects.filter(case_id=view.id, number=letter_number).first()
    if row is None:
        raise CaseHidden("没有这份文书")
    return view, row


def why(view: CaseView, visit: int, *, now: datetime) -> Explanation | None:
    """Why a step (or, 0, the whole) is due on its day, day by day; None if it has no period."""
    clock = view.case.clock if not visit else view.case.visits[visit].clock if visit in view.case.visits else None
    return explain(clock, working_days.current(), max(now, view.case.latest)) if clock else None


def drawn(view: CaseView, said: Callable[[str], str]) -> str:
    """The process with how each step stands, as SVG that says the same in words."""
    return drawing.drawn(view.process, view.case, said=said, prefix="case")


def described(view: CaseView) -> tuple[str, ...]:
    """The same in sentences."""
    return drawing.described(view.process, view.case)


def verify(number: str) -> int:
    """
    Check the chain of a case's deeds against its head; returns how many there are.

    :raises ValueError: naming the first deed that does not fit.
    """
    row = Case.objects.get(number=number)
    previous, height = chain.BEFORE_THE_FIRST, 0
    digest = Digest(environment().digest)
    for deed in Deed.objects.filter(case=row).order_by("height"):
        document = chain.document(
            number,
            deed.height,
            act=deed.act,
            kind=deed.kind,
            visit=deed.visit,
            at=deed.at,
            actor=(deed.actor, deed.actor_name, deed.office_name),
            facts=deed.document,
            happenings=deed.happenings,
            reason=deed.reason,
        )
        if (deed.height, deed.previous) != (height + 1, previous) or chain.link(digest, previous, document) != deed.hash:
            raise ValueError(f"{number}: deed {deed.height} does not fit")
        previous, height = deed.hash, deed.height
    if (row.height, row.hash) != (height, previous):
        raise ValueError(f"{number}: the head does not fit")
    return height
