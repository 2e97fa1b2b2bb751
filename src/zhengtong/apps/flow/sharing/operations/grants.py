"""The life of a grant after it was issued: suspend, rectify, resume, terminate, return and destroy (条例 Art. 27)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from zhengtong.apps.flow.sharing.models import ApplicationEvent, GrantStanding
from zhengtong.apps.flow.sharing.queries.grants import GrantUnknown
from zhengtong.apps.flow.sharing.rules import access
from zhengtong.apps.flow.sharing.rules.access import Parties
from zhengtong.apps.flow.sharing.rules.clocks import EventKind
from zhengtong.apps.flow.sharing.rules.states import GrantAct, WrongState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices import api as notices
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts.grants import GrantState
from zhengtong.kernel.errors import Invalid
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.outbox import api as outbox

Role = identity.Role
_BOTH_SIDES = (Role.STEWARD, Role.SHARING_HEAD)
#: grants ended in one transaction; the next round takes the rest
_MOST_LAPSED = 500


class _Opened:
    """A standing locked for one act."""

    def __init__(self, number: str, act: GrantAct, actor: identity.Actor) -> None:
        row = (
            GrantStanding.objects.select_for_update(of=("self",))
            .select_related("grant__application__bureau", "grant__application__resource", "consumer", "provider")
            .filter(grant__number=number)
            .first()
        )
        parties = Parties(row.consumer.code, row.provider.code, row.grant.application.bureau.code) if row else None
        if row is None or parties is None or not access.may_see(actor, parties):
            raise GrantUnknown(say("没有授权 {number}", number=number))
        self.row, self.actor, self.parties = row, actor, parties
        self.office = access.require(actor, act, parties)

    def expect(self, *states: GrantState) -> None:
        if self.row.state not in states:
            raise WrongState("授权现在的状态不允许这样办理", remedy="刷新页面查看最新状态")

    def write(self, kind: EventKind, *, now: datetime, reason: str, state: GrantState | None = None) -> None:
        """The new state, the timeline, the ledger and, when data must stop or flow again, the gateways."""
        row = self.row
        if state is not None:
            row.state, row.reason = state, reason
        row.changed_at = now
        row.save()
        names = organisations.offices_by_code([self.office])
        ApplicationEvent.objects.create(
            application=row.grant.application,
            kind=kind,
            at=now,
            actor=self.actor.label,
            actor_name=self.actor.name,
            office_name=names[self.office].name,
            reason=reason,
        )
        security.record(
            f"sharing:grant:{kind}",
            at=now,
            actor=self.actor.label,
            office=self.office,
            provider=row.provider.code,
            resource=row.grant.application.resource.code or "",
            grant=row.grant.number,
            detail={"reason": reason},
        )
        if state is not None:
            outbox.publish(identity.ROUTING_STALE, {"grant": row.grant.number}, at=now)

    def tell(self, office: str, text: str, now: datetime) -> None:
        address = reverse("sharing:grant", args=[self.row.grant.number])
        name = self.row.grant.application.resource.name
        for role in _BOTH_SIDES:
            notices.tell(
                role,
                office,
                say("{text}:{resource}({number})", text=say(text), resource=name, number=self.row.grant.number),
                address=address,
                now=now,
            )


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise Invalid("请说明理由", field="reason", remedy="写明事实与依据")
    return reason.strip()


@transaction.atomic
def suspend(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """Stop all data under a grant within seconds and order rectification; the consumer and the bureau are told why."""
    opened = _Opened(number, GrantAct.SUSPEND, actor)
    opened.expect(GrantState.ACTIVE)
    opened.write(EventKind.SUSPENDED, now=now, reason=_reasoned(reason), state=GrantState.SUSPENDED)
    opened.tell(opened.parties.consumer, "授权被暂停,请整改", now)
    notices.tell(
        Role.BUREAU_APPROVER,
        opened.parties.bureau,
        say("授权被暂停:{number}", number=number),
        address=reverse("sharing:grant", args=[number]),
        now=now,
    )


@transaction.atomic
def rectify(*, actor: identity.Actor, number: str, statement: str, now: datetime) -> None:
    """The consumer says what it has put right."""
    opened = _Opened(number, GrantAct.RECTIFY, actor)
    opened.expect(GrantState.SUSPENDED)
    opened.write(EventKind.RECTIFIED, now=now, reason=_reasoned(statement))
    opened.tell(opened.parties.provider, "需求方已报送整改,请核验", now)


@transaction.atomic
def resume(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """Let data flow again."""
    opened = _Opened(number, GrantAct.RESUME, actor)
    opened.expect(GrantState.SUSPENDED)
    opened.write(EventKind.RESUMED, now=now, reason=reason.strip(), state=GrantState.ACTIVE)
    opened.tell(opened.parties.consumer, "授权已恢复", now)


@transaction.atomic
def terminate(*, actor: identity.Actor, number: str, reason: str, now: datetime) -> None:
    """End a grant for good; the consumer must return or destroy what it holds (条例 Art. 27)."""
    opened = _Opened(number, GrantAct.TERMINATE, actor)
    opened.expect(GrantState.ACTIVE, GrantState.SUSPENDED)
    opened.write(EventKind.TERMINATED, now=now, reason=_reasoned(reason), state=GrantState.TERMINATED)
    opened.tell(opened.parties.consumer, "授权已终止,请退还或销毁数据并确认", now)
    opened.tell(opened.parties.provider, "授权已终止", now)


@transaction.atomic
def end_lapsed(*, now: datetime, resource_id: int | None = None) -> int:
    """
    End the grants whose term is over, so that what they covered can be granted anew and what was received is returned or destroyed.

    Returns how many were ended.
    """
    lapsed = (
        GrantStanding.objects.select_for_update(of=("self",), skip_locked=resource_id is None)
        .select_related("grant__application__resource", "consumer", "provider")
        .filter(state__in=[GrantState.ACTIVE, GrantState.SUSPENDED], grant__not_after__lt=now)
    )
    if resource_id is not None:
        lapsed = lapsed.filter(resource_id=resource_id)
    ended = 0
    for row in lapsed[:_MOST_LAPSED]:
        row.state, row.reason, row.changed_at = GrantState.TERMINATED, "使用时限届满", now
        row.save(update_fields=["state", "reason", "changed_at"])
        application = row.grant.application
        ApplicationEvent.objects.create(
            application=application,
            kind=EventKind.TERMINATED,
            at=now,
            actor="process:worker",
            actor_name="平台",
            office_name=row.provider.name,
            reason=row.reason,
        )
        security.record(
            "sharing:grant:lapsed",
            at=now,
            actor="process:worker",
            provider=row.provider.code,
            resource=application.resource.code or "",
            grant=row.grant.number,
        )
        address = reverse("sharing:grant", args=[row.grant.number])
        for role in _BOTH_SIDES:
            ended_notice = say(
                "授权期满,请退还或销毁数据并确认:{resource}({number})", resource=application.resource.name, number=row.grant.number
            )
            notices.tell(role, row.consumer.code, ended_notice, address=address, now=now)
        outbox.publish(identity.ROUTING_STALE, {"grant": row.grant.number}, at=now)
        ended += 1
    return ended


@transaction.atomic
def confirm_destruction(*, actor: identity.Actor, number: str, statement: str, now: datetime) -> None:
    """The consumer confirms that it returned or destroyed the data, and how."""
    opened = _Opened(number, GrantAct.CONFIRM_DESTRUCTION, actor)
    opened.expect(GrantState.TERMINATED)
    if opened.row.destruction_confirmed_at:
        raise WrongState("已经确认过")
    opened.row.destruction_confirmed_at = now
    opened.write(EventKind.DESTRUCTION_CONFIRMED, now=now, reason=_reasoned(statement))
    opened.tell(opened.parties.provider, "需求方确认已退还或销毁数据,请核验", now)


@transaction.atomic
def accept_destruction(*, actor: identity.Actor, number: str, now: datetime) -> None:
    """The provider accepts the confirmation."""
    opened = _Opened(number, GrantAct.ACCEPT_DESTRUCTION, actor)
    if not opened.row.destruction_confirmed_at or opened.row.destruction_accepted_at:
        raise WrongState("还没有确认,或已经核验过")
    opened.row.destruction_accepted_at = now
    opened.write(EventKind.DESTRUCTION_ACCEPTED, now=now, reason="")


@transaction.atomic
def note_delivery(*, grant_id: int, now: datetime) -> None:
    """The data is there for the consumer: the clock of 20 working days stops. Called by exchange; nothing happens a second time."""
    row = GrantStanding.objects.select_for_update(of=("self",)).select_related("grant__application", "provider").filter(pk=grant_id).first()
    if row is None or row.delivered_at:
        return
    row.delivered_at = row.changed_at = now
    row.save(update_fields=["delivered_at", "changed_at"])
    ApplicationEvent.objects.create(
        application=row.grant.application,
        kind=EventKind.DELIVERED,
        at=now,
        actor="process:worker",
        actor_name="平台",
        office_name=row.provider.name,
    )
    security.record("sharing:grant:delivered", at=now, actor="process:worker", provider=row.provider.code, grant=row.grant.number)
