"""What a holder may choose from when they show a licence, and who used it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhengtong.apps.affairs.licences.queries.licences import LicenceUnknown, rows
from zhengtong.apps.affairs.licences.rules.types import Field
from zhengtong.apps.affairs.licences.rules.vocabulary import EXTENSION, METADATA, USE_LABELS
from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.parties import Party


def field_names(party: Party, identifier: str) -> dict[str, str]:
    """
    Metadata key → name of every field that the holder may disclose.

    :raises LicenceUnknown: unless the party holds it.
    """
    row = rows().filter(identifier=identifier, holder=security.subject_digest(party.kind.value, party.code), replaced_by=None).first()
    if row is None:
        raise LicenceUnknown
    fields = [Field.of(one) for one in row.made_by.fields]
    return {key: METADATA[key] for key in ("CZZT", "CZZTDM")} | {EXTENSION + one.key: one.name for one in fields}


@dataclass(frozen=True)
class Use:
    """One use of a licence, as its holder sees it: the office, not the official."""

    at: datetime
    label: str
    office_name: str
    purpose: str
    case: str


#: how many entries about a holder are looked through
_MOST_LOOKED = 500


def uses(party: Party, identifier: str, *, limit: int = 50) -> list[Use]:
    """Who read, received or was shown a licence of a party, newest first, from the ledger."""
    digest = security.subject_digest(party.kind.value, party.code)
    wanted = security.EntryFilter(event="licences:licence:", subject=digest)
    found = [
        row
        for row in security.entries(wanted, limit=_MOST_LOOKED)
        if row.event in USE_LABELS and identifier in {row.detail.get("identifier"), *row.detail.get("identifiers", ())}
    ][:limit]
    offices = organisations.offices_by_code({row.office for row in found if row.office})
    return [
        Use(row.at, USE_LABELS[row.event], offices[row.office].name if row.office in offices else "", row.purpose, row.case)
        for row in found
    ]
