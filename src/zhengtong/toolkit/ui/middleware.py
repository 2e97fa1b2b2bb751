"""One place where a refused operation becomes a page."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from zhengtong.kernel.errors import Invalid, ZhengtongError
from zhengtong.toolkit.ui.errors import error_response

log = structlog.get_logger()


class ChosenLanguage:
    """Chinese first, whatever the browser asks for; another language is somebody's choice, and remembered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie",))
        return response


class BadText(Invalid):
    """内容里有不能保存的字符(空字符)。"""

    code = "bad-text"
    status = 400


def _unreadable(request: HttpRequest) -> BadText | None:
    """PostgreSQL keeps no NUL; nobody types one, so one place refuses it for every page."""
    field = next((name for name, values in request.GET.lists() if any("\0" in one for one in (name, *values))), None)
    if field is None and "\0" not in request.path:
        return None
    return BadText(field=(field or "").replace("\0", ""), remedy="去掉它再试")


class ErrorPages:
    """Turns every error of our tree that a view lets through into its page or JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if unreadable := _unreadable(request):
            return error_response(request, unreadable)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this for an exception that left a view."""
        if isinstance(exception, ZhengtongError):
            return error_response(request, exception)
        # the reader is asked to quote this number, so the log has to have it
        request.META["zhengtong.failure"] = number = secrets.token_hex(4)
        log.error("page failed", path=request.path, number=number, exc_info=exception)
        return None
