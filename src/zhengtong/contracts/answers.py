"""
What an answer of the gateway means to whoever called it.

Three things are kept apart, since each has another remedy: an answer about what was asked; nobody could say now, so that the same question
is asked again later; our own key, grant or question was refused, which whoever runs the caller has to hear of and nobody else can mend.
"""

from __future__ import annotations

import json
from enum import StrEnum
from http import HTTPStatus
from typing import Any


class Sense(StrEnum):
    """How an answer is to be taken."""

    ANSWERED = "answered"
    #: the thing asked about is not there
    MISSING = "missing"
    FAILED = "failed"
    REFUSED = "refused"


#: refusals that time mends: quota, replay, the provider's trouble
_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_TIMEOUT}
#: codes of a 404 that speak of the row, not of the address
_NO_SUCH_ROW = {"not-found", "row-not-found"}


def sense_of(status: int, body: bytes) -> Sense:
    """What a status means, with the code in the body where one status means two things."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return Sense.FAILED
    if status == HTTPStatus.NOT_FOUND:
        code = code_in(body)
        # a 404 without a refusal of the gateway comes from something in between that is broken
        return Sense.MISSING if code in _NO_SUCH_ROW else Sense.REFUSED if code else Sense.FAILED
    if status >= HTTPStatus.BAD_REQUEST:
        return Sense.REFUSED
    return Sense.ANSWERED if status == HTTPStatus.OK else Sense.FAILED


def document_in(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; empty where it is none."""
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def code_in(body: bytes) -> str:
    """The code of a refusal; empty where the body is none."""
    return str(document_in(body).get("code", ""))
