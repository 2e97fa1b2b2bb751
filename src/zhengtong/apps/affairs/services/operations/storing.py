"""Putting contents into rows, and telling history and ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from zhengtong.apps.affairs.services.models import BasicItem, ItemEvent, ItemVersion, Material, ServiceItem
from zhengtong.apps.affairs.services.queries.items import ItemUnknown, standing_of
from zhengtong.apps.affairs.services.rules import searching, states
from zhengtong.apps.affairs.services.rules.codes import BasicCode
from zhengtong.apps.affairs.services.rules.content import Content
from zhengtong.apps.affairs.services.rules.sources import key_of
from zhengtong.apps.affairs.services.rules.vocabulary import (
    COMPANY_TOPIC_LABELS,
    LIFE_LABELS,
    OPEN_STATES,
    PERSON_TOPIC_LABELS,
)
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.security import api as security


def locked(item_id: int, actor: identity.Actor) -> ServiceItem:
    """
    The row of an item, held until the transaction ends.

    :raises ItemUnknown: if there is none that the actor may see.
    """
    row = ServiceItem.objects.select_for_update(of=("self",)).select_related("office__region").filter(pk=item_id).first()
    if row is None or not states.may_see(actor, standing_of(row, None)):
        raise ItemUnknown
    return row


def working(row: ServiceItem) -> ItemVersion | None:
    """The version that is worked on; None without one."""
    return ItemVersion.objects.filter(item=row, state__in=OPEN_STATES).first()


def document_of(content: Content) -> dict[str, Any]:
    """What a version keeps beside its materials."""
    document = content.document()
    del document["materials"]
    return document


def materials_of(version: ItemVersion, content: Content) -> list[Material]:
    """New rows of a content's materials."""
    documents = content.document()["materials"]
    return [
        Material(
            version=version,
            position=place,
            name=one.material_name,
            key=key_of(one.material_name),
            source=one.source,
            needed=one.is_need[:1],
            document=documents[place - 1],
        )
        for place, one in enumerate(content.materials, start=1)
    ]


def store(version: ItemVersion, content: Content) -> None:
    """Make a version that is worked on say this; the caller saves it."""
    version.document = document_of(content)
    Material.objects.filter(version=version).delete()
    Material.objects.bulk_create(materials_of(version, content))


def set_found(row: ServiceItem, content: Content) -> None:
    """What the guide finds an item by; the caller saves it."""
    topics = [*(f"p:{one}" for one in content.user_topic_type), *(f"c:{one}" for one in content.corp_topic_type)]
    labels = [PERSON_TOPIC_LABELS.get(one, "") for one in content.user_topic_type]
    labels += [COMPANY_TOPIC_LABELS.get(one, "") for one in content.corp_topic_type]
    labels += [LIFE_LABELS.get(one, "") for one in content.life_events]
    text = " ".join([content.task_name, *content.aliases, content.summary, row.office.name, row.office.short_name, *labels])
    row.words, row.pairs = searching.folded(text), searching.pairs(text)
    row.name, row.served, row.topics = content.task_name, list(content.server_type), topics
    row.events, row.audience = list(content.life_events), list(content.audience)
    row.residence, row.industries = list(content.residence), list(content.industries)


def basics(codes: Iterable[tuple[BasicCode, str]], *, provisional: bool, now: datetime) -> None:
    """Have entries of the basic catalog for these codes; one that is there keeps its name."""
    made = {code.text: BasicItem(code=code.text, name=name[:200], provisional=provisional, added_at=now) for code, name in codes}
    BasicItem.objects.bulk_create(made.values(), ignore_conflicts=True)


def event_row(
    row: ServiceItem, kind: str, *, actor: identity.Actor | str, now: datetime, version: int | None, reason: str = ""
) -> ItemEvent:
    """A line of an item's history."""
    label = actor.label if isinstance(actor, identity.Actor) else actor
    name = actor.name if isinstance(actor, identity.Actor) else ""
    return ItemEvent(item=row, at=now, kind=kind, version=version, actor=label, actor_name=name, reason=reason)


def tell(row: ServiceItem, kind: str, *, actor: identity.Actor, now: datetime, version: int | None, reason: str = "") -> None:
    """Write history and ledger of an act."""
    event_row(row, kind, actor=actor, now=now, version=version, reason=reason).save()
    detail = {"item": row.code, "name": row.name, "version": version} | ({"reason": reason} if reason else {})
    security.record(f"services:item:{kind}", at=now, actor=actor.label, office=actor.office, provider=row.office_id, detail=detail)
