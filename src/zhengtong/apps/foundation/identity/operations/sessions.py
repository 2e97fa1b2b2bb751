"""
Writes of sessions and lock-outs.

Threat model. A browser in foreign hands: its owner or the security administrator ends it at once. A session key is as good as a password
while it lasts, so lists name sessions by a ``handle`` that opens nothing.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from axes.utils import reset as axes_reset
from django.contrib.sessions.models import Session
from django.db import transaction

from zhengtong.apps.foundation.identity.models import Account, SessionRecord
from zhengtong.apps.foundation.identity.queries import AccountUnknown
from zhengtong.apps.foundation.identity.rules import Act, label_of, require
from zhengtong.apps.foundation.security import api as security
from zhengtong.kernel.actors import Actor
from zhengtong.kernel.errors import Conflict, NotFound


class SessionUnknown(NotFound):
    """这个登录会话已经结束。"""

    code = "session-unknown"


@transaction.atomic
def note_session(*, session_key: str, account_id: int, address: str, agent: str, now: datetime, instead_of: str = "") -> None:
    """
    List a browser that has signed in. The same person signing in again in the session ``instead_of`` keeps its handle, and so what hangs
    on it.

    :raises AccountUnknown: if there is no such account.
    """
    username = Account.objects.filter(pk=account_id).values_list("username", flat=True).first()
    if username is None:
        raise AccountUnknown
    before = SessionRecord.objects.filter(session_key=instead_of, account_id=account_id).first() if instead_of else None
    if before is not None:
        before.delete()
    SessionRecord.objects.update_or_create(
        session_key=session_key,
        defaults={
            "handle": before.handle if before is not None else secrets.token_hex(12),
            "account_id": account_id,
            "address": address or None,
            "agent": agent[:300],
            "started_at": now,
            "seen_at": now,
        },
    )
    security.record("identity:session:started", at=now, actor=f"account:{username}", address=address)


def note_refusal(*, username: str, outcome: str, address: str, now: datetime) -> None:
    """
    Record that somebody failed to sign in as an account. A name that is no account is not written down: it may be a mistyped password.
    """
    if Account.objects.filter(username=username).exists():
        security.record("identity:session:refused", at=now, outcome=outcome, actor=f"account:{username}", address=address)


def note_seen(session_key: str, *, now: datetime) -> None:
    """Note a session that is still listed as seen now."""
    SessionRecord.objects.filter(session_key=session_key).update(seen_at=now)


@transaction.atomic
def end_session(*, actor: Actor, now: datetime, session_key: str = "", handle: str = "") -> None:
    """
    End one's own session, or anybody's as the security administrator; named by its key (sign-out) or by its handle (lists).

    :raises SessionUnknown: if no session has this handle.
    :raises NotYours: if it is somebody else's and the actor is not the security administrator.
    """
    named = {"handle": handle} if handle else {"session_key": session_key}
    record = SessionRecord.objects.select_related("account").filter(**named).first()
    if record is None:
        if handle:
            raise SessionUnknown
        return
    if record.account_id != actor.account_id:
        require(actor, Act.MANAGE_SESSIONS)
    Session.objects.filter(session_key=record.session_key).delete()
    record.delete()
    security.record("identity:session:ended", at=now, actor=actor.label, detail={"account": record.account.username})


@transaction.atomic
def end_other_sessions(*, actor: Actor, session_key: str, now: datetime) -> int:
    """End all one's own sessions but the one with ``session_key``; returns how many ended."""
    keys = list(SessionRecord.objects.filter(account_id=actor.account_id).exclude(session_key=session_key).values_list("pk", flat=True))
    _end(keys)
    if keys:
        security.record("identity:session:ended", at=now, actor=actor.label, rows=len(keys), detail={"account": actor.username})
    return len(keys)


def end_sessions_of(account_id: int, *, but: str = "") -> None:
    """End all sessions of an account except the one with the key ``but``, as part of a recorded act."""
    _end(list(SessionRecord.objects.filter(account_id=account_id).exclude(session_key=but).values_list("session_key", flat=True)))


def move_session(*, old_key: str, new_key: str) -> None:
    """Go on listing a browser whose session was given a new key (after a change of password)."""
    SessionRecord.objects.filter(session_key=old_key).update(session_key=new_key)


def _end(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    SessionRecord.objects.filter(session_key__in=keys).delete()


@transaction.atomic
def unlock(*, actor: Actor | str, username: str, now: datetime) -> None:
    """
    Forget the failed attempts of an account, so that it may sign in again at once.

    :raises Conflict: if it has none.
    """
    if isinstance(actor, Actor):
        require(actor, Act.MANAGE_SESSIONS)
    if not axes_reset(username=username):
        raise Conflict("该账户没有被锁定")
    security.record("identity:account:unlocked", at=now, actor=label_of(actor), detail={"account": username})
