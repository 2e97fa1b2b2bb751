"""
What somebody typed into a form, kept over a new sign-in.

A session that ran out in the middle of a long form must not cost the text. The form that arrived too late is laid into the session and
shown again after sign-in, to be sent on by its writer's own hand; nothing is sent by itself.

Threat model. Somebody else who signs in at the same browser (what is kept names its account, where one is known, and is dropped for any
other; it lasts half an hour). A foreign site that has a form of its own shown here as if its reader had typed it (only forms of our own
pages are kept, by the request's origin). A secret in the session table (fields and values that look like one are left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

_KEPT = "kept_form"
_LONGEST = timedelta(minutes=30)
#: fewer characters are a tick or a choice
_SHORTEST_TEXT = 2
_MOST_BYTES = 128 * 1024
#: names of fields whose values are never kept, and values with a password in an address
_SECRET_NAME = re.compile(r"password|token|secret|public|url", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"://[^/\s]*:[^/\s]*@")


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed: names and values as they were sent, without the form's token and without secrets."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not _SECRET_NAME.search(name) and not _SECRET_VALUE.search(value)
    ]


def typed(fields: Iterable[tuple[str, str]]) -> list[str]:
    """What a reader knows again: the texts, without numbers, codes and ticks."""
    return [value for _name, value in fields if len(value) >= _SHORTEST_TEXT and not value.isascii()]


def is_ours(request: HttpRequest) -> bool:
    """Whether a form was sent from a page of this very site."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()


def keep(request: HttpRequest, *, account: int | None, now: datetime) -> None:
    """Lay a form that arrived too late into the session; one without text, too long a one and a foreign site's are not kept."""
    if request.method != "POST" or not is_ours(request):
        return
    fields = fields_of(request)
    size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    if not any(len(value) >= _SHORTEST_TEXT for _name, value in fields) or size > _MOST_BYTES:
        return
    request.session[_KEPT] = {
        "path": request.get_full_path(),
        "fields": fields,
        "files": bool(request.FILES),
        "account": account,
        "at": now.timestamp(),
    }


def holds(request: HttpRequest) -> bool:
    """Whether a form is kept."""
    return _KEPT in request.session


def kept(request: HttpRequest, *, account: int, now: datetime) -> dict[str, Any] | None:
    """The kept form of this account: ``path``, ``fields``, whether it had ``files``; None if there is none, or it is too old."""
    form = request.session.get(_KEPT)
    if form is None or form["account"] not in {None, account} or now.timestamp() - form["at"] > _LONGEST.total_seconds():
        return None
    return dict(form)


def drop(request: HttpRequest) -> None:
    """Forget the kept form."""
    request.session.pop(_KEPT, None)
