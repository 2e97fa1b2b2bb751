"""Who may write the form of the version that they look at."""

from __future__ import annotations

from zhengtong.apps.affairs.services.queries.items import ItemView, acts
from zhengtong.apps.affairs.services.rules.states import Act, ItemNotAllowed, ItemState
from zhengtong.apps.affairs.services.rules.vocabulary import VersionState
from zhengtong.apps.foundation.identity import api as identity

_AT_HAND = frozenset({VersionState.DRAFT, VersionState.RETURNED})


def may_write_form(view: ItemView, actor: identity.Actor) -> bool:
    """Whether somebody may change this version's form: a steward of the office, while the version is worked on and not in review."""
    return view.version_state in _AT_HAND and Act.EDIT in acts(view, actor)


def may_begin_version(view: ItemView, actor: identity.Actor) -> bool:
    """Whether somebody may begin a version, as the one they look at is published."""
    return view.version_state == VersionState.PUBLISHED and Act.EDIT in acts(view, actor)


def require_form_writing(view: ItemView, actor: identity.Actor) -> None:
    """
    Refuse whoever may not write this version's form.

    :raises ItemNotAllowed: for anybody but a steward of the office.
    :raises ItemState: if the version is published or in review.
    """
    if not actor.has(identity.Role.STEWARD, view.office):
        raise ItemNotAllowed("表单由本单位数据专员编辑", remedy="请有这个角色的同事办理")
    if not may_write_form(view, actor):
        raise ItemState("这个版本的表单不能改", remedy="已发布的先开始一个新版本;在审核的先撤回")
