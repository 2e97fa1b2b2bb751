"""
Who may read the ledger.

Threat model. The ledger says who read about whom, so reading it is itself worth protecting: the audit administrator reads all of it, an
office's auditor what their office did and what was done with its data, nobody else anything. The limit is part of every statement that is
sent to the database, not of pages. Nobody writes here but the platform.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.kernel.actors import Actor, Duty, NotYours


class NotAuditor(NotYours):
    """需要审计管理员权限,或本单位审计员角色。"""


@dataclass(frozen=True)
class Scope:
    """What somebody may read: all (``offices`` is None), or entries whose office or provider is one of ``offices``."""

    offices: frozenset[str] | None


def scope_of(reader: Actor) -> Scope:
    """
    What ``reader`` may read.

    :raises NotAuditor: if nothing.
    """
    if reader.duty is Duty.AUDIT:
        return Scope(None)
    if reader.duty is None and reader.audits:
        return Scope(reader.audits)
    raise NotAuditor


def require_audit_administrator(reader: Actor) -> None:
    """
    Refuse unless the reader has the duty of audit: for what concerns the ledger as a whole.

    :raises NotAuditor: if not.
    """
    if reader.duty is not Duty.AUDIT:
        raise NotAuditor("需要审计管理员权限")
