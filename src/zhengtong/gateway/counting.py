"""
Refusals that anybody can cause, counted instead of written one by one.

Without this, a stranger could fill the ledger by knocking. Each second leaves at most one entry for each address, code and caller, and at
most ``KINDS`` entries altogether; what goes beyond is counted under no address. Counts not yet written when a process is killed, one
second's at most, are lost; no data left with them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from zhengtong.gateway.entries import EntryForm
from zhengtong.gateway.moments import Moments

KINDS = 1_000


@dataclass(frozen=True, slots=True)
class Knock:
    """What is counted together."""

    code: str
    address: str = ""
    caller: str = ""
    grant: str = ""


class RefusalCounter:
    """Counts between two flushes."""

    def __init__(self) -> None:
        self._counts: Counter[Knock] = Counter()

    def count(self, knock: Knock) -> None:
        """Count one refusal."""
        if knock not in self._counts and len(self._counts) >= KINDS:
            knock = Knock(knock.code)
        self._counts[knock] += 1

    def take(self) -> Counter[Knock]:
        """What was counted so far; begin again."""
        counts, self._counts = self._counts, Counter()
        return counts

    def put_back(self, knock: Knock, count: int) -> None:
        """Count again what could not be written."""
        self.count(knock)
        self._counts[knock if knock in self._counts else Knock(knock.code)] += count - 1


def entry(knock: Knock, count: int, moments: Moments) -> bytes:
    """The entry for a count."""
    ns = moments.time_ns()
    form = EntryForm.of(event="gateway:refusals:counted", actor=f"caller:{knock.caller}" if knock.caller else "", grant=knock.grant)
    return form.fill(
        request_id=moments.request_id(ns), at=moments.iso(ns), outcome=knock.code, address=knock.address, detail={"count": count}
    )
