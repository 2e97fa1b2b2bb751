"""Grants of conditional opening: the agreement, and when reports of use are due; ``contracts.open_keys`` says when one lets somebody in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

#: days for which an old key goes on working beside the one that replaces it
OVERLAP = timedelta(days=7)
#: days after the end of a term within which the last report is due
_LAST_REPORT = 30
_WHO = "{name}(统一社会信用代码 {code})"
_TEXT = Path(__file__).with_name("agreement.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Terms:
    """What the parties agree on."""

    request: str
    dataset: str
    office: str
    applicant: str
    code: str
    purpose: str
    scenario: str
    purposes: str
    safety: str
    promise: str
    items: Sequence[str]
    days: int
    report_every: int


def agreement(terms: Terms) -> str:
    """The agreement 协议 as it is shown, accepted and kept: a document in Chinese, whose content hash proves what was accepted."""
    who = _WHO.format(name=terms.applicant, code=terms.code) if terms.code else terms.applicant
    return _TEXT.format(**asdict(terms) | {"who": who, "items": "、".join(terms.items), "last": _LAST_REPORT})


def dues(since: date, until: date, every: int) -> list[date]:
    """The days by which reports of use are due: each ``every`` days of the term, and once after its end."""
    found, day = [], since + timedelta(days=every)
    while day < until:
        found.append(day)
        day += timedelta(days=every)
    return [*found, until + timedelta(days=_LAST_REPORT)]
