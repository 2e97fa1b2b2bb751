"""Models of accounts and calling systems."""

from zhengtong.apps.foundation.identity.models.account import Account, Delegation, RoleAssignment, SessionRecord, UsedPassword
from zhengtong.apps.foundation.identity.models.calling_system import CallingSystem, CallingSystemKey
from zhengtong.apps.foundation.identity.models.passkey import Passkey

__all__ = ["Account", "CallingSystem", "CallingSystemKey", "Delegation", "Passkey", "RoleAssignment", "SessionRecord", "UsedPassword"]
