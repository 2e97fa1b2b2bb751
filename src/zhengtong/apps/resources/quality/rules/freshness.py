"""
When an entry's data are due again: its update cycle 更新周期, and some grace for holidays and late closings.

The cycles are those of 发改高技〔2017〕1272号; the days of grace are ours. What is updated irregularly or by a cycle of its own wording is
reviewed once a year instead, counted from the last day that is known of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from zhengtong.apps.resources.quality.rules.facts import Facts

#: code of the cycle → days from one update to the next, days of grace
CYCLES = {"1": (1, 3), "2": (1, 3), "3": (7, 3), "4": (31, 7), "5": (92, 15), "7": (183, 20), "6": (366, 30)}
#: 不定期 and 自定义
REVIEWED = frozenset({"8", "9"})
_REVIEW_DAYS, _REVIEW_GRACE = 366, 30


@dataclass(frozen=True)
class Freshness:
    """``updated_on`` is the last day known, ``due_on`` the next, ``late_from`` the first day it counts as late; None without a cycle."""

    updated_on: date
    due_on: date | None
    late_from: date | None
    reviewed: bool

    def late(self, today: date) -> bool:
        """Whether it is late on a day."""
        return self.late_from is not None and today >= self.late_from


def freshness(facts: Facts) -> Freshness:
    """How fresh an entry is: by the newest of its collection, the update it states, and, without these, its publication."""
    known = [one for one in (facts.says.data_updated_on, facts.bound and facts.bound.collected_on) if one]
    updated = max(known) if known else facts.published_on
    cycle = facts.says.update_cycle
    if cycle in CYCLES:
        days, grace = CYCLES[cycle]
    elif cycle in REVIEWED:
        days, grace = _REVIEW_DAYS, _REVIEW_GRACE
    else:
        return Freshness(updated, None, None, reviewed=False)
    due = updated + timedelta(days=days)
    return Freshness(updated, due, due + timedelta(days=grace + 1), reviewed=cycle in REVIEWED)
