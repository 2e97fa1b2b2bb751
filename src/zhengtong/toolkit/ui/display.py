"""
How pages are shown: larger for elders (适老化), or in high contrast without motion (无障碍). Two switches, each remembered by a cookie.

No account and no script is needed; the cookies say what they switch and nothing about who switches.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

#: the switch → its cookie, which templates read
COOKIES = {"elder": "zhengtong_elder", "contrast": "zhengtong_contrast"}
_YEAR = 365 * 24 * 3600


@require_POST
def set_display(request: HttpRequest) -> HttpResponseBase:
    """Turn a switch on or off (``elder`` or ``contrast``: ``on`` or ``off``) and go back to the page; anything else changes nothing."""
    following = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    answer = HttpResponseRedirect(following if safe else "/")
    for switch, cookie in COOKIES.items():
        match request.POST.get(switch):
            case "on":
                answer.set_cookie(cookie, "1", max_age=_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True)
            case "off":
                answer.delete_cookie(cookie, samesite="Lax")
    return answer
