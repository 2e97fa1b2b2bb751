"""
Who read data about me: entries of the ledger by the digest of one's own number, and of nobody else's.

Threat model. Somebody asks about another: the
digest comes from the signed-in person's own row, never from the request. Somebody learns from
the page who works on what: an entry shows the office, not the official.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.affairs.citizens.queries.persons import PersonView
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.apps.resources.catalog import api as catalog


@dataclass(frozen=True)
class Reading:
    """One use of data about a person, as they see it."""

    at: datetime
    event: str
    ok: bool
    office: str
    office_name: str
    provider_name: str
    resource: str
    resource_name: str
    purpose: str
    case: str
    items: tuple[str, ...]
    system: str
    #: done by oneself
    own: bool
    cursor: str
    #: the ledger's id of the entry
    id: str


def readings(
    person: PersonView, *, since: datetime | None = None, until: datetime | None = None, after: str = "", limit: int = 50
) -> list[Reading]:
    """
    What the ledger has about a person, newest first, after the cursor of one.

    :raises Invalid: if ``after`` is no cursor.
    """
    if not person.digest:
        return []
    rows = security.entries(security.EntryFilter(subject=person.digest, since=since, until=until), after=after, limit=limit)
    codes = {code for row in rows for code in (row.office, row.provider) if code}
    offices = {code: one.name for code, one in organisations.offices_by_code(codes).items()}
    resources = catalog.resources_by_code({row.resource for row in rows if row.resource})
    return [_reading(row, person, offices, resources) for row in rows]


def _reading(
    row: security.EntryRow, person: PersonView, offices: Mapping[str, str], resources: Mapping[str, catalog.ResourceView]
) -> Reading:
    content = resources[row.resource].content if row.resource in resources else None
    names = {item.key: item.name for item in content.items} if content else {}
    return Reading(
        at=row.at,
        event=row.event,
        ok=row.outcome == "ok",
        office=row.office,
        office_name=offices.get(row.office, row.office),
        provider_name=offices.get(row.provider, row.provider),
        resource=row.resource,
        resource_name=content.name if content else row.resource,
        purpose=row.purpose,
        case=row.case,
        items=tuple(names.get(key, key) for key in row.items),
        system=row.actor.partition(":")[2] if row.actor.startswith("system:") else "",
        own=row.actor == person.label,
        cursor=row.cursor,
        id=row.id,
    )
