"""Reads of sessions and lock-outs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, Sum

from zhengtong.apps.foundation.identity.models import Account, SessionRecord
from zhengtong.apps.foundation.identity.rules import AccountKind
from zhengtong.kernel.errors import Invalid


@dataclass(frozen=True)
class SessionView:
    """A signed-in browser. ``handle`` names it; the session key itself never leaves the table."""

    handle: str
    account: str
    name: str
    address: str
    agent: str
    started_at: datetime
    seen_at: datetime
    current: bool

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return f"{self.started_at.isoformat()}|{self.handle}"


def sessions(account_id: int | None = None, *, current_key: str = "", after: str = "", limit: int = 50) -> list[SessionView]:
    """
    Sessions of one account or of all officials, latest started first, after the cursor of one;
    ``current_key`` marks the reader's own browser.

    :raises Invalid: if ``after`` is no cursor.
    """
    rows = SessionRecord.objects.select_related("account").order_by("-started_at", "-handle")
    rows = rows.filter(account__kind=AccountKind.OFFICIAL) if account_id is None else rows.filter(account_id=account_id)
    if after:
        try:
            moment, _bar, handle = after.partition("|")
            started = datetime.fromisoformat(moment)
        except ValueError as exc:
            raise Invalid("翻页标记不对", field="after") from exc
        rows = rows.filter(Q(started_at__lt=started) | Q(started_at=started, handle__lt=handle))
    return [
        SessionView(
            handle=row.handle,
            account=row.account.username,
            name=row.account.name,
            address=row.address or "",
            agent=row.agent,
            started_at=row.started_at,
            seen_at=row.seen_at,
            current=row.session_key == current_key,
        )
        for row in rows[:limit]
    ]


@dataclass(frozen=True)
class OpenSession:
    """A listed session of an account in use. ``started_at`` is when its owner last proved who they are in it."""

    handle: str
    account_id: int
    started_at: datetime


def open_session(*, key: str = "", handle: str = "") -> OpenSession | None:
    """The session with this key or handle, unless it was ended, or its account closed."""
    named = {"handle": handle} if handle else {"session_key": key}
    rows = SessionRecord.objects.filter(**named, account__is_active=True)
    if not settings.ENVIRONMENT.demo:
        rows = rows.filter(account__is_demo=False)
    row = rows.first()
    return OpenSession(row.handle, row.account_id, row.started_at) if row else None


@dataclass(frozen=True)
class LockoutView:
    """An account that may not sign in from an address for the time being."""

    username: str
    address: str
    failures: int
    since: datetime
    until: datetime


def lockouts(*, now: datetime, limit: int = 200) -> list[LockoutView]:
    """
    Who is locked out now, latest first. Only user names that are officials' accounts: what a stranger typed there may have been a password.
    """
    cooloff = timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = (
        AccessAttempt.objects.filter(
            attempt_time__gt=now - cooloff, username__in=Account.objects.filter(kind=AccountKind.OFFICIAL).values("username")
        )
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
        .order_by("-last", "username")
    )
    return [
        LockoutView(row["username"], row["ip_address"] or "", row["failures"], row["last"], row["last"] + cooloff) for row in rows[:limit]
    ]
