"""Writes of accounts and calling systems; every one stands in the ledger."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from zhengtong.apps.foundation.identity.models import (
    Account,
    CallingSystem,
    CallingSystemKey,
    Delegation,
    RoleAssignment,
    SessionRecord,
    UsedPassword,
)
from zhengtong.apps.foundation.identity.queries import AccountUnknown, SystemUnknown
from zhengtong.apps.foundation.identity.rules import PASSWORD_HISTORY, Act, Actor, Duty, Role, require
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.engines.crypto.sealing import seal
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.outbox import api as outbox

_SECRET_BYTES = 32
#: Told to the outbox whenever what a gateway must know has changed.
ROUTING_STALE = "routing:stale"


class DutiesExclude(Conflict):
    """An administrator of system, security or audit holds no business role, and only one of the three duties."""

    code = "duties-exclude"


class PasswordRefused(Invalid):
    """The password breaks a rule."""

    code = "password-refused"


def _account(account_id: int, *, lock: bool = True) -> Account:
    rows = Account.objects.select_for_update() if lock else Account.objects.all()
    found = rows.filter(pk=account_id).first()
    if found is None:
        raise AccountUnknown
    return found


@transaction.atomic
def add_account(
    *,
    username: str,
    name: str,
    password: str,
    by: str,
    now: datetime,
    office: str = "",
    duty: Duty | None = None,
    is_demo: bool = False,
) -> int:
    """
    Add an account and return its id. Its owner must choose a password of their own at the first sign-in, unless it is a demo account.

    :raises PasswordRefused: if the password breaks the policy.
    :raises Conflict: if the user name is taken.
    :raises Invalid: if the user name has another form than small letters, digits and ``_.-``.
    """
    account = Account(
        username=username,
        name=name,
        office_id=organisations.office(office).id if office else None,
        duty=duty or "",
        is_demo=is_demo,
        created_at=now,
        password_changed_at=now if is_demo else None,
    )
    _set_password(account, password, checked=not is_demo)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as exc:
        if "account_username_form" in str(exc):
            raise Invalid("用户名以小写字母开头,只含小写字母、数字和 _.-,3 至 64 位", field="username") from exc
        raise Conflict(f"用户名 {username} 已被使用", field="username") from exc
    security.record("identity:account:added", at=now, actor=by, office=office, detail={"account": username, "duty": duty or ""})
    return account.pk


def _set_password(account: Account, password: str, *, checked: bool = True) -> None:
    if checked:
        try:
            validate_password(password, account)
        except ValidationError as exc:
            raise PasswordRefused(" ".join(exc.messages), field="password") from exc
        if account.pk and any(check_password(password, used.password) for used in account.used_passwords.all()[:PASSWORD_HISTORY]):
            raise PasswordRefused(f"不能使用最近 {PASSWORD_HISTORY} 次用过的密码", field="password")
    account.set_password(password)


@transaction.atomic
def change_password(*, account_id: int, password: str, now: datetime) -> None:
    """
    The owner chooses a new password; other sessions of the account end.

    :raises PasswordRefused: if it breaks the policy or was used among the last five.
    """
    account = _account(account_id)
    _set_password(account, password)
    account.password_changed_at = now
    account.save(update_fields=["password", "password_changed_at"])
    UsedPassword.objects.create(account=account, password=account.password, at=now)
    security.record("identity:password:changed", at=now, actor=f"account:{account.username}")


@transaction.atomic
def reset_password(*, actor: Actor, account_id: int, now: datetime) -> str:
    """Give an account a one-time password, returned once; its owner must choose another at the next sign-in."""
    require(actor, Act.MANAGE_ACCOUNTS)
    account = _account(account_id)
    password = f"Zt-{secrets.token_urlsafe(12)}7"
    account.set_password(password)
    account.password_changed_at = None
    account.save(update_fields=["password", "password_changed_at"])
    _end_sessions(account.pk)
    security.record("identity:password:reset", at=now, actor=actor.label, detail={"account": account.username})
    return password


@transaction.atomic
def set_active(*, actor: Actor, account_id: int, active: bool, now: datetime) -> None:
    """
    Open or close an account; closing ends its sessions.

    :raises Conflict: if somebody would close their own account.
    """
    require(actor, Act.MANAGE_ACCOUNTS)
    if account_id == actor.account_id:
        raise Conflict("不能停用自己的账户")
    account = _account(account_id)
    account.is_active = active
    account.save(update_fields=["is_active"])
    if not active:
        _end_sessions(account.pk)
    security.record(
        "identity:account:opened" if active else "identity:account:closed", at=now, actor=actor.label, detail={"account": account.username}
    )


@transaction.atomic
def assign_role(*, by: Actor | str, account_id: int, office: str, role: Role, now: datetime, since: date) -> None:
    """
    Give an account a role for an office.

    :raises DutiesExclude: if the account holds a duty of administration.
    :raises Conflict: if it holds the role already.
    """
    if isinstance(by, Actor):
        require(by, Act.MANAGE_ROLES)
    account = _account(account_id)
    try:
        with transaction.atomic():
            RoleAssignment.objects.create(account=account, office_id=organisations.office(office).id, role=role, valid_from=since)
    except IntegrityError as exc:
        if "role_assigned_once" in str(exc):
            raise Conflict("该账户已有此角色", field="role") from exc
        raise DutiesExclude from exc
    label = by.label if isinstance(by, Actor) else by
    security.record("identity:role:assigned", at=now, actor=label, office=office, detail={"account": account.username, "role": role})


@transaction.atomic
def withdraw_role(*, actor: Actor, account_id: int, office: str, role: Role, now: datetime, on: date) -> None:
    """End a role from ``on``; its history stays."""
    require(actor, Act.MANAGE_ROLES)
    account = _account(account_id)
    ended = RoleAssignment.objects.filter(account=account, office__code=office, role=role, valid_until__isnull=True)
    # a role is in force on its last day, so it ends with the day before
    if not ended.update(valid_until=on - timedelta(days=1)):
        raise Conflict("该账户没有此角色", field="role")
    security.record("identity:role:withdrawn", at=now, actor=actor.label, office=office, detail={"account": account.username, "role": role})


@transaction.atomic
def set_duty(*, actor: Actor, account_id: int, duty: Duty | None, now: datetime) -> None:
    """
    Appoint or relieve an administrator. The database refuses an account that holds business roles.

    :raises DutiesExclude: if the account holds roles.
    """
    require(actor, Act.MANAGE_ROLES)
    account = _account(account_id)
    account.duty = duty or ""
    try:
        with transaction.atomic():
            account.save(update_fields=["duty"])
    except IntegrityError as exc:
        raise DutiesExclude from exc
    security.record("identity:duty:set", at=now, actor=actor.label, detail={"account": account.username, "duty": duty or ""})


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
        raise DutiesExclude
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


# ------------------------------------------------------------------ sessions
def note_session(*, session_key: str, account_id: int, address: str, agent: str, now: datetime) -> None:
    """List a browser that has signed in."""
    SessionRecord.objects.update_or_create(
        session_key=session_key,
        defaults={"account_id": account_id, "address": address or None, "agent": agent[:300], "started_at": now, "seen_at": now},
    )
    security.record("identity:session:started", at=now, actor=f"account:{_account(account_id, lock=False).username}", address=address)


def session_seen(session_key: str, *, now: datetime, every: timedelta) -> timedelta | None:
    """
    How long ago a session was last seen, None when it was ended elsewhere; notes it as seen now if that was longer ago than ``every``.
    """
    record = SessionRecord.objects.filter(session_key=session_key).first()
    if record is None:
        return None
    ago = now - record.seen_at
    if ago > every:
        SessionRecord.objects.filter(session_key=session_key).update(seen_at=now)
    return ago


@transaction.atomic
def end_session(*, actor: Actor, session_key: str, now: datetime) -> None:
    """End one's own session elsewhere, or anybody's as the security administrator."""
    record = SessionRecord.objects.select_related("account").filter(session_key=session_key).first()
    if record is None:
        return
    if record.account_id != actor.account_id:
        require(actor, Act.MANAGE_SESSIONS)
    Session.objects.filter(session_key=session_key).delete()
    record.delete()
    security.record("identity:session:ended", at=now, actor=actor.label, detail={"account": record.account.username})


def _end_sessions(account_id: int) -> None:
    keys = list(SessionRecord.objects.filter(account_id=account_id).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    SessionRecord.objects.filter(session_key__in=keys).delete()


# ------------------------------------------------------------------ calling systems
@dataclass(frozen=True)
class NewKey:
    """A key as its owner sees it once. ``secret`` is empty for a public key that was handed in."""

    key_id: str
    algorithm: str
    secret: str


@transaction.atomic
def add_system(*, by: Actor | str, system_id: str, name: str, office: str, now: datetime, networks: tuple[str, ...] = ()) -> None:
    """
    Register a calling system of an office.

    :raises Conflict: if the id is taken.
    """
    if isinstance(by, Actor):
        require(by, Act.MANAGE_SYSTEMS, office=office)
    try:
        with transaction.atomic():
            CallingSystem.objects.create(
                id=system_id,
                name=name,
                office_id=organisations.office(office).id,
                rid=f"r_{system_id}",
                networks=list(networks),
                created_at=now,
            )
    except IntegrityError as exc:
        raise Conflict(f"标识 {system_id} 已被使用", field="system") from exc
    _record_system(by, "identity:system:added", system_id, office, now)


@transaction.atomic
def add_key(
    *, by: Actor | str, system_id: str, algorithm: str, now: datetime, public: str = "", overlap: timedelta | None = None
) -> NewKey:
    """
    Give a calling system a new key. With ``overlap`` the older keys end after it; a secret is returned once and kept sealed.

    :raises SystemUnknown: if there is no such system.
    :raises Invalid: if an asymmetric algorithm comes without a public key in base64.
    """
    found = CallingSystem.objects.select_for_update(of=("self",)).select_related("office").filter(pk=system_id).first()
    if found is None:
        raise SystemUnknown(f"没有调用系统 {system_id}", field="system")
    if isinstance(by, Actor):
        require(by, Act.MANAGE_SYSTEMS, office=found.office.code)
    key_id = f"{system_id}-{secrets.token_hex(4)}"
    secret = ""
    if algorithm in {"hmac-sha256", "hmac-sm3"}:
        secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=")
        material = seal(node_keys().seal, secret.encode(), f"caller-key:{key_id}")
    else:
        material = _public_material(algorithm, public)
    if overlap is not None:
        found.keys.filter(revoked_at__isnull=True, not_after__isnull=True).update(not_after=now + overlap)
    CallingSystemKey.objects.create(key_id=key_id, system=found, algorithm=algorithm, material=material, created_at=now)
    _record_system(by, "identity:system-key:added", system_id, found.office.code, now, key=key_id, algorithm=algorithm)
    return NewKey(key_id, algorithm, secret)


def _public_material(algorithm: str, public: str) -> str:
    expected = {"ed25519": 32, "sm2-sm3": 64}.get(algorithm)
    try:
        raw = base64.b64decode(public, validate=True)
    except ValueError:
        raw = b""
    if expected is None or len(raw) != expected:
        raise Invalid(f"{algorithm} 的公钥应为 {expected} 字节的 Base64", field="public", remedy="提交原始公钥,不含 PEM 头尾")
    return base64.b64encode(raw).decode()


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: str, now: datetime) -> None:
    """End a key at once; gateways know within seconds."""
    found = CallingSystemKey.objects.select_related("system__office").filter(pk=key_id, revoked_at__isnull=True).first()
    if found is None:
        raise Conflict("没有这个密钥,或已吊销")
    require(actor, Act.MANAGE_SYSTEMS, office=found.system.office.code)
    found.revoked_at = now
    found.save(update_fields=["revoked_at"])
    _record_system(actor, "identity:system-key:revoked", found.system_id, found.system.office.code, now, key=key_id)


def _record_system(by: Actor | str, event: str, system_id: str, office: str, now: datetime, **detail: Any) -> None:
    label = by.label if isinstance(by, Actor) else by
    security.record(event, at=now, actor=label, office=office, detail={"system": system_id, **detail})
    outbox.publish(ROUTING_STALE, {"system": system_id}, at=now)
