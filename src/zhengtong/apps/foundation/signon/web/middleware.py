"""
Nobody is shown a page when a system asks silently.

A session that has run out, an expired password or a second factor that is due leads to a page of ours before the authorization page is
reached; a system that asked with ``prompt=none`` must hear ``login_required`` instead (OpenID Connect Core §3.1.2.6).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from zhengtong.apps.foundation.signon.web.authorize import refuse_silently


class SilentAnswers:
    """Stands around whatever sends people to pages of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        silent = request.path == reverse("oauth2_provider:authorize") and "none" in request.GET.get("prompt", "").split()
        if silent and response.headers.get("Location", "").startswith("/"):
            return refuse_silently(request) or response
        return response
