"""Openings as the office and the bureau see them: state, findings, timeline, what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from zhengtong.apps.flow.opendata.models import Build, Dataset, DatasetEvent, Overruling
from zhengtong.apps.flow.opendata.rules import permissions, states
from zhengtong.apps.flow.opendata.rules.conditions import Conditions
from zhengtong.apps.flow.opendata.rules.findings import Finding, Passed
from zhengtong.apps.flow.opendata.rules.permissions import Parties
from zhengtong.apps.flow.opendata.rules.vocabulary import BUILD_LABELS, EVENT_LABELS, OPEN_BUILDS, STATE_LABELS, BuildState, State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import Kept


class DatasetUnknown(NotFound):
    """没有这个数据集,或您无权查看。"""

    code = "dataset-unknown"


def bureau_code(region: str) -> str:
    """The credit code of the bureau in charge of a region; empty where there is none."""
    return organisations.bureau_code(region)


def parties_of(row: Dataset) -> Parties:
    """Whose data it is, and who publishes."""
    return Parties(row.resource.office.code, bureau_code(row.resource.office.region_id))


@dataclass(frozen=True)
class BuildView:
    """How far the worker has come."""

    kind: str
    state: str
    label: str
    percent: int
    started_at: datetime | None
    ended_at: datetime | None
    failure: dict[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN_BUILDS


@dataclass(frozen=True)
class FindingView:
    """A finding with who let it pass and why; ``may_pass`` says whether the reader may."""

    finding: Finding
    column_name: str
    passed: Passed | None
    may_pass: bool


@dataclass(frozen=True)
class EventView:
    """A line of the timeline."""

    kind: str
    label: str
    at: datetime
    actor_name: Kept
    reason: Kept


@dataclass(frozen=True)
class OpeningView:
    """The opening of a resource."""

    id: int
    resource_id: int
    resource_code: str
    resource_name: str
    office: str
    office_name: str
    state: State
    state_label: str
    title: str
    summary: str
    theme: str
    licence: str
    attribution: str
    contact: str
    items: list[dict[str, str]]
    quasi: list[str]
    indexed: list[str]
    conditions: Conditions | None
    #: the items that are longitude and latitude, as ``rules.place.Place.document``; empty without a place
    place: dict[str, str]
    rows: int | None
    measured_at: datetime | None
    reason: Kept
    #: the number of the version that the public sees; None before the first
    version: int | None
    changed_at: datetime
    acts: frozenset[str]


def passed_of(row: Dataset) -> list[Passed]:
    """What reviewers of the present proposal let pass."""
    rows = Overruling.objects.filter(dataset=row, revision=row.revision)
    return [Passed(one.gate, one.column, one.share, one.reason, one.actor_name) for one in rows]


def _view(row: Dataset, actor: identity.Actor) -> OpeningView:
    parties = parties_of(row)
    acts = frozenset(act.value for act in states.possible(row.state) if permissions.may(actor, act, parties, state=row.state))
    return OpeningView(
        id=row.pk,
        resource_id=row.resource_id,
        resource_code=row.resource.code or "",
        resource_name=row.resource.name,
        office=row.resource.office.code,
        office_name=row.resource.office.name,
        state=State(row.state),
        state_label=STATE_LABELS[State(row.state)],
        title=row.title,
        summary=row.summary,
        theme=row.theme,
        licence=row.licence,
        attribution=row.attribution,
        contact=row.contact,
        items=row.items,
        quasi=row.quasi,
        indexed=row.indexed,
        conditions=Conditions.of(row.conditions),
        place=row.place,
        rows=row.rows,
        measured_at=row.measured_at,
        reason=row.reason,
        version=row.current.number if row.current else None,
        changed_at=row.changed_at,
        acts=acts,
    )


def _seen(number: int, actor: identity.Actor) -> Dataset:
    row = Dataset.objects.select_related("resource__office", "current").filter(pk=number).first()
    if row is None or not permissions.may_see(actor, parties_of(row)):
        raise DatasetUnknown
    return row


def opening(number: int, *, actor: identity.Actor) -> OpeningView:
    """
    One opening.

    :raises DatasetUnknown: for somebody of neither the office nor the bureau.
    """
    return _view(_seen(number, actor), actor)


def findings(number: int, names: dict[str, str], *, actor: identity.Actor) -> list[FindingView]:
    """What the last measurement found, with what was let pass. ``names`` are the items' names by key."""
    row = _seen(number, actor)
    parties, passed = parties_of(row), passed_of(row)
    passing = states.Act.OVERRULE in states.possible(row.state)
    views = []
    for one in map(Finding.of, row.findings):
        covered = next((two for two in passed if two.covers(one)), None) if one.passable else None
        mine = passing and one.passable and covered is None and permissions.may_overrule(actor, parties, about_people=one.about_people)
        views.append(FindingView(one, names.get(one.column, one.column), covered, mine))
    return views


def timeline(number: int, *, actor: identity.Actor, limit: int = 100) -> list[EventView]:
    """Who did what, latest first."""
    row = _seen(number, actor)
    rows = DatasetEvent.objects.filter(dataset=row)[:limit]
    return [EventView(one.kind, EVENT_LABELS[one.kind], one.at, one.actor_name, one.reason) for one in rows]


def last_build(number: int, *, actor: identity.Actor) -> BuildView | None:
    """The worker's last reading of the rows; None before the first."""
    row = _seen(number, actor)
    build = Build.objects.filter(dataset=row).first()
    if build is None:
        return None
    label = BUILD_LABELS[BuildState(build.state)]
    return BuildView(build.kind, build.state, label, build.progress // 10, build.started_at, build.ended_at, build.failure)


def under_bureaus_of(actor: identity.Actor, office: str = "resource__office__") -> Q:
    """What lies in the regions whose bureau the actor approves for; ``office`` is the way from the row to its office."""
    wanted, within = Q(pk__in=()), f"{office}region__code__startswith"
    for bureau in organisations.offices_by_code(actor.offices(identity.Role.BUREAU_APPROVER)).values():
        under = Q(**{within: bureau.region})
        for region in organisations.bureau_regions(bureau.region):
            under &= ~Q(**{within: region})
        wanted |= under
    return wanted


def openings(actor: identity.Actor, *, state: str = "", after: str = "", limit: int = 50) -> list[OpeningView]:
    """Openings of the actor's offices, and of the regions whose bureau the actor approves for; latest first."""
    mine = Q(resource__office__code__in=actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD))
    mine |= under_bureaus_of(actor)
    rows = Dataset.objects.filter(mine).select_related("resource__office", "current").order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after))
    return [_view(row, actor) for row in rows[:limit]]


def of_resource(resource_id: int) -> tuple[int, State] | None:
    """The dataset of a resource and where it stands; None if nobody proposed to open it."""
    row = Dataset.objects.filter(resource_id=resource_id).values_list("pk", "state").first()
    return (row[0], State(row[1])) if row else None


def waiting(actor: identity.Actor, *, limit: int = 100) -> list[OpeningView]:
    """Openings that wait for this actor: to approve, to publish, or to mend what was returned; longest waiting first."""
    mine = Q(state=State.MEASURED, resource__office__code__in=actor.offices(identity.Role.SHARING_HEAD))
    mine |= Q(state=State.RETURNED, resource__office__code__in=actor.offices(identity.Role.STEWARD))
    mine |= Q(state=State.APPROVED) & under_bureaus_of(actor)
    rows = Dataset.objects.filter(mine).select_related("resource__office", "current").order_by("changed_at", "pk")
    return [_view(row, actor) for row in rows[:limit]]
