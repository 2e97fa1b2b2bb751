"""Who acts: the words in which every app asks whether somebody may do something."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from zhengtong.kernel.errors import Refused


class Role(StrEnum):
    """What somebody does for an office."""

    STEWARD = "steward"
    SHARING_HEAD = "sharing_head"
    BUREAU_APPROVER = "bureau_approver"
    DEVELOPER = "developer"
    AUDITOR = "auditor"
    #: stands at a window: files for whoever stands there, receives and accepts cases
    CLERK = "clerk"
    #: works on accepted cases
    HANDLER = "handler"
    #: decides cases
    APPROVER = "approver"


class Duty(StrEnum):
    """The three administrations that exclude each other (GB/T 22239-2019, 三权分立)."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


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

    @property
    def audits(self) -> frozenset[str]:
        """The offices whose entries in the ledger the actor may read as their auditor."""
        return self.offices(Role.AUDITOR)

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
    """您的账户没有办理所需的角色。"""

    code = "role-missing"
