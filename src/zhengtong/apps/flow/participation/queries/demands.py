"""Demands as the board, the desk and their askers see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from zhengtong.apps.flow.participation.models import Demand, Support
from zhengtong.apps.flow.participation.queries import places
from zhengtong.apps.flow.participation.queries.keys import secret_of
from zhengtong.apps.flow.participation.queries.running import period_of
from zhengtong.apps.flow.participation.rules import clocks, content, receipts
from zhengtong.apps.flow.participation.rules.demands import Act, DemandUnknown, may, may_see
from zhengtong.apps.flow.participation.rules.vocabulary import (
    ANSWERED,
    ASKER_LABELS,
    DEMAND_LABELS,
    PUBLIC,
    RUNNING,
    TONES,
    WAY_LABELS,
    Asker,
    DemandState,
    Lengthening,
    Way,
)
from zhengtong.apps.flow.participation.rules.words import asked
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.kernel.clock import local_date

ORDERS = ("newest", "supports", "waiting", "title")
_MOST_DIGITS = 18


@dataclass(frozen=True)
class BoardFilter:
    """What narrows a list of demands: words, state (or ``running``, ``answered``, ``late-office``), way, provider's code, order."""

    text: str = ""
    state: str = ""
    way: str = ""
    office: str = ""
    order: str = "newest"


@dataclass(frozen=True)
class DemandView:
    """A demand without anything personal: who asks is shown as they chose, a contact only masked and only at the desk."""

    number: str
    title: str
    purpose: str
    items: str
    frequency: str
    way: str
    way_label: str
    asker_label: str
    name: str
    state: DemandState
    state_label: str
    tone: str
    filed_at: datetime
    #: who has to act now; empty once nobody does
    holder: str
    clock: Watch | None
    #: the provision the period stands in; empty for the bureau's
    basis: str
    provider: str
    provider_name: str
    bureau_name: str
    answered_at: datetime | None
    in_time: bool | None
    missed: bool
    #: where the one extension stands (``rules.vocabulary.Lengthening``), how many working days, and why
    lengthening: str
    extension_days: int
    extension_reason: str
    dataset: int | None
    dataset_title: str
    resource: int | None
    resource_name: str
    promised_on: date | None
    promise_late: bool
    merged_into: str
    reason: str
    supports: int
    #: masked
    contact: str
    cursor: str
    acts: frozenset[str] = frozenset()


def _rows() -> QuerySet[Demand]:
    return Demand.objects.select_related("provider", "bureau", "dataset", "resource", "merged_into")


def _view(row: Demand, now: datetime, *, order: str = "newest", actor: identity.Actor | None = None) -> DemandView:
    state = DemandState(row.state)
    running = state in RUNNING
    holder = row.provider if state in {DemandState.PROVIDER, DemandState.PROMISED} and row.provider else row.bureau
    parties = places.parties_of(row)[0]
    cursor = {"supports": str(row.supports), "waiting": row.clock_began_at.isoformat(), "title": row.title_key}
    return DemandView(
        number=row.number,
        title=row.title,
        purpose=row.purpose,
        items=row.items,
        frequency=row.frequency,
        way=row.way,
        way_label=WAY_LABELS[Way(row.way)],
        asker_label=ASKER_LABELS[Asker(row.asker)],
        name=row.name,
        state=state,
        state_label=DEMAND_LABELS[state],
        tone=TONES.get(state.value, ""),
        filed_at=row.filed_at,
        holder=holder.name if running or state is DemandState.PROMISED else "",
        clock=watch(period_of(row), working_days.current(), now) if running else None,
        basis=clocks.BASES.get(row.clock, "") if running else "",
        provider=row.provider.code if row.provider else "",
        provider_name=row.provider.name if row.provider else "",
        bureau_name=row.bureau.name,
        answered_at=row.answered_at,
        in_time=row.in_time,
        missed=row.missed,
        lengthening=row.lengthening,
        extension_days=row.extension_days,
        extension_reason=row.extension_reason,
        dataset=row.dataset_id,
        dataset_title=row.dataset.title if row.dataset else "",
        resource=row.resource_id,
        resource_name=row.resource.name if row.resource else "",
        promised_on=row.promised_on,
        promise_late=state is DemandState.PROMISED and row.promised_on is not None and row.promised_on < local_date(now),
        merged_into=row.merged_into.number if row.merged_into else "",
        reason=row.reason,
        supports=row.supports,
        contact=content.masked(row.contact),
        cursor=f"{cursor.get(order, row.filed_at.isoformat())}~{row.pk}",
        acts=frozenset(act.value for act in Act if actor is not None and may(actor, act, parties, row.state, row.lengthening)),
    )


def _narrowed(rows: QuerySet[Demand], asked_for: BoardFilter) -> QuerySet[Demand]:
    for word in asked(asked_for.text):
        rows = rows.filter(Q(words__contains=word) | Q(number__iexact=word))
    match asked_for.state:
        case "":
            pass
        case "running":
            rows = rows.filter(state__in=sorted(RUNNING))
        case "answered":
            rows = rows.filter(state__in=sorted(ANSWERED))
        case "missed":
            rows = rows.filter(missed=True)
        case state:
            rows = rows.filter(state=state)
    if asked_for.way:
        rows = rows.filter(way=asked_for.way)
    if asked_for.office:
        rows = rows.filter(provider__code=asked_for.office)
    return rows


def _paged(rows: QuerySet[Demand], order: str, after: str) -> QuerySet[Demand]:
    value, _, number = after.rpartition("~")
    last = int(number) if number.isdecimal() and len(number) <= _MOST_DIGITS else None
    match order:
        case "supports":
            rows = rows.order_by("-supports", "-pk")
            count = int(value) if value.isdecimal() and len(value) <= _MOST_DIGITS else 0
            behind = Q(supports__lt=count) | Q(supports=count, pk__lt=last)
        case "title":
            rows = rows.order_by("title_key", "pk")
            behind = Q(title_key__gt=value) | Q(title_key=value, pk__gt=last)
        case "waiting":
            rows = rows.order_by("clock_began_at", "pk")
            moment = _moment(value)
            behind = Q(clock_began_at__gt=moment) | Q(clock_began_at=moment, pk__gt=last)
            last = last if moment else None
        case _:
            rows = rows.order_by("-filed_at", "-pk")
            moment = _moment(value)
            behind = Q(filed_at__lt=moment) | Q(filed_at=moment, pk__lt=last)
            last = last if moment else None
    return rows.filter(behind) if last is not None else rows


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def board(asked_for: BoardFilter, *, now: datetime, after: str = "", limit: int = 20) -> list[DemandView]:
    """Public demands, in order, behind a cursor of an earlier list."""
    rows = _narrowed(_rows().filter(state__in=sorted(PUBLIC)), asked_for)
    return [_view(row, now, order=asked_for.order) for row in _paged(rows, asked_for.order, after)[:limit]]


def board_count(asked_for: BoardFilter) -> int:
    """How many public demands match."""
    return _narrowed(Demand.objects.filter(state__in=sorted(PUBLIC)), asked_for).count()


def board_offices() -> list[tuple[str, str, int]]:
    """The offices that have public demands: code, name, how many; most first."""
    rows = Demand.objects.filter(state__in=sorted(PUBLIC), provider__isnull=False)
    return list(rows.values_list("provider__code", "provider__name").annotate(total=Count("pk")).order_by("-total", "provider__code"))


def every(asked_for: BoardFilter, *, now: datetime) -> Iterator[DemandView]:
    """All public demands that match, for an export, 500 at a time."""
    after = ""
    while rows := board(asked_for, now=now, after=after, limit=500):
        yield from rows
        after = rows[-1].cursor


@dataclass(frozen=True)
class BoardFigures:
    """How the board stands: public demands, waiting, answered, answered in time, satisfied."""

    total: int
    running: int
    answered: int
    in_time: int
    satisfied: int

    @property
    def share(self) -> int | None:
        """Answered in time, in percent of all that were answered by whoever had to; None before the first."""
        return round(100 * self.in_time / self.answered) if self.answered else None


def board_figures() -> BoardFigures:
    """Counted over everything public."""
    found: dict[str, Any] = Demand.objects.filter(state__in=sorted(PUBLIC)).aggregate(
        total=Count("pk"),
        running=Count("pk", filter=Q(state__in=sorted(RUNNING))),
        answered=Count("pk", filter=Q(in_time__isnull=False)),
        in_time=Count("pk", filter=Q(in_time=True)),
        satisfied=Count("pk", filter=Q(state=DemandState.SATISFIED)),
    )
    return BoardFigures(**found)


def public_demand(number: str, *, now: datetime) -> DemandView:
    """
    A demand that the board shows.

    :raises DemandUnknown: if there is none.
    """
    row = _rows().filter(number=number, state__in=sorted(PUBLIC)).first()
    if row is None:
        raise DemandUnknown
    return _view(row, now)


def supports(number: str, visitor_key: str) -> bool:
    """Whether a visitor supports a demand."""
    return Support.objects.filter(demand__number=number, visitor=visitor_key).exists()


def own_demand(number: str, secret: str, *, now: datetime) -> DemandView:
    """
    A demand as its asker sees it.

    :raises DemandUnknown: unless the secret opens it.
    """
    row = _rows().filter(number=number).first()
    if row is None or not receipts.opens(secret, row.secret):
        raise DemandUnknown
    return _view(row, now)


def _mine(actor: identity.Actor) -> Q:
    return places.of_offices(actor, "provider") & ~Q(state=DemandState.PENDING) | Q(
        bureau__code__in=actor.offices(identity.Role.BUREAU_APPROVER)
    )


def desk(actor: identity.Actor, asked_for: BoardFilter, *, now: datetime, after: str = "", limit: int = 50) -> list[DemandView]:
    """Demands that the actor's offices have to answer, and all of the bureaus for which the actor approves."""
    rows = _narrowed(_rows().filter(_mine(actor)), asked_for)
    return [_view(row, now, order=asked_for.order, actor=actor) for row in _paged(rows, asked_for.order, after)[:limit]]


def asked_by(actor: identity.Actor, *, now: datetime, limit: int = 50) -> list[tuple[DemandView, str]]:
    """Demands that the actor has handed in with the secrets of their private pages, newest first."""
    return [(_view(row, now), secret_of(row.once)) for row in _rows().filter(account_id=actor.account_id).order_by("-pk")[:limit]]


def desk_demand(number: str, *, actor: identity.Actor, now: datetime) -> DemandView:
    """
    One demand with what the actor may do.

    :raises DemandUnknown: if the actor has no part in it.
    """
    row = _rows().filter(number=number).first()
    if row is None or not may_see(actor, places.parties_of(row)[0]):
        raise DemandUnknown
    return _view(row, now, actor=actor)


def waiting(actor: identity.Actor, *, now: datetime, limit: int = 100) -> list[DemandView]:
    """Demands that wait for this actor, longest waiting first."""
    mine = places.of_offices(actor, "provider") & Q(state=DemandState.PROVIDER)
    asked_for = Q(state=DemandState.PROVIDER, lengthening=Lengthening.ASKED)
    of_bureau = Q(state__in=[DemandState.PENDING, DemandState.BUREAU]) | asked_for
    mine |= Q(bureau__code__in=actor.offices(identity.Role.BUREAU_APPROVER)) & of_bureau
    return [_view(row, now, actor=actor) for row in _rows().filter(mine).order_by("clock_began_at", "pk")[:limit]]


def answers_by_dataset(datasets: list[int]) -> dict[int, int]:
    """How many demands each dataset answers."""
    rows = Demand.objects.filter(state=DemandState.SATISFIED, dataset_id__in=datasets).values_list(F("dataset_id"))
    return dict(rows.annotate(total=Count("pk")))
