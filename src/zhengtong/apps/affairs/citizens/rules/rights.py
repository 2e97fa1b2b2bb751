"""
Who may act for whom, and until when.

Threat model. Abuse of delegation: a delegate passes on what was lent (only a representative delegates officials of a company, and only a
person themselves an agent), goes on after the end (every use looks anew), or does more than was meant (scope). A child grows up: the
guardian's right ends on the eighteenth birthday (民法典 17, 27). Somebody who knows a name and a number claims to guard their owner: what
no register says waits until an official has seen the evidence, and counts for nothing before. The representative of a company changes in
the register: their right and all that hangs on it rest until it has been checked anew. Not defended: a representative who delegates to the
wrong person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

GROWN_UP = 18

#: under which a session keeps the right that somebody acts with
CHOSEN_RIGHT = "acting_right"


class Right(StrEnum):
    """By which right somebody acts for another."""

    REPRESENTATIVE = "representative"
    DELEGATE = "delegate"
    GUARDIAN = "guardian"
    AGENT = "agent"


class Scope(StrEnum):
    """What a right covers: everything, licences alone, or the items listed with it."""

    ALL = "all"
    LICENCES = "licences"
    ITEMS = "items"


class RightState(StrEnum):
    """Where a right stands in the table."""

    INVITED = "invited"
    #: a guardianship that no register bears out: an official is to see the evidence
    CLAIMED = "claimed"
    ACTIVE = "active"
    DECLINED = "declined"
    REVOKED = "revoked"


#: states of a right that may still come into force
OPEN_STATES = (RightState.INVITED, RightState.CLAIMED, RightState.ACTIVE)


class Why(StrEnum):
    """Why a right is not in force."""

    NONE = ""
    NOT_ACCEPTED = "not-accepted"
    UNCONFIRMED = "unconfirmed"
    ENDED = "ended"
    NOT_YET = "not-yet"
    OVER = "over"
    GROWN_UP = "grown-up"
    TO_BE_CHECKED = "to-be-checked"
    GIVER_WITHOUT_RIGHT = "giver-without-right"


@dataclass(frozen=True)
class Standing:
    """
    What is known of a right on a day. ``born`` is a minor ward's birth date, None for wards of age; ``confirmed`` whether the register
    still     says so (or nothing of it depends on a register); ``giver_stands`` whether who gave it may still give it.
    """

    right: Right
    state: RightState
    since: date
    until: date | None
    born: date | None = None
    confirmed: bool = True
    giver_stands: bool = True


def standing(one: Standing, *, on: date) -> Why:
    """Why a right is not in force on a day; :attr:`Why.NONE` if it is."""
    reasons = (
        (one.state is RightState.INVITED, Why.NOT_ACCEPTED),
        (one.state is RightState.CLAIMED, Why.UNCONFIRMED),
        (one.state in {RightState.DECLINED, RightState.REVOKED}, Why.ENDED),
        (on < one.since, Why.NOT_YET),
        (one.until is not None and on > one.until, Why.OVER),
        (one.right is Right.GUARDIAN and one.born is not None and of_age(one.born, on=on), Why.GROWN_UP),
        (not one.confirmed, Why.TO_BE_CHECKED),
        (not one.giver_stands, Why.GIVER_WITHOUT_RIGHT),
    )
    return next((why for holds, why in reasons if holds), Why.NONE)


def of_age(born: date, *, on: date) -> bool:
    """Whether somebody has completed eighteen years; who was born on 29 February does so on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) >= GROWN_UP


def may_delegate(right: Right, why: Why) -> bool:
    """Whether the holder of a right may let others act for a company: representatives in force alone, so no chain ever forms."""
    return right is Right.REPRESENTATIVE and why is Why.NONE


def covers(scope: Scope, items: tuple[str, ...], *, item: str = "", licences: bool = False) -> bool:
    """Whether a scope covers a service item (by its code) or the use of licences."""
    if scope is Scope.ALL:
        return True
    if scope is Scope.LICENCES:
        return licences and not item
    return bool(item) and item in items
