"""
Who may do what to the catalog. Every interface and operation asks here and nowhere else.

Threat model. Somebody publishes what their head or the bureau has not seen, changes another office's entry, or reads what is still a draft
elsewhere. Not defended: a head and an approver who agree to publish what they should not.

An office's stewards write, its sharing head approves, the approvers of the region's bureau publish. Published entries are for every
official; what is not published is for the office that holds it and for the bureau.
"""

from __future__ import annotations

from zhengtong.apps.resources.catalog.rules.states import ACT_LABELS, Act
from zhengtong.apps.resources.catalog.rules.vocabulary import State
from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Refused
from zhengtong.kernel.sentences import say


class NotAllowed(Refused):
    """您的角色不能这样办理这条目录。"""

    code = "catalog-not-allowed"


_NEEDED_LABELS = {
    Act.EDIT: "本单位数据专员",
    Act.DISCARD: "本单位数据专员",
    Act.DELETE: "本单位数据专员",
    Act.SUBMIT: "本单位数据专员",
    Act.RECALL: "本单位数据专员",
    Act.APPROVE: "本单位共享工作机构负责人",
    Act.PUBLISH: "主管部门审核员",
    Act.RETURN: "当前环节的审核人",
    Act.WITHDRAW: "本单位共享工作机构负责人或主管部门审核员",
}


def may(actor: Actor, act: Act, *, office: str, bureau: str, state: str) -> bool:
    """Whether somebody may do an act to an entry of ``office``, whose region's bureau is ``bureau``, in the state it is in."""
    steward, head, approver = actor.has(Role.STEWARD, office), actor.has(Role.SHARING_HEAD, office), actor.has(Role.BUREAU_APPROVER, bureau)
    match act:
        case Act.APPROVE:
            return head
        case Act.PUBLISH:
            return approver
        case Act.RETURN:
            return approver if state == State.APPROVED else head
        case Act.WITHDRAW:
            return head or approver
        case _:
            return steward


def require(actor: Actor, act: Act, *, office: str, bureau: str, state: str) -> None:
    """
    Refuse unless :func:`may`.

    :raises NotAllowed: naming the role that is needed.
    """
    if not may(actor, act, office=office, bureau=bureau, state=state):
        raise NotAllowed(say("您不能{act}:需要{role}角色", act=say(ACT_LABELS[act]), role=say(_NEEDED_LABELS[act])))


def may_see_unpublished(actor: Actor, *, office: str, bureau: str) -> bool:
    """Whether somebody sees the working copy and the timeline of an entry."""
    of_office = actor.has(Role.STEWARD, office) or actor.has(Role.SHARING_HEAD, office)
    return of_office or actor.has(Role.BUREAU_APPROVER, bureau) or (bool(bureau) and actor.has(Role.SHARING_HEAD, bureau))


def require_to_see(actor: Actor, *, office: str, bureau: str) -> None:
    """
    Refuse unless :func:`may_see_unpublished`.

    :raises NotAllowed: if the actor belongs neither to the entry's office nor to the bureau.
    """
    if not may_see_unpublished(actor, office=office, bureau=bureau):
        raise NotAllowed("只有目录所属单位和主管部门能看未发布的内容")


def may_import(actor: Actor, *, office: str, bureau: str) -> bool:
    """Whether somebody may bring a file into the catalog in the name of ``office``."""
    return actor.has(Role.STEWARD, office) or actor.has(Role.BUREAU_APPROVER, bureau)


def may_keep_words(actor: Actor) -> bool:
    """Whether somebody may say which words mean the same; it concerns every search of the node."""
    return actor.holds(Role.BUREAU_APPROVER)


def require_to_keep_words(actor: Actor) -> None:
    """
    Refuse unless :func:`may_keep_words`.

    :raises NotAllowed: if the actor is no approver of a bureau.
    """
    if not may_keep_words(actor):
        raise NotAllowed("同义词由主管部门审核员维护")


def may_import_for_region(actor: Actor, *, bureau: str) -> bool:
    """Whether somebody may publish imported entries directly and place them with every office of the region."""
    return actor.has(Role.BUREAU_APPROVER, bureau)


def may_report(actor: Actor, *, bureau: str) -> bool:
    """Whether somebody may report a bureau's region to the platform above."""
    return bool(bureau) and actor.has(Role.BUREAU_APPROVER, bureau)


def require_report(actor: Actor, *, bureau: str) -> None:
    """
    Refuse unless :func:`may_report`.

    :raises NotAllowed: if the actor is no approver of that bureau.
    """
    if not may_report(actor, bureau=bureau):
        raise NotAllowed("上报目录需要主管部门审核员角色")


def require_import(actor: Actor, *, office: str, bureau: str, publish: bool) -> None:
    """
    Refuse an import that is not the actor's to make.

    :raises NotAllowed: naming the role that is needed.
    """
    if not may_import(actor, office=office, bureau=bureau):
        raise NotAllowed("导入目录需要本单位数据专员或主管部门审核员角色")
    if publish and not may_import_for_region(actor, bureau=bureau):
        raise NotAllowed("直接发布导入的目录需要主管部门审核员角色")
