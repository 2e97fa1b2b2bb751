"""Writing items: a new one, a new version of one, and throwing a version away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from zhengtong.apps.affairs.services.models import BasicItem, ItemVersion, ServiceItem
from zhengtong.apps.affairs.services.operations import storing
from zhengtong.apps.affairs.services.queries.items import ItemView, own_item, served_content, standing_of
from zhengtong.apps.affairs.services.rules import codes, states
from zhengtong.apps.affairs.services.rules.content import Content
from zhengtong.apps.affairs.services.rules.sources import with_reasons
from zhengtong.apps.affairs.services.rules.states import Act, ItemNotAllowed
from zhengtong.apps.affairs.services.rules.vocabulary import State, VersionState
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.kernel.errors import Conflict, Invalid
from zhengtong.kernel.sentences import say


class ItemChangedMeanwhile(Conflict):
    """别人已先改动了这个事项。"""

    code = "service-item-changed"


class ItemExists(Conflict):
    """已有这个编码的事项。"""

    code = "service-item-exists"


@transaction.atomic
def create_item(*, actor: identity.Actor, office: str, basic: str, content: Content, now: datetime, handle: str = "") -> ItemView:
    """
    Begin an item as a draft. Its level is that of the office; a basic code that is not in the basic catalog so far enters it.

    :raises ItemNotAllowed: if the actor is not a steward of the office.
    :raises ItemCodeInvalid: naming the part of the code.
    :raises Invalid: without a name.
    :raises ItemExists: if there is one with this code.
    """
    if not actor.has(identity.Role.STEWARD, office):
        raise ItemNotAllowed("事项由本单位数据专员建立", remedy="请有这个角色的同事办理")
    place = organisations.office(office)
    code = codes.compose(office=office, level=str(int(place.level)), basic=basic, handle=handle)
    name = content.task_name.strip()
    if not name:
        raise Invalid("没有填写事项名称", field="task_name", remedy="写明办什么,例如“食品经营许可核发”")
    storing.basics([(code.basic, name)], provisional=False, now=now)
    facts = {"office_id": office, "level": code.level, "basic_id": code.basic.text, "handle": handle, "added_at": now, "changed_at": now}
    row, made = ServiceItem.objects.get_or_create(code=code.text, defaults={**facts, "name": name})
    if not made:
        raise ItemExists(
            say("已有编码为 {code} 的事项", code=code.text), field="catalog_code", remedy="另编业务办理项序号,或编辑已有的事项"
        )
    version = ItemVersion(item=row, number=1, made_at=now, made_by=actor.label)
    version.save()
    content = with_reasons(content, None, name=actor.name, at=now)
    storing.store(version, content)
    version.save()
    storing.tell(row, "created", actor=actor, now=now, version=1)
    return own_item(row.pk, actor)


@transaction.atomic
def save_item(*, actor: identity.Actor, item_id: int, content: Content, revision: int, now: datetime) -> ItemView:
    """
    Write the version that is worked on; where only a published one is there, a new version begins and that one stays in force.

    :param revision: of the version that the actor looked at.
    :raises ItemUnknown: for somebody of neither the office nor the bureau.
    :raises ItemNotAllowed, ItemState: as the rules say.
    :raises ItemChangedMeanwhile: if somebody else was first.
    """
    row = storing.locked(item_id, actor)
    version = storing.working(row)
    states.require(actor, Act.EDIT, standing_of(row, version.state if version else None))
    view = own_item(item_id, actor)
    if view.revision != revision:
        raise ItemChangedMeanwhile(remedy="重新打开编辑页,再做一次修改")
    if not content.task_name.strip():
        raise Invalid("没有填写事项名称", field="task_name", remedy="写明办什么")
    content = with_reasons(content, view.content, name=actor.name, at=now)
    if version is None:
        number = (ItemVersion.objects.filter(item=row).aggregate(last=Max("number"))["last"] or 0) + 1
        version = ItemVersion.objects.create(item=row, number=number, made_at=now, made_by=actor.label, revision=view.revision)
    version.revision += 1
    version.state = VersionState.DRAFT
    storing.store(version, content)
    version.save()
    if row.state == State.DRAFT:
        row.name = content.task_name
    row.changed_at = now
    row.save()
    storing.tell(row, "edited", actor=actor, now=now, version=version.number)
    return own_item(item_id, actor)


@transaction.atomic
def discard_item(*, actor: identity.Actor, item_id: int, now: datetime) -> bool:
    """
    Throw away the version that is worked on; an item that was never published goes with it. Returns whether the item stays.

    :raises ItemUnknown: for somebody of neither the office nor the bureau.
    :raises ItemNotAllowed, ItemState: as the rules say.
    """
    row = storing.locked(item_id, actor)
    version = storing.working(row)
    states.require(actor, Act.DISCARD, standing_of(row, version.state if version else None))
    stays = served_content(item_id) is not None
    storing.tell(row, "discarded", actor=actor, now=now, version=version.number if version else None)
    if stays and version is not None:
        version.delete()
        row.changed_at = now
        row.save()
    else:
        basic = row.basic_id
        row.delete()
        BasicItem.objects.filter(code=basic, items__isnull=True).delete()
    return stays
