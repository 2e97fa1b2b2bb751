"""Values that applicants contradict, for the office whose register it is: which field of which case, never what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.affairs.filing.models import DraftField
from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.resources.catalog import api as catalog


@dataclass(frozen=True)
class Contradiction:
    """A field that an applicant says is wrong."""

    resource: str
    resource_name: str
    item_name: str
    case_number: str
    filed_at: datetime


def contradictions(actor: identity.Actor, *, limit: int = 200) -> list[Contradiction]:
    """What applicants contradict in the registers of the offices where somebody is steward, latest first."""
    offices = actor.offices(identity.Role.STEWARD)
    if not offices:
        return []
    rows = (
        DraftField.objects.exclude(said_sealed="")
        .filter(draft__filed_at__isnull=False)
        .select_related("draft")
        .order_by("-draft__filed_at")[:2000]
    )
    known = catalog.resources_by_code({row.resource for row in rows})
    found = []
    for row in rows:
        resource = known.get(row.resource)
        if resource is not None and resource.office in offices and row.draft.filed_at is not None:
            names = {item.key: item.name for item in resource.content.items}
            name = names.get(row.item, row.item)
            found.append(Contradiction(row.resource, resource.content.name, name, row.draft.case_number, row.draft.filed_at))
    return found[:limit]
