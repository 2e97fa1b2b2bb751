"""Reads of accounts, sessions and calling systems."""

from zhengtong.apps.foundation.identity.queries.accounts import (
    AccountView,
    DelegationView,
    RoleView,
    account,
    account_named,
    accounts,
    colleagues,
    delegations,
    duty_holders,
    has_second_factor,
    holders,
    role_history,
    staffed_offices,
)
from zhengtong.apps.foundation.identity.queries.labels import DUTY_NAMES, ROLE_NAMES, duty_name, role_name
from zhengtong.apps.foundation.identity.queries.passkeys import PasskeyView, passkeys
from zhengtong.apps.foundation.identity.queries.sessions import LockoutView, OpenSession, SessionView, lockouts, open_session, sessions
from zhengtong.apps.foundation.identity.queries.standing import AccountUnknown, Standing, actor, standing
from zhengtong.apps.foundation.identity.queries.systems import KeyView, SystemUnknown, SystemView, system, system_of, systems, systems_of

__all__ = [
    "DUTY_NAMES",
    "ROLE_NAMES",
    "AccountUnknown",
    "AccountView",
    "DelegationView",
    "KeyView",
    "LockoutView",
    "OpenSession",
    "PasskeyView",
    "RoleView",
    "SessionView",
    "Standing",
    "SystemUnknown",
    "SystemView",
    "account",
    "account_named",
    "accounts",
    "actor",
    "colleagues",
    "delegations",
    "duty_holders",
    "duty_name",
    "has_second_factor",
    "holders",
    "lockouts",
    "open_session",
    "passkeys",
    "role_history",
    "role_name",
    "sessions",
    "staffed_offices",
    "standing",
    "system",
    "system_of",
    "systems",
    "systems_of",
]
