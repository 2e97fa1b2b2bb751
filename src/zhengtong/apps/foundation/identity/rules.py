"""
Pure rules of accounts: roles, the three exclusive duties, who may administer what, passwords.

Threat model. Somebody guesses or steals a password (lock-out, second factor, idle end, revocable sessions); somebody with one duty tries
to do or hide the work of another (system, security and audit administration exclude each other and hold no business role); a stolen secret
of a calling system (rotation with overlap, revocation within seconds). An administrator takes over a citizen's account (their
passwords and second factors are reset by nobody but themselves). Not defended: two colluding administrators.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from zhengtong.kernel.actors import Actor, Duty, NotYours, Role
from zhengtong.kernel.sentences import say

PASSWORD_DAYS = 90
PASSWORD_HISTORY = 5


class AccountKind(StrEnum):
    """Whose account it is; it never changes. A person's holds no office, role or duty, which the database holds."""

    OFFICIAL = "official"
    PERSON = "person"


class Act(StrEnum):
    """Acts of administration."""

    MANAGE_OFFICES = "manage-offices"
    MANAGE_CALENDAR = "manage-calendar"
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_ROLES = "manage-roles"
    MANAGE_SESSIONS = "manage-sessions"
    READ_LEDGER = "read-ledger"
    PROPOSE_SIGN_ON = "propose-sign-on"
    APPROVE_SIGN_ON = "approve-sign-on"
    MANAGE_SYSTEMS = "manage-systems"


_DUTY_OF_ACT = {
    Act.MANAGE_OFFICES: Duty.SYSTEM,
    Act.MANAGE_CALENDAR: Duty.SYSTEM,
    Act.MANAGE_ACCOUNTS: Duty.SYSTEM,
    Act.MANAGE_ROLES: Duty.SECURITY,
    Act.MANAGE_SESSIONS: Duty.SECURITY,
    Act.READ_LEDGER: Duty.AUDIT,
    Act.PROPOSE_SIGN_ON: Duty.SYSTEM,
    Act.APPROVE_SIGN_ON: Duty.SECURITY,
}

_DUTY_LABELS = {Duty.SYSTEM: "系统管理员", Duty.SECURITY: "安全管理员", Duty.AUDIT: "审计管理员"}


def may(actor: Actor, act: Act, *, office: str = "") -> bool:
    """Whether the actor may do an act of administration (calling systems belong to their office's developers and stewards)."""
    if act is Act.MANAGE_SYSTEMS:
        return actor.has(Role.DEVELOPER, office) or actor.has(Role.STEWARD, office)
    if act is Act.READ_LEDGER and actor.holds(Role.AUDITOR):
        return True
    return actor.duty is _DUTY_OF_ACT[act]


def require(actor: Actor, act: Act, *, office: str = "") -> None:
    """
    Refuse unless :func:`may`.

    :raises NotYours: naming the role or duty that is needed.
    """
    if not may(actor, act, office=office):
        needed = _DUTY_OF_ACT.get(act)
        raise NotYours(say("需要{duty}权限", duty=say(_DUTY_LABELS[needed])) if needed else "需要本单位开发人员或数据专员角色")


def label_of(by: Actor | str) -> str:
    """How the ledger names whoever acts: an official, or a process of the platform such as ``process:demo``."""
    return by if isinstance(by, str) else by.label


def password_expired(changed_at: datetime | None, *, now: datetime) -> bool:
    """Whether a password is older than 90 days or was never chosen by its owner."""
    return changed_at is None or now - changed_at > timedelta(days=PASSWORD_DAYS)


def must_enrol(duty: Duty | None, *, has_second_factor: bool, demo: bool) -> bool:
    """Whether somebody must set up a second factor before anything else opens (GB/T 22239-2019 §8.1.4.1 d)."""
    return duty is not None and not has_second_factor and not demo
