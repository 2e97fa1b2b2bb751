"""Opening plans at the desk and for the public, against what was opened; and entries marked open that are neither open nor planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from zhengtong.apps.flow.opendata.models import Dataset, OpeningPlan, PlanEvent, PlanLine, WhyClosed
from zhengtong.apps.flow.opendata.queries.openings import bureau_code, under_bureaus_of
from zhengtong.apps.flow.opendata.rules import permissions, plans
from zhengtong.apps.flow.opendata.rules.permissions import Parties
from zhengtong.apps.flow.opendata.rules.plans import OUTCOME_LABELS, PLAN_EVENT_LABELS, PLAN_LABELS, PlanState
from zhengtong.apps.flow.opendata.rules.vocabulary import State
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import Kept
from zhengtong.toolkit import csv_text

_MOST = 5000


class PlanUnknown(NotFound):
    """没有这个开放计划,或您无权查看。"""

    code = "plan-unknown"


@dataclass(frozen=True)
class LineView:
    """A line against what became of it; ``dataset`` is None while the resource is not open."""

    id: int
    resource_id: int
    code: str
    name: str
    office_name: str
    quarter: int
    due: date
    conditional: bool
    outcome: str
    outcome_label: str
    opened_on: date | None
    dataset: int | None
    dataset_conditional: bool


@dataclass(frozen=True)
class PlanEventView:
    """A line of the timeline."""

    label: str
    at: datetime
    actor_name: Kept
    reason: Kept


@dataclass(frozen=True)
class PlanView:
    """A plan."""

    id: int
    office: str
    office_name: str
    year: int
    state: PlanState
    state_label: str
    reason: str
    lines: int
    changed_at: datetime
    acts: frozenset[str]


@dataclass(frozen=True)
class ClosedView:
    """An entry marked open that is neither open nor planned, with the reason if its office gave one."""

    id: int
    code: str
    name: str
    office_name: str
    open_condition: str
    basis: str
    may_fill: bool


def parties_of(row: OpeningPlan) -> Parties:
    """Whose plan it is, and who publishes it."""
    return Parties(row.office.code, bureau_code(row.office.region_id))


def _view(row: OpeningPlan, actor: identity.Actor) -> PlanView:
    parties = parties_of(row)
    acts = frozenset(one.value for one in plans.possible(row.state) if plans.may(actor, one, parties, row.state))
    state, lines = PlanState(row.state), row.lines.count()
    return PlanView(row.pk, row.office.code, row.office.name, row.year, state, PLAN_LABELS[state], row.reason, lines, row.changed_at, acts)


def seen(number: int, actor: identity.Actor) -> OpeningPlan:
    """
    A plan for an official.

    :raises PlanUnknown: for somebody of neither the office nor its bureau.
    """
    row = OpeningPlan.objects.select_related("office").filter(pk=number).first()
    if row is None or not permissions.may_see(actor, parties_of(row)):
        raise PlanUnknown
    return row


def plan(number: int, *, actor: identity.Actor) -> PlanView:
    """
    One plan.

    :raises PlanUnknown: as :func:`seen`.
    """
    return _view(seen(number, actor), actor)


def plan_timeline(number: int, *, actor: identity.Actor) -> list[PlanEventView]:
    """Who did what, latest first."""
    rows = PlanEvent.objects.filter(plan=seen(number, actor))[:100]
    return [PlanEventView(PLAN_EVENT_LABELS[one.kind], one.at, one.actor_name, one.reason) for one in rows]


def plans_of(actor: identity.Actor, *, after: str = "", limit: int = 50) -> list[PlanView]:
    """Plans of the actor's offices, and of the regions whose bureau the actor approves for; latest first."""
    mine = OpeningPlan.objects.filter(office__code__in=actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD))
    rows = (mine | OpeningPlan.objects.filter(under_bureaus_of(actor, "office__"))).select_related("office").order_by("-pk")
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after[:18]))
    return [_view(row, actor) for row in rows[:limit]]


def plans_waiting(actor: identity.Actor, *, limit: int = 100) -> list[PlanView]:
    """Plans that wait for this actor: returned to be mended, to be approved, to be published; longest waiting first."""
    mine = ~Q(reason="") & Q(state=PlanState.DRAFT, office__code__in=actor.offices(identity.Role.STEWARD))
    mine |= Q(state=PlanState.SUBMITTED, office__code__in=actor.offices(identity.Role.SHARING_HEAD))
    mine |= Q(state=PlanState.APPROVED) & under_bureaus_of(actor, "office__")
    return [_view(row, actor) for row in OpeningPlan.objects.filter(mine).select_related("office").order_by("changed_at", "pk")[:limit]]


def lines_of(rows: list[PlanLine], *, today: date) -> list[LineView]:
    """Lines against what was opened until a day."""
    opened = {
        one.resource_id: one
        for one in Dataset.objects.filter(resource_id__in=[row.resource_id for row in rows], state=State.OPEN, current__isnull=False)
    }
    return [_line(row, opened.get(row.resource_id), today) for row in rows]


def _line(row: PlanLine, found: Dataset | None, today: date) -> LineView:
    opened_on = local_date(found.published_at) if found and found.published_at else None
    outcome = plans.outcome(row.plan.year, row.quarter, opened_on, today)
    return LineView(
        id=row.pk,
        resource_id=row.resource_id,
        code=row.resource.code or "",
        name=row.resource.name,
        office_name=row.plan.office.name,
        quarter=row.quarter,
        due=plans.last_day(row.plan.year, row.quarter),
        conditional=row.conditional,
        outcome=outcome,
        outcome_label=OUTCOME_LABELS[outcome],
        opened_on=opened_on,
        dataset=found.pk if found else None,
        dataset_conditional=bool(found and found.conditional),
    )


def plan_lines(number: int, *, actor: identity.Actor, today: date) -> list[LineView]:
    """
    All lines of a plan.

    :raises PlanUnknown: as :func:`seen`.
    """
    rows = PlanLine.objects.filter(plan=seen(number, actor)).select_related("plan__office", "resource")
    return lines_of(list(rows[:_MOST]), today=today)


def public_plan(year: int, *, today: date, office: str = "", after: str = "", limit: int = 100) -> list[LineView]:
    """Lines of published plans of a year, by number."""
    rows = PlanLine.objects.filter(plan__year=year, plan__state=PlanState.PUBLISHED).select_related("plan__office", "resource")
    if office:
        rows = rows.filter(plan__office__code=office)
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after[:18]))
    return lines_of(list(rows.order_by("pk")[:limit]), today=today)


def plan_figures(year: int, *, today: date, office: str = "") -> dict[str, int]:
    """How many lines of a year turned out how."""
    counted = Counter(one.outcome for one in public_plan(year, today=today, office=office, limit=_MOST))
    return {outcome: counted[outcome] for outcome in OUTCOME_LABELS}


def plan_offices(year: int) -> list[tuple[str, str]]:
    """The offices whose plan of a year is published."""
    rows = OpeningPlan.objects.filter(year=year, state=PlanState.PUBLISHED).order_by("office__name")
    return list(rows.values_list("office__code", "office__name"))


def plan_years() -> list[int]:
    """The years with a published plan, latest first."""
    return sorted(set(OpeningPlan.objects.filter(state=PlanState.PUBLISHED).values_list("year", flat=True)), reverse=True)


_HEAD = ("单位", "信息资源代码", "信息资源名称", "计划季度", "计划方式", "最晚开放", "结果", "开放日期", "开放方式")


def export_plan(year: int, *, today: date, office: str = "") -> bytes:
    """The published plans of a year against what was opened, as CSV."""
    kinds = {True: "有条件开放", False: "无条件开放"}
    lines = [
        (
            *(one.office_name, one.code, one.name, one.quarter, kinds[one.conditional], one.due, one.outcome_label),
            *(one.opened_on or "", kinds[one.dataset_conditional] if one.dataset else ""),
        )
        for one in public_plan(year, today=today, office=office, limit=_MOST)
    ]
    return csv_text.MARK + csv_text.encode([_HEAD, *lines])


def closed(actor: identity.Actor, *, after: str = "", limit: int = 50) -> list[ClosedView]:
    """Entries of the actor's offices, and of the regions they approve for, that are marked open and neither open nor planned."""
    own = actor.offices(identity.Role.STEWARD)
    offices = own | actor.offices(identity.Role.SHARING_HEAD)
    bureaus = organisations.offices_by_code(actor.offices(identity.Role.BUREAU_APPROVER)).values()
    without = _settled()
    found = catalog.marked_open(offices=offices, regions=[one.region for one in bureaus], without=without, after=after, limit=limit)
    said = dict(WhyClosed.objects.filter(resource_id__in=[one.id for one in found]).values_list("resource_id", "basis"))
    return [
        ClosedView(one.id, one.code, one.name, one.office_name, one.open_condition, said.get(one.id, ""), one.office in own)
        for one in found
    ]


def _settled() -> Collection[int]:
    """Resources that are open, under way, or in a plan."""
    under_way = Dataset.objects.exclude(state=State.WITHDRAWN).values_list("resource_id", flat=True)
    return {*under_way, *PlanLine.objects.values_list("resource_id", flat=True)}
