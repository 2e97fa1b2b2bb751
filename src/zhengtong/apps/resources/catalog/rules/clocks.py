"""
The period of a review: two working days for the bureau (D2, 条例 Art. 17).

The department's own stage before it has none in the law: what Art. 17 gives a department (D1, ten working days) begins with a change of law
or duty, which no entry records.
"""

from __future__ import annotations

from datetime import datetime

from zhengtong.engines.deadlines.clock import Clock
from zhengtong.engines.deadlines.statute import LIMITS


def clock_of(began: datetime) -> Clock:
    """The bureau's period for a review that began then."""
    return LIMITS["D2"].clock(began)
