"""Requests for conditional datasets as the desk and their applicants see them, and what became of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from zhengtong.apps.flow.opendata.models import AccessGrant, AccessRequest, Dataset, OpenKey, RequestEvent
from zhengtong.apps.flow.opendata.queries.access import ConditionalOnly, listed
from zhengtong.apps.flow.opendata.queries.openings import DatasetUnknown, parties_of, under_bureaus_of
from zhengtong.apps.flow.opendata.queries.uses import Uses, uses_of
from zhengtong.apps.flow.opendata.rules import grants, permissions, requests
from zhengtong.apps.flow.opendata.rules.conditions import Conditions
from zhengtong.apps.flow.opendata.rules.requests import (
    HOLDER_LABELS,
    KIND_LABELS,
    REQUEST_EVENT_LABELS,
    REQUEST_LABELS,
    RequestState,
)
from zhengtong.apps.foundation.calendar import api as working_days
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.contracts import open_keys
from zhengtong.engines.deadlines.alerts import Watch, watch
from zhengtong.engines.deadlines.calendar import WorkingCalendar
from zhengtong.engines.deadlines.clock import Clock, due_date
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import Kept
from zhengtong.toolkit import csv_text

_RELATED = ("dataset__resource__office", "dataset__current", "grant")


class RequestUnknown(NotFound):
    """没有这个申请,或查询码不对。"""

    code = "request-unknown"


#: what the office says to itself before it answers; the applicant reads the answer
_INTERNAL = frozenset({"proposed", "reconsidered", "warned"})


@dataclass(frozen=True)
class ReportView:
    """A report of use that is due, or was filed."""

    due: date
    filed_at: datetime | None
    use: str
    results: str
    late: bool


@dataclass(frozen=True)
class KeyView:
    """A key of a grant; ``live`` says whether it opens anything now."""

    id: int
    hint: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    live: bool


@dataclass(frozen=True)
class GrantView:
    """What was granted."""

    number: str
    state: str
    state_label: str
    items: list[str]
    since: date
    until: date
    agreement: str
    agreement_hash: str
    accepted_by: str
    accepted_at: datetime
    reason: str
    keys: tuple[KeyView, ...]
    reports: tuple[ReportView, ...]
    uses: Uses


@dataclass(frozen=True)
class RequestEventView:
    """A line of the timeline."""

    kind: str
    label: str
    at: datetime
    actor_name: Kept
    reason: Kept


@dataclass(frozen=True)
class RequestView:
    """A request. ``name`` of a person and ``contact`` are masked for whoever need not reach them."""

    id: int
    number: str
    dataset: int
    title: str
    office_name: str
    state: RequestState
    state_label: str
    holder_label: str
    kind: str
    kind_label: str
    name: str
    credit_code: str
    contact_name: str
    contact: str
    purpose: str
    scenario: str
    safety: str
    items: list[tuple[str, str]]
    days: int
    answer: dict[str, Any]
    reason: str
    created_at: datetime
    clock: Watch | None
    grant: GrantView | None
    events: tuple[RequestEventView, ...]
    acts: frozenset[str]
    conditions: Conditions | None


def masked(text: str) -> str:
    """A personal value as lists show it: its first character."""
    return text[:1] + "*" * min(len(text) - 1, 6) if text else ""


def offer(number: int) -> tuple[Dataset, Conditions, list[tuple[str, str]]]:
    """
    A conditional dataset to which people may apply, its terms, and its items (key, name).

    :raises DatasetUnknown: if no such dataset is open, or everybody may have its rows anyway.
    """
    row = listed().select_related("resource__office", "current").filter(pk=number, conditional=True).first()
    terms = Conditions.of(row.conditions) if row else None
    if row is None or terms is None or row.current is None:
        raise DatasetUnknown
    return row, terms, [(one["key"], one["name"]) for one in row.current.columns]


def names_of(row: Dataset) -> dict[str, str]:
    """The names of a dataset's items by key."""
    return {one["key"]: one["name"] for one in (row.current.columns if row.current else [])}


def period_of(row: AccessRequest) -> Clock | None:
    """The period of the answer."""
    return requests.answer_clock(requests.Happened(one.kind, one.at) for one in row.events.all())


def clock_of(row: AccessRequest, now: datetime) -> Watch | None:
    """The clock of the answer as it stands."""
    clock = period_of(row)
    return watch(clock, working_days.current(), now) if clock else None


@dataclass(frozen=True)
class RequestMove:
    """The period of an answer that ends on another day under another calendar."""

    row: AccessRequest
    clock: Clock
    before: date
    after: date
    #: what is due
    duty: str = "答复"

    @property
    def number(self) -> str:
        """The request's number."""
        return self.row.number

    @property
    def holder(self) -> str:
        """The office that has to answer."""
        return self.row.dataset.resource.office.name


def request_moves(before: WorkingCalendar, after: WorkingCalendar, *, now: datetime) -> Iterator[RequestMove]:
    """The requests whose answer is due on another day under ``after`` than under ``before``, as they look at ``now``."""
    waiting = (RequestState.RECEIVED, RequestState.SUPPLEMENT, RequestState.PROPOSED)
    rows = AccessRequest.objects.filter(state__in=waiting).select_related(*_RELATED).prefetch_related("events")
    for row in rows.order_by("pk").iterator(chunk_size=500):
        clock = period_of(row)
        if clock is None or clock.stop:
            continue
        was, will = due_date(clock, before, now), due_date(clock, after, now)
        if was != will:
            yield RequestMove(row, clock, was, will)


def requests_waiting(actor: identity.Actor, *, now: datetime, limit: int = 100) -> list[RequestView]:
    """Requests that wait for this actor: to prepare the answer, or to decide it; longest waiting first, personal values masked."""
    office = "dataset__resource__office__code__in"
    mine = Q(state=RequestState.RECEIVED, **{office: actor.offices(identity.Role.STEWARD)})
    mine |= Q(state=RequestState.PROPOSED, **{office: actor.offices(identity.Role.SHARING_HEAD)})
    rows = AccessRequest.objects.filter(mine).select_related(*_RELATED).prefetch_related("events").order_by("created_at", "pk")
    return [_view(row, now, actor=actor, open_contact=False) for row in rows[:limit]]


def _grant(row: AccessGrant, now: datetime, *, used: bool = False) -> GrantView:
    today = local_date(now)
    keys = list(row.keys.all())
    filed = {one.due: one for one in row.reports.all()}
    state = open_keys.standing(row.state, row.until, today)
    return GrantView(
        number=row.number,
        state=state,
        state_label=open_keys.GRANT_LABELS[state],
        items=row.items,
        since=row.since,
        until=row.until,
        agreement=row.agreement,
        agreement_hash=row.agreement_hash,
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
        reason=row.reason,
        keys=tuple(_key(one, now) for one in keys),
        reports=tuple(_reports(row, filed, today)),
        uses=uses_of([f"key:{one.pk}" for one in keys], today=today) if used else Uses(),
    )


def _key(row: OpenKey, now: datetime) -> KeyView:
    live = open_keys.is_live(expires_at=row.expires_at, revoked_at=row.revoked_at, now=now)
    return KeyView(row.pk, row.hint, row.made_at, row.expires_at, row.revoked_at, live)


def _reports(row: AccessGrant, filed: dict[date, Any], today: date) -> list[ReportView]:
    views = []
    for due in grants.dues(row.since, row.until, row.report_every):
        one = filed.get(due)
        late = local_date(one.filed_at) > due if one else today > due
        views.append(ReportView(due, one.filed_at if one else None, one.use if one else "", one.results if one else "", late))
    return views


def grant_of(row: AccessRequest) -> AccessGrant | None:
    """What came of a request, if anything."""
    return AccessGrant.objects.filter(request=row).first() if not hasattr(row, "grant") else row.grant


def _view(row: AccessRequest, now: datetime, *, actor: identity.Actor | None, open_contact: bool, used: bool = False) -> RequestView:
    grant = grant_of(row)
    names = names_of(row.dataset)
    acts = frozenset[str]()
    if actor is not None:
        parties = parties_of(row.dataset)
        standing = _grant(grant, now).state if grant else ""
        acts = frozenset(one.value for one in requests.possible(row.state, standing) if requests.may(actor, one, parties))
    return RequestView(
        id=row.pk,
        number=row.number,
        dataset=row.dataset_id,
        title=row.dataset.title,
        office_name=row.dataset.resource.office.name,
        state=RequestState(row.state),
        state_label=REQUEST_LABELS[RequestState(row.state)],
        holder_label=HOLDER_LABELS.get(RequestState(row.state), ""),
        kind=row.kind,
        kind_label=KIND_LABELS[row.kind],
        name=row.name if open_contact or row.kind == "company" else masked(row.name),
        credit_code=row.credit_code,
        contact_name=row.contact_name if open_contact else masked(row.contact_name),
        contact=row.contact if open_contact else masked(row.contact),
        purpose=row.purpose,
        scenario=row.scenario,
        safety=row.safety,
        items=[(key, names.get(key, key)) for key in row.items],
        days=row.days,
        answer=row.answer,
        reason=row.reason,
        created_at=row.created_at,
        clock=clock_of(row, now),
        grant=_grant(grant, now, used=used) if grant else None,
        events=tuple(_event(one) for one in row.events.all() if actor is not None or one.kind not in _INTERNAL)[::-1],
        acts=acts,
        conditions=Conditions.of(row.dataset.conditions),
    )


def _event(row: RequestEvent) -> RequestEventView:
    return RequestEventView(row.kind, REQUEST_EVENT_LABELS[row.kind], row.at, row.actor_name, row.reason)


def of_applicant(number: str, proven: str) -> AccessRequest:
    """
    The request that a private link leads to; ``proven`` is the :func:`proof` of its secret.

    :raises RequestUnknown: if there is none, or the secret is another.
    """
    row = AccessRequest.objects.select_related(*_RELATED).filter(number=number).first()
    if row is None or not hmac.compare_digest(row.secret, proven):
        raise RequestUnknown
    return row


def own_request(number: str, proven: str, *, now: datetime) -> RequestView:
    """
    A request as its applicant sees it.

    :raises RequestUnknown: as :func:`of_applicant`.
    """
    return _view(of_applicant(number, proven), now, actor=None, open_contact=True, used=True)


def draft_agreement(row: AccessRequest) -> str:
    """The agreement that waits for the applicant; the answer decides its items and days."""
    names, terms = names_of(row.dataset), Conditions.of(row.dataset.conditions)
    if terms is None:
        raise ConditionalOnly
    return grants.agreement(
        grants.Terms(
            request=row.number,
            dataset=row.dataset.title,
            office=row.dataset.resource.office.name,
            applicant=row.name,
            code=row.credit_code,
            purpose=row.purpose,
            scenario=row.scenario,
            purposes=terms.purposes,
            safety=terms.safety,
            promise=row.safety,
            items=[names.get(key, key) for key in row.answer["items"]],
            days=row.answer["days"],
            report_every=terms.report_every,
        )
    )


def agreement(number: str, proven: str) -> tuple[str, str]:
    """
    The text that waits to be accepted and its SHA-256; both empty where nothing waits.

    :raises RequestUnknown: as :func:`of_applicant`.
    """
    row = of_applicant(number, proven)
    if row.state != RequestState.AGREED:
        return "", ""
    text = draft_agreement(row)
    return text, hashlib.sha256(text.encode()).hexdigest()


def seen(number: str, actor: identity.Actor) -> AccessRequest:
    """
    A request for an official.

    :raises RequestUnknown: for somebody of neither the providing office nor its bureau.
    """
    row = AccessRequest.objects.select_related(*_RELATED).filter(number=number).first()
    if row is None or not permissions.may_see(actor, parties_of(row.dataset)):
        raise RequestUnknown
    return row


def request(number: str, *, actor: identity.Actor, now: datetime) -> RequestView:
    """
    A request at the desk. Those who answer it see whom to call; the bureau sees masks.

    :raises RequestUnknown: as :func:`seen`.
    """
    row = seen(number, actor)
    office = row.dataset.resource.office.code
    mine = actor.has(identity.Role.STEWARD, office) or actor.has(identity.Role.SHARING_HEAD, office)
    return _view(row, now, actor=actor, open_contact=mine, used=True)


def requests_of(actor: identity.Actor, *, now: datetime, state: str = "", after: str = "", limit: int = 50) -> list[RequestView]:
    """Requests to the actor's offices, and to those whose bureau the actor approves for; latest first, personal values masked."""
    mine = Q(dataset__resource__office__code__in=actor.offices(identity.Role.STEWARD, identity.Role.SHARING_HEAD))
    mine |= under_bureaus_of(actor, "dataset__resource__office__")
    rows = AccessRequest.objects.filter(mine).select_related(*_RELATED).prefetch_related("events").order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if after.isdecimal():
        rows = rows.filter(pk__lt=int(after[:18]))
    return [_view(row, now, actor=actor, open_contact=False) for row in rows[:limit]]


#: rows of an export
_MOST = 5000
_HEAD = (
    *("申请编号", "数据集", "提供单位", "申请人", "统一社会信用代码", "状态", "现在由谁办理", "答复期限", "提交时间"),
    *("授权编号", "授权至", "授权状态"),
)


def export_requests(actor: identity.Actor, *, now: datetime, state: str = "") -> bytes:
    """The list as CSV, names of people masked, without contacts."""
    lines: list[Sequence[Any]] = [_HEAD]
    for one in requests_of(actor, now=now, state=state, limit=_MOST):
        grant = one.grant
        lines.append(
            (
                one.number, one.title, one.office_name, one.name, one.credit_code, one.state_label, one.holder_label,
                one.clock.reading.due if one.clock else "", local_date(one.created_at),
                grant.number if grant else "", grant.until if grant else "", grant.state_label if grant else "",
            )
        )  # fmt: skip
    return csv_text.MARK + csv_text.encode(lines)
