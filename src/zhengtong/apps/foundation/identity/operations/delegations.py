"""Writes of delegations: somebody on leave lets a colleague act; both names stand in the ledger."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from zhengtong.apps.foundation.identity.models import Account, Delegation
from zhengtong.apps.foundation.identity.operations.accounts import DutiesExclude
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Conflict, Invalid


@transaction.atomic
def delegate(*, actor: Actor, taker: str, since: date, until: date, now: datetime) -> None:
    """
    Let a colleague of the same office act with your roles while you are away.

    :raises Invalid: if the colleague is unknown, of another office, or the days are the wrong way round.
    """
    account = Account.objects.select_related("office").filter(username=taker, is_active=True).first()
    if account is None or not account.office or account.office.code != actor.office or account.pk == actor.account_id:
        raise Invalid("受托人须是本单位的另一个有效账户", field="taker")
    if account.duty:
        raise DutiesExclude("管理员不能代行业务角色", field="taker")
    if until < since:
        raise Invalid("结束日期早于开始日期", field="until")
    Delegation.objects.create(giver_id=actor.account_id, taker=account, valid_from=since, valid_until=until)
    detail = {"taker": taker, "since": since.isoformat(), "until": until.isoformat()}
    security.record("identity:delegation:given", at=now, actor=actor.label, office=actor.office, detail=detail)


@transaction.atomic
def end_delegation(*, actor: Actor, delegation_id: int, now: datetime) -> None:
    """Take a delegation back."""
    ended = Delegation.objects.filter(pk=delegation_id, giver_id=actor.account_id, revoked_at__isnull=True).update(revoked_at=now)
    if not ended:
        raise Conflict("没有这项委托,或已收回")
    security.record("identity:delegation:ended", at=now, actor=actor.label, office=actor.office)
