"""
What is sealed in a licence: holder, values and salts.

Threat model. Whoever gets at personal values without a reason. Nothing here decides who may: every caller is an operation that has put a
trace into the ledger first, a holder who looks at their own, or the making of a file for one of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from zhengtong.apps.affairs.licences.models import Licence
from zhengtong.apps.affairs.licences.rules.types import Field
from zhengtong.apps.affairs.licences.rules.vocabulary import EXTENSION
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.kernel.parties import Party, PartyKind
from zhengtong.toolkit.keys import node_keys


@dataclass(frozen=True)
class Contents:
    """Fields by metadata key, and the salts of their digests."""

    fields: dict[str, str]
    salts: dict[str, str]


def contents(row: Licence) -> Contents:
    """:raises SealBroken: if the row was changed."""
    found = json.loads(unseal(node_keys().seal, row.sealed, f"licence:{row.identifier}"))
    return Contents(found["f"], found["s"])


def holder_of(row: Licence) -> Party:
    """Who holds a licence, in clear."""
    found = contents(row).fields
    return Party(PartyKind(row.type.holder), found["CZZTDM"], found["CZZT"])


def labelled(row: Licence, *, face: bool = False) -> list[tuple[str, str, Field]]:
    """The fields of the type with a value: name, value, field, in the order of the type; those on the face alone if asked."""
    found = contents(row).fields
    fields = [Field.of(one) for one in row.made_by.fields]
    return [(one.name, found[EXTENSION + one.key], one) for one in fields if EXTENSION + one.key in found and (one.face or not face)]
