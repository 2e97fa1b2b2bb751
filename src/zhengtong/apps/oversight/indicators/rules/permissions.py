"""
Who keeps what the portal is measured by.

Threat model. Somebody improves an indicator by papers that do not exist. So the bureau's approvers alone put papers on record, everybody
sees them, and each act is in the ledger. What is computed nobody can set.
"""

from __future__ import annotations

from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Refused


class NotAllowed(Refused):
    """佐证材料由主管部门审核员登记。"""

    code = "indicators-not-allowed"


def may_keep_evidence(actor: Actor) -> bool:
    """Whether somebody may put papers on record."""
    return actor.holds(Role.BUREAU_APPROVER)


def require_to_keep_evidence(actor: Actor) -> None:
    """
    Refuse unless :func:`may_keep_evidence`.

    :raises NotAllowed: if the actor is no approver of a bureau.
    """
    if not may_keep_evidence(actor):
        raise NotAllowed
