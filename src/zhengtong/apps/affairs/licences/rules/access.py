"""Who may do what with licences."""

from __future__ import annotations

from zhengtong.kernel.actors import Actor, NotYours, Role

#: issue licences of their office and annotate them
ISSUERS = (Role.STEWARD, Role.HANDLER, Role.APPROVER)
#: suspend, resume, withdraw, revoke, cancel
DECIDERS = (Role.SHARING_HEAD, Role.APPROVER)
#: may look at a licence of another office for a case
READERS = (Role.CLERK, Role.HANDLER, Role.APPROVER, Role.STEWARD)


def may_issue(actor: Actor, office: str) -> bool:
    """Whether the actor issues licences for an office."""
    return office in actor.offices(*ISSUERS)


def may_decide(actor: Actor, office: str) -> bool:
    """Whether the actor decides what becomes of an office's licences."""
    return office in actor.offices(*DECIDERS)


def require_issuer(actor: Actor, office: str) -> None:
    """:raises NotYours: unless the actor issues licences for ``office``."""
    if not may_issue(actor, office):
        raise NotYours("制发证照由颁发机构的数据专员、承办人员或审批人员办理")


def require_decider(actor: Actor, office: str) -> None:
    """:raises NotYours: unless the actor decides for ``office``."""
    if not may_decide(actor, office):
        raise NotYours("暂扣、撤销、吊销、注销由颁发机构的负责人或审批人员办理")


def require_definer(actor: Actor, office: str) -> None:
    """:raises NotYours: unless the actor keeps the licence types of ``office``."""
    if not actor.has(Role.STEWARD, office):
        raise NotYours("证照类型由本单位的数据专员编制")


def require_reviewer(actor: Actor, bureau: str) -> None:
    """:raises NotYours: unless the actor approves for the bureau."""
    if not actor.has(Role.BUREAU_APPROVER, bureau):
        raise NotYours("证照类型由数据主管部门审核发布")


def require_reader(actor: Actor) -> None:
    """:raises NotYours: unless the actor works on cases."""
    if not actor.offices(*READERS):
        raise NotYours("调用证照限窗口、承办、审批人员和数据专员")
