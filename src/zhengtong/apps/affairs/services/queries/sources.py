"""Connected sources: resources behind which data stands, and what the bureau and stewards named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.affairs.services.models import NamedSource
from zhengtong.apps.affairs.services.rules.sources import Connected, Supply, key_of, supply_of
from zhengtong.apps.affairs.services.rules.vocabulary import Source
from zhengtong.apps.flow.exchange import api as exchange
from zhengtong.apps.resources.catalog import api as catalog

_CANDIDATES = 8


def connected() -> list[Connected]:
    """Published resources to which an office bound data."""
    ids = exchange.bound_resources()
    return [_of(one) for one in catalog.resources_by_id(ids).values() if one.served_version is not None]


def _of(one: catalog.ResourceView) -> Connected:
    return Connected(one.code, one.name, one.office_name, tuple(item.name for item in one.items), tuple(item.key for item in one.items))


def named() -> dict[str, Supply]:
    """What was named, by the material's name as it is compared; a resource that is no longer published supplies nothing."""
    rows = list(NamedSource.objects.all())
    there = catalog.resources_by_code([row.resource for row in rows if row.resource])
    found = {}
    for row in rows:
        resource = there.get(row.resource)
        if row.source == Source.LICENCE:
            found[row.key] = Supply(Source.LICENCE, licence_type=row.licence_type, named=True)
        elif resource is not None:
            found[row.key] = Supply(Source.SHARED, row.resource, resource.name, row.resource_item, "", resource.office_name, named=True)
    return found


def supplies(names: Iterable[str]) -> dict[str, Supply]:
    """Where materials can come from, by name; those that no connected source supplies are absent."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    said, bound = named(), connected()
    found = {name: supply_of(name, said, bound) for name in wanted}
    return {name: supply for name, supply in found.items() if supply is not None}


@dataclass(frozen=True)
class Candidate:
    """A resource of the catalog that a search for a material finds."""

    code: str
    name: str
    office_name: str
    items: tuple[str, ...]
    connected: bool


def candidates(name: str) -> list[Candidate]:
    """What the catalog finds for a material's name, connected ones first; nothing before the catalog's index is built."""
    text = key_of(name)
    if not text:
        return []
    try:
        hits = catalog.search(catalog.SearchQuestion(text=text), size=_CANDIDATES, facets=False).hits
    except catalog.IndexMissing:
        return []
    bound = set(exchange.bound_resources())
    found = [Candidate(hit.code, hit.name, hit.office_name, hit.found_items, hit.id in bound) for hit in hits]
    return sorted(found, key=lambda one: not one.connected)


@dataclass(frozen=True)
class NamedView:
    """A line of the table of named sources."""

    id: int
    name: str
    source: str
    resource: str
    resource_name: str
    resource_item: str
    licence_type: str
    note: str
    named_at: datetime
    named_name: str


def named_sources(*, text: str = "", after: str = "", limit: int = 50) -> list[NamedView]:
    """The table of named sources by name."""
    rows = NamedSource.objects.order_by("name", "pk")
    if text:
        rows = rows.filter(name__icontains=text)
    if after:
        rows = rows.filter(name__gt=after)
    listed = list(rows[:limit])
    there = catalog.resources_by_code([row.resource for row in listed if row.resource])
    return [
        NamedView(
            row.pk,
            row.name,
            row.source,
            row.resource,
            there[row.resource].name if row.resource in there else "",
            row.resource_item,
            row.licence_type,
            row.note,
            row.named_at,
            row.named_name,
        )
        for row in listed
    ]
