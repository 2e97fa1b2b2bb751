"""Putting content into rows, and telling everybody that it changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog.models import Item, Resource, ResourceEvent, ResourceVersion
from zhengtong.apps.resources.catalog.queries.resources import ResourceUnknown, bureau_code
from zhengtong.apps.resources.catalog.rules import permissions, states
from zhengtong.apps.resources.catalog.rules.content import CONTENT_FIELDS, ITEM_FIELDS, Content, ItemContent
from zhengtong.apps.resources.catalog.rules.naming import sort_key
from zhengtong.apps.resources.catalog.rules.vocabulary import State
from zhengtong.kernel import clock
from zhengtong.kernel.sentences import say
from zhengtong.toolkit.outbox import api as outbox

#: Told to the outbox with ``{"resource": id}`` or ``{"resources": [ids]}`` in the transaction that changed them.
CHANGED = "catalog:changed"


def locked(resource_id: int) -> Resource:
    """
    The row of an entry, held until the transaction ends.

    :raises ResourceUnknown: if there is none.
    """
    row = Resource.objects.select_for_update(of=("self",)).select_related("office__region").filter(pk=resource_id).first()
    if row is None:
        raise ResourceUnknown(say("没有目录 {resource_id}", resource_id=resource_id), field="resource")
    return row


def moved(row: Resource, act: states.Act, *, actor: identity.Actor) -> State:
    """
    The state that an act by an actor leads to.

    :raises NotAllowed: if the act is not the actor's.
    :raises WrongState: if the entry does not stand where the act begins.
    """
    permissions.require(actor, act, office=row.office.code, bureau=bureau_code(row.office.region_id), state=row.state)
    return states.after(act, row.state, served=row.served_version is not None, version=row.version)


def fill(row: Resource, content: Content) -> None:
    """Write the content's fields into a row that the caller saves; items are for :func:`store_items`."""
    for name in CONTENT_FIELDS:
        value = getattr(content, name)
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.name_key = sort_key(content.name)


def item_row(resource_id: int, position: int, item: ItemContent) -> Item:
    """A new row of an item."""
    return Item(resource_id=resource_id, position=position, **_item_values(item))


def _item_values(item: ItemContent) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in ITEM_FIELDS}
    return values | {"sharing_modes": list(item.sharing_modes)}


def store_items(row: Resource, items: tuple[ItemContent, ...]) -> None:
    """Make the row's items these, keeping the identity of those whose key stays."""
    there = {one.key: one for one in Item.objects.filter(resource=row)}
    wanted = {item.key: (position, item) for position, item in enumerate(items, start=1)}
    Item.objects.filter(pk__in=[one.pk for key, one in there.items() if key not in wanted]).delete()
    stay = []
    for key, (position, item) in wanted.items():
        if key in there:
            one = there[key]
            for name, value in _item_values(item).items():
                setattr(one, name, value)
            one.position = position
            stay.append(one)
    Item.objects.bulk_update(stay, [*ITEM_FIELDS, "position"])
    Item.objects.bulk_create([item_row(row.pk, position, item) for key, (position, item) in wanted.items() if key not in there])


def version_row(row: Resource, content: Content, *, now: datetime) -> ResourceVersion:
    """Make the row published with this content; the caller saves the row and the version."""
    row.version += 1
    row.served_version, row.state = row.version, State.PUBLISHED
    row.published_on = row.published_on or clock.local_date(now)
    document = content.document() | {"published_on": row.published_on.isoformat(), "code": row.code}
    return ResourceVersion(resource=row, number=row.version, document=document, published_at=now)


def finish(row: Resource, event: str, *, actor: identity.Actor, now: datetime, reason: str = "") -> None:
    """Save the row with its new revision; write timeline, ledger and outbox in the same transaction."""
    row.revision += 1
    row.changed_at = now
    row.save()
    tell(row, event, actor=actor, now=now, reason=reason)


def tell(row: Resource, event: str, *, actor: identity.Actor, now: datetime, reason: str = "") -> None:
    """Write timeline, ledger and outbox of an act."""
    ResourceEvent.objects.create(resource=row, at=now, actor=actor.label, actor_name=actor.name, event=event, reason=reason)
    record(row, event, actor=actor, now=now, reason=reason)
    outbox.publish(CHANGED, {"resource": row.pk}, at=now)


def record(row: Resource, event: str, *, actor: identity.Actor, now: datetime, reason: str = "") -> None:
    """Write the ledger entry of an act."""
    detail = {"id": row.pk, "name": row.name, "version": row.version, "revision": row.revision} | ({"reason": reason} if reason else {})
    security.record(
        f"catalog:resource:{event}",
        at=now,
        actor=actor.label,
        office=actor.office,
        provider=row.office.code,
        resource=row.code or "",
        detail=detail,
    )
