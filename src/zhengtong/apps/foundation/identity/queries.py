"""Reads of accounts and calling systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django_otp.plugins.otp_totp.models import TOTPDevice

from zhengtong.apps.foundation.identity.models import Account, CallingSystem, CallingSystemKey, Delegation, RoleAssignment, SessionRecord
from zhengtong.apps.foundation.identity.rules import Actor, Duty, Role
from zhengtong.kernel.errors import NotFound


class AccountUnknown(NotFound):
    """There is no such account."""

    code = "account-unknown"


class SystemUnknown(NotFound):
    """There is no such calling system."""

    code = "system-unknown"


def actor(account_id: int, *, on: date) -> Actor:
    """
    Who an account is on a day: its own roles in force and those delegated to it.

    :raises AccountUnknown: if the account does not exist or is closed.
    """
    account = Account.objects.select_related("office").filter(pk=account_id, is_active=True).first()
    if account is None:
        raise AccountUnknown
    givers = Delegation.objects.filter(taker=account, revoked_at__isnull=True, valid_from__lte=on, valid_until__gte=on).values("giver_id")
    held = RoleAssignment.objects.filter(
        Q(account=account) | Q(account__in=givers, account__is_active=True),
        Q(valid_until__isnull=True) | Q(valid_until__gte=on),
        valid_from__lte=on,
        office__valid_until__isnull=True,
    ).values_list("role", "office__code")
    return Actor(
        account_id=account.pk,
        username=account.username,
        name=account.name,
        office=account.office.code if account.office else "",
        office_name=account.office.name if account.office else "",
        roles=frozenset((Role(role), office) for role, office in held),
        duty=Duty(account.duty) if account.duty else None,
    )


@dataclass(frozen=True)
class AccountView:
    """An account in a list."""

    id: int
    username: str
    name: str
    office: str
    office_name: str
    duty: str
    is_active: bool
    is_demo: bool
    second_factor: bool
    roles: tuple[tuple[str, str, str], ...]
    created_at: datetime


def accounts(text: str = "", *, office: str = "", after: str = "", limit: int = 50) -> list[AccountView]:
    """Accounts by user name, after the user name ``after``, whose user name, name or office begins with ``text``."""
    rows = Account.objects.select_related("office").prefetch_related("assignments__office").order_by("username")
    if text:
        rows = rows.filter(Q(username__istartswith=text) | Q(name__icontains=text) | Q(office__name__icontains=text))
    if office:
        rows = rows.filter(office__code=office)
    if after:
        rows = rows.filter(username__gt=after)
    shown = list(rows[:limit])
    protected = set(TOTPDevice.objects.filter(user__in=shown, confirmed=True).values_list("user_id", flat=True))
    return [
        AccountView(
            id=row.pk,
            username=row.username,
            name=row.name,
            office=row.office.code if row.office else "",
            office_name=row.office.name if row.office else "",
            duty=row.duty,
            is_active=row.is_active,
            is_demo=row.is_demo,
            second_factor=row.pk in protected,
            roles=tuple((one.role, one.office.code, one.office.name) for one in row.assignments.all() if one.valid_until is None),
            created_at=row.created_at,
        )
        for row in shown
    ]


def holders(role: Role, office: str, *, on: date) -> list[int]:
    """The accounts that hold a role for an office on a day, delegates included: those who must be told."""
    own = list(
        RoleAssignment.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=on),
            role=role,
            office__code=office,
            valid_from__lte=on,
            account__is_active=True,
        ).values_list("account_id", flat=True)
    )
    takers = Delegation.objects.filter(giver__in=own, revoked_at__isnull=True, valid_from__lte=on, valid_until__gte=on)
    return sorted({*own, *takers.values_list("taker_id", flat=True)})


@dataclass(frozen=True)
class KeyView:
    """A key of a calling system, without its secret."""

    key_id: str
    algorithm: str
    material: str
    created_at: datetime
    not_after: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class SystemView:
    """A calling system with its keys."""

    id: str
    name: str
    office: str
    office_name: str
    rid: str
    networks: tuple[str, ...]
    is_active: bool
    keys: tuple[KeyView, ...]


def _system_view(row: CallingSystem) -> SystemView:
    def key(one: CallingSystemKey) -> KeyView:
        return KeyView(one.key_id, one.algorithm, one.material, one.created_at, one.not_after, one.revoked_at)

    return SystemView(
        id=row.pk,
        name=row.name,
        office=row.office.code,
        office_name=row.office.name,
        rid=row.rid,
        networks=tuple(row.networks),
        is_active=row.is_active,
        keys=tuple(key(one) for one in row.keys.all()),
    )


def system(system_id: str) -> SystemView:
    """
    A calling system.

    :raises SystemUnknown: if there is none of this id.
    """
    found = CallingSystem.objects.select_related("office").prefetch_related("keys").filter(pk=system_id).first()
    if found is None:
        raise SystemUnknown(f"没有调用系统 {system_id}", field="system")
    return _system_view(found)


def systems(*, offices: frozenset[str] | None = None, active: bool = False) -> list[SystemView]:
    """Calling systems by id, of some offices or of all."""
    rows = CallingSystem.objects.select_related("office").prefetch_related("keys").order_by("pk")
    if offices is not None:
        rows = rows.filter(office__code__in=offices)
    if active:
        rows = rows.filter(is_active=True)
    return [_system_view(row) for row in rows]


@dataclass(frozen=True)
class SessionView:
    """A signed-in browser."""

    key: str
    account: str
    address: str
    agent: str
    started_at: datetime
    seen_at: datetime


def sessions(account_id: int | None = None, *, limit: int = 100) -> list[SessionView]:
    """Sessions of one account or of all, latest seen first."""
    rows = SessionRecord.objects.select_related("account").order_by("-seen_at")
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    return [
        SessionView(row.session_key, row.account.username, row.address or "", row.agent, row.started_at, row.seen_at)
        for row in rows[:limit]
    ]


def delegations(account_id: int, *, on: date) -> list[tuple[int, str, str, date, date]]:
    """Delegations given or taken that have not ended: (id, giver's name, taker's name, from, until)."""
    rows = Delegation.objects.select_related("giver", "taker").filter(
        Q(giver_id=account_id) | Q(taker_id=account_id), revoked_at__isnull=True, valid_until__gte=on
    )
    return [(row.pk, row.giver.name, row.taker.name, row.valid_from, row.valid_until) for row in rows]
