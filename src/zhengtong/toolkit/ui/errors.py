"""Errors as pages and as JSON, from the one tree of errors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui.speech import said


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a machine."""
    return request.accepts("application/json") and not request.accepts("text/html")


def error_response(request: HttpRequest, error: ZhengtongError) -> HttpResponse:
    """An error page, or its JSON for machines."""
    if wants_json(request):
        words = {name: said(text) for name, text in (("message", error.sentence), ("remedy", error.remedy)) if text}
        return JsonResponse(error.as_dict() | words, status=error.status, json_dumps_params={"ensure_ascii": False})
    context = {"error": error, "sentence": said(error.sentence), "heading": _(_HEADINGS.get(error.status, gettext_noop("没有办成")))}
    return render(request, "ui/error.html", context, status=error.status)


_HEADINGS = {
    403: gettext_noop("没有权限"),
    404: gettext_noop("没有找到"),
    409: gettext_noop("情况已变"),
    503: gettext_noop("暂时办不了"),
}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form that was not ours, or a page left open too long."""
    error = PageExpired()
    return error_response(request, error)


class PageExpired(ZhengtongError):
    """页面已过期,请返回上一页刷新后重试。"""

    code = "page-expired"
    status = 403


class PageMissing(ZhengtongError):
    """没有这个页面,或您无权查看。"""

    code = "page-missing"
    status = 404


def page_missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """No such address."""
    return error_response(request, PageMissing())


class PlatformFailed(ZhengtongError):
    """平台出错,已记录。请稍后再试;问题持续时,请告知管理员下面的编号。"""

    code = "platform-failed"
    status = 500


def platform_failed(request: HttpRequest) -> HttpResponse:
    """Something broke that nobody expected."""
    return error_response(request, PlatformFailed())
