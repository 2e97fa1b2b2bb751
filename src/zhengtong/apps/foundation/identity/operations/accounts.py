"""Writes of accounts, roles and duties; every one stands in the ledger."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from zhengtong.apps.foundation.identity.models import Account, RoleAssignment, UsedPassword
from zhengtong.apps.foundation.identity.operations.sessions import end_sessions_of
from zhengtong.apps.foundation.identity.queries import AccountUnknown
from zhengtong.apps.foundation.identity.rules import PASSWORD_HISTORY, AccountKind, Act, label_of, require
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import Actor, Duty, NotYours, Role
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say


class DutiesExclude(Conflict):
    """系统、安全、审计管理员互斥,且不能兼任业务角色。"""

    code = "duties-exclude"


class PasswordRefused(Invalid):
    """密码不符合要求。"""

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
    by: Actor | str,
    now: datetime,
    office: str = "",
    duty: Duty | None = None,
    is_demo: bool = False,
) -> int:
    """
    Add an account and return its id. Its owner must choose a password of their own at the first sign-in, unless it is a demo account.

    The system administrator adds accounts; only the security administrator gives an account its duty.

    :raises NotYours: if somebody else tries.
    :raises PasswordRefused: if the password breaks the policy.
    :raises Conflict: if the user name is taken.
    :raises Invalid: if the user name has another form than small letters, digits and ``_.-``.
    """
    if isinstance(by, Actor):
        require(by, Act.MANAGE_ROLES if duty else Act.MANAGE_ACCOUNTS)
    account = Account(
        username=username,
        name=name,
        office_id=organisations.office(office).id if office else None,
        duty=duty or "",
        is_demo=is_demo,
        created_at=now,
        password_changed_at=now if is_demo else None,
    )
    if is_demo:
        account.password = _printed(password)
    else:
        _set_password(account, password)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as exc:
        if "account_username_form" in str(exc):
            raise Invalid("用户名以小写字母开头,只含小写字母、数字和 _.-,3 至 64 位", field="username") from exc
        raise Conflict(say("用户名 {username} 已被使用", username=username), field="username") from exc
    security.record("identity:account:added", at=now, actor=label_of(by), office=office, detail={"account": username, "duty": duty or ""})
    return account.pk


@transaction.atomic
def add_account_with_password(
    *, by: Actor | str, username: str, name: str, now: datetime, office: str = "", duty: Duty | None = None
) -> tuple[int, str]:
    """
    Add an account with a one-time password, which is returned once beside the id; refusals as of :func:`add_account`.

    :raises Conflict: if the user name is taken.
    """
    password = _one_time_password()
    return add_account(username=username, name=name, password=password, by=by, now=now, office=office, duty=duty), password


@transaction.atomic
def add_person(*, name: str, password: str, by: str, now: datetime, is_demo: bool = False) -> int:
    """
    Add a citizen's account and return its id; ``name`` is a masked one, and the user name says nothing about who it is.

    :raises PasswordRefused: if the password breaks the policy.
    """
    username = f"p-{secrets.token_hex(8)}"
    account = Account(username=username, name=name, kind=AccountKind.PERSON, is_demo=is_demo, created_at=now, password_changed_at=now)
    if is_demo:
        account.password = _printed(password)
    else:
        _set_password(account, password)
    account.save()
    security.record("identity:account:added", at=now, actor=by, detail={"account": username, "duty": ""})
    return account.pk


@transaction.atomic
def close_person(*, account_id: int, by: str, now: datetime) -> None:
    """Close a citizen's account, whose real name turned out not to be theirs; its sessions end."""
    account = _account(account_id)
    account.is_active = False
    account.save(update_fields=["is_active"])
    end_sessions_of(account.pk)
    security.record("identity:account:closed", at=now, actor=by, detail={"account": account.username})


def refuse_persons(account: Account) -> None:
    """
    An administrator resets no password and no second factor of a citizen: whoever could would be the citizen.

    :raises NotYours: for a citizen's account.
    """
    if account.kind == AccountKind.PERSON:
        raise NotYours("群众的账户只能由本人找回")


def _one_time_password() -> str:
    return f"Zt-{secrets.token_urlsafe(12)}7"


@lru_cache(maxsize=4)
def _printed(password: str) -> str:
    """The hash of a demo password, made once: the sign-in page prints it, so accounts that share it need no salts of their own."""
    return make_password(password)


def _set_password(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as exc:
        raise PasswordRefused(" ".join(exc.messages), field="password") from exc
    if account.pk and any(check_password(password, used.password) for used in account.used_passwords.all()[:PASSWORD_HISTORY]):
        raise PasswordRefused(say("不能使用最近 {most} 次用过的密码", most=PASSWORD_HISTORY), field="password")
    account.set_password(password)


@transaction.atomic
def change_password(*, account_id: int, password: str, now: datetime, keep_session: str = "") -> None:
    """
    The owner chooses a new password; other sessions of the account than the one with the key ``keep_session`` end.

    :raises PasswordRefused: if it breaks the policy or was used among the last five.
    """
    account = _account(account_id)
    _set_password(account, password)
    account.password_changed_at = now
    account.save(update_fields=["password", "password_changed_at"])
    UsedPassword.objects.create(account=account, password=account.password, at=now)
    end_sessions_of(account.pk, but=keep_session)
    security.record("identity:password:changed", at=now, actor=f"account:{account.username}")


@transaction.atomic
def reset_password(*, actor: Actor | str, account_id: int, now: datetime) -> str:
    """Give an account a one-time password, returned once; its owner must choose another at the next sign-in, and its sessions end."""
    if isinstance(actor, Actor):
        require(actor, Act.MANAGE_ACCOUNTS)
    account = _account(account_id)
    refuse_persons(account)
    password = _one_time_password()
    account.set_password(password)
    account.password_changed_at = None
    account.save(update_fields=["password", "password_changed_at"])
    end_sessions_of(account.pk)
    security.record("identity:password:reset", at=now, actor=label_of(actor), detail={"account": account.username})
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
        end_sessions_of(account.pk)
    security.record(
        "identity:account:opened" if active else "identity:account:closed", at=now, actor=actor.label, detail={"account": account.username}
    )


@transaction.atomic
def assign_role(
    *, by: Actor | str, account_id: int, office: str, role: Role, now: datetime, since: date, until: date | None = None
) -> None:
    """
    Give an account a role for an office, from ``since`` on, up to and with ``until`` where that is given.

    :raises DutiesExclude: if the account holds a duty of administration.
    :raises Conflict: if it holds the role already.
    :raises Invalid: if the days are the wrong way round.
    """
    if isinstance(by, Actor):
        require(by, Act.MANAGE_ROLES)
    if until is not None and until < since:
        raise Invalid("结束日期早于开始日期", field="until")
    account = _account(account_id)
    try:
        with transaction.atomic():
            place = organisations.office(office)
            RoleAssignment.objects.create(account=account, office_id=place.id, role=role, valid_from=since, valid_until=until)
    except IntegrityError as exc:
        if "role_assigned_once" in str(exc):
            raise Conflict("该账户已有此角色", field="role") from exc
        raise DutiesExclude("该账户担任管理职责;管理职责与业务角色互斥,请先免去职责", field="role") from exc
    detail = {"account": account.username, "role": role, "since": since.isoformat(), "until": until.isoformat() if until else ""}
    security.record("identity:role:assigned", at=now, actor=label_of(by), office=office, detail=detail)


@transaction.atomic
def withdraw_role(*, actor: Actor, account_id: int, office: str, role: Role, now: datetime, on: date) -> None:
    """End a role so that it is no longer in force on ``on``; its history stays."""
    require(actor, Act.MANAGE_ROLES)
    account = _account(account_id)
    running = Q(valid_until__isnull=True) | Q(valid_until__gte=on)
    # a role is in force on its last day, so it ends with the day before
    if not RoleAssignment.objects.filter(running, account=account, office__code=office, role=role).update(
        valid_until=on - timedelta(days=1)
    ):
        raise Conflict("该账户没有此角色", field="role")
    security.record("identity:role:withdrawn", at=now, actor=actor.label, office=office, detail={"account": account.username, "role": role})


@transaction.atomic
def set_duty(*, actor: Actor | str, account_id: int, duty: Duty | None, now: datetime) -> None:
    """
    Appoint or relieve an administrator; sessions of the account end. The database refuses an account that holds business roles.

    :raises DutiesExclude: if the account holds roles, or another of the three duties.
    :raises Conflict: if administrators would appoint or relieve themselves.
    """
    if isinstance(actor, Actor):
        require(actor, Act.MANAGE_ROLES)
        if account_id == actor.account_id:
            raise Conflict("不能任免自己", field="duty")
    account = _account(account_id)
    if account.duty and duty and account.duty != duty:
        raise DutiesExclude("该账户已担任另一项管理职责;三员互斥,请先免去原职责", field="duty")
    account.duty = duty or ""
    try:
        with transaction.atomic():
            account.save(update_fields=["duty"])
    except IntegrityError as exc:
        raise DutiesExclude("该账户仍有业务角色;管理职责与业务角色互斥,请先收回角色", field="duty") from exc
    end_sessions_of(account.pk)
    security.record("identity:duty:set", at=now, actor=label_of(actor), detail={"account": account.username, "duty": duty or ""})
