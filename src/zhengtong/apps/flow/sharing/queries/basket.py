"""Reads of the basket and of purpose templates."""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.apps.flow.sharing.models import BasketLine, PurposeTemplate
from zhengtong.apps.foundation.identity.api import Actor, Role


@dataclass(frozen=True)
class BasketView:
    """A line of the basket."""

    resource_id: int
    resource_code: str
    resource_name: str
    provider_name: str
    sharing_type: str
    items: tuple[str, ...]


def basket(actor: Actor) -> list[BasketView]:
    """What the actor has laid aside."""
    found = BasketLine.objects.select_related("resource__office").filter(account_id=actor.account_id)
    return [
        BasketView(
            resource_id=row.resource_id,
            resource_code=row.resource.code or "",
            resource_name=row.resource.name,
            provider_name=row.resource.office.name,
            sharing_type=row.resource.sharing_type,
            items=tuple(row.items),
        )
        for row in found
    ]


def in_basket(actor: Actor, resource_id: int) -> bool:
    """Whether the actor has laid a resource aside."""
    return BasketLine.objects.filter(account_id=actor.account_id, resource_id=resource_id).exists()


@dataclass(frozen=True)
class TemplateView:
    """Words for a use that comes again."""

    id: int
    office: str
    title: str
    purpose_code: str
    purpose: str
    usage_basis: str
    scenario: str
    usage_scope: str


def templates(actor: Actor) -> list[TemplateView]:
    """Purpose templates of the actor's offices, by title."""
    rows = PurposeTemplate.objects.filter(office__code__in=actor.offices(*Role)).select_related("office")
    return [
        TemplateView(row.pk, row.office.code, row.title, row.purpose_code, row.purpose, row.usage_basis, row.scenario, row.usage_scope)
        for row in rows
    ]
