"""
Developers without an account: register, make, name, replace and end keys; and the bureau, which sets quotas and blocks.

Threat model. Somebody makes keys without end to escape the rates: keys of one developer share one quota, five work at a time, and an
address registers few times a day. Somebody takes another's keys over: the private link's secret is asked for by every act, and kept as a
digest, as the keys are. A blocked developer makes no new key.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from zhengtong.apps.flow.opendata.models import Developer, DeveloperKey
from zhengtong.apps.flow.opendata.operations import counting
from zhengtong.apps.flow.opendata.operations.requesting import next_number
from zhengtong.apps.flow.opendata.queries.developers import DeveloperUnknown, of_developer
from zhengtong.apps.flow.opendata.rules import developers
from zhengtong.apps.flow.opendata.rules.permissions import bureau_of
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.contracts import open_keys
from zhengtong.kernel.errors import Invalid, Refused

_SECRET_BYTES = 32
_HINT = 9


class DeveloperBlocked(Refused):
    """主管部门已停用这个登记,不能再取得密钥。"""

    code = "developer-blocked"


def register(*, registration: developers.Registration, address: str, now: datetime) -> tuple[str, str]:
    """
    Register a developer; returns the number and the secret of the private link, which is shown once.

    :param address: for the limit a day; it is not kept.
    :raises Invalid: naming what is missing.
    :raises TooMany: if the address has registered too often today.
    """
    registration.check()
    counting.spend(counting.caller_from(address), "developer", now=now)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        row = Developer.objects.create(
            number=next_number("KD", now),
            name=registration.name.strip(),
            contact=registration.contact.strip(),
            purpose=registration.purpose.strip(),
            secret=open_keys.proof(secret),
            created_at=now,
            changed_at=now,
        )
        _record(row, "registered", by=f"developer:{row.number}", now=now)
    return row.number, secret


def enter_developer(*, number: str, proven: str, address: str, now: datetime) -> None:
    """
    See that somebody holds a private link; attempts from one address are counted.

    :raises TooMany: if the address has tried too often today.
    :raises DeveloperUnknown: without the private link's secret.
    """
    counting.spend(counting.caller_from(address), "link", now=now)
    of_developer(number, proven)


@transaction.atomic
def make_developer_key(*, number: str, proven: str, name: str, now: datetime) -> str:
    """
    A new key; its text is returned and kept nowhere.

    :raises DeveloperUnknown: without the private link's secret.
    :raises DeveloperBlocked: if the bureau blocked the developer.
    :raises Invalid: without a name.
    :raises TooManyKeys: if as many work as may.
    """
    row, name = _held(number, proven), developers.check_key_name(name)
    if row.keys.filter(revoked_at=None, expires_at__gt=now).count() >= developers.MOST_KEYS:
        raise developers.TooManyKeys(remedy="先注销不用的密钥")
    return _made(row, name, now)


@transaction.atomic
def replace_developer_key(*, number: str, proven: str, key: int, now: datetime) -> str:
    """
    A new key of the same name; the old one goes on working for :data:`developers.OVERLAP` at most.

    :raises DeveloperUnknown, DeveloperBlocked: as :func:`make_developer_key`.
    :raises Invalid: if there is no such key that works.
    """
    row = _held(number, proven)
    old = _own_key(row, key, now)
    if old.blocked:
        raise DeveloperBlocked(remedy=old.blocked)
    old.expires_at = min(old.expires_at, now + developers.OVERLAP)
    old.save(update_fields=["expires_at"])
    return _made(row, old.name, now)


@transaction.atomic
def rename_developer_key(*, number: str, proven: str, key: int, name: str, now: datetime) -> None:
    """
    Give a key another name.

    :raises DeveloperUnknown: without the private link's secret.
    :raises Invalid: without a name, or if there is no such key that works.
    """
    row = _held(number, proven)
    one = _own_key(row, key, now)
    one.name = developers.check_key_name(name)
    one.save(update_fields=["name"])
    _record(row, "key-renamed", by=f"developer:{row.number}", now=now, key=one.pk)


@transaction.atomic
def revoke_developer_key(*, number: str, proven: str, key: int, now: datetime) -> None:
    """
    End a key at once.

    :raises DeveloperUnknown: without the private link's secret.
    :raises Invalid: if there is no such key that works.
    """
    row = _held(number, proven)
    one = _own_key(row, key, now)
    one.revoked_at = now
    one.save(update_fields=["revoked_at"])
    _record(row, "key-revoked", by=f"developer:{row.number}", now=now, key=one.pk)


# --------------------------------------------------------------------------- the bureau
@transaction.atomic
def set_quota(*, actor: identity.Actor, number: str, per_second: int, per_day: int, reason: str, now: datetime) -> None:
    """
    Give a developer another quota, from the next question on.

    :raises NotAllowed: unless the actor approves for a bureau.
    :raises DeveloperUnknown: if there is none.
    :raises Invalid: out of bounds, or without a reason.
    """
    row, office = _overseen(actor, number)
    developers.check_quota(per_second, per_day, reason)
    before = {"per_second": row.per_second, "per_day": row.per_day}
    row.per_second, row.per_day, row.quota_reason, row.changed_at = per_second, per_day, reason.strip(), now
    row.save()
    detail = {"per_second": per_second, "per_day": per_day, "before": before, "reason": reason.strip()}
    _record(row, "quota-set", by=actor.label, now=now, office=office, **detail)


@transaction.atomic
def block(*, actor: identity.Actor, number: str, key: int | None, reason: str, now: datetime) -> None:
    """
    Block a key, or with ``key`` None every key of a developer and new ones, from the next question on.

    :raises NotAllowed, DeveloperUnknown: as :func:`set_quota`.
    :raises Invalid: without a reason, or if there is no such key.
    """
    developers.check_reason(reason)
    _set_blocked(actor, number, key, reason.strip(), now)


@transaction.atomic
def unblock(*, actor: identity.Actor, number: str, key: int | None, now: datetime) -> None:
    """
    Let a key, or a developer, go on.

    :raises NotAllowed, DeveloperUnknown, Invalid: as :func:`block`.
    """
    _set_blocked(actor, number, key, "", now)


@transaction.atomic
def read_developer_contact(*, actor: identity.Actor, number: str, now: datetime) -> None:
    """
    Note in the ledger that somebody reads how a developer can be reached.

    :raises NotAllowed, DeveloperUnknown: as :func:`set_quota`.
    """
    row, office = _overseen(actor, number)
    _record(row, "contact-read", by=actor.label, now=now, office=office)


def _set_blocked(actor: identity.Actor, number: str, key: int | None, reason: str, now: datetime) -> None:
    row, office = _overseen(actor, number)
    target: Developer | DeveloperKey = row
    if key is not None:
        found = DeveloperKey.objects.select_for_update().filter(developer=row, pk=key).first()
        if found is None:
            raise Invalid("没有这个密钥", field="key")
        target = found
    target.blocked = reason
    target.save(update_fields=["blocked"])
    _record(row, "blocked" if reason else "unblocked", by=actor.label, now=now, office=office, key=key, reason=reason)


def _overseen(actor: identity.Actor, number: str) -> tuple[Developer, str]:
    office = bureau_of(actor)
    row = Developer.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise DeveloperUnknown
    return row, office


def _held(number: str, proven: str) -> Developer:
    of_developer(number, proven)
    return Developer.objects.select_for_update().get(number=number)


def _own_key(row: Developer, key: int, now: datetime) -> DeveloperKey:
    one = DeveloperKey.objects.select_for_update().filter(developer=row, pk=key, revoked_at=None, expires_at__gt=now).first()
    if one is None:
        raise Invalid("没有这个密钥,或已注销", field="key")
    return one


def _made(row: Developer, name: str, now: datetime) -> str:
    if row.blocked:
        raise DeveloperBlocked(remedy=row.blocked)
    text = open_keys.DEVELOPER_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    one = DeveloperKey.objects.create(
        developer=row, name=name, hint=text[:_HINT], digest=open_keys.proof(text), made_at=now, expires_at=now + developers.TERM
    )
    _record(row, "key-made", by=f"developer:{row.number}", now=now, key=one.pk)
    return text


def _record(row: Developer, kind: str, *, by: str, now: datetime, office: str = "", **detail: Any) -> None:
    told = {name: value for name, value in detail.items() if value is not None and value != ""}
    security.record(f"opendata:developer:{kind}", at=now, actor=by, office=office, detail={"developer": row.number, **told})
