"""
Pure rules of accounts: roles, the three exclusive duties, who may administer what, passwords.

Threat model. Somebody guesses or steals a password (lock-out, second factor, idle end, revocable sessions); somebody with one duty tries
to do or hide the work of another (system, security and audit administration exclude each other and hold no business role); a stolen secret
of a calling system (rotation with overlap, revocation within seconds). Not defended: two colluding administrators.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from zhengtong.kernel.errors import Refused

PASSWORD_DAYS = 90
PASSWORD_HISTORY = 5


class Role(StrEnum):
    """What somebody does for an office."""

    STEWARD = "steward"
    SHARING_HEAD = "sharing_head"
    BUREAU_APPROVER = "bureau_approver"
    DEVELOPER = "developer"
    AUDITOR = "auditor"


class Duty(StrEnum):
    """The three administrations that exclude each other (GB/T 22239-2019, 三权分立)."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


class Act(StrEnum):
    """Acts of administration."""

    MANAGE_OFFICES = "manage-offices"
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_ROLES = "manage-roles"
    MANAGE_SESSIONS = "manage-sessions"
    READ_LEDGER = "read-ledger"
    MANAGE_SYSTEMS = "manage-systems"


_DUTY_OF_ACT = {
    Act.MANAGE_OFFICES: Duty.SYSTEM,
    Act.MANAGE_ACCOUNTS: Duty.SYSTEM,
    Act.MANAGE_ROLES: Duty.SECURITY,
    Act.MANAGE_SESSIONS: Duty.SECURITY,
    Act.READ_LEDGER: Duty.AUDIT,
}


@dataclass(frozen=True)
class Actor:
    """Who acts: an account with its office, the roles in force now (own and delegated), and at most one duty."""

    account_id: int
    username: str
    name: str
    office: str
    office_name: str
    roles: frozenset[tuple[Role, str]] = field(default_factory=frozenset)
    duty: Duty | None = None

    @property
    def label(self) -> str:
        """How the ledger names the actor."""
        return f"account:{self.username}"

    def has(self, role: Role, office: str) -> bool:
        """Whether the actor holds a role for an office."""
        return (role, office) in self.roles

    def holds(self, role: Role) -> bool:
        """Whether the actor holds a role for any office."""
        return any(held is role for held, _office in self.roles)

    def offices(self, *roles: Role) -> frozenset[str]:
        """The offices for which the actor holds one of ``roles``."""
        return frozenset(office for held, office in self.roles if held in roles)


class NotYours(Refused):
    """Your account does not have the role that this needs."""

    code = "role-missing"


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
        raise NotYours(f"需要{DUTY_NAMES[needed]}权限" if needed else "需要本单位开发人员或数据专员角色")


DUTY_NAMES = {Duty.SYSTEM: "系统管理员", Duty.SECURITY: "安全管理员", Duty.AUDIT: "审计管理员"}
ROLE_NAMES = {
    Role.STEWARD: "数据专员",
    Role.SHARING_HEAD: "共享工作机构负责人",
    Role.BUREAU_APPROVER: "主管部门审核员",
    Role.DEVELOPER: "开发人员",
    Role.AUDITOR: "审计员",
}


def password_expired(changed_at: datetime | None, *, now: datetime) -> bool:
    """Whether a password is older than 90 days or was never chosen by its owner."""
    return changed_at is None or now - changed_at > timedelta(days=PASSWORD_DAYS)
