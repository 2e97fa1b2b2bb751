"""Errors as pages and as JSON, from the one tree of errors."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zhengtong.kernel.errors import ZhengtongError
from zhengtong.toolkit.ui import keeping
from zhengtong.toolkit.ui.speech import said


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a machine."""
    return request.accepts("application/json") and not request.accepts("text/html")


def error_response(request: HttpRequest, error: ZhengtongError) -> HttpResponse:
    """An error page, or its JSON for machines."""
    if wants_json(request):
        words = {name: said(text) for name, text in (("message", error.sentence), ("remedy", error.remedy)) if text}
        return JsonResponse(error.as_dict() | words, status=error.status, json_dumps_params={"ensure_ascii": False})
    context = {
        "error": error,
        "sentence": said(error.sentence),
        "heading": _(_HEADINGS.get(error.status, gettext_noop("没有办成"))),
        "number": request.META.get("zhengtong.failure", ""),
        "back": _way_back(request),
    }
    return render(request, "ui/error.html", context, status=error.status)


def _way_back(request: HttpRequest) -> str:
    """The page of ours that the reader came from, if it is another one."""
    referrer = urlsplit(request.headers.get("Referer", ""))
    ours = referrer.netloc == request.get_host() and (referrer.path != request.path or request.method == "POST")
    return f"{referrer.path}?{referrer.query}" if ours and referrer.query else referrer.path if ours else ""


_HEADINGS = {
    403: gettext_noop("没有权限"),
    404: gettext_noop("没有找到"),
    409: gettext_noop("情况已变"),
    503: gettext_noop("暂时办不了"),
}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form that was not ours, or a page left open too long; what was typed on a page of ours is shown, to be sent again or not."""
    if request.method == "POST" and getattr(request.user, "is_authenticated", False) and keeping.is_ours(request):
        fields = keeping.fields_of(request)
        form = {"path": request.get_full_path(), "fields": fields, "files": bool(request.FILES)}
        context = {"form": form, "typed": keeping.typed(fields), "back": form["path"]}
        return render(request, "ui/kept.html", context, status=403)
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
