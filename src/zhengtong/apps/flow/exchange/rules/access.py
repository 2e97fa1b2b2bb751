"""Who may bind, run and push: people of the office whose data or front database it is."""

from __future__ import annotations

from zhengtong.kernel.actors import Actor, NotYours, Role

_KEEPERS = (Role.STEWARD, Role.DEVELOPER)


def may_operate(actor: Actor, office: str) -> bool:
    """Whether the actor binds resources, keeps front databases and starts runs for an office."""
    return any(actor.has(role, office) for role in _KEEPERS)


def may_watch(actor: Actor, offices: set[str]) -> bool:
    """Whether the actor may see runs: anybody with a role at one of the offices concerned."""
    return any(office in offices for _role, office in actor.roles)


def require_operate(actor: Actor, office: str) -> None:
    """
    Refuse unless :func:`may_operate`.

    :raises NotYours: otherwise.
    """
    if not may_operate(actor, office):
        raise NotYours("需要该单位的数据专员或开发人员角色")
