"""
What an answer of the gateway means for somebody's name. Three things are kept apart: no, nobody could say, and we ourselves were refused.

Threat model. An outage must not open a door (a failure never counts as yes), nor close it to everybody (it is no answer about the person
either); a revoked grant or key is the platform's own fault, which its operator has to hear of and no citizen can mend.
"""

from __future__ import annotations

import json
from enum import StrEnum
from http import HTTPStatus


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


#: refusals that time mends: quota, replay, the provider's trouble
_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_TIMEOUT}


def meaning_of(status: int, body: bytes) -> Outcome:
    """What a status and body of ``verify`` mean; anything but a plain yes or no is no answer about the person."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return Outcome.FAILED
    if status >= HTTPStatus.BAD_REQUEST:
        return Outcome.REFUSED
    try:
        document = json.loads(body)
    except ValueError:
        return Outcome.FAILED
    result = document.get("result") if isinstance(document, dict) else None
    if result is True:
        return Outcome.MATCH
    return Outcome.MISMATCH if result is False else Outcome.FAILED
