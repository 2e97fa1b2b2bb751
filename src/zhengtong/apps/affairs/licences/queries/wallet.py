"""What a holder may choose from when they show a licence."""

from __future__ import annotations

from zhengtong.apps.affairs.licences.queries.licences import LicenceUnknown, rows
from zhengtong.apps.affairs.licences.rules.types import Field
from zhengtong.apps.affairs.licences.rules.vocabulary import EXTENSION, METADATA
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
