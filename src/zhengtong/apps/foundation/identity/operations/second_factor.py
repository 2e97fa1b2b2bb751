"""
Writes of the second factor: one-time passwords of an authenticator (TOTP, RFC 6238).

Threat model. A password is guessed or stolen: without the authenticator it opens nothing. Somebody at an unattended browser wants to take
the factor away: removal needs a current code. The authenticator is lost: the security administrator resets it, which the ledger shows.
Not defended: a stolen database gives the seeds away, as every TOTP server's does; a UKey with a certificate does not have this weakness.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from zhengtong.apps.foundation.identity.models import Account
from zhengtong.apps.foundation.identity.operations.accounts import refuse_persons
from zhengtong.apps.foundation.identity.operations.sessions import end_sessions_of
from zhengtong.apps.foundation.identity.queries import AccountUnknown
from zhengtong.apps.foundation.identity.rules import Act, require
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Conflict, Invalid


class CodeWrong(Invalid):
    """口令不对或已过期,请用最新的 6 位数字。"""

    code = "code-wrong"


@dataclass(frozen=True)
class Enrolment:
    """What the owner gives to the authenticator: the ``otpauth:`` address (as a QR code) or the secret in base32."""

    address: str = field(repr=False)
    secret: str = field(repr=False)


@transaction.atomic
def begin_second_factor(*, actor: Actor) -> Enrolment:
    """
    The secret to enrol with; the same one until it is confirmed, so that a reload of the page does not spoil a scanned code.

    :raises Conflict: if the account has a second factor.
    """
    if not Account.objects.select_for_update().filter(pk=actor.account_id).exists():
        raise AccountUnknown
    devices = TOTPDevice.objects.filter(user_id=actor.account_id)
    if devices.filter(confirmed=True).exists():
        raise Conflict("已经启用动态口令")
    device = devices.first() or TOTPDevice.objects.create(user_id=actor.account_id, name="totp", confirmed=False)
    return Enrolment(device.config_url, base64.b32encode(device.bin_key).decode().rstrip("="))


def confirm_second_factor(*, actor: Actor, code: str, keep_session: str, now: datetime) -> str:
    """
    Begin to ask for one-time passwords, once a first one is right; returns the device's id for the session.

    Sessions that signed in without it end, but for the one with the key ``keep_session``.

    :raises Conflict: if no enrolment has begun.
    :raises CodeWrong: if the code is not the present one.
    """
    with transaction.atomic():
        device = _checked(actor, code, confirmed=False)
        if device is not None:
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            end_sessions_of(actor.account_id, but=keep_session)
            security.record("identity:second-factor:enrolled", at=now, actor=actor.label)
            return str(device.persistent_id)
    raise CodeWrong(field="code")


def _checked(actor: Actor, code: str, *, confirmed: bool) -> TOTPDevice | None:
    """The device if ``code`` is right. A wrong one is counted on the device, so the caller refuses after its transaction, not within."""
    device = TOTPDevice.objects.select_for_update().filter(user_id=actor.account_id, confirmed=confirmed).first()
    if device is None:
        raise Conflict("没有启用动态口令" if confirmed else "没有待确认的动态口令")
    return device if device.verify_token(code) else None


def remove_second_factor(*, actor: Actor, code: str, now: datetime) -> None:
    """
    Stop asking for one-time passwords; the present one proves that it is the owner who wishes it. Wrong codes slow down further attempts.

    :raises Conflict: if there is no second factor.
    :raises CodeWrong: if the code is not the present one.
    """
    with transaction.atomic():
        device = _checked(actor, code, confirmed=True)
        if device is not None:
            device.delete()
            security.record("identity:second-factor:removed", at=now, actor=actor.label)
            return
    raise CodeWrong(field="code")


@transaction.atomic
def reset_second_factor(*, actor: Actor, account_id: int, now: datetime) -> None:
    """
    Take away the second factor of somebody who lost it; their sessions end.

    :raises NotYours: if the actor is not the security administrator.
    :raises Conflict: if the account has none.
    """
    require(actor, Act.MANAGE_SESSIONS)
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise AccountUnknown
    refuse_persons(account)
    if not TOTPDevice.objects.filter(user=account).delete()[0]:
        raise Conflict("该账户没有启用动态口令")
    end_sessions_of(account_id)
    security.record("identity:second-factor:reset", at=now, actor=actor.label, detail={"account": account.username})
