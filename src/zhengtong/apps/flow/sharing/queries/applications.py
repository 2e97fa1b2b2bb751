"""Reads of applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from zhengtong.apps.flow.sharing.models import Application, ApplicationEvent
from zhengtong.apps.flow.sharing.rules import access, clocks, states
from zhengtong.apps.flow.sharing.rules.access import Parties
from zhengtong.apps.flow.sharing.rules.clocks import EventKind, Happened
from zhengtong.apps.flow.sharing.rules.states import ApplicationAct, ApplicationState
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity.api import Actor, Role
from zhengtong.contracts.grants import Channel
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.engines.deadlines.clock import Clock, State
from zhengtong.engines.deadlines.explanation import Explanation, explain
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say, told

_STOPPED = frozenset({State.MET, State.MISSED})


class ApplicationUnknown(NotFound):
    """没有这个申请,或您无权查看。"""

    code = "application-unknown"


@dataclass(frozen=True)
class Line:
    """A line of the timeline."""

    kind: EventKind
    label: str
    at: datetime
    actor_name: str
    office_name: str
    reason: str
    days: int
    missing: list[dict[str, str]]


@dataclass(frozen=True)
class ApplicationView:
    """An application as its parties see it."""

    id: int
    number: str
    resource_id: int
    resource_code: str
    resource_name: str
    consumer: str
    consumer_name: str
    provider: str
    provider_name: str
    bureau: str
    bureau_name: str
    bundle: str
    sharing_type: str
    items: tuple[str, ...]
    filters: tuple[str, ...]
    channels: tuple[Channel, ...]
    system: str
    usage_basis: str
    scenario: str
    usage_scope: str
    purpose_code: str
    purpose: str
    row_scope: list[dict[str, Any]]
    since: date | None
    until: date | None
    state: ApplicationState
    state_label: str
    state_tone: str
    answer: dict[str, Any]
    extension_days: int
    created_at: datetime
    grant_number: str
    disputed: bool
    #: the clock of the provider's answer; None before the application was delivered
    clock: Watch | None
    #: the clock of delivery; None before sharing was agreed
    delivery: Watch | None

    @property
    def parties(self) -> Parties:
        """The offices concerned."""
        return Parties(self.consumer, self.provider, self.bureau)

    @property
    def holder(self) -> str:
        """Who holds it now: the office that must act next; empty when it has ended."""
        match self.state:
            case ApplicationState.DRAFT | ApplicationState.SIGNING | ApplicationState.SUPPLEMENTING:
                return self.consumer_name
            case ApplicationState.ANSWERING | ApplicationState.CONCLUDING:
                return self.bureau_name if self.extension_days else self.provider_name
            case ApplicationState.GRANTED if self.running is self.delivery and self.delivery is not None:
                return self.provider_name
            case _:
                return ""

    @property
    def running(self) -> Watch | None:
        """The clock that somebody must heed now: of the answer, then of delivery; None when none runs."""
        return next((one for one in (self.clock, self.delivery) if one and one.reading.state not in _STOPPED), None)


def happened(events: list[ApplicationEvent]) -> list[Happened]:
    """Stored events as the clocks take them."""
    return [Happened(EventKind(one.kind), one.at, one.actor_name, told(one.reason), one.days) for one in events]


def answer_clock(application: Application) -> Clock | None:
    """The clock of the provider's answer; the caller has prefetched the events."""
    return clocks.answer_clock(happened(list(application.events.all())), unconditional=application.sharing_type == "1")


def _clock_view(clock: Clock | None, now: datetime) -> Watch | None:
    return watch(clock, working_days.current(), now) if clock else None


def rows() -> QuerySet[Application]:
    """Applications with everything a view of them reads."""
    return Application.objects.select_related("resource", "consumer", "provider", "bureau", "grant").prefetch_related("events")


def view_of(row: Application, now: datetime) -> ApplicationView:
    """The view of a row from :func:`rows`."""
    state = ApplicationState(row.state)
    return ApplicationView(
        id=row.pk,
        number=row.number,
        resource_id=row.resource_id,
        resource_code=row.resource.code or "",
        resource_name=row.resource.name,
        consumer=row.consumer.code,
        consumer_name=row.consumer.name,
        provider=row.provider.code,
        provider_name=row.provider.name,
        bureau=row.bureau.code,
        bureau_name=row.bureau.name,
        bundle=row.bundle,
        sharing_type=row.sharing_type,
        items=tuple(row.items),
        filters=tuple(row.filters),
        channels=tuple(Channel(one) for one in row.channels),
        system=row.system_id or "",
        usage_basis=row.usage_basis,
        scenario=row.scenario,
        usage_scope=row.usage_scope,
        purpose_code=row.purpose_code,
        purpose=row.purpose,
        row_scope=row.row_scope,
        since=row.since,
        until=row.until,
        state=state,
        state_label=states.APPLICATION_LABELS[state],
        state_tone=states.APPLICATION_TONES[state],
        answer=row.answer,
        extension_days=row.extension_days,
        created_at=row.created_at,
        grant_number=row.grant.number if hasattr(row, "grant") else "",
        disputed=row.disputed,
        clock=_clock_view(answer_clock(row), now),
        delivery=_clock_view(clocks.delivery_clock(happened(list(row.events.all()))), now),
    )


def application(number: str, *, actor: Actor, now: datetime) -> ApplicationView:
    """
    An application, for somebody of one of its parties.

    :raises ApplicationUnknown: also for somebody of another office, so that numbers cannot be probed.
    """
    row = rows().filter(number=number).first()
    if row is None or not visible(row, actor):
        raise ApplicationUnknown(say("没有申请 {number},或您无权查看", number=number))
    return view_of(row, now)


def parties_of(row: Application) -> Parties:
    """The offices around an application."""
    return Parties(row.consumer.code, row.provider.code, row.bureau.code)


def visible(row: Application, actor: Actor) -> bool:
    """Whether the actor may know of an application: before it is delivered only the applicant's own people do."""
    parties = parties_of(row) if row.delivered_at else Parties(row.consumer.code, "", "")
    return access.may_see(actor, parties)


def timeline(application_id: int) -> list[Line]:
    """What happened, newest first."""
    found = ApplicationEvent.objects.filter(application_id=application_id).order_by("-at", "-pk")
    return [
        Line(
            EventKind(row.kind),
            clocks.EVENT_LABELS[EventKind(row.kind)],
            row.at,
            say("平台") if row.actor.startswith("process:") else row.actor_name,
            row.office_name,
            told(row.reason),
            row.days,
            row.missing,
        )
        for row in found
    ]


def explanation(number: str, *, actor: Actor, now: datetime) -> Explanation | None:
    """Why the answer is due when it is, day by day; None before the clock runs."""
    application(number, actor=actor, now=now)
    row = rows().get(number=number)
    clock = answer_clock(row)
    return explain(clock, working_days.current(), now) if clock else None


def mine(actor: Actor, *, now: datetime, after: str = "", limit: int = 50, state: str = "") -> list[ApplicationView]:
    """Applications that the actor's offices made, newest first, after the id ``after``."""
    found = rows().filter(consumer__code__in=actor.offices(*Role)).order_by("-pk")
    return _page(found, now=now, after=after, limit=limit, state=state)


def received(actor: Actor, *, now: datetime, after: str = "", limit: int = 50, state: str = "") -> list[ApplicationView]:
    """Applications delivered to the actor's offices as provider or bureau, newest first."""
    offices = actor.offices(*Role)
    found = rows().filter(Q(provider__code__in=offices) | Q(bureau__code__in=offices), delivered_at__isnull=False).order_by("-pk")
    return _page(found, now=now, after=after, limit=limit, state=state)


def _page(found: QuerySet[Application], *, now: datetime, after: str, limit: int, state: str) -> list[ApplicationView]:
    if state:
        found = found.filter(state=state)
    if after.isdecimal():
        found = found.filter(pk__lt=int(after))
    return [view_of(row, now) for row in found[:limit]]


#: a waiting state → the act that ends the wait
_NEXT_ACT = {
    ApplicationState.DRAFT: ApplicationAct.SUBMIT,
    ApplicationState.SIGNING: ApplicationAct.SIGN,
    ApplicationState.ANSWERING: ApplicationAct.PROPOSE,
    ApplicationState.SUPPLEMENTING: ApplicationAct.SUPPLEMENT,
    ApplicationState.CONCLUDING: ApplicationAct.CONCLUDE,
}


def _waiting_for(actor: Actor) -> Q:
    waiting = Q(pk__in=())
    for state, act in _NEXT_ACT.items():
        for whose, offices in access.acting_for(actor, act):
            waiting |= Q(**{f"{whose}__code__in": offices}, state=state)
    for act, facts in (
        (ApplicationAct.DECIDE_EXTENSION, Q(extension_days__gt=0, state__in=states.APPLICATION_COURSE[ApplicationAct.DECIDE_EXTENSION])),
        (ApplicationAct.ANSWER_DISPUTE, Q(disputed=True)),
    ):
        for whose, offices in access.acting_for(actor, act):
            waiting |= Q(**{f"{whose}__code__in": offices}) & facts
    return waiting


#: so many of the oldest waiting applications are put in order of their due dates
_MOST_SORTED = 500


def to_do(actor: Actor, *, now: datetime, limit: int = 100) -> list[ApplicationView]:
    """What waits for this actor to act, most pressing first."""
    found = rows().filter(_waiting_for(actor)).order_by(F("delivered_at").asc(nulls_last=True), "pk")[:_MOST_SORTED]

    def pressing(one: ApplicationView) -> tuple[date, int]:
        return (one.running.reading.due if one.running else date.max, one.id)

    return sorted((view_of(row, now) for row in found), key=pressing)[:limit]


def allowed_acts(one: ApplicationView, actor: Actor) -> set[str]:
    """The acts that the actor may do with it now, for a page to show its buttons."""
    acts = {act for act, where in states.APPLICATION_COURSE.items() if one.state in where and access.may(actor, act, one.parties)}
    if one.extension_days:
        acts.discard(ApplicationAct.ASK_EXTENSION)
    else:
        acts.discard(ApplicationAct.DECIDE_EXTENSION)
    acts.discard(ApplicationAct.DISPUTE if one.disputed else ApplicationAct.ANSWER_DISPUTE)
    return {str(act) for act in acts}
