"""One answer about the calendar for a whole request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from zhengtong.apps.foundation.calendar import api


class OneCalendar:
    """Everything on a page counts by the same calendar, and asks for it once, however many periods it shows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with api.one_calendar():
            return self.get_response(request)
