"""
Writes of passkeys.

Threat model. A page that looks like ours asks for a passkey: the browser signs for the site that it is on, and origin and site are checked
here. A recorded answer is sent again: every challenge is good once, for five minutes, in the browser it was made for. A stolen
authenticator: it must check its person (PIN, finger, face), which is demanded and verified. A cloned one: its counter falls behind and is
refused. Somebody at an unattended browser adds a key of their own: the password is asked for, or the second factor where there is one. A
phone number that was taken over (SIM swap) opens nothing here. Not defended: who holds the unlocked phone and its PIN.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import webauthn
from django.db import IntegrityError, transaction
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from zhengtong.apps.foundation.identity.models import Account, Passkey
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Conflict, Invalid, NotFound
from zhengtong.kernel.sentences import say

_CHALLENGE_BYTES = 32
_GOOD_FOR = timedelta(minutes=5)
_MOST = 10


class PasskeyRefused(Invalid):
    """通行密钥没有通过验证。"""

    code = "passkey-refused"


@dataclass(frozen=True)
class Site:
    """The site as browsers know it: host without port, and origin."""

    host: str
    origin: str


@dataclass(frozen=True)
class Challenge:
    """What an authenticator has to sign; good once, in the browser whose session keeps it."""

    text: str
    at: datetime

    @classmethod
    def made(cls, *, now: datetime) -> Challenge:
        """A new one."""
        return cls(bytes_to_base64url(secrets.token_bytes(_CHALLENGE_BYTES)), now)

    def raw(self, *, now: datetime) -> bytes:
        """
        Its bytes.

        :raises PasskeyRefused: after five minutes.
        """
        if now - self.at > _GOOD_FOR:
            raise PasskeyRefused("等待时间过长,请再试一次")
        return base64url_to_bytes(self.text)


def creation_options(*, actor: Actor, site: Site, challenge: Challenge) -> dict[str, Any]:
    """What the browser makes a passkey with: discoverable, checked by its authenticator, not one that is there already."""
    there = Passkey.objects.filter(user_id=actor.account_id)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="政通",
        user_name=actor.name,
        user_id=f"account-{actor.account_id}".encode(),
        challenge=base64url_to_bytes(challenge.text),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in there],
    )
    return _plain(options_to_json(options))


def request_options(*, account_id: int | None, site: Site, challenge: Challenge) -> dict[str, Any]:
    """What the browser signs in with; without an account any passkey for this site."""
    there = Passkey.objects.filter(user_id=account_id) if account_id is not None else Passkey.objects.none()
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenge.text),
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in there],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options_to_json(options))


def _plain(text: str) -> dict[str, Any]:
    document = json.loads(text)
    return document if isinstance(document, dict) else {}


@transaction.atomic
def add_passkey(*, actor: Actor, name: str, credential: str, site: Site, challenge: Challenge, now: datetime) -> None:
    """
    Keep a passkey that the browser has made.

    :raises PasskeyRefused: if it was not made here and now, or its authenticator did not check its person.
    :raises Conflict: if it is there already, or there are ten.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge.raw(now=now),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as exc:
        raise PasskeyRefused(field="name") from exc
    Account.objects.select_for_update().get(pk=actor.account_id)
    if Passkey.objects.filter(user_id=actor.account_id).count() >= _MOST:
        raise Conflict(say("最多 {most} 个通行密钥", most=_MOST), field="name", remedy="先删除不再使用的")
    try:
        with transaction.atomic():
            Passkey.objects.create(
                user_id=actor.account_id,
                name=name.strip()[:64],
                confirmed=True,
                credential_id=bytes_to_base64url(made.credential_id),
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                created_at=now,
            )
    except IntegrityError as exc:
        raise Conflict("这个通行密钥已经登记", field="name") from exc
    security.record("identity:passkey:added", at=now, actor=actor.label)


@transaction.atomic
def remove_passkey(*, actor: Actor, passkey_id: int, now: datetime) -> None:
    """
    Forget a passkey of one's own.

    :raises NotFound: if it is not theirs.
    """
    if not Passkey.objects.filter(pk=passkey_id, user_id=actor.account_id).delete()[0]:
        raise NotFound("没有这个通行密钥")
    security.record("identity:passkey:removed", at=now, actor=actor.label)


@transaction.atomic
def use_passkey(*, credential: str, account_id: int | None, site: Site, challenge: Challenge, now: datetime) -> Passkey:
    """
    The passkey that has signed the challenge; with ``account_id`` one of that account.

    :raises PasskeyRefused: whatever is wrong, in the same words.
    """
    try:
        name = str(_plain(credential).get("id", ""))
    except ValueError as exc:
        raise PasskeyRefused from exc
    rows = Passkey.objects.select_for_update(of=("self",)).select_related("user").filter(credential_id=name, user__is_active=True)
    found = (rows if account_id is None else rows.filter(user_id=account_id)).first()
    if not isinstance(found, Passkey):
        raise PasskeyRefused
    try:
        used = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge.raw(now=now),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(found.public_key),
            credential_current_sign_count=found.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as exc:
        raise PasskeyRefused from exc
    found.sign_count, found.used_at = used.new_sign_count, now
    found.save(update_fields=["sign_count", "used_at"])
    return found
