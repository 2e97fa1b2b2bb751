"""Paging by key: a page knows the key it ends with, never a row number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows to show, and the query string of the next page, empty at the end."""

    rows: Sequence[Row]
    next: str
    first: bool
    #: the query string of the first page
    first_query: str = ""


def page(request: HttpRequest, fetch: Callable[[str, int], Sequence[Row]], key: Callable[[Row], object], *, size: int = 50) -> Page[Row]:
    """Fetch ``size`` rows behind the request's ``after`` key; one more is asked for to know whether there is a next page."""
    after = request.GET.get("after", "")
    rows = fetch(after, size + 1)
    query = request.GET.copy()
    query["after"] = str(key(rows[size - 1])) if len(rows) > size else ""
    following = query.urlencode() if query["after"] else ""
    query.pop("after")
    return Page(rows[:size], following, not after, query.urlencode())
