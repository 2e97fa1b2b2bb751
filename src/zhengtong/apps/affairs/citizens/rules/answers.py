"""
What an answer of the gateway means for somebody's name. Three things are kept apart: no, nobody could say, and we ourselves were refused.

Threat model. An outage must not open a door (a failure never counts as yes), nor close it to everybody (it is no answer about the person
either); a revoked grant or key is the platform's own fault, which its operator has to hear of and no citizen can mend.
"""

from __future__ import annotations

from enum import StrEnum

from zhengtong.contracts.answers import Sense, document_in, sense_of


class Source(StrEnum):
    """Which register is asked: persons or companies."""

    PERSONS = "persons"
    COMPANIES = "companies"


class Outcome(StrEnum):
    """What came of asking."""

    MATCH = "match"
    MISMATCH = "mismatch"
    #: nobody could say now; ask again later
    FAILED = "failed"
    #: the gateway refuses our own key, grant or question
    REFUSED = "refused"
    #: no register has been set up to ask
    UNSET = "unset"


def meaning_of(status: int, body: bytes) -> Outcome:
    """What a status and body of ``verify`` mean; anything but a plain yes or no is no answer about the person."""
    sense = sense_of(status, body)
    if sense is not Sense.ANSWERED:
        return Outcome.REFUSED if sense is Sense.REFUSED else Outcome.FAILED
    result = document_in(body).get("result")
    if result is True:
        return Outcome.MATCH
    return Outcome.MISMATCH if result is False else Outcome.FAILED
