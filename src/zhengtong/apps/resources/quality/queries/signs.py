"""What the signs of entries are made of and kept as."""

from __future__ import annotations

from collections.abc import Iterable

from zhengtong.apps.foundation.organisations import api as organisations
from zhengtong.apps.resources.quality.models import EntrySign
from zhengtong.apps.resources.quality.rules.alike import Sign


def prefixes_of(offices: Iterable[organisations.OfficeView]) -> dict[str, frozenset[str]]:
    """What may stand before or behind a name without telling entries apart, by credit code of the office; one query."""
    offices = list(offices)
    paths = {one.code: [one.region[:length] for length in (2, 4, 6, 9, 12) if len(one.region) >= length] for one in offices}
    places = organisations.region_names({code for path in paths.values() for code in path})
    found = dict[str, frozenset[str]]()
    for one in offices:
        over = [places[code] for code in paths[one.code] if code in places]
        bare = one.name.removeprefix(one.region_name)
        found[one.code] = frozenset({*over, *(name[:-1] for name in over if len(name) > 2), one.name, bare, one.short_name} - {""})  # noqa: PLR2004 - 江西省 is 江西
    return found


def sign_of(row: EntrySign) -> Sign:
    """The signs that a row keeps."""
    return Sign(row.office_id, row.region, row.stem, frozenset(row.items))
