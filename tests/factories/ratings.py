"""Cases that have ended and what was said of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from factories.cases import PERSON, Hall
from zhengtong.apps.affairs.cases import api as cases
from zhengtong.apps.affairs.ratings import api as ratings
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.parties import Party


def digest(party: Party = PERSON) -> str:
    return security.subject_digest(party.kind, party.code)


def decided(hall: Hall, *, at: datetime | None = None, **changes: Any) -> str:
    """A case of the instant process that was granted."""
    number = hall.opened(at=at, **changes)
    hall.do(number, "decide", "agree", at=at)
    return number


def rated(hall: Hall, grade: int, *, at: datetime | None = None, text: str = "", contact: str = "", **changes: Any) -> str:
    """A decided case with its rating."""
    number = decided(hall, at=at, **changes)
    say(number, grade, at=at or hall.now, text=text, contact=contact)
    return number


def say(number: str, grade: int, *, at: datetime, text: str = "", contact: str = "", reasons: tuple[str, ...] = ()) -> None:
    ratings.rate(
        number=number,
        parties=frozenset({digest()}),
        rater=digest(),
        channel=ratings.Channel.PC,
        said=ratings.Said(grade, reasons, text, contact),
        now=at,
    )


def released(
    hall: Hall, *, bad: int = 1, contact: str = "", at: datetime | None = None, text: str = "等了很久"
) -> tuple[list[str], list[str]]:
    """A crowd of ratings of which some are bad, shown to the office; returns the keys of the tickets and the numbers of the cases."""
    at = at or hall.now
    numbers = [rated(hall, 5 if turn < bad else 1, at=at, contact=contact if turn < bad else "", text=text) for turn in range(5)]
    ratings.follow(now=at)
    return [one.key for one in ratings.tickets(hall.lead.handler, "open", now=at)], numbers


__all__ = ["cases", "decided", "digest", "rated", "released", "say"]
