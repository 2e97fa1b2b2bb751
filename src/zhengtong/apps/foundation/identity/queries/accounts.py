"""Reads of accounts, roles and delegations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice

from zhengtong.apps.foundation.identity.models import Account, Delegation, RoleAssignment
from zhengtong.apps.foundation.identity.queries.labels import duty_name, role_name
from zhengtong.apps.foundation.identity.queries.standing import AccountUnknown
from zhengtong.apps.foundation.identity.rules import AccountKind
from zhengtong.kernel.actors import Actor, Duty, Role
from zhengtong.kernel.sentences import say


@dataclass(frozen=True)
class RoleView:
    """A role that an account holds for an office, from a day until a day (None: until it is withdrawn)."""

    role: str
    office: str
    office_name: str
    since: date
    until: date | None

    @property
    def label(self) -> str:
        """The role in words."""
        return role_name(self.role)


@dataclass(frozen=True)
class AccountView:
    """An account in a list. ``roles`` are (role, office code, office name) without an end."""

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

    @property
    def duty_or_roles(self) -> str:
        """What the account may do, in words: its duty, or each role once."""
        if self.duty:
            return duty_name(self.duty)
        return "、".join(dict.fromkeys(role_name(role) for role, _code, _name in self.roles))


def _accounts() -> QuerySet[Account]:
    """Officials' accounts: citizens' stand in no list."""
    return (
        Account.objects.filter(kind=AccountKind.OFFICIAL)
        .select_related("office")
        .prefetch_related("assignments__office")
        .order_by("username")
    )


def _views(rows: list[Account]) -> list[AccountView]:
    protected = set(TOTPDevice.objects.filter(user__in=rows, confirmed=True).values_list("user_id", flat=True))
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
        for row in rows
    ]


def accounts(text: str = "", *, office: str = "", after: str = "", limit: int = 50, demo: bool | None = None) -> list[AccountView]:
    """
    Accounts by user name, after the user name ``after``, whose user name begins with ``text`` or whose name or office contains it.

    ``demo`` chooses demo accounts or real ones; None means both.
    """
    rows = _accounts()
    if text:
        rows = rows.filter(Q(username__istartswith=text) | Q(name__icontains=text) | Q(office__name__icontains=text))
    if office:
        rows = rows.filter(office__code=office)
    if after:
        rows = rows.filter(username__gt=after)
    if demo is not None:
        rows = rows.filter(is_demo=demo)
    return _views(list(rows[:limit]))


def account(account_id: int) -> AccountView:
    """
    One account.

    :raises AccountUnknown: if there is none with this id.
    """
    found = _views(list(_accounts().filter(pk=account_id)))
    if not found:
        raise AccountUnknown
    return found[0]


def account_named(username: str) -> AccountView:
    """
    One account by its user name.

    :raises AccountUnknown: if there is none.
    """
    found = _views(list(_accounts().filter(username=username)))
    if not found:
        raise AccountUnknown(say("没有账户 {username}", username=username), field="username")
    return found[0]


def role_history(account_id: int) -> list[RoleView]:
    """All roles an account ever had, latest begun first."""
    rows = RoleAssignment.objects.filter(account_id=account_id).select_related("office").order_by("-valid_from", "-pk")
    return [RoleView(row.role, row.office.code, row.office.name, row.valid_from, row.valid_until) for row in rows]


def duty_holders(duty: Duty) -> list[int]:
    """The open accounts of those who hold a duty of administration."""
    return list(Account.objects.filter(duty=duty, is_active=True).order_by("pk").values_list("pk", flat=True))


def has_second_factor(account_id: int) -> bool:
    """Whether the account signs in with a one-time password."""
    return bool(TOTPDevice.objects.filter(user_id=account_id, confirmed=True).exists())


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


def staffed_offices(role: Role, *, on: date) -> set[str]:
    """The offices that have somebody in a role on a day."""
    rows = RoleAssignment.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=on), role=role, valid_from__lte=on, account__is_active=True
    )
    return set(rows.values_list("office__code", flat=True))


@dataclass(frozen=True)
class DelegationView:
    """A delegation: who lets whom act from a day until a day."""

    id: int
    giver_id: int
    giver: str
    taker: str
    since: date
    until: date


def delegations(account_id: int, *, on: date) -> list[DelegationView]:
    """Delegations given or taken that have not ended, earliest end first."""
    rows = Delegation.objects.select_related("giver", "taker").filter(
        Q(giver_id=account_id) | Q(taker_id=account_id), revoked_at__isnull=True, valid_until__gte=on
    )
    return [
        DelegationView(row.pk, row.giver_id, row.giver.name, row.taker.name, row.valid_from, row.valid_until)
        for row in rows.order_by("valid_until", "pk")
    ]


def colleagues(actor: Actor) -> list[tuple[str, str]]:
    """(user name, name) of those to whom the actor may delegate: open accounts of the same office without a duty."""
    if not actor.office:
        return []
    rows = Account.objects.filter(office__code=actor.office, is_active=True, duty="").exclude(pk=actor.account_id)
    return list(rows.order_by("username").values_list("username", "name"))
