"""Naming the connected source that supplies a material."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from zhengtong.apps.affairs.services.models import NamedSource
from zhengtong.apps.affairs.services.rules.sources import key_of
from zhengtong.apps.affairs.services.rules.states import ItemNotAllowed
from zhengtong.apps.affairs.services.rules.vocabulary import Source
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog
from zhengtong.kernel.errors import Invalid, NotFound
from zhengtong.kernel.sentences import say

Role = identity.Role
_LONGEST = 200


class NamedSourceUnknown(NotFound):
    """没有这条材料来源。"""

    code = "service-source-unknown"


def may_name(actor: identity.Actor) -> bool:
    """Whether somebody may name sources: stewards and the bureau, for whom a name counts everywhere."""
    return actor.holds(Role.STEWARD) or actor.holds(Role.BUREAU_APPROVER)


def _require(actor: identity.Actor) -> None:
    if not may_name(actor):
        raise ItemNotAllowed("材料来源由数据专员或主管部门审核员登记", remedy="请有这个角色的同事办理")


@transaction.atomic
def name_source(
    *,
    actor: identity.Actor,
    name: str,
    source: str,
    now: datetime,
    resource: str = "",
    resource_item: str = "",
    licence_type: str = "",
    note: str = "",
) -> None:
    """
    Say that a material comes from an item of a resource or from a type of licence; said again, it is changed.

    :raises ItemNotAllowed: if the actor is neither a steward nor of the bureau.
    :raises Invalid: naming the field: no name, no such source, a resource that is not published or has no such item.
    """
    _require(actor)
    key = key_of(name)
    if not key or len(name) > _LONGEST:
        raise Invalid("没有填写材料名称,或名称太长", field="name", remedy="写材料的名称,例如“结婚证”")
    if source == Source.SHARED:
        _check_resource(resource, resource_item)
        licence_type = ""
    elif source == Source.LICENCE:
        if not licence_type.strip():
            raise Invalid("没有填写证照类型代码", field="licence_type", remedy="写证照类型代码")
        resource = resource_item = ""
    else:
        raise Invalid("来源只能是共享数据或电子证照", field="source", remedy="从两种来源里选一种")
    told = {
        "name": name.strip(),
        "source": source,
        "resource": resource,
        "resource_item": resource_item,
        "licence_type": licence_type.strip(),
    }
    facts = {**told, "note": note.strip()[:_LONGEST], "named_at": now, "named_by": actor.label, "named_name": actor.name}
    NamedSource.objects.update_or_create(key=key, defaults=facts)
    security.record("services:source:named", at=now, actor=actor.label, office=actor.office, resource=resource, detail=told)


def _check_resource(code: str, item: str) -> None:
    found = catalog.resources_by_code([code]).get(code) if code else None
    if found is None:
        raise Invalid(say("目录里没有已发布的资源 {code}", code=code), field="resource", remedy="写已发布的信息资源代码")
    if item not in {one.name for one in found.items}:
        raise Invalid(say("资源“{name}”没有这个信息项", name=found.name), field="resource_item", remedy="写信息项的全称")


@transaction.atomic
def remove_source(*, actor: identity.Actor, source_id: int, now: datetime) -> None:
    """
    Take a named source back.

    :raises ItemNotAllowed: if the actor is neither a steward nor of the bureau.
    :raises NamedSourceUnknown: if there is none.
    """
    _require(actor)
    row = NamedSource.objects.select_for_update().filter(pk=source_id).first()
    if row is None:
        raise NamedSourceUnknown
    told = {"name": row.name, "source": row.source, "resource": row.resource, "licence_type": row.licence_type}
    row.delete()
    security.record("services:source:removed", at=now, actor=actor.label, office=actor.office, resource=told["resource"], detail=told)
