"""
Who may do what to the catalog. Every interface and operation asks here and nowhere else.

An office's stewards write, its sharing head approves, the approvers of the region's bureau publish. Published entries are for every
official; what is not published is for the office that holds it and for the bureau.
"""

from __future__ import annotations

from typing import Any, Protocol

from zhengtong.apps.resources.catalog.rules.states import ACT_LABELS, Act
from zhengtong.apps.resources.catalog.rules.vocabulary import State
from zhengtong.kernel.errors import Refused


class Person(Protocol):
    """What is asked of somebody who acts; the identity app's ``Actor`` answers it."""

    @property
    def office(self) -> str:
        """The credit code of the person's own office."""

    def has(self, role: Any, office: str) -> bool:
        """Whether the person holds a role for an office."""


class NotAllowed(Refused):
    """您的角色不能这样办理这条目录。"""

    code = "catalog-not-allowed"


_STEWARD, _HEAD, _BUREAU = "steward", "sharing_head", "bureau_approver"
_NEEDED = {
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


def may(person: Person, act: Act, *, office: str, bureau: str, state: str) -> bool:
    """Whether somebody may do an act to an entry of ``office``, whose region's bureau is ``bureau``, in the state it is in."""
    steward, head, approver = person.has(_STEWARD, office), person.has(_HEAD, office), person.has(_BUREAU, bureau)
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


def require(person: Person, act: Act, *, office: str, bureau: str, state: str) -> None:
    """
    Refuse unless :func:`may`.

    :raises NotAllowed: naming the role that is needed.
    """
    if not may(person, act, office=office, bureau=bureau, state=state):
        raise NotAllowed(f"您不能{ACT_LABELS[act]}:需要{_NEEDED[act]}角色")


def may_see_unpublished(person: Person, *, office: str, bureau: str) -> bool:
    """Whether somebody sees the working copy and the timeline of an entry."""
    return person.has(_STEWARD, office) or person.has(_HEAD, office) or person.has(_BUREAU, bureau)


def require_to_see(person: Person, *, office: str, bureau: str) -> None:
    """
    Refuse unless :func:`may_see_unpublished`.

    :raises NotAllowed: if the person belongs neither to the entry's office nor to the bureau.
    """
    if not may_see_unpublished(person, office=office, bureau=bureau):
        raise NotAllowed("只有目录所属单位和主管部门能看未发布的内容")


def may_import(person: Person, *, office: str, bureau: str) -> bool:
    """Whether somebody may bring a file into the catalog in the name of ``office``."""
    return person.has(_STEWARD, office) or person.has(_BUREAU, bureau)


def may_import_for_region(person: Person, *, bureau: str) -> bool:
    """Whether somebody may publish imported entries directly and place them with every office of the region."""
    return person.has(_BUREAU, bureau)


def require_import(person: Person, *, office: str, bureau: str, publish: bool) -> None:
    """
    Refuse an import that is not the person's to make.

    :raises NotAllowed: naming the role that is needed.
    """
    if not may_import(person, office=office, bureau=bureau):
        raise NotAllowed("导入目录需要本单位数据专员或主管部门审核员角色")
    if publish and not may_import_for_region(person, bureau=bureau):
        raise NotAllowed("直接发布导入的目录需要主管部门审核员角色")
