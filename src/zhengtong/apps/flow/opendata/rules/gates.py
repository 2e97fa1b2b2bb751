"""All gates in one go, each by itself pure and bounded in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from zhengtong.apps.flow.opendata.rules import anonymity, personal, shape
from zhengtong.apps.flow.opendata.rules.findings import Finding
from zhengtong.apps.flow.opendata.rules.place import Where, outside
from zhengtong.apps.flow.opendata.rules.sheet import Sheet


def measure(sheet: Sheet, *, quasi: Sequence[str], cycle: str, updated_on: date, today: date, place: Where | None = None) -> list[Finding]:
    """
    What the rows break, gravest first.

    :param quasi: keys of the items by which people could be found again.
    :param cycle: the update cycle of the catalog entry.
    :param updated_on: when the data was last brought up to date.
    :param place: where the rows are declared to lie.
    """
    nothing = shape.empty(sheet)
    if nothing:
        return nothing
    return [
        *personal.personal_findings(sheet),
        *personal.masking_findings(sheet),
        *anonymity.k_anonymity(sheet, quasi),
        *anonymity.l_diversity(sheet, quasi),
        *anonymity.small_cells(sheet),
        *shape.markup(sheet),
        *shape.duplicate_rows(sheet),
        *shape.round_number(sheet),
        *shape.stale(sheet, cycle=cycle, updated_on=updated_on, today=today),
        *shape.mixed_dates(sheet),
        *outside(sheet, place),
    ]
