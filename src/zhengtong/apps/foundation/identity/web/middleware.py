"""
Who is behind a request, and whether their session still stands.

Threat model. A browser left open (idle end), a session that was revoked elsewhere (its record is gone), a citizen on a page of officials
(no actor), a demo account in a real installation (refused), a password that has run out (only the page to change it opens), an
administrator with a password alone (only the page to set up a second factor opens).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from zhengtong.apps.foundation.identity import api, operations, queries
from zhengtong.apps.foundation.identity.models import Account
from zhengtong.apps.foundation.identity.queries import Standing
from zhengtong.apps.foundation.identity.rules import AccountKind, must_enrol, password_expired
from zhengtong.kernel import clock
from zhengtong.kernel.actors import Duty
from zhengtong.toolkit.ui import keeping

#: a session is noted as seen at most this often, so that reading a page is not a write
_NOTE_EVERY = timedelta(seconds=60)


class SessionGuard:
    """
    Sets ``request.holder`` to the :class:`Actor` of whoever has signed in, and ``request.actor`` to the same for an official; else None.

    A citizen is an actor nowhere but on the pages of their own account and of their own space, so that no page of officials can mistake
    them for one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = request.holder = None  # type: ignore[attr-defined]
        user = request.user
        if not isinstance(user, Account):
            return self.get_response(request)
        now = clock.now()
        session_key = request.session.session_key or ""
        standing = self._standing(user, session_key, now)
        ago = now - standing.seen_at if standing and standing.seen_at else None
        ended = self._why_ended(user, ago)
        if ended or standing is None:
            account = user.pk
            logout(request)
            keeping.keep(request, account=account, now=now)
            messages.warning(request, ended)
            person = user.kind == AccountKind.PERSON
            return redirect(
                f"{reverse(settings.LOGIN_URL_OF_PERSONS if person else settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
            )
        if ago is not None and ago > _NOTE_EVERY:
            operations.note_seen(session_key, now=now)
        request.holder = standing.actor  # type: ignore[attr-defined]
        if standing.kind is AccountKind.PERSON:
            return self.get_response(request)
        request.actor = standing.actor  # type: ignore[attr-defined]
        open_pages = {reverse("identity:sign-out"), reverse("set_language")}
        if password_expired(user.password_changed_at, now=now) and not user.is_demo:
            open_pages.add(reverse("identity:password"))
            return self.get_response(request) if request.path in open_pages else redirect("identity:password")
        if user.duty and must_enrol(Duty(user.duty), has_second_factor=standing.second_factor, demo=settings.ENVIRONMENT.demo):
            open_pages.add(reverse("identity:second-factor"))
            return self.get_response(request) if request.path in open_pages else redirect("identity:second-factor")
        return self.get_response(request)

    @staticmethod
    def _standing(user: Account, session_key: str, now: datetime) -> Standing | None:
        try:
            return queries.standing(user.pk, on=clock.local_date(now), session_key=session_key)
        except api.AccountUnknown:  # closed, which ends the session
            return None

    @staticmethod
    def _why_ended(user: Account, now_seen: timedelta | None) -> str:
        if not user.is_active or (user.is_demo and not settings.ENVIRONMENT.demo):
            return _("该账户已停用。")
        if now_seen is None:
            return _("您的登录已在别处被结束,请重新登录。")
        if now_seen > timedelta(seconds=settings.IDLE_SECONDS):
            return _("您已有一段时间没有操作,为安全起见请重新登录。")
        return ""
