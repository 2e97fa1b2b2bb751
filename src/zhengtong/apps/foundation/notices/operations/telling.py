"""Writes of notices. What a notice tells of is in the ledger by its own operation; a notice itself is no act of administration."""

from __future__ import annotations

from datetime import datetime

from zhengtong.apps.foundation.identity import api as identity
from zhengtong.apps.foundation.notices.models import Notice
from zhengtong.kernel.clock import local_date
from zhengtong.kernel.sentences import kept


def tell(role: identity.Role, office: str, text: str, *, address: str, now: datetime) -> None:
    """Put a notice before everybody who holds a role for an office today, in the caller's transaction; kept in no language."""
    people = identity.holders(role, office, on=local_date(now))
    Notice.objects.bulk_create([Notice(account_id=one, at=now, text=kept(text), address=address) for one in people])


def tell_account(account_id: int, text: str, *, address: str, now: datetime) -> None:
    """Put a notice before one person who asked for it, in the caller's transaction."""
    Notice.objects.create(account_id=account_id, at=now, text=kept(text), address=address)


def mark_read(*, actor: identity.Actor, now: datetime) -> None:
    """The actor has seen the notices so far."""
    Notice.objects.filter(account_id=actor.account_id, read_at__isnull=True).update(read_at=now)
