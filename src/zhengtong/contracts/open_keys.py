"""
When a key of open data opens something: one answer for the pages, which make keys, and for the interface of rows, which is shown them.

Two kinds: ``zt_…`` of a grant opens the granted items of one conditional dataset; ``ztd_…`` of a developer opens nothing that is closed,
and gives more questions of what is open. Only SHA-256 digests are kept; the keys have 256 bits, so a slow hash would protect nothing more.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

GRANT_PREFIX, DEVELOPER_PREFIX = "zt_", "ztd_"
GRANT_LABELS = {"active": "有效", "suspended": "已暂停", "ended": "已终止", "expired": "已到期"}
#: answers that one key of a grant may take a day from the interface of rows
GRANT_ANSWERS_A_DAY = 20_000
#: what a developer gets unless the bureau decides otherwise: questions a second in the long run, and a day
DEVELOPER_A_SECOND, DEVELOPER_A_DAY = 60, 200_000
#: seconds' worth of questions that a developer may ask in a row
BURST_SECONDS = 10


def proof(secret: str) -> str:
    """What is kept of a key or of a private link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_live(*, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    """Whether a key has neither expired nor been revoked."""
    return revoked_at is None and expires_at > now


def standing(state: str, until: date, today: date) -> str:
    """A grant's state as it is on a day: what was not stopped expires with its last day."""
    return "expired" if state != "ended" and today > until else state
