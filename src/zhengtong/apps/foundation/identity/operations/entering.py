"""
Entering: from a right password, passkey or code to a session that is listed.

Threat model. Session fixation: the session gets a new key when somebody enters (Django's ``login``), and that of another account is
thrown away whole. A password alone where a second factor is set up: nothing is entered, the session only remembers
for five minutes whose second step is awaited.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import login
from django.http import HttpRequest

from zhengtong.apps.foundation.identity.models import Account
from zhengtong.apps.foundation.identity.operations.sessions import note_session

_PENDING = "pending_account"
_PENDING_SECONDS = 300


def await_second_factor(request: HttpRequest, account_id: int, *, now: datetime) -> None:
    """The password was right; the second step is awaited."""
    request.session[_PENDING] = [account_id, now.timestamp()]


def awaited(request: HttpRequest, *, now: datetime) -> Account | None:
    """Whose second step is awaited in this browser; None after five minutes."""
    pending, since = request.session.get(_PENDING, [0, 0.0])
    if now.timestamp() - since > _PENDING_SECONDS:
        return None
    return Account.objects.filter(pk=pending, is_active=True).first()


def enter(request: HttpRequest, account_id: int, *, now: datetime) -> None:
    """Begin a session as somebody who has proven who they are, under a new key, and list it."""
    before = request.session.session_key or ""
    login(request, Account.objects.get(pk=account_id), backend="django.contrib.auth.backends.ModelBackend")
    request.session.pop(_PENDING, None)
    if not request.session.session_key:
        request.session.save()
    note_session(
        session_key=request.session.session_key or "",
        account_id=account_id,
        address=request.META.get("REMOTE_ADDR", ""),
        agent=request.headers.get("User-Agent", ""),
        now=now,
        instead_of=before,
    )
