"""Reads of grants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from zhengtong.apps.flow.sharing.models import GrantStanding
from zhengtong.apps.flow.sharing.rules import access
from zhengtong.apps.flow.sharing.rules.access import Parties
from zhengtong.apps.flow.sharing.rules.states import GrantAct
from zhengtong.apps.foundation.identity.api import Actor, Role
from zhengtong.contracts import grants
from zhengtong.contracts.grants import Grant as GrantDocument
from zhengtong.contracts.grants import GrantState
from zhengtong.contracts.signed import SignedDocument
from zhengtong.kernel.errors import NotFound
from zhengtong.kernel.sentences import say

STATE_LABELS = {GrantState.ACTIVE: "有效", GrantState.SUSPENDED: "已暂停", GrantState.TERMINATED: "已终止"}
STATE_TONES = {GrantState.ACTIVE: "done", GrantState.SUSPENDED: "waiting", GrantState.TERMINATED: "refused"}


class GrantUnknown(NotFound):
    """没有这个授权,或您无权查看。"""

    code = "grant-unknown"


@dataclass(frozen=True)
class GrantView:
    """A grant with its document and how it stands."""

    id: int
    number: str
    application: str
    resource_id: int
    document: GrantDocument
    signed: SignedDocument
    bureau: str
    state: GrantState
    reason: str
    delivered_at: datetime | None
    destruction_confirmed_at: datetime | None
    destruction_accepted_at: datetime | None
    changed_at: datetime

    @property
    def state_label(self) -> str:
        """The state in words."""
        return STATE_LABELS[self.state]

    @property
    def state_tone(self) -> str:
        """The state's mark."""
        return STATE_TONES[self.state]

    @property
    def parties(self) -> Parties:
        """The offices concerned."""
        return Parties(self.document.consumer.code, self.document.provider.code, self.bureau)

    def in_force(self, now: datetime) -> bool:
        """Whether data may move under it."""
        return self.state is GrantState.ACTIVE and self.document.not_before <= now <= self.document.not_after


def _rows() -> QuerySet[GrantStanding]:
    return GrantStanding.objects.select_related("grant__application__bureau")


def _view(row: GrantStanding) -> GrantView:
    grant = row.grant
    return GrantView(
        id=grant.pk,
        number=grant.number,
        application=grant.application.number,
        resource_id=row.resource_id,
        document=grants.decode(grant.payload),
        signed=SignedDocument(grant.payload, grant.scheme, grant.key_id, bytes(grant.signature)),
        bureau=grant.application.bureau.code,
        state=GrantState(row.state),
        reason=row.reason,
        delivered_at=row.delivered_at,
        destruction_confirmed_at=row.destruction_confirmed_at,
        destruction_accepted_at=row.destruction_accepted_at,
        changed_at=row.changed_at,
    )


def grant(number: str, *, actor: Actor | None = None) -> GrantView:
    """
    A grant; with ``actor``, only for somebody of one of its parties.

    :raises GrantUnknown: otherwise.
    """
    row = _rows().filter(grant__number=number).first()
    if row is None:
        raise GrantUnknown(say("没有授权 {number}", number=number))
    found = _view(row)
    if actor is not None and not access.may_see(actor, found.parties):
        raise GrantUnknown(say("没有授权 {number}", number=number))
    return found


def grants_held(actor: Actor, *, after: str = "", limit: int = 50, state: str = "") -> list[GrantView]:
    """Grants of the actor's offices as consumer, newest first."""
    return _page(_rows().filter(consumer__code__in=actor.offices(*Role)), after, limit, state)


def grants_given(actor: Actor, *, after: str = "", limit: int = 50, state: str = "") -> list[GrantView]:
    """Grants that the actor's offices gave or oversee, newest first."""
    offices = actor.offices(*Role)
    return _page(_rows().filter(Q(provider__code__in=offices) | Q(grant__application__bureau__code__in=offices)), after, limit, state)


def grants_of_system(system: str, office: str, *, now: datetime) -> list[GrantView]:
    """The grants in force that name a calling system of an office; at most a thousand, newest first."""
    rows = _rows().filter(consumer__code=office, state=GrantState.ACTIVE).order_by("-pk")[:1000]
    return [one for one in map(_view, rows) if system in one.document.callers and one.in_force(now)]


def _page(rows: QuerySet[GrantStanding], after: str, limit: int, state: str) -> list[GrantView]:
    found = rows.order_by("-pk")
    if state:
        found = found.filter(state=state)
    if after.isdecimal():
        found = found.filter(pk__lt=int(after))
    return [_view(row) for row in found[:limit]]


#: (state and marks of a grant, the act that is waited for)
_GRANT_WAITS = (
    (Q(state=GrantState.SUSPENDED), GrantAct.RECTIFY),
    (Q(state=GrantState.TERMINATED, destruction_confirmed_at__isnull=True), GrantAct.CONFIRM_DESTRUCTION),
    (Q(destruction_confirmed_at__isnull=False, destruction_accepted_at__isnull=True), GrantAct.ACCEPT_DESTRUCTION),
)


def grants_to_do(actor: Actor, *, limit: int = 50) -> list[GrantView]:
    """Grants that wait for this actor: to rectify, to return or destroy, to accept that."""
    waiting = Q(pk__in=())
    for facts, act in _GRANT_WAITS:
        for whose, offices in access.acting_for(actor, act):
            waiting |= Q(**{f"{whose}__code__in": offices}) & facts
    return [_view(row) for row in _rows().filter(waiting).order_by("changed_at")[:limit]]


def allowed_grant_acts(one: GrantView, actor: Actor) -> set[str]:
    """The acts that the actor may do with a grant as it stands, for a page to show its forms."""
    fitting = {
        GrantAct.SUSPEND: one.state is GrantState.ACTIVE,
        GrantAct.RECTIFY: one.state is GrantState.SUSPENDED,
        GrantAct.RESUME: one.state is GrantState.SUSPENDED,
        GrantAct.TERMINATE: one.state is not GrantState.TERMINATED,
        GrantAct.CONFIRM_DESTRUCTION: one.state is GrantState.TERMINATED and one.destruction_confirmed_at is None,
        GrantAct.ACCEPT_DESTRUCTION: one.destruction_confirmed_at is not None and one.destruction_accepted_at is None,
    }
    return {str(act) for act, fits in fitting.items() if fits and access.may(actor, act, one.parties)}


def grants_of_resource(resource_id: int) -> list[GrantView]:
    """Grants on a resource that have not ended."""
    return [_view(row) for row in _rows().filter(resource_id=resource_id).exclude(state=GrantState.TERMINATED)]


def grants_to_route(now: datetime) -> list[GrantView]:
    """All grants that a gateway must know: not ended, and not long past their term, so that an expired one is told as such."""
    return [_view(row) for row in _rows().exclude(state=GrantState.TERMINATED).order_by("pk")] + [
        _view(row) for row in _rows().filter(state=GrantState.TERMINATED, grant__not_after__gte=now).order_by("pk")
    ]
