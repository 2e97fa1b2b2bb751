"""
Who may do what with ratings.

The rated answer and appeal; the data bureau sees who wanted to be called back, calls, and decides appeals. Nobody of the rated office may
be on the bureau's side of a ticket of its own.
"""

from __future__ import annotations

from zhengtong.kernel.actors import Actor, Role

STAFF = (Role.CLERK, Role.HANDLER, Role.APPROVER)


def works_for(actor: Actor, office: str) -> bool:
    """Whether the actor is one of the rated office."""
    return any(actor.has(role, office) for role in STAFF)


def may_see(actor: Actor, office: str) -> bool:
    """Whether the actor may see tickets of an office at all."""
    return works_for(actor, office) or oversees(actor, office)


def may_answer(actor: Actor, office: str) -> bool:
    """Whether the actor may answer for the office."""
    return actor.has(Role.HANDLER, office) or actor.has(Role.APPROVER, office)


def may_appeal(actor: Actor, office: str) -> bool:
    """Whether the actor may say for the office that a rating is mistaken."""
    return actor.has(Role.APPROVER, office)


def oversees(actor: Actor, office: str) -> bool:
    """Whether the actor may call back and decide appeals about an office."""
    return actor.holds(Role.BUREAU_APPROVER) and not works_for(actor, office)
