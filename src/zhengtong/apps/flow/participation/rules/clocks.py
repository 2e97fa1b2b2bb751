"""
The periods of participation.

No national text sets a period for answering a demand. A demand to an office stands before an application for data shared on conditions, so
the office has that application's ten working days (D4, 条例 Art. 21); a correction has the ten of Art. 26 (D6). The bureau's five are what
local rules give a data office for seeing to what is on its platform (standards §0), and a default rather than law.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from zhengtong.engines.deadlines.clock import Clock, Extension, Stop
from zhengtong.engines.deadlines.statute import LIMITS

PROVIDER, BUREAU, CORRECTION = "provider", "bureau", "correction"
BUREAU_DAYS = 5
#: by how many working days the bureau may let an office's period be longer, once (条例 Art. 21, D4); Art. 26 knows none for corrections
MOST_EXTENSION = LIMITS["D4"].extension
#: the provision that a page names beside a period
BASES = {PROVIDER: LIMITS["D4"].basis, CORRECTION: LIMITS["D6"].basis}


def clock_of(name: str, began: datetime, *, extended: Sequence[Extension] = (), stopped: datetime | None = None) -> Clock:
    """The period of that name which began then, was made longer, and ended when it was answered."""
    events = (*extended, *((Stop(stopped, "answered"),) if stopped else ()))
    if name == BUREAU:
        return Clock(began, BUREAU_DAYS, events=events)
    limit = LIMITS["D4" if name == PROVIDER else "D6"]
    return Clock(began, limit.days, limit.unit, events=events, extension_limit=limit.extension, trigger=limit.trigger)
