"""
Who may see and do what about quality. Every interface and operation asks here and nowhere else.

Threat model. An office's faults are read, or its links to standard items changed, by somebody who neither keeps its entries nor oversees
them; somebody who is no bureau decides which office an item comes from. Not defended: a bureau that decides wrongly; its trail is kept.
Scores of offices, standard items and decided sources are for every official.

Samples of values are keyed hashes, of persons too. Somebody who reads them in the database or a backup learns which columns hold equal
values, and no value: numbers of a small domain, such as identity numbers, can be tried one by one only by who also holds ``subject.key``,
which lies in neither. Whoever holds both can test whether a known number is in the sample of a column, which is one in many in large
tables and every one in small ones. No page, file or interface gives out a sample; what is given out is how much two columns have in
common, to the two offices and the bureau's approvers. Samples go when their item, its entry or its binding goes. Not defended: the
service account, and a database administrator who has parameters of statements logged and so learns the key that is derived for samples.
"""

from __future__ import annotations

from collections.abc import Collection

from zhengtong.kernel.actors import Actor, Role
from zhengtong.kernel.errors import Refused


class NotAllowed(Refused):
    """您的角色不能这样办理。"""

    code = "quality-not-allowed"


def may_see_office(actor: Actor, *, office: str, bureau: str) -> bool:
    """Whether somebody sees which entries of an office break which rule."""
    own = actor.has(Role.STEWARD, office) or actor.has(Role.SHARING_HEAD, office)
    return own or (bool(bureau) and (actor.has(Role.BUREAU_APPROVER, bureau) or actor.has(Role.SHARING_HEAD, bureau)))


def require_to_see_office(actor: Actor, *, office: str, bureau: str) -> None:
    """
    Refuse unless :func:`may_see_office`.

    :raises NotAllowed: if the actor belongs neither to the office nor to its bureau.
    """
    if not may_see_office(actor, office=office, bureau=bureau):
        raise NotAllowed("只有本单位和主管部门能看单位的质量问题")


def may_keep(actor: Actor) -> bool:
    """Whether somebody keeps the standard items, names sources and keeps lists of duties; these hold for the whole node."""
    return actor.holds(Role.BUREAU_APPROVER)


def require_to_keep(actor: Actor) -> None:
    """
    Refuse unless :func:`may_keep`.

    :raises NotAllowed: if the actor is no approver of a bureau.
    """
    if not may_keep(actor):
        raise NotAllowed("这里由主管部门审核员维护")


def may_see_contents(actor: Actor, offices: Collection[str]) -> bool:
    """Whether somebody sees how much columns of these offices have in common: who keeps one of them, or keeps the sources of items."""
    return may_keep(actor) or any(actor.has(role, office) for office in offices for role in (Role.STEWARD, Role.SHARING_HEAD))


def require_to_link(actor: Actor, office: str) -> None:
    """
    Refuse whoever may not say which standard items the entries of an office hold.

    :raises NotAllowed: if the actor is no steward of the office.
    """
    if not actor.has(Role.STEWARD, office):
        raise NotAllowed("需要本单位数据专员角色")


def may_settle(actor: Actor, *, offices: Collection[str], bureau: str) -> bool:
    """Whether somebody may say that entries of these offices are not the same: who keeps one of them, or the approver over them."""
    own = any(actor.has(role, office) for office in offices for role in (Role.STEWARD, Role.SHARING_HEAD))
    return own or (bool(bureau) and actor.has(Role.BUREAU_APPROVER, bureau))


def require_to_settle(actor: Actor, *, offices: Collection[str], bureau: str) -> None:
    """
    Refuse unless :func:`may_settle`.

    :raises NotAllowed: if the actor keeps neither entry and is no approver of their bureau.
    """
    if not may_settle(actor, offices=offices, bureau=bureau):
        raise NotAllowed("只有其中一方的单位和主管部门审核员能标记")
