"""One's own rating."""

from __future__ import annotations

from dataclasses import dataclass

from zhengtong.apps.affairs.ratings.models import Rating
from zhengtong.apps.affairs.ratings.rules.vocabulary import REMEDY_LABELS, TicketState
from zhengtong.engines.crypto.sealing import unseal
from zhengtong.toolkit.keys import node_keys


@dataclass(frozen=True)
class GivenView:
    """What somebody said of their case, and what the office answered."""

    grade: int
    reasons: tuple[str, ...]
    text: str
    contact: str
    answer: str
    remedy_label: str


def given(case_id: int) -> GivenView | None:
    """The rating of a case, for whoever gave it; None if there is none."""
    row = Rating.objects.filter(case_id=case_id).select_related("ticket").first()
    if row is None:
        return None
    ticket = getattr(row, "ticket", None)
    if ticket is not None and ticket.state != TicketState.ANSWERED:
        ticket = None
    return GivenView(
        row.grade,
        tuple(row.reasons),
        row.text,
        unseal(node_keys().seal, row.contact_sealed, f"rating:{row.case_id}").decode() if row.contact_sealed else "",
        ticket.answer if ticket else "",
        REMEDY_LABELS[ticket.remedy] if ticket else "",
    )
